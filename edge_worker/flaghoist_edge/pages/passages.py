"""How the site's answer goes to the visitor: unchanged, or as a page with flags for this visitor only."""

import re
from collections.abc import Callable, Mapping

from flaghoist.protocol.requests import Response
from flaghoist_edge.pages.policies import Policies
from flaghoist_edge.ports.platform import UpstreamResponse

POLICY_HEADER = "content-security-policy"
REPORTED_POLICY_HEADER = "content-security-policy-report-only"

_HTML = "text/html"
_NOT_PAGES = frozenset((204, 205, 206, 304))
_READABLE_ENCODINGS = frozenset(("", "identity", "gzip", "br"))
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_LIKE_ASCII = re.compile(
    r"utf-?8|(us-)?ascii|latin1|iso-?8859-(1|[2-8]|1[0134-6])|windows-(874|125[0-8])|koi8-[ru]"
    r"|shift_jis|euc-(jp|kr)|gbk|gb2312|gb18030|big5",
    re.IGNORECASE,
)
"""Encodings in which markup reads as in ASCII; the runtime's rewriter supports no others."""

_OF_THE_UPSTREAM_PAGE = (
    *("etag", "last-modified", "accept-ranges", "age", "expires", "pragma"),
    *("content-length", "content-encoding", "content-md5", "digest", "content-digest", "repr-digest"),
    *("cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control", "surrogate-key", "cache-tag"),
)
"""Headers on caching and validation of the page as the site made it."""

_OF_ONE_VISITOR = "private, no-store"
_ASKED_BY = "Accept, Sec-Fetch-Mode"
"""The request headers that decide whether HTML gets flags."""


class Passage(Response, frozen=True, kw_only=True):
    """The site's answer on its way: its own body, streamed, under its own headers with some of them changed.

    ``headers`` replace those of the site, ``removed`` ones are dropped, ``added`` ones are added beside existing ones.
    ``head`` is HTML for the start of the page's head, empty if nothing is inserted. ``heed`` is called with the
    exposures that the page declares.
    """

    answered: UpstreamResponse
    removed: tuple[str, ...] = ()
    added: tuple[tuple[str, str], ...] = ()
    head: bytes = b""
    heed: Callable[[str], None] | None = None


def is_page(answered: UpstreamResponse) -> bool:
    """Return whether the answer is an HTML document into which flags can be inserted."""
    headers = answered.headers
    if answered.status in _NOT_PAGES or "location" in headers or not _is_html(answered):
        return False
    is_download = headers.get("content-disposition", "").lstrip().lower().startswith("attachment")
    is_readable = headers.get("content-encoding", "").lower() in _READABLE_ENCODINGS
    charset = charset_of(answered)
    return is_readable and not is_download and (not charset or _LIKE_ASCII.fullmatch(charset) is not None)


def charset_of(answered: UpstreamResponse) -> str:
    """Return the character encoding in the answer's ``Content-Type``, empty if there is none."""
    found = _CHARSET.search(answered.headers.get("content-type", ""))
    return found[1] if found else ""


def _is_html(answered: UpstreamResponse) -> bool:
    return answered.headers.get("content-type", "").partition(";")[0].strip().lower() == _HTML


def untouched(answered: UpstreamResponse, site_url: str, own_url: str) -> Passage:
    """Return the answer unchanged, except that a redirect within the site leads back to the Worker.

    HTML without flags gets a ``Vary`` header, so that no cache uses it for a page with flags.
    """
    replaced: dict[str, str] = {}
    if "location" in answered.headers:
        replaced["Location"] = _relocated(answered.headers["location"], site_url, own_url)
    if _is_html(answered):
        replaced["Vary"] = _vary(answered, _ASKED_BY)
    return Passage(answered.status, replaced, answered=answered)


def injected(
    answered: UpstreamResponse, head: bytes, policies: Policies, state: Mapping[str, str], cookie: str = ""
) -> Passage:
    """Return the page with ``head`` inserted, not cacheable; ``state`` are the headers about its flags."""
    replaced = {"Cache-Control": _OF_ONE_VISITOR, "Vary": _vary(answered, f"Cookie, {_ASKED_BY}"), **state}
    if policies.enforced:
        replaced["Content-Security-Policy"] = policies.enforced
    if policies.reported:
        replaced["Content-Security-Policy-Report-Only"] = policies.reported
    added = (("Set-Cookie", cookie),) if cookie else ()
    return Passage(answered.status, replaced, answered=answered, removed=_OF_THE_UPSTREAM_PAGE, added=added, head=head)


def _vary(answered: UpstreamResponse, names: str) -> str:
    own = answered.headers.get("vary", "")
    return own if own.strip() == "*" else ", ".join(filter(None, (own, names)))


def _relocated(location: str, site_url: str, own_url: str) -> str:
    """Return the target of a redirect as visitors reach it; other sites and relative targets stay."""
    absolute = f"{site_url.partition('//')[0]}{location}" if location.startswith("//") else location
    rest = absolute[len(site_url) :]
    is_within = absolute[: len(site_url)].lower() == site_url.lower() and (not rest or rest[0] in "/?#")
    return own_url + rest if is_within else location
