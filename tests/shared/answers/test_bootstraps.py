"""Bootstrap bodies in every format."""

import json
import subprocess
from collections.abc import Mapping

import msgspec
import pytest

from flaghoist.answers.answering import answer, defaults
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.requests import Freshness, Response
from flaghoist_cli.build.node import node
from tests.builders import a_clause, a_flag, a_rollout
from tests.published import CLIENT_KEY, NOW_MS, SERVER_KEY, published
from tests.shared.answers.asking import BOOTSTRAP, BULK, FRESH, a_request, ask, in_query, tree

HOSTILE = "</script><!-- <script> \u2028\u2029 ' \" \\ \n & ]]>"
SNAPSHOT = published(
    a_flag("__proto__").on().client_visible().variations("trap", trap={"__proto__": {"x": 1}, "polluted": True}),
    a_flag("color")
    .on()
    .client_visible()
    .version(4)
    .variations("red", red="#f00", blue="#00f")
    .rule("blue-plan", a_clause("plan", "in", "blue"), serve="blue"),
    a_flag("hostile").on().client_visible().variations("text", text=HOSTILE),
    a_flag("ratio").on().client_visible().variations("one", one=1.0),
    a_flag("split").on().client_visible().fallthrough(a_rollout(on=50_000, off=50_000)),
)
HELD = SNAPSHOT.held()
CONTEXT = {"plan": "blue"}


def body_in(format: str, key: str = CLIENT_KEY) -> dict[str, object]:
    return tree(ask(HELD, BOOTSTRAP, CONTEXT, query=f"format={format}", key=key))


def test_flaghoist_format__payload__names_environment_version_digest_and_ttl() -> None:
    body = tree(ask(HELD, BOOTSTRAP, CONTEXT))
    assert list(body) == ["environment", "version", "flags", "contextDigest", "ttl"]
    assert (body["environment"], body["version"], body["ttl"]) == ("production", "1-1", 30)
    assert body == body_in("flaghoist")


def test_flaghoist_format__flag__has_value_variation_reason_and_version() -> None:
    flags = tree(ask(HELD, BOOTSTRAP, CONTEXT))["flags"]
    assert isinstance(flags, dict)
    assert list(flags) == ["__proto__", "color", "hostile", "ratio", "split"]
    assert flags["color"] == {"value": "#00f", "variation": "blue", "reason": "TARGETING_MATCH", "version": 4}
    assert flags["hostile"]["value"] == HOSTILE
    assert b'"ratio":{"value":1.0,' in ask(HELD, BOOTSTRAP).body


def test_flaghoist_format__rule__is_named_to_server_keys_alone() -> None:
    flags = body_in("flaghoist", key=SERVER_KEY)["flags"]
    assert isinstance(flags, dict)
    assert flags["color"]["ruleId"] == "blue-plan"
    assert "ruleId" not in str(body_in("flaghoist"))


def test_flaghoist_format__flag_that_fails__is_there_with_its_error() -> None:
    flags = body_in("flaghoist")["flags"]
    assert isinstance(flags, dict)
    failure = flags["split"]
    assert (failure["value"], failure["variation"], failure["reason"]) == (None, None, "ERROR")
    assert failure["errorCode"] == "TARGETING_KEY_MISSING"
    assert failure["errorDetails"]


def test_context_digest__changes_with_what_flags_read_alone() -> None:
    def digest(context: dict[str, object]) -> object:
        return tree(ask(HELD, BOOTSTRAP, context))["contextDigest"]

    assert digest({"plan": "blue"}) == digest({"plan": "blue", "theme": "dark"})
    assert digest({"plan": "blue"}) != digest({"plan": "red"})


def test_values_format__is_keys_and_values() -> None:
    body = body_in("values")
    assert (body["color"], body["ratio"], body["split"]) == ("#00f", 1.0, None)


def test_launchdarkly_format__has_values_and_state() -> None:
    body = body_in("launchdarkly")
    assert body["color"] == "#00f"
    assert body["$valid"] is True
    states = body["$flagsState"]
    assert isinstance(states, dict)
    assert states["color"] == {"variation": 1, "version": 4}
    assert states["split"] == {"version": 0}


def test_launchdarkly_format__no_flags__is_still_json() -> None:
    assert tree(ask(published().held(), BOOTSTRAP, query="format=launchdarkly")) == {"$flagsState": {}, "$valid": True}


def test_js_format__inlined_in_a_page__is_inert() -> None:
    response = ask(HELD, BOOTSTRAP, CONTEXT, query="format=js")
    assert response.headers["Content-Type"].startswith("application/javascript")
    script = response.body.decode()
    assert not any(character in script for character in "<\u2028\u2029")
    assert script.startswith("globalThis.__FLAGHOIST__=")


def run_script(script: bytes) -> dict[str, object]:
    """Return the payload that a script sets, as a JavaScript engine sees it."""
    program = f"'use strict';{script.decode()};console.log(JSON.stringify(globalThis.__FLAGHOIST__))"
    ran = subprocess.run([str(node()), "-"], input=program, capture_output=True, text=True, check=True)
    payload: dict[str, object] = json.loads(ran.stdout)
    return payload


def test_js_format__run__gives_the_payload() -> None:
    payload = run_script(ask(HELD, BOOTSTRAP, CONTEXT, query="format=js").body)
    assert payload.items() >= tree(ask(HELD, BOOTSTRAP, CONTEXT)).items()


def test_js_format__client_key__holds_what_an_ofrep_client_starts_from() -> None:
    payload = run_script(ask(HELD, BOOTSTRAP, CONTEXT, query="format=js").body)
    bulk = ask(HELD, BULK, CONTEXT)
    members = tree(bulk)
    del members["flags"]
    assert payload["ofrep"] == members
    assert payload["etag"] == bulk.headers["ETag"]
    assert (payload["context"], payload["key"]) == (CONTEXT, CLIENT_KEY)


def test_js_format__streams__are_told_as_in_the_bulk_answer() -> None:
    held = SNAPSHOT.but(streams={"*": "https://flags.example/v1/stream"}).held()
    payload = run_script(ask(held, BOOTSTRAP, CONTEXT, query="format=js").body)
    ofrep = payload["ofrep"]
    assert isinstance(ofrep, dict)
    assert ofrep["eventStreams"] == tree(ask(held, BULK, CONTEXT))["eventStreams"]


def test_js_format__server_key__tells_neither_key_nor_context() -> None:
    response = ask(HELD, BOOTSTRAP, CONTEXT, query="format=js", key=SERVER_KEY)
    assert not {"ofrep", "etag", "context", "key"} & set(run_script(response.body))
    assert SERVER_KEY.encode() not in response.body


def test_js_format__hostile_context__is_inert_and_comes_back() -> None:
    context = {"plan": HOSTILE, HOSTILE: [HOSTILE]}
    script = ask(HELD, BOOTSTRAP, context, query="format=js").body
    assert not any(character in script.decode() for character in "<>&\u2028\u2029")
    assert run_script(script)["context"] == context


def test_js_format__etag__differs_between_people_though_their_flags_are_the_same() -> None:
    def etag(context: Mapping[str, JsonValue], format: str) -> str:
        return ask(HELD, BOOTSTRAP, context, query=f"format={format}").headers["ETag"]

    ada, bob = {"targetingKey": "ada"}, {"targetingKey": "bob"}
    assert etag({**ada, "theme": "dark"}, "values") == etag({**ada, "theme": "light"}, "values")
    assert etag({**ada, "theme": "dark"}, "js") != etag({**ada, "theme": "light"}, "js")
    assert etag(ada, "js") != etag(bob, "js")
    assert etag({"a": 1, "b": 2}, "js") == etag({"b": 2, "a": 1}, "js")


def test_js_format__signed_context__holds_its_token_and_differs_with_it() -> None:
    def signed(token: str) -> Response:
        evaluation = read_evaluation(
            a_request(BOOTSTRAP, b"{}", query="format=js", headers={"flaghoist-context": token})
        )
        believed = msgspec.structs.replace(evaluation, context=CONTEXT)
        return answer(believed, HELD, FRESH, now_ms=NOW_MS)

    payload = run_script(signed("one").body)
    assert (payload["signedContext"], payload["context"]) == ("one", CONTEXT)
    assert signed("one").headers["ETag"] != signed("two").headers["ETag"]


def test_js_format__defaults__tell_clients_to_ask_the_network() -> None:
    payload = run_script(defaults(read_evaluation(a_request(BOOTSTRAP, b'{"plan":"blue"}', query="format=js"))).body)
    assert (payload["flags"], payload["ofrep"]) == ({}, None)
    assert (payload["context"], payload["key"]) == (CONTEXT, CLIENT_KEY)


def test_bootstrap__get_and_post__answer_alike() -> None:
    get = answer(
        read_evaluation(a_request(BOOTSTRAP, b"", method="GET", query=in_query(CONTEXT))),
        HELD,
        FRESH,
        now_ms=NOW_MS,
        edge_attributes={},
    )
    assert get == ask(HELD, BOOTSTRAP, CONTEXT)


def test_edge_attributes__only_those_that_flags_read__are_asked_for() -> None:
    class OnlyCountry(dict[str, object]):
        def get(self, name: str, default: object = None) -> object:
            assert name == "edge.country"
            return "DE"

    local = a_flag("local").on().client_visible().rule("de", a_clause("edge.country", "in", "DE"), serve="on")
    response = ask(published(local).held(), f"{BULK}/local", {"edge.country": "FR"}, edge=OnlyCountry(lazy=True))
    assert tree(response)["value"] is True
    ask(HELD, BULK, edge=OnlyCountry(unread="never"))


@pytest.mark.parametrize("format", ["flaghoist", "ofrep", "launchdarkly", "values", "js"])
def test_defaults__bootstrap__is_empty_and_has_no_etag(format: str) -> None:
    response = defaults(read_evaluation(a_request(BOOTSTRAP, query=f"format={format}")))
    assert response.status == 200
    assert "ETag" not in response.headers
    assert (response.headers["Flaghoist-Level"], response.headers["Flaghoist-Version"]) == ("4", "0-0")
    assert b"color" not in response.body


def test_defaults__formats__hold_no_flag_and_say_so() -> None:
    def body(format: str) -> dict[str, object]:
        return tree(defaults(read_evaluation(a_request(BOOTSTRAP, query=f"format={format}"))))

    assert body("flaghoist")["flags"] == {}
    assert body("values") == {}
    assert body("launchdarkly") == {"$flagsState": {}, "$valid": False}
    assert body("ofrep") == {
        "flags": [],
        "metadata": {"version": "0-0", "age": 0, "level": 4, "environment": "production"},
    }


@pytest.mark.parametrize("path", [BULK, f"{BULK}/color"])
def test_defaults__ofrep__is_503_so_that_clients_keep_what_they_hold(path: str) -> None:
    response = defaults(read_evaluation(a_request(path)))
    assert response.status == 503
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Flaghoist-Level"] == "4"
    assert tree(response)["errorDetails"]


def test_freshness__headers__say_all_of_it() -> None:
    freshness = Freshness(3, 125, ("newer-format", "behind-floor"), {"kv": 12, "origin": 80}, "eventual")
    headers = ask(HELD, BULK, freshness=freshness).headers
    assert headers["Flaghoist-Age"] == "125"
    assert headers["Flaghoist-Level"] == "3"
    assert headers["Flaghoist-Notes"] == "newer-format, behind-floor"
    assert headers["Flaghoist-Consistency"] == "eventual"
    assert headers["Server-Timing"] == "kv;dur=12, origin;dur=80"
    assert headers["Cache-Control"] == "private, no-cache"


def test_freshness__nothing_to_add__sends_no_empty_headers() -> None:
    headers = ask(HELD, BULK).headers
    assert not {"Flaghoist-Notes", "Flaghoist-Consistency", "Server-Timing"} & set(headers)
