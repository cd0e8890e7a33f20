"""The Worker's settings, from its variables and its one secret."""

import re
from collections.abc import Mapping

import msgspec

from shared.errors import FlaghoistError

ANY_ENVIRONMENT = "*"
FIRST_ENVIRONMENT = "production"
VARIABLES: Mapping[str, str] = {
    "ENVIRONMENTS": "comma list of the environments that this Worker serves; * serves any, for local use",
    "ORIGINS": "comma list of the origins' base URLs, in the order in which they are asked",
    "REPORT_EXPOSURES": "on: single flags that are answered here are reported to an origin as exposures; off: not",
    "FLAGHOIST_SECRET": "secret shared with the origin; seals user identifiers and shows the Worker to the origin",
}

_SWITCH: Mapping[str, bool] = {"on": True, "off": False}
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?")


class ConfigurationError(FlaghoistError):
    """A setting of the Worker is missing or malformed."""

    slug = "configuration"
    title = "The Worker is not configured"


class Settings(msgspec.Struct, frozen=True):
    """Which environments are served, where the origins are, the shared secret, and whether look-ups are reported."""

    environments: tuple[str, ...]
    origins: tuple[str, ...]
    secret: bytes
    reports_exposures: bool = False

    def serves(self, environment: str) -> bool:
        """Return whether requests for the environment are answered here."""
        return environment in self.environments or ANY_ENVIRONMENT in self.environments

    @property
    def named_environments(self) -> tuple[str, ...]:
        """The environments that are served for sure: those named, or the first one where any is served."""
        named = tuple(name for name in self.environments if name != ANY_ENVIRONMENT)
        return named or (FIRST_ENVIRONMENT,)


def read_settings(variables: Mapping[str, str]) -> Settings:
    """Return the settings; raise ConfigurationError naming a bad one and its remedy."""
    environments = _listed(variables.get("ENVIRONMENTS", FIRST_ENVIRONMENT))
    origins = tuple(url.rstrip("/") for url in _listed(variables.get("ORIGINS", "")))
    secret = variables.get("FLAGHOIST_SECRET", "")
    for name in environments:
        if name != ANY_ENVIRONMENT and not _NAME.fullmatch(name):
            raise ConfigurationError(f"ENVIRONMENTS names {name!r}: names consist of a-z, 0-9 and -")
    for url in origins:
        if not _URL.fullmatch(url):
            raise ConfigurationError(f"ORIGINS names {url!r}: give base URLs such as https://flags.example.com")
    if not secret:
        raise ConfigurationError("FLAGHOIST_SECRET is not set: run `wrangler secret put FLAGHOIST_SECRET`")
    return Settings(environments, origins, secret.encode(), _switch(variables, "REPORT_EXPOSURES", "on"))


def _switch(variables: Mapping[str, str], name: str, default: str) -> bool:
    said = variables.get(name, "") or default
    if said not in _SWITCH:
        raise ConfigurationError(f"{name} is {said!r}: say on or off")
    return _SWITCH[said]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
