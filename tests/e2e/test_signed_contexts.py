"""Signed contexts through a whole stack: keys made at the origin, joserfc verifies there, Web Crypto at the edge."""

import time

import httpx
import pytest

from flaghoist_cli.files.signed_contexts import PrivateKey, read_jwk, sign_context
from tests.builders import a_clause, a_flag, a_flagset, a_rollout
from tests.e2e.documents import snapshot_body
from tests.e2e.environments import Environment, Side, wait_until
from tests.e2e.test_stock_clients_web import drive

pytestmark = pytest.mark.e2e

ADA = {"targetingKey": "ada", "plan": "pro"}
EVE = {"targetingKey": "eve", "plan": "free"}
PRO = a_flag("pro").on().client_visible().rule("pro", a_clause("plan", "in", "pro"), serve="on").fallthrough("off")
KEPT = a_flag("kept").on().client_visible().sticky().fallthrough(a_rollout(on=0, off=100_000))
HEADER = "Flaghoist-Context"
PATIENCE_SECONDS = 20


def a_key(environment: Environment) -> PrivateKey:
    created = environment.api("POST", "/signing-keys", json={"name": "shop"})
    assert created.status_code == 201, created.text
    return read_jwk(created.json()["private_jwk"])


def soon() -> int:
    return int(time.time()) + 600


@pytest.fixture(scope="module")
def key(environment: Environment) -> PrivateKey:
    """Return a signing key of an environment that the edge holds already, without it: the edge has to ask for it."""
    environment.reach(environment.replace(snapshot_body(a_flagset(PRO, KEPT))))
    created = a_key(environment)
    known_at_the_edge(environment, created)
    return created


def known_at_the_edge(environment: Environment, created: PrivateKey) -> None:
    """Return once the edge believes a new key: it asks for keys that it does not know, but not all the time."""
    token = sign_context(created, ADA, soon())
    wait_until(lambda: asked(environment, "edge", token).is_success, PATIENCE_SECONDS)


def asked(environment: Environment, side: Side, token: str, context: dict[str, str] | None = None) -> httpx.Response:
    return environment.bulk(side, "client", context or EVE, headers={HEADER: token} if token else None)


def value(reply: httpx.Response, flag: str = "pro") -> object:
    assert reply.status_code == 200, reply.text
    return {each["key"]: each["value"] for each in reply.json()["flags"]}[flag]


def test_signed_context__counts_alone_and_alike_on_both_sides(environment: Environment, key: PrivateKey) -> None:
    token = sign_context(key, ADA, soon(), environment.name)
    replies = [asked(environment, side, token) for side in ("edge", "origin")]
    assert [value(reply) for reply in replies] == [True, True]
    assert len({reply.headers["ETag"] for reply in replies}) == 1
    assert [reply.headers["Flaghoist-Level"] for reply in replies] == ["0", "0"]


def test_signed_context__with_a_sticky_assignment__keeps_the_variation_on_both_sides(
    environment: Environment, key: PrivateKey
) -> None:
    token = sign_context(key, ADA, soon(), sticky={"kept": "on"})
    replies = [asked(environment, side, token) for side in ("edge", "origin")]
    assert [value(reply, "kept") for reply in replies] == [True, True]
    assert len({reply.headers["ETag"] for reply in replies}) == 1
    drawn = asked(environment, "edge", sign_context(key, ADA, soon()))
    assert value(drawn, "kept") is False
    assert drawn.headers["ETag"] != replies[0].headers["ETag"]


def test_signed_context__that_does_not_count__refused_alike(
    environment: Environment, key: PrivateKey, side: Side
) -> None:
    header, _, signature = sign_context(key, EVE, soon()).split(".")
    refused = {
        "has expired": sign_context(key, ADA, soon() - 3600),
        "tampered": f"{header}.{sign_context(key, ADA, soon()).split('.')[1]}.{signature}",
        "not for environment": sign_context(key, ADA, soon(), "elsewhere"),
        "does not have": sign_context(PrivateKey("0" * 16, key.key), ADA, soon()),
    }
    for reason, token in refused.items():
        reply = asked(environment, side, token)
        assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer"), reason
        assert reason in reply.json()["detail"]


def test_signed_context__web_provider__evaluates_for_whom_was_signed(
    environment: Environment, key: PrivateKey, side: Side
) -> None:
    token = sign_context(key, ADA, soon())
    ask = {"ask": [["Boolean", "pro", False]]}
    base_url, client = environment.side(side), environment.keys.client
    shown = drive(base_url, client, {"set": EVE}, ask, header=(HEADER, token))
    assert [call["status"] for call in shown["calls"]] == [200]
    assert shown["steps"][1][0]["value"] is True
    refused = drive(base_url, client, {"set": EVE}, ask, header=(HEADER, sign_context(key, ADA, 1)))
    assert (refused["steps"][0]["code"], refused["steps"][1][0]["value"]) == ("PROVIDER_FATAL", False)


def test_signed_context__preflight__lets_pages_send_it(environment: Environment, side: Side) -> None:
    reply = environment.http.options(f"{environment.side(side)}/ofrep/v1/evaluate/flags")
    assert HEADER in reply.headers["Access-Control-Allow-Headers"].split(", ")


def test_environment__that_requires_signatures__refuses_bare_contexts_on_both_sides(
    environment: Environment, key: PrivateKey
) -> None:
    assert environment.api("PUT", "/signed-contexts", json={"required": True}).is_success
    successor = a_key(environment)
    # The manifest that brings the new key brings the policy as well.
    known_at_the_edge(environment, successor)
    for side in ("edge", "origin"):
        assert asked(environment, side, "", ADA).status_code == 403
        assert value(asked(environment, side, sign_context(key, ADA, soon()))) is True
        assert environment.bulk(side, "server", ADA).status_code == 200
