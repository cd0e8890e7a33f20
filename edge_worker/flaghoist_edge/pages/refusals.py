"""What a visitor gets if the site behind the Worker fails: a problem body, and in a browser an HTML page about it."""

from html import escape

from flaghoist.errors import FlaghoistError, Unavailable
from flaghoist.protocol.requests import Response


class SiteUnreachable(Unavailable):
    """The site behind the Worker does not answer."""

    status = 502
    slug = "site-unreachable"
    title = "The site does not answer"


class SiteLoop(FlaghoistError):
    """The site behind the Worker is the Worker itself."""

    status = 508
    slug = "site-loop"
    title = "The site leads back to itself"


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<h1>{title}</h1>
<p>{detail}</p>
</html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def in_html(error: SiteUnreachable | SiteLoop) -> Response:
    """Return the error as an HTML page."""
    retry = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, SiteUnreachable) else {}
    page = _PAGE.format(title=escape(error.title), detail=escape(str(error)))
    return Response(error.status, {**_HEADERS, **retry}, page.encode())
