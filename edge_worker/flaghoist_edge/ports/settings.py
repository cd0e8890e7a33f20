"""The Worker's settings, from its variables and its one secret."""

import re
from collections.abc import Mapping

import msgspec

from flaghoist.errors import ActionForbidden, FlaghoistError, KeyRefused
from flaghoist.protocol.keys import PresentedKey, find_key

ANY_ENVIRONMENT = "*"
FIRST_ENVIRONMENT = "production"
UNIT_COOKIE = "fh_unit"
VARIABLES: Mapping[str, str] = {
    "ENVIRONMENTS": "comma list of the environments that this Worker serves; * serves any, for local use",
    "ORIGINS": "comma list of the origins' base URLs, in the order in which they are tried",
    "REPORT_EXPOSURES": "on: report single-flag answers of this Worker to an origin as exposures; off: do not",
    "FLAGHOIST_SECRET": "secret shared with the origin; seals user identifiers and authenticates the Worker",
    "UPSTREAM_URL": "scheme and host of the site whose pages get flags; empty: no site",
    "PAGE_KEY": "client key of the site's pages; it names their environment",
    "CONTEXT_COOKIE": "cookie with a visitor's signed context, set by the site's backend; empty: none",
    "UNIT_COOKIE": f"cookie with a visitor's unit, default {UNIT_COOKIE}; empty: none is read or set",
}

_SWITCH: Mapping[str, bool] = {"on": True, "off": False}
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?")
_SITE_URL = re.compile(r"(https?://[^\s/?#@\\]+)/?")
_COOKIE_NAME = re.compile(r"[A-Za-z0-9_-]{0,64}")


class ConfigurationError(FlaghoistError):
    """A setting of the Worker is missing or malformed."""

    slug = "configuration"
    title = "The Worker is not configured"


class Site(msgspec.Struct, frozen=True):
    """The site behind the Worker, and the key that evaluates its pages.

    ``url`` is scheme and host alone, ``key`` a client key of ``environment``. If ``cookie`` is empty, pages are
    evaluated without a unit; ``context_cookie`` may hold a signed context, which takes precedence over the unit.
    """

    url: str
    key: str
    environment: str
    cookie: str = UNIT_COOKIE
    context_cookie: str = ""


class WorkerSettings(msgspec.Struct, frozen=True):
    """The environments that are served, the origins, the shared secret, and the Worker's options.

    ``reports_exposures`` says whether single-flag evaluations are reported; ``site`` is the site behind the Worker, if
    any.
    """

    environments: tuple[str, ...]
    origins: tuple[str, ...]
    secret: bytes
    reports_exposures: bool = False
    site: Site | None = None

    def serves(self, environment: str) -> bool:
        """Return whether requests for the environment are answered here."""
        return environment in self.environments or ANY_ENVIRONMENT in self.environments

    def require_served(self, environment: str) -> None:
        """Raise KeyRefused if requests for the environment are not answered here."""
        if not self.serves(environment):
            raise KeyRefused(f"this key is of environment {environment}, which is not served here")

    @property
    def named_environments(self) -> tuple[str, ...]:
        """The environments that health checks name: the configured ones, or the first one if any is served."""
        named = tuple(name for name in self.environments if name != ANY_ENVIRONMENT)
        return named or (FIRST_ENVIRONMENT,)


def read_settings(variables: Mapping[str, str]) -> WorkerSettings:
    """Return the settings; raise ConfigurationError naming the wrong one and its remedy."""
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
    reports = _switch(variables, "REPORT_EXPOSURES", "on")
    settings = WorkerSettings(environments, origins, secret.encode(), reports, _read_site(variables))
    if settings.site is not None and not settings.serves(settings.site.environment):
        name = settings.site.environment
        raise ConfigurationError(f"PAGE_KEY is of environment {name}, which ENVIRONMENTS does not name: add it there")
    return settings


def _switch(variables: Mapping[str, str], name: str, default: str) -> bool:
    value = variables.get(name, "") or default
    if value not in _SWITCH:
        raise ConfigurationError(f"{name} is {value!r}: say on or off")
    return _SWITCH[value]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _read_site(variables: Mapping[str, str]) -> Site | None:
    """Read the site, None without one. Wrong values are not shown: they may contain a password or a secret key."""
    url = variables.get("UPSTREAM_URL", "").strip()
    if not url:
        return None
    found = _SITE_URL.fullmatch(url)
    if found is None:
        raise ConfigurationError("UPSTREAM_URL takes scheme and host alone, such as https://shop.example.com")
    key = _page_key(variables.get("PAGE_KEY", ""))
    cookies = (_cookie_name(variables, "UNIT_COOKIE", UNIT_COOKIE), _cookie_name(variables, "CONTEXT_COOKIE", ""))
    return Site(found[1], key.text, key.environment, *cookies)


def _cookie_name(variables: Mapping[str, str], variable: str, default: str) -> str:
    name = variables.get(variable, default).strip()
    if not _COOKIE_NAME.fullmatch(name):
        raise ConfigurationError(f"{variable} takes up to 64 of a-z, A-Z, 0-9, _ and -; leave it empty for no cookie")
    return name


def _page_key(text: str) -> PresentedKey:
    remedy = "set PAGE_KEY to a client key, `fh_client_…`, that `flaghoist keys create client` issues"
    try:
        key = find_key({"x-api-key": text}, {})
    except (KeyRefused, ActionForbidden):
        raise ConfigurationError(f"UPSTREAM_URL is set and PAGE_KEY is no client key: {remedy}") from None
    if key.kind != "client":
        raise ConfigurationError(f"PAGE_KEY is a {key.kind} key, which must not stand in a page: {remedy}")
    return key
