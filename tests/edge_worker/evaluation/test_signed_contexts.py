"""Signed contexts at the edge: verified here, forwarded as they are, and free for whoever sends none."""

import msgspec
import pytest

from flaghoist.protocol.requests import Response
from tests.builders import a_clause, a_flag
from tests.edge_worker.fakes import FakeExchange
from tests.edge_worker.world import BOOTSTRAP, BULK, World, a_world, level_of
from tests.published import CLIENT_KEY, UNKNOWN_KEY, Published, published
from tests.signing import NOW, a_signer

pytestmark = pytest.mark.anyio

SIGNER, NEXT = a_signer("5161bb0c9d0a7f3e"), a_signer("0d5f1e2a3b4c5d6e")
FREE = {"targetingKey": "ada", "plan": "free"}


def a_snapshot(**members: object) -> Published:
    flag = a_flag("pro").on().client_visible().rule("pro", a_clause("plan", "in", "pro"), serve="on").fallthrough("off")
    return published(flag).but(**{"signing_keys": (SIGNER.ref,), **members})


async def asked(world: World, token: str, *, path: str = f"{BULK}/pro", key: str = CLIENT_KEY) -> Response:
    return await world.ask(path, FREE, key=key, headers={"flaghoist-context": token})


def value(response: Response) -> object:
    assert response.status == 200, response
    return msgspec.json.decode(response.body)["value"]


def reason(response: Response) -> str:
    body = msgspec.json.decode(response.body, type=dict[str, object])
    assert str(body["type"]).endswith(":signed-context-refused")
    return str(body["detail"])


async def test_token__good__is_verified_once_and_counts() -> None:
    world = a_world(a_snapshot())
    for _ in range(3):
        response = await asked(world, SIGNER.token())
        assert (value(response), level_of(response)) == (True, 0)
    assert world.signatures.checked == 1
    assert world.home.asked == []


async def test_no_token__no_signature_is_checked() -> None:
    world = a_world(a_snapshot())
    assert value(await world.ask(f"{BULK}/pro", {"plan": "pro"})) is True
    assert world.signatures.checked == 0


async def test_token__of_an_unknown_key__is_looked_for_at_the_origin_and_then_taken() -> None:
    world = a_world(a_snapshot())
    await world.ask()
    world.commit(a_snapshot(signing_keys=(SIGNER.ref, NEXT.ref)))
    assert value(await asked(world, NEXT.token())) is True
    assert world.home.asked == ["/v1/edge/production/manifest"]


async def test_token__of_a_key_that_is_nowhere__is_refused_and_asked_for_seldom() -> None:
    world = a_world(a_snapshot())
    for _ in range(5):
        response = await asked(world, NEXT.token())
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert NEXT.key.id in reason(response)
    assert world.home.asked == ["/v1/edge/production/manifest"]
    assert world.signatures.checked == 0


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (SIGNER.token(exp=NOW - 1), "has expired"),
        (NEXT.token(header={"kid": SIGNER.key.id}), "tampered"),
        (SIGNER.token(header={"alg": "none"}), "alg is 'none'"),
        ("undefined", "no JWT"),
    ],
)
async def test_token__that_does_not_count__is_refused_without_asking_anybody(token: str, why: str) -> None:
    world = a_world(a_snapshot())
    response = await asked(world, token)
    assert response.status == 401
    assert why in reason(response)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert world.home.asked == []


async def test_token__with_a_strangers_key__is_not_verified() -> None:
    world = a_world(a_snapshot())
    assert (await asked(world, SIGNER.token(), key=UNKNOWN_KEY)).status == 401
    assert world.signatures.checked == 0


async def test_environment__that_requires_signatures__refuses_bare_contexts_alone() -> None:
    world = a_world(a_snapshot(requires_signed_context=True))
    assert (await world.ask(f"{BULK}/pro", FREE)).status == 403
    assert value(await world.ask(f"{BULK}/pro")) is False
    assert value(await asked(world, SIGNER.token())) is True


async def test_nothing_held__token_goes_on_to_the_origin() -> None:
    world = a_world(a_snapshot())
    world.kv.values.clear()
    response = await asked(world, SIGNER.token())
    assert (value(response), level_of(response)) == (True, 2)
    assert world.signatures.checked == 0


async def test_strong_flag__token_goes_on_to_the_origin() -> None:
    flag = a_flag("pro").on().client_visible().strong().rule("pro", a_clause("plan", "in", "pro"), serve="on")
    world = a_world(published(flag.fallthrough("off")).but(signing_keys=(SIGNER.ref,)))
    response = await asked(world, SIGNER.token(), path=f"{BULK}/pro?consistency=strong")
    assert (value(response), response.headers["Flaghoist-Consistency"]) == (True, "strong")


async def test_origin_away_while_it_loads__token_counts_for_what_was_loaded() -> None:
    world = a_world(a_snapshot())
    world.kv.values.clear()
    world.home.mode = 500
    world.far.mode = "ok"
    first = await asked(world, SIGNER.token())
    assert value(first) is True


async def test_nothing_held_and_nobody_reached__defaults_say_nothing_of_the_token() -> None:
    world = a_world(a_snapshot())
    world.kv.values.clear()
    world.break_origins()
    response = await asked(world, SIGNER.token(), path=BOOTSTRAP)
    assert (response.status, level_of(response)) == (200, 4)


async def test_token__in_the_query_of_a_bootstrap__counts() -> None:
    world = a_world(a_snapshot())
    url = f"https://edge.example{BOOTSTRAP}?format=values&key={CLIENT_KEY}&signed_context={SIGNER.token()}"
    response = await world.send(FakeExchange("GET", url, {}))
    assert msgspec.json.decode(response.body) == {"pro": True}


async def test_etag__of_a_signed_context__answers_304_to_the_same_user() -> None:
    world = a_world(a_snapshot())
    first = await asked(world, SIGNER.token(), path=BULK)
    headers = {"flaghoist-context": SIGNER.token(exp=NOW + 300), "if-none-match": first.headers["ETag"]}
    assert (await world.ask(BULK, headers=headers)).status == 304
    other = {**headers, "flaghoist-context": SIGNER.token(FREE)}
    assert (await world.ask(BULK, headers=other)).status == 200
