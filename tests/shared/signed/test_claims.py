"""Claims of a verified token: until when, for whom, and a context that is checked as any other."""

import msgspec
import pytest

from flaghoist.errors import ContextRefused, InputError
from flaghoist.signed.claims import LEEWAY_SECONDS, VerifiedContext, read_claims
from tests.published import ENVIRONMENT, NOW_MS

NOW = NOW_MS // 1000
GOOD: dict[str, object] = {"exp": NOW + 60, "context": {"targetingKey": "ada"}}


def claimed(**claims: object) -> VerifiedContext:
    members = {name: value for name, value in {**GOOD, **claims}.items() if value is not msgspec.UNSET}
    return read_claims(msgspec.json.encode(members), ENVIRONMENT, NOW_MS)


def test_claims__good__are_a_context_until_it_expires() -> None:
    assert claimed() == VerifiedContext({"targetingKey": "ada"}, NOW_MS + 60_000)


def test_claims__others__are_ignored() -> None:
    assert claimed(iss="shop", sub="ada", iat=NOW, jti="1", scope=["a"]) == claimed()


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": msgspec.UNSET}, "when it expires"),
        ({"exp": None}, "when it expires"),
        ({"exp": NOW}, "has expired"),
        ({"exp": NOW - 3600}, "has expired"),
        ({"exp": 0}, "has expired"),
        ({"exp": -1e300}, "has expired"),
        ({"exp": str(NOW + 60)}, "malformed"),
        ({"exp": True}, "malformed"),
        ({"exp": [NOW + 60]}, "malformed"),
        ({"nbf": NOW + LEEWAY_SECONDS + 1}, "not valid yet"),
        ({"nbf": 1e300}, "not valid yet"),
        ({"nbf": "now"}, "malformed"),
        ({"aud": "staging"}, "not for environment production"),
        ({"aud": []}, "not for environment production"),
        ({"aud": ["staging", "prod"]}, "not for environment production"),
        ({"aud": 7}, "malformed"),
        ({"context": msgspec.UNSET}, "no claim `context`"),
        ({"context": None}, "no claim `context`"),
        ({"context": []}, "malformed"),
        ({"context": "ada"}, "malformed"),
        ({"sticky": ["checkout"]}, "malformed"),
        ({"sticky": {"checkout": 1}}, "malformed"),
    ],
)
def test_claims__that_do_not_hold__are_refused_with_the_reason(claims: dict[str, object], reason: str) -> None:
    with pytest.raises(ContextRefused, match=reason):
        claimed(**claims)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW + 0.5},
        {"exp": 1e300},
        {"nbf": NOW},
        {"nbf": NOW + LEEWAY_SECONDS},
        {"aud": ENVIRONMENT},
        {"aud": ["staging", ENVIRONMENT]},
        {"context": {}},
    ],
)
def test_claims__that_just_hold__are_taken(claims: dict[str, object]) -> None:
    assert claimed(**claims).expires_at_ms > NOW_MS


def test_claims__sticky__are_assignments() -> None:
    assert claimed(sticky={"checkout": "new"}).sticky == {"checkout": "new"}


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"null", b"7", b"\xff", b'{"exp": 1, "exp": 2}', b'{"exp": NaN}']
)
def test_claims__payload_that_is_no_strict_json_object__is_refused(payload: bytes) -> None:
    with pytest.raises(ContextRefused, match="payload"):
        read_claims(payload, ENVIRONMENT, NOW_MS)


def test_claims__context_that_no_call_may_bring__is_bad_input() -> None:
    with pytest.raises(InputError) as caught:
        claimed(context={"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}})
    assert caught.value.faults[0].path == "$.context"


def test_claims__edge_attributes__are_not_the_backends_to_say() -> None:
    assert claimed(context={"edge.country": "DE", "edge": {"country": "DE"}, "plan": "pro"}).context == {"plan": "pro"}
