"""The published OpenFeature provider for Python, unmodified, against edge and origin."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagEvaluationDetails, Reason

from tests.e2e.documents import snapshot_body
from tests.e2e.environments import Environment, Side
from tests.e2e.typed_flags import HOSTILE, OBJECT, hostile_flag, typed_flagset

pytestmark = pytest.mark.e2e

ADA = EvaluationContext("ada", {"plan": "free"})
NewClient = Callable[[str], OpenFeatureClient]


@pytest.fixture(scope="module", autouse=True)
def flags(environment: Environment) -> None:
    environment.reach(environment.replace(snapshot_body(typed_flagset())))


@pytest.fixture
def new_client(environment: Environment, side: Side) -> Iterator[NewClient]:
    """Return a function that makes a client with a key; each is closed at the end."""
    providers: list[OFREPProvider] = []

    def make(key: str) -> OpenFeatureClient:
        authorization = {"Authorization": f"Bearer {key}"}
        provider = OFREPProvider(environment.side(side), headers_factory=lambda: authorization)
        domain = f"{side}-{len(providers)}"
        providers.append(provider)
        api.set_provider(provider, domain)
        return api.get_client(domain)

    yield make
    api.shutdown()
    for provider in providers:
        provider.session.close()


@pytest.fixture
def client(new_client: NewClient, environment: Environment) -> OpenFeatureClient:
    """Return a client with the public key."""
    return new_client(environment.keys.client)


@dataclass(frozen=True)
class Case:
    """One flag, how it is asked for, and what is expected."""

    kind: str
    flag: str
    default: Any
    value: Any
    reason: str
    variant: str


VALUES = (
    Case("boolean", "bool-static", False, True, "STATIC", "on"),
    Case("string", "text-static", "?", "plain", "STATIC", "plain"),
    Case("integer", "int-static", 0, 2**53 - 1, "STATIC", "most"),
    Case("float", "float-static", 0.0, 0.5, "STATIC", "half"),
    Case("float", "float-integral", 0.0, 1.0, "STATIC", "one"),
    Case("object", "object-static", {}, OBJECT, "STATIC", "full"),
    Case("boolean", "defaulted", True, False, "DEFAULT", "off"),
    Case("boolean", "targeted", False, True, "TARGETING_MATCH", "on"),
    Case("boolean", "split", False, True, "SPLIT", "on"),
    Case("boolean", "disabled", True, False, "DISABLED", "off"),
)


def ask(client: OpenFeatureClient, kind: str, flag: str, default: Any, context: Any) -> FlagEvaluationDetails[Any]:
    details: FlagEvaluationDetails[Any] = getattr(client, f"get_{kind}_details")(flag, default, context)
    return details


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case.flag)
def test_python_client__flag_of_each_type_and_reason__value_reason_and_variant(
    client: OpenFeatureClient, case: Case
) -> None:
    details = ask(client, case.kind, case.flag, case.default, ADA)
    assert (details.value, type(details.value)) == (case.value, type(case.value))
    assert (details.reason, details.variant, details.error_code) == (Reason[case.reason], case.variant, None)


def test_python_client__server_key__learns_the_rule(new_client: NewClient, environment: Environment) -> None:
    pro = EvaluationContext("ada", {"plan": "pro"})
    public = ask(new_client(environment.keys.client), "boolean", "ruled", False, pro)
    trusted = ask(new_client(environment.keys.server), "boolean", "ruled", False, pro)
    assert public.reason == trusted.reason == Reason.TARGETING_MATCH
    assert "ruleId" not in public.flag_metadata
    assert trusted.flag_metadata["ruleId"] == "pro-plan"


@pytest.mark.parametrize("flag", ["no-such-flag", "hidden"])
def test_python_client__unknown_or_hidden_flag__flag_not_found(client: OpenFeatureClient, flag: str) -> None:
    details = ask(client, "boolean", flag, True, ADA)
    assert (details.value, details.error_code) == (True, ErrorCode.FLAG_NOT_FOUND)
    assert flag in (details.error_message or "")


def test_python_client__server_key__sees_the_hidden_flag(new_client: NewClient, environment: Environment) -> None:
    assert ask(new_client(environment.keys.server), "boolean", "hidden", False, ADA).value is True


@pytest.mark.parametrize("change", [lambda key: f"{key[:-1]}{'0' if key[-1] != '0' else '1'}", lambda _: "nonsense"])
def test_python_client__wrong_key__unauthorized(
    new_client: NewClient, environment: Environment, change: Callable[[str], str]
) -> None:
    details = ask(new_client(change(environment.keys.client)), "boolean", "bool-static", False, ADA)
    assert (details.value, details.error_code) == (False, ErrorCode.GENERAL)
    assert details.error_message == "unauthorized"


def test_python_client__admin_key__forbidden(new_client: NewClient, environment: Environment) -> None:
    details = ask(new_client(environment.keys.admin), "boolean", "bool-static", False, ADA)
    assert (details.error_code, details.error_message) == (ErrorCode.GENERAL, "forbidden")


@pytest.mark.parametrize(
    ("kind", "flag", "default"), [("boolean", "text-static", True), ("integer", "float-integral", 7)]
)
def test_python_client__flag_of_another_type__type_mismatch(
    client: OpenFeatureClient, kind: str, flag: str, default: Any
) -> None:
    details = ask(client, kind, flag, default, ADA)
    assert (details.value, details.error_code) == (default, ErrorCode.TYPE_MISMATCH)


@pytest.mark.parametrize("context", [None, EvaluationContext(), EvaluationContext(None, {"plan": "pro"})])
def test_python_client__rollout_without_targeting_key__that_flag_alone_fails(
    client: OpenFeatureClient, context: EvaluationContext | None
) -> None:
    details = ask(client, "boolean", "split", False, context)
    assert (details.value, details.error_code) == (False, ErrorCode.TARGETING_KEY_MISSING)
    assert details.error_message
    assert ask(client, "boolean", "bool-static", False, context).value is True


def test_python_client__rollout_by_another_attribute__needs_that_one(client: OpenFeatureClient) -> None:
    assert (
        ask(client, "boolean", "by-org", False, EvaluationContext("ada")).error_code == ErrorCode.TARGETING_KEY_MISSING
    )
    assert ask(client, "boolean", "by-org", False, EvaluationContext(None, {"org": 7})).value is True


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_python_client__hostile_string__matches_itself_and_no_other(client: OpenFeatureClient, place: int) -> None:
    context = EvaluationContext(HOSTILE[place], {"text": HOSTILE[place], f"attribute {HOSTILE[place]}": True})
    for other in (place, (place + 1) % len(HOSTILE)):
        details = ask(client, "boolean", hostile_flag(other), place != other, context)
        assert (details.value, details.error_code) == (place == other, None)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"], ids=["nul", "lone-surrogate"])
def test_python_client__text_that_is_no_text__invalid_context(client: OpenFeatureClient, text: str) -> None:
    details = ask(client, "boolean", "bool-static", False, EvaluationContext("ada", {"text": text}))
    assert (details.value, details.error_code) == (False, ErrorCode.INVALID_CONTEXT)
    assert "$.context.text" in (details.error_message or "")
