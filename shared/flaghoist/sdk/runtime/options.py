"""The options of a provider, checked before anything is started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flaghoist.errors import FlaghoistError
from flaghoist.protocol.keys import PresentedKey, find_key

LEAST_POLL_SECONDS = 1.0
"""Use the stream to hear of changes sooner than this."""

_LOCAL = "local"
_DURATIONS = (
    "start_seconds",
    "request_seconds",
    "silence_seconds",
    "retry_seconds",
    "most_retry_seconds",
    "save_seconds",
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a provider gets its rules and where it stores them; durations are seconds.

    ``origin`` is the base URL of the origin, or several, tried in turn. ``key`` is a server key and names the
    environment. ``cache_file`` stores the last snapshot for the next start, ``spool_folder`` events not yet delivered.
    ``bootstrap_file`` is a flag file (`flaghoist export`) for a start without both. ``offline`` contacts no origin.
    ``reports`` says whether evaluations are reported as exposures. ``start_seconds`` is how long a start waits for the
    origin, ``silence_seconds`` after how long a silent stream counts as lost (the origin sends something every 30 s).
    ``http`` are further arguments of the httpx clients: ``verify``, ``proxy``, ``cert``. Raises ValueError, which names
    the option.
    """

    origin: str | Sequence[str] = ()
    key: str = field(default="", repr=False)
    cache_file: Path | None = None
    bootstrap_file: Path | None = None
    spool_folder: Path | None = None
    offline: bool = False
    reports: bool = True
    poll_seconds: float = 30.0
    start_seconds: float = 5.0
    request_seconds: float = 10.0
    silence_seconds: float = 75.0
    retry_seconds: float = 1.0
    most_retry_seconds: float = 30.0
    save_seconds: float = 5.0
    http: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check everything that needs no I/O."""
        for url in self.origins:
            _check_url(url)
        for name in _DURATIONS:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is a number of seconds above 0, here {getattr(self, name)!r}")
        if self.poll_seconds < LEAST_POLL_SECONDS:
            raise ValueError(f"poll_seconds is at least {LEAST_POLL_SECONDS:g}: changes come sooner over the stream")
        if not self.offline and not self.origins:
            raise ValueError("origin is missing: name the base URL of the origin, or set offline=True")
        if self.key or not self.offline:
            self._presented()
        elif self.cache_file is not None:
            raise ValueError("key is missing: cache_file is sealed under it")

    @property
    def origins(self) -> tuple[str, ...]:
        """The base URLs, without a slash at their end."""
        listed = (self.origin,) if isinstance(self.origin, str) else tuple(self.origin)
        return tuple(url.rstrip("/") for url in listed if url)

    @property
    def environment(self) -> str:
        """The environment that the key names; without a key, only the file's environment is used."""
        return self._presented().environment if self.key else _LOCAL

    def _presented(self) -> PresentedKey:
        try:
            key = find_key({"x-api-key": self.key}, {})
        except FlaghoistError as error:
            raise ValueError(f"key: {error}") from error
        if key.kind != "server":
            raise ValueError("key is a client key, which may not read rules: give the provider a server key")
        return key


def _check_url(url: str) -> None:
    import httpx  # noqa: PLC0415 (whoever only imports the SDK need not wait for the HTTP client)

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"origin {url!r} is not a URL ({error})") from error
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.fragment:
        raise ValueError(f"origin {url!r} is not a base URL: give one such as https://flags.example.com")
