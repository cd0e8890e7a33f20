"""The shutdown of an origin: announced first, so that load balancers stop sending requests, and then carried out."""


class Shutdown:
    """Whether this origin is shutting down: ``is_announced``."""

    def __init__(self) -> None:
        self.is_announced = False

    def announce(self) -> None:
        """Announce the shutdown; from now on the origin is not ready."""
        self.is_announced = True
