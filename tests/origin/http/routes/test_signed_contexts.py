"""Signed contexts at the origin: for callers who come directly, and for edges that cannot answer themselves."""

import httpx
import pytest

from flaghoist.protocol.edge_origin import edge_token
from flaghoist_cli.files.signed_contexts import PrivateKey, read_jwk, sign_context
from tests.origin.an_origin import SECRET, START_MS, AnOrigin, a_document
from tests.signing import a_signer

pytestmark = pytest.mark.anyio
BULK = "/ofrep/v1/evaluate/flags"
SOON = START_MS // 1000 + 600
PRO = {"id": "pro", "clauses": [{"attribute": "plan", "op": "in", "values": ["pro"]}], "serve": {"variation": "on"}}
ADA = {"targetingKey": "ada", "plan": "pro"}
FREE = {"targetingKey": "ada", "plan": "free"}


@pytest.fixture
async def key(origin: AnOrigin) -> PrivateKey:
    """Return the key that signs for the origin's environment, which has a flag for who pays."""
    await origin.put("/flags/pro", a_document(client_visible=True, rules=[PRO], fallthrough={"variation": "off"}))
    created = (await origin.post("/signing-keys", {"name": "shop"})).json()
    return read_jwk(created["private_jwk"])


async def ask(
    origin: AnOrigin, token: str = "", context: object = FREE, kind: str = "client", **headers: str
) -> httpx.Response:
    sent = {"X-API-Key": origin.keys[kind], **({"Flaghoist-Context": token} if token else {}), **headers}
    return await origin.client.post(f"{BULK}/pro", json={"context": context}, headers=sent)


async def test_token__good__counts_alone(origin: AnOrigin, key: PrivateKey) -> None:
    assert (await ask(origin, sign_context(key, ADA, SOON))).json()["value"] is True
    assert (await ask(origin, sign_context(key, FREE, SOON), ADA)).json()["value"] is False
    assert (await ask(origin, context=ADA)).json()["value"] is True


async def test_token__forwarded_by_an_edge__counts(origin: AnOrigin, key: PrivateKey) -> None:
    edge = {"Flaghoist-Edge-Token": edge_token(SECRET.encode())}
    response = await ask(origin, sign_context(key, ADA, SOON), **edge)

    assert (response.json()["value"], response.headers["flaghoist-level"]) == (True, "2")


async def test_token__that_does_not_count__401_with_the_reason(origin: AnOrigin, key: PrivateKey) -> None:
    stranger = a_signer(key.id).key
    refused = {
        "has expired": sign_context(key, ADA, START_MS // 1000),
        "tampered": sign_context(stranger, ADA, SOON),
        "does not have": sign_context(PrivateKey("0" * 16, key.key), ADA, SOON),
        "not for environment production": sign_context(key, ADA, SOON, "staging"),
        "no JWT": "undefined",
    }
    for reason, token in refused.items():
        response = await ask(origin, token)
        assert response.status_code == 401, reason
        assert response.json()["type"] == "urn:flaghoist:problem:signed-context-refused"
        assert reason in response.json()["detail"]
        assert response.headers["www-authenticate"] == "Bearer"


async def test_policy__required__bare_contexts_of_client_keys_403(origin: AnOrigin, key: PrivateKey) -> None:
    await origin.put("/signed-contexts", {"required": True})

    bare = await ask(origin)
    assert (bare.status_code, "Flaghoist-Context" in bare.json()["detail"]) == (403, True)
    assert (await ask(origin, context={})).status_code == 200
    assert (await ask(origin, kind="server")).status_code == 200
    assert (await ask(origin, sign_context(key, ADA, SOON))).json()["value"] is True


async def test_token__in_body_and_query__counts(origin: AnOrigin, key: PrivateKey) -> None:
    token, client = sign_context(key, ADA, SOON), {"X-API-Key": origin.keys["client"]}
    posted = await origin.client.post("/v1/bootstrap?format=values", json={"signedContext": token}, headers=client)
    got = await origin.client.get(f"/v1/bootstrap?format=values&signed_context={token}", headers=client)

    assert posted.json() == got.json() == {"pro": True}


async def test_key__rotated_and_revoked__tokens_follow(origin: AnOrigin, key: PrivateKey) -> None:
    old = sign_context(key, ADA, SOON)
    successor = (await origin.post(f"/signing-keys/{key.id}/rotate", {"overlap_seconds": 60})).json()
    new = sign_context(read_jwk(successor["private_jwk"]), ADA, SOON)
    assert [(await ask(origin, token)).status_code for token in (old, new)] == [200, 200]

    origin.clock.advance(60)
    assert [(await ask(origin, token)).status_code for token in (old, new)] == [401, 200]
    await origin.delete(f"/signing-keys/{successor['id']}")
    assert [(await ask(origin, token)).status_code for token in (old, new)] == [401, 401]
