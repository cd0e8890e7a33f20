"""Answer for the site behind the Worker: request it while flags are evaluated, and insert the flags into its pages."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from flaghoist.protocol.requests import LookUp, Request, Response
from flaghoist_edge.pages.declarations import look_ups
from flaghoist_edge.pages.evaluations import Evaluate, Evaluated, PageEvaluator
from flaghoist_edge.pages.forwarded_responses import (
    POLICY_HEADER,
    REPORTED_POLICY_HEADER,
    ForwardedResponse,
    charset_of,
    injected,
    is_page,
    untouched,
)
from flaghoist_edge.pages.heads import head_of, state_of
from flaghoist_edge.pages.policies import admit_script
from flaghoist_edge.pages.refusals import SiteLoop, SiteUnreachable, in_html
from flaghoist_edge.pages.visitors import recognise
from flaghoist_edge.pages.visits import forwarded_request, is_ahead_of_time, is_ours, may_be_page
from flaghoist_edge.ports.platform import (
    Background,
    EdgeClock,
    Entropy,
    Exchange,
    ForwardedRequest,
    Unreachable,
    UpstreamResponse,
)
from flaghoist_edge.ports.settings import Site
from flaghoist_edge.ports.tasks import within
from flaghoist_edge.ports.timing import SITE_DEADLINE_MS

Report = Callable[[str, Sequence[LookUp], Background], None]
"""Queues exposures by the caller of a key."""

_NONCE_BYTES = 16

_log = logging.getLogger(__name__)


class Pages:
    """Answers every request that the Worker does not answer itself; one per isolate."""

    def __init__(
        self, *, site: Site, evaluate: Evaluate, report: Report | None, clock: EdgeClock, entropy: Entropy
    ) -> None:
        self._site = site
        self._evaluator = PageEvaluator(key=site.key, evaluate=evaluate, clock=clock)
        self._report = report
        self._clock = clock
        self._entropy = entropy

    async def respond(self, request: Request, exchange: Exchange) -> Response:
        """Return the site's answer to a request, with flags if it is a page.

        A page never waits for flags that are late: it is served without them, and its script requests them. Raises
        SiteUnreachable or SiteLoop if the request is not for a page.
        """
        own_url = _own_url(exchange.url)
        try:
            if is_ours(request):
                raise SiteLoop("UPSTREAM_URL leads back to this Worker: let it name the server behind")
            if may_be_page(request):
                return await self._serve_page(request, own_url, exchange)
            onward = forwarded_request(self._site.url, request, own_url, asks_page=False)
            upstream = await self._ask_site(request, exchange, onward)
            return untouched(upstream, self._site.url, own_url)
        except (SiteUnreachable, SiteLoop) as error:
            if "text/html" in request.headers.get("accept", ""):
                return in_html(error)
            raise

    async def _serve_page(self, request: Request, own_url: str, exchange: Exchange) -> ForwardedResponse:
        cookies, is_https = request.headers.get("cookie", ""), own_url.startswith("https:")
        visitor = recognise(self._site, cookies, self._entropy, is_https=is_https)
        onward = forwarded_request(self._site.url, request, own_url, asks_page=True, cookies=visitor.cookies)
        asked = asyncio.create_task(self._ask_site(request, exchange, onward))
        try:
            evaluated = await self._evaluator.evaluate(visitor, exchange)
            forwarded = self._insert_flags(await asked, evaluated, visitor.cookie, own_url)
        finally:
            asked.cancel()
        is_shown = forwarded.head and evaluated.response is not None and not is_ahead_of_time(request)
        if is_shown and self._report is not None:
            on_declared = partial(self._report_declared, self._report, evaluated, exchange)
            return msgspec.structs.replace(forwarded, on_declared=on_declared)
        return forwarded

    def _report_declared(self, report: Report, evaluated: Evaluated, background: Background, declared: str) -> None:
        """Report that a page used the flags that it declares."""
        report(self._site.key, look_ups(evaluated, declared), background)

    async def _ask_site(self, request: Request, exchange: Exchange, onward: ForwardedRequest) -> UpstreamResponse:
        """Return the site's answer; a request with a body has no deadline, because uploads take time."""
        asking = exchange.forward(onward)
        try:
            if request.method not in ("GET", "HEAD"):
                return await asking
            return await within(self._clock, SITE_DEADLINE_MS, asking, "the site")
        except Unreachable as error:
            # The log names the site; a public answer does not.
            _log.error("%s cannot be reached: %s", self._site.url, error)
            raise SiteUnreachable("the site behind this Worker (UPSTREAM_URL) does not answer: try again") from None

    def _insert_flags(
        self, upstream: UpstreamResponse, evaluated: Evaluated, cookie: str, own_url: str
    ) -> ForwardedResponse:
        if not is_page(upstream):
            return untouched(upstream, self._site.url, own_url)
        headers = upstream.headers
        reported = headers.get(REPORTED_POLICY_HEADER, "")
        policies = admit_script(headers.get(POLICY_HEADER, ""), reported, self._make_nonce)
        if policies is None:
            return untouched(upstream, self._site.url, own_url)
        head = head_of(evaluated, key=self._site.key, nonce=policies.nonce, charset=charset_of(upstream))
        return injected(upstream, head, policies, state_of(evaluated), cookie)

    def _make_nonce(self) -> str:
        return b64encode(self._entropy.random_bytes(_NONCE_BYTES)).decode()


def _own_url(url: str) -> str:
    """Return scheme and host of an absolute URL."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"
