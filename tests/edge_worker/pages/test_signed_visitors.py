"""Visitors whose context the site's backend has signed into a cookie."""

import logging
from typing import Any

import msgspec
import pytest

from flaghoist.limits import SIGNED_CONTEXT_BYTES
from flaghoist_edge.pages.forwarded_responses import ForwardedResponse
from flaghoist_edge.pages.visitors import recognise
from flaghoist_edge.ports.settings import Site
from tests.builders import a_clause, a_flag
from tests.edge_worker.fakes import FakeEntropy
from tests.edge_worker.pages.parsed import carried
from tests.edge_worker.pages.site import SITE, Place, a_place
from tests.edge_worker.world import BULK
from tests.published import Published, published
from tests.signing import ADA, NOW, a_signer

pytestmark = pytest.mark.anyio

SIGNED = Site(SITE.url, SITE.key, SITE.environment, context_cookie="visitor")
SIGNER, STRANGER = a_signer(), a_signer()


def a_snapshot(**members: object) -> Published:
    pro = a_flag("pro").on().client_visible().rule("pro", a_clause("plan", "in", "pro"), serve="on")
    return published(pro).but(**{"signing_keys": (SIGNER.ref,), **members})


def payload(page: ForwardedResponse) -> dict[str, Any]:
    return carried(page.head).payload


async def visit(place: Place, token: str) -> ForwardedResponse:
    return await place.page({"cookie": f"fh_unit=bob; visitor={token}"})


async def test_visitor__with_a_signed_context__gets_a_page_that_its_own_client_goes_on_from() -> None:
    place = a_place(a_snapshot(), site=SIGNED)
    token = SIGNER.token({**ADA, "edge.country": "NZ"})
    shown = payload(await visit(place, token))
    assert (shown["context"], shown["signedContext"]) == (dict(ADA), token)
    assert [item["value"] for item in shown["ofrep"]["flags"]] == [True]
    told = await place.world.ask(BULK, {}, headers={"flaghoist-context": token})
    assert (shown["etag"], shown["ofrep"]) == (told.headers["ETag"], msgspec.json.decode(told.body))


async def test_environment__that_takes_signed_contexts_only__has_flags_for_pages_that_bring_one() -> None:
    place = a_place(a_snapshot(requires_signed_context=True), site=SIGNED)
    page = await visit(place, SIGNER.token())
    assert (page.headers["Flaghoist-Level"], payload(page)["context"]) == ("0", dict(ADA))
    page = await place.page({"cookie": "fh_unit=bob"})
    assert (page.headers["Flaghoist-Level"], payload(page)["ofrep"]) == ("4", None)


REFUSED = [
    SIGNER.token(exp=NOW - 1),
    STRANGER.token(),
    SIGNER.token()[:-4] + "AAAA",
    SIGNER.token(context=None),
    "a.b.c",
    "no token",
    "",
    "x" * (SIGNED_CONTEXT_BYTES.value + 1),
]


@pytest.mark.parametrize("token", REFUSED, ids=range(len(REFUSED)))
async def test_visitor__whose_token_is_refused__is_known_by_the_unit_alone(
    token: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = a_place(a_snapshot(), site=SIGNED)
    with caplog.at_level(logging.WARNING):
        shown = payload(await visit(place, token))
    assert shown["context"] == {"targetingKey": "bob"}
    assert "signedContext" not in shown
    assert [item["value"] for item in shown["ofrep"]["flags"]] == [False]
    assert caplog.text == ""


async def test_token__of_a_site_without_such_a_cookie__is_nothing_to_us() -> None:
    place = a_place(a_snapshot())
    assert payload(await visit(place, SIGNER.token()))["context"] == {"targetingKey": "bob"}
    assert place.world.signatures.checked == 0


def test_visitor__cookies__are_read_as_far_as_the_site_has_any() -> None:
    cookies = "visitor=a.b.c; fh_unit=ada"
    both = recognise(SIGNED, cookies, FakeEntropy(), is_https=True)
    assert (both.unit, both.token, both.cookie) == ("ada", "a.b.c", "")
    nobody = recognise(Site(SITE.url, SITE.key, SITE.environment, ""), cookies, FakeEntropy(), is_https=True)
    assert (nobody.unit, nobody.token, nobody.cookie) == ("", "", "")
