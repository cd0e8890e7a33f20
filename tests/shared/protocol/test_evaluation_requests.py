"""What a call asks, and every way in which it may be wrong."""

import pytest

from flaghoist.errors import ActionForbidden, FlaghoistError, InputError, KeyRefused, MethodNotAllowed, NotFound
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.requests import Request
from tests.published import ADMIN_KEY, CLIENT_KEY, SERVER_KEY
from tests.shared.answers.asking import BOOTSTRAP, BULK, a_request, in_query, ofrep_body

SINGLE = f"{BULK}/checkout"


def get(query: str) -> Request:
    return a_request(BOOTSTRAP, b"", method="GET", query=query)


def test_read__ofrep_single__names_route_flag_and_context() -> None:
    evaluation = read_evaluation(a_request(SINGLE, ofrep_body({"targetingKey": "ada"})))
    assert (evaluation.route, evaluation.flag_key, evaluation.format) == ("single", "checkout", "ofrep")
    assert evaluation.context == {"targetingKey": "ada"}
    assert (evaluation.environment, evaluation.key, evaluation.key_kind) == ("production", CLIENT_KEY, "client")


@pytest.mark.parametrize("body", [b"{}", b'{"context": {}}'])
def test_read__ofrep_without_attributes__has_an_empty_context(body: bytes) -> None:
    assert read_evaluation(a_request(BULK, body)).context == {}


@pytest.mark.parametrize(
    ("body", "context"),
    [
        (b'{"targetingKey": "ada"}', {"targetingKey": "ada"}),
        (b'{"context": {"targetingKey": "ada"}}', {"targetingKey": "ada"}),
        (b'{"context": "shop", "targetingKey": "ada"}', {"context": "shop", "targetingKey": "ada"}),
        (b'{"context": "shop"}', {"context": "shop"}),
        (b"{}", {}),
    ],
)
def test_read__bootstrap_body__is_a_context_or_wraps_one(body: bytes, context: object) -> None:
    assert read_evaluation(a_request(BOOTSTRAP, body)).context == context


@pytest.mark.parametrize("padding", ["", "=", "%3D"])
def test_read__bootstrap_query__takes_base64url_with_or_without_padding(padding: str) -> None:
    assert read_evaluation(get("context=eyJhIjoiMSJ9" + padding)).context == {"a": "1"}


def test_read__bootstrap_query__decodes_what_url_safe_base64_is_for() -> None:
    context = {"name": "ÿþý~~~???"}
    query = in_query(context)
    assert "-" in query or "_" in query
    assert read_evaluation(get(query)).context == context


def test_read__get_without_context__asks_for_anybody() -> None:
    assert read_evaluation(get("")).context == {}


def test_read__context_that_plays_the_edge__loses_that() -> None:
    context = {"edge": {"country": "de"}, "edge.country": "de", "edgewise": 1, "country": "fr"}
    assert read_evaluation(a_request(BULK, ofrep_body(context))).context == {"edgewise": 1, "country": "fr"}


def test_read__percent_encoded_flag_key__is_decoded() -> None:
    assert read_evaluation(a_request(f"{BULK}/a%2Eb")).flag_key == "a.b"


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": f"Bearer {CLIENT_KEY}"}, ""),
        ({"authorization": f"bearer  {CLIENT_KEY} "}, ""),
        ({"x-api-key": CLIENT_KEY}, ""),
        ({"authorization": "Basic YTpi", "x-api-key": CLIENT_KEY}, ""),
        ({}, f"key={CLIENT_KEY}"),
        ({}, f"utm=1&key={CLIENT_KEY}"),
    ],
)
def test_read__key__is_taken_from_header_or_query(headers: dict[str, str], query: str) -> None:
    assert read_evaluation(a_request(BULK, key="", headers=headers, query=query)).key == CLIENT_KEY


REFUSED: list[tuple[str, Request, type[FlaghoistError], str]] = [
    ("no such path", a_request("/v1/flags"), NotFound, "/v1/flags"),
    ("a path below a flag", a_request(f"{BULK}/a/b"), NotFound, "a/b"),
    ("an empty flag key", a_request(f"{BULK}/"), NotFound, BULK),
    ("GET of OFREP", a_request(BULK, method="GET"), MethodNotAllowed, "POST"),
    ("PUT of a bootstrap", a_request(BOOTSTRAP, method="PUT"), MethodNotAllowed, "GET and POST"),
    ("no key", a_request(BULK, key=""), KeyRefused, "no key"),
    ("an empty bearer", a_request(BULK, headers={"authorization": "Bearer "}), KeyRefused, "no key"),
    ("a malformed key", a_request(BULK, key="fh_client_production_short"), KeyRefused, "malformed"),
    ("a key of a foreign kind", a_request(BULK, key=CLIENT_KEY.replace("client", "root")), KeyRefused, "malformed"),
    ("an environment in capitals", a_request(BULK, key=CLIENT_KEY.replace("prod", "Prod")), KeyRefused, "malformed"),
    ("a trailing newline", a_request(BULK, key="", headers={"x-api-key": CLIENT_KEY + "\nx"}), KeyRefused, "malformed"),
    ("an admin key", a_request(BULK, key=ADMIN_KEY), ActionForbidden, "use a client or server key"),
    ("a server key in a URL", a_request(BULK, key="", query=f"key={SERVER_KEY}"), KeyRefused, "only client keys"),
]


@pytest.mark.parametrize(("call", "error", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_read__refused_call__says_why(call: Request, error: type[FlaghoistError], words: str) -> None:
    with pytest.raises(error, match=words):
        read_evaluation(call)


NESTED = '{"a":' * 7 + "1" + "}" * 7
MANY = "{" + ",".join(f'"a{number}":1' for number in range(201)) + "}"
FAULTY: list[tuple[str, Request, int, str]] = [
    ("nothing", a_request(BULK, b""), 400, "$"),
    ("not JSON", a_request(BULK, b"{"), 400, "$"),
    ("not UTF-8", a_request(BULK, b'{"context": {"a": "\xff"}}'), 400, "$"),
    ("a list", a_request(BULK, b"[]"), 400, "$"),
    ("a number", a_request(BULK, b"8"), 400, "$"),
    ("an unknown member", a_request(BULK, b'{"context": {}, "contexts": {}}'), 400, "$.contexts"),
    ("a null context", a_request(BULK, b'{"context": null}'), 400, "$.context"),
    ("a context that is a list", a_request(BULK, b'{"context": []}'), 400, "$.context"),
    ("a member twice", a_request(BULK, b'{"context": {"a": 1, "a": 2}}'), 400, "$.context.a"),
    ("NaN", a_request(BULK, b'{"context": {"a": NaN}}'), 400, "$.context.a"),
    ("a huge integer", a_request(BULK, b'{"context": {"a": 9007199254740993}}'), 400, "$.context.a"),
    ("a NUL", a_request(BULK, b'{"context": {"a": "\\u0000"}}'), 400, "$.context.a"),
    ("a lone surrogate", a_request(BULK, b'{"context": {"a": "\\ud800"}}'), 400, "$.context.a"),
    ("a deep context", a_request(BULK, ('{"context":' + NESTED + "}").encode()), 400, "$.context"),
    ("a deep document", a_request(BULK, b"[" * 9_000 + b"]" * 9_000), 400, "$" + "[0]" * 32),
    ("many attributes", a_request(BULK, ('{"context":' + MANY + "}").encode()), 400, "$.context"),
    ("a long context", a_request(BULK, ofrep_body({"a": "x" * 17_000})), 413, "$.context"),
    ("a long body", a_request(BULK, b" " * 33_000), 413, "$"),
    ("a bootstrap list", a_request(BOOTSTRAP, b"[]"), 400, "$"),
    ("a long bootstrap", a_request(BOOTSTRAP, b'{"a": "' + b"x" * 17_000 + b'"}'), 413, "$"),
    ("a context in a POST's query", a_request(BOOTSTRAP, query=in_query({})), 400, "context"),
    ("base64 that is none", get("context=%%%"), 400, "context"),
    ("base64 with a stray character", get("context=e30!"), 400, "context"),
    ("plain base64", get("context=eyJhIjoi%2F%2F8ifQ"), 400, "context"),
    ("base64 of an odd length", get("context=eyJhI"), 400, "context"),
    ("base64 of no JSON", get("context=AAAA"), 400, "$"),
    ("base64 of a list", get("context=W10"), 400, "$.context"),
    ("an empty context", get("context="), 400, "$"),
    ("a long query", get("context=" + "A" * 33_000), 413, "context"),
    ("a long context in a query", get(in_query({"a": "x" * 17_000})), 413, "$.context"),
    ("a context twice", get("context=e30&context=e30"), 400, "context"),
    ("a query that is not UTF-8", get("format=%FF"), 400, "format"),
    ("an unknown format", get("format=xml"), 400, "format"),
    ("an unknown consistency", get("consistency=quorum"), 400, "consistency"),
    ("a malformed min_version", get("min_version=latest"), 400, "min_version"),
    ("a malformed time", get("flagConfigLastModified=yesterday"), 400, "flagConfigLastModified"),
]


@pytest.mark.parametrize(("call", "status", "path"), [row[1:] for row in FAULTY], ids=[row[0] for row in FAULTY])
def test_read__faulty_input__is_refused_with_its_path(call: Request, status: int, path: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_evaluation(call)
    assert refusal.value.status == status
    assert refusal.value.faults[0].path == path


def test_read__body_at_its_limits__passes() -> None:
    attributes = {f"a{number}": 1 for number in range(200)}
    assert read_evaluation(a_request(BULK, ofrep_body(attributes))).context == attributes
    assert read_evaluation(a_request(BULK, b'{"context": {"a": 9007199254740991}}')).context == {"a": 2**53 - 1}
    assert read_evaluation(a_request(BULK, b'{"context": {}}' + b" " * 32_000)).context == {}
