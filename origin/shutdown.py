"""The end of an origin: announced first, so that balancers turn away and streams close, and only then carried out."""

import asyncio


class Shutdown:
    """Whether this origin is on its way out; long answers such as streams await `announced` and come to an end."""

    def __init__(self) -> None:
        self._announced = asyncio.Event()

    @property
    def is_announced(self) -> bool:
        """Say whether the end is near."""
        return self._announced.is_set()

    def announce(self) -> None:
        """Say that the end is near; from now on the origin is not ready."""
        self._announced.set()

    async def announced(self) -> None:
        """Return once the end is near."""
        await self._announced.wait()
