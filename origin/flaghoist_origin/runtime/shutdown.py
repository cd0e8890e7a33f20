"""The end of an origin: announced first, so that balancers turn away, and only then carried out."""


class Shutdown:
    """Whether this origin is on its way out: ``is_announced``."""

    def __init__(self) -> None:
        self.is_announced = False

    def announce(self) -> None:
        """Say that the end is near; from now on the origin is not ready."""
        self.is_announced = True
