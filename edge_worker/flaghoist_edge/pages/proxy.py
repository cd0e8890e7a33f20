"""Answer for the site behind the Worker: request it while flags are evaluated, and insert the flags into its pages."""

import asyncio
import logging
from base64 import b64encode
from functools import partial

import msgspec

from flaghoist.protocol.requests import Request, Response
from flaghoist_edge.evaluation.evaluation import Evaluator
from flaghoist_edge.evaluation.reporting import Reporter
from flaghoist_edge.pages.declarations import look_ups
from flaghoist_edge.pages.evaluations import Evaluated, PageEvaluator
from flaghoist_edge.pages.heads import head_of, state_of
from flaghoist_edge.pages.passages import (
    POLICY_HEADER,
    REPORTED_POLICY_HEADER,
    Passage,
    charset_of,
    injected,
    is_page,
    untouched,
)
from flaghoist_edge.pages.policies import let_in
from flaghoist_edge.pages.refusals import SiteLoop, SiteUnreachable, in_html
from flaghoist_edge.pages.visitors import recognise
from flaghoist_edge.pages.visits import is_ahead_of_time, is_ours, may_be_page, onward
from flaghoist_edge.ports.platform import (
    Background,
    EdgeClock,
    Entropy,
    ForwardedRequest,
    IncomingRequest,
    Unreachable,
    UpstreamResponse,
)
from flaghoist_edge.ports.settings import Site
from flaghoist_edge.ports.timing import SITE_DEADLINE_MS, within

_NONCE_BYTES = 16

_log = logging.getLogger(__name__)


class Pages:
    """Answers every request that the Worker does not answer itself; one per isolate."""

    def __init__(
        self, site: Site, evaluator: Evaluator, reporter: Reporter | None, clock: EdgeClock, entropy: Entropy
    ) -> None:
        self._site = site
        self._evaluator = PageEvaluator(site.key, evaluator, clock)
        self._reporter = reporter
        self._clock = clock
        self._entropy = entropy

    async def respond(self, call: Request, incoming: IncomingRequest, background: Background) -> Response:
        """Return the site's answer to a request, with flags if it is a page.

        A page never waits for flags that are late: it is served without them, and its script requests them. Raises
        SiteUnreachable or SiteLoop if the request is not for a page.
        """
        own_url = _own_url(incoming.url)
        try:
            if is_ours(call):
                raise SiteLoop("UPSTREAM_URL leads back to this Worker: let it name the server behind")
            if may_be_page(call):
                return await self._give_page(call, own_url, incoming, background)
            answered = await self._ask(call, incoming, onward(self._site.url, call, own_url, asks_page=False))
            return untouched(answered, self._site.url, own_url)
        except (SiteUnreachable, SiteLoop) as error:
            if "text/html" in call.headers.get("accept", ""):
                return in_html(error)
            raise

    async def _give_page(
        self, call: Request, own_url: str, incoming: IncomingRequest, background: Background
    ) -> Passage:
        cookies, is_https = call.headers.get("cookie", ""), own_url.startswith("https:")
        visitor = recognise(self._site, cookies, self._entropy, is_https=is_https)
        way = onward(self._site.url, call, own_url, asks_page=True, cookies=visitor.cookies)
        asked = asyncio.create_task(self._ask(call, incoming, way))
        try:
            evaluated = await self._evaluator.evaluate(visitor, incoming, background)
            passage = self._bring_together(await asked, evaluated, visitor.cookie, own_url)
        finally:
            asked.cancel()
        is_shown = passage.head and evaluated.reply is not None and not is_ahead_of_time(call)
        if is_shown and self._reporter is not None:
            heed = partial(self._report, self._reporter, evaluated, background)
            return msgspec.structs.replace(passage, heed=heed)
        return passage

    def _report(self, reporter: Reporter, evaluated: Evaluated, background: Background, declared: str) -> None:
        """Report that a page used the flags that it declares."""
        reporter.report(self._site.key, look_ups(evaluated, declared), background)

    async def _ask(self, call: Request, incoming: IncomingRequest, way: ForwardedRequest) -> UpstreamResponse:
        """Return the site's answer; a request with a body has no deadline, because uploads take time."""
        asking = incoming.forward(way)
        try:
            if call.method not in ("GET", "HEAD"):
                return await asking
            return await within(self._clock, SITE_DEADLINE_MS, asking, "the site")
        except Unreachable as error:
            # The log names the site; a public answer does not.
            _log.error("%s cannot be reached: %s", self._site.url, error)
            raise SiteUnreachable("the site behind this Worker (UPSTREAM_URL) does not answer: try again") from None

    def _bring_together(self, answered: UpstreamResponse, evaluated: Evaluated, cookie: str, own_url: str) -> Passage:
        if not is_page(answered):
            return untouched(answered, self._site.url, own_url)
        headers = answered.headers
        reported = headers.get(REPORTED_POLICY_HEADER, "")
        policies = let_in(headers.get(POLICY_HEADER, ""), reported, self._make_nonce)
        if policies is None:
            return untouched(answered, self._site.url, own_url)
        head = head_of(evaluated, key=self._site.key, nonce=policies.nonce, charset=charset_of(answered))
        return injected(answered, head, policies, state_of(evaluated), cookie)

    def _make_nonce(self) -> str:
        return b64encode(self._entropy.random_bytes(_NONCE_BYTES)).decode()


def _own_url(url: str) -> str:
    """Return scheme and host of an absolute URL."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"
