"""Time that passes only in sleeps, so that waiting costs nothing and every wait can be read afterwards."""

from dataclasses import dataclass, field


@dataclass
class VirtualTime:
    """A monotonic clock and its sleep; ``slept`` lists all waits in seconds."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0, "slept for no time"
        self.slept.append(seconds)
        self.now += seconds
