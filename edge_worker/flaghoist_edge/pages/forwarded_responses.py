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


class ForwardedResponse(Response, frozen=True, kw_only=True):
    """The site's answer on its way: its own body, streamed, under its own headers with some of them changed.

    ``headers`` replace those of the site, ``removed`` ones are dropped, ``added`` ones are added beside existing ones.
    ``head`` is HTML for the start of the page's head, empty if nothing is inserted. ``on_declared`` is called with the
    exposures that the page declares.
    """

    upstream: UpstreamResponse
    removed: tuple[str, ...] = ()
    added: tuple[tuple[str, str], ...] = ()
    head: bytes = b""
    on_declared: Callable[[str], None] | None = None


def is_page(upstream: UpstreamResponse) -> bool:
    """Return whether the answer is an HTML document into which flags can be inserted."""
    headers = upstream.headers
    if upstream.status in _NOT_PAGES or "location" in headers or not _is_html(upstream):
        return False
    is_download = headers.get("content-disposition", "").lstrip().lower().startswith("attachment")
    is_readable = headers.get("content-encoding", "").lower() in _READABLE_ENCODINGS
    charset = charset_of(upstream)
    return is_readable and not is_download and (not charset or _LIKE_ASCII.fullmatch(charset) is not None)


def charset_of(upstream: UpstreamResponse) -> str:
    """Return the character encoding in the answer's ``Content-Type``, empty if there is none."""
    found = _CHARSET.search(upstream.headers.get("content-type", ""))
    return found[1] if found else ""


def _is_html(upstream: UpstreamResponse) -> bool:
    return upstream.headers.get("content-type", "").partition(";")[0].strip().lower() == _HTML


def untouched(upstream: UpstreamResponse, site_url: str, own_url: str) -> ForwardedResponse:
    """Return the answer unchanged, except that a redirect within the site leads back to the Worker.

    HTML without flags gets a ``Vary`` header, so that no cache uses it for a page with flags.
    """
    replaced: dict[str, str] = {}
    if "location" in upstream.headers:
        replaced["Location"] = _relocated(upstream.headers["location"], site_url, own_url)
    if _is_html(upstream):
        replaced["Vary"] = _vary(upstream, _ASKED_BY)
    return ForwardedResponse(upstream.status, replaced, upstream=upstream)


def injected(
    upstream: UpstreamResponse, head: bytes, policies: Policies, state: Mapping[str, str], cookie: str = ""
) -> ForwardedResponse:
    """Return the page with ``head`` inserted, not cacheable; ``state`` are the headers about its flags."""
    replaced = {"Cache-Control": _OF_ONE_VISITOR, "Vary": _vary(upstream, f"Cookie, {_ASKED_BY}"), **state}
    if policies.enforced:
        replaced["Content-Security-Policy"] = policies.enforced
    if policies.reported:
        replaced["Content-Security-Policy-Report-Only"] = policies.reported
    added = (("Set-Cookie", cookie),) if cookie else ()
    return ForwardedResponse(
        upstream.status, replaced, upstream=upstream, removed=_OF_THE_UPSTREAM_PAGE, added=added, head=head
    )


def _vary(upstream: UpstreamResponse, names: str) -> str:
    own = upstream.headers.get("vary", "")
    return own if own.strip() == "*" else ", ".join(filter(None, (own, names)))


def _relocated(location: str, site_url: str, own_url: str) -> str:
    """Return the target of a redirect as visitors reach it; other sites and relative targets stay."""
    absolute = f"{site_url.partition('//')[0]}{location}" if location.startswith("//") else location
    rest = absolute[len(site_url) :]
    is_within = absolute[: len(site_url)].lower() == site_url.lower() and (not rest or rest[0] in "/?#")
    return own_url + rest if is_within else location
