"""The provider as OpenFeature sees it, from a file: values, types, errors, metadata, bulk; sync and async."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode, ProviderNotReadyError
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagResolutionDetails, FlagValueType, Reason
from openfeature.hook import Hook, HookContext, HookHints
from openfeature.provider import ProviderStatus

from flaghoist.errors import InputError, KeyRefused
from flaghoist.sdk.evaluation.page_options import PageOptions
from flaghoist.sdk.provider import FlaghoistProvider
from flaghoist.sdk.runtime.options import Options
from flaghoist.sdk.snapshot.levels import Level
from tests.builders import FlagBuilder, a_clause, a_flag, a_rollout, a_segment
from tests.published import CLIENT_KEY, SERVER_KEY
from tests.shared.sdk.conftest import NewProvider
from tests.shared.sdk.making import a_flag_file, an_offline_provider
from tests.shared.sdk.recorded_events import ERROR, READY, RecordedEvents

ANYBODY = EvaluationContext()
ADA = EvaluationContext("ada", {"plan": "pro", "tags": ["a", "b"]})
PRO = a_clause("plan", "in", "pro")


def a_value(key: str, value: object) -> FlagBuilder:
    return a_flag(key).variations("it", it=value).on()


FLAGS = (
    a_value("bool", True),
    a_value("text", "héllo"),
    a_value("int", 2**53 - 1),
    a_value("float", 1.0),
    a_value("object", {"list": [1, 2.5, None], "deep": {"a": "b"}}),
    a_flag("off"),
    a_flag("ruled").on().rule("pros", PRO, serve="on"),
    a_flag("split").on().fallthrough(a_rollout(on=100_000)).client_visible(),
    a_flag("seen").on().client_visible().rule("here", a_clause("edge.country", "in", "de"), serve="on"),
    a_flag("gone").archived(),
    a_flag("grouped-by-segment").on().rule("s", a_clause("", "in_segment", "team"), serve="on"),
    a_segment("team").including("ada"),
)
KINDS: dict[str, tuple[str, Any]] = {
    "bool": ("boolean", False),
    "text": ("string", "?"),
    "int": ("integer", 0),
    "float": ("float", 0.5),
    "object": ("object", {}),
}
VALUES: dict[str, Any] = {
    "bool": True,
    "text": "héllo",
    "int": 2**53 - 1,
    "float": 1.0,
    "object": {"list": [1, 2.5, None], "deep": {"a": "b"}},
}


@pytest.fixture
def provider(tmp_path: Path) -> FlaghoistProvider:
    return an_offline_provider(tmp_path, *FLAGS, epoch=1, version=43)


@pytest.fixture
def client(provider: FlaghoistProvider) -> Iterator[OpenFeatureClient]:
    api.set_provider_and_wait(provider, "tests")
    yield api.get_client("tests")
    api.shutdown()


def ask(client: OpenFeatureClient, key: str, kind: str, default: Any) -> FlagEvaluationDetails[Any]:
    details: FlagEvaluationDetails[Any] = getattr(client, f"get_{kind}_details")(key, default, ADA)
    return details


@pytest.mark.parametrize("key", VALUES)
def test_client__flag_of_its_type__gets_its_value(client: OpenFeatureClient, key: str) -> None:
    details = ask(client, key, *KINDS[key])
    assert (details.value, details.variant, details.reason) == (VALUES[key], "it", Reason.STATIC)
    assert type(details.value) is type(VALUES[key])


@pytest.mark.parametrize("key", VALUES)
def test_client__asked_in_a_coroutine__gets_the_same(client: OpenFeatureClient, key: str) -> None:
    kind, default = KINDS[key]
    details = asyncio.run(getattr(client, f"get_{kind}_details_async")(key, default, ADA))
    assert details == ask(client, key, kind, default)


@pytest.mark.parametrize("key", VALUES)
@pytest.mark.parametrize("asked", VALUES)
@pytest.mark.parametrize("is_async", [False, True])
def test_client__flag_of_another_type__gets_its_default(
    client: OpenFeatureClient, key: str, asked: str, is_async: bool
) -> None:
    if key == asked:
        return
    kind, default = KINDS[asked]
    method = getattr(client, f"get_{kind}_details" + "_async" * is_async)
    found = asyncio.run(method(key, default, ADA)) if is_async else method(key, default, ADA)
    assert (found.value, found.error_code) == (default, ErrorCode.TYPE_MISMATCH)
    assert f"flag '{key}' holds" in found.error_message


def test_client__object_that_the_caller_changes__is_the_callers_own(client: OpenFeatureClient) -> None:
    ask(client, "object", "object", {}).value["list"].clear()
    assert ask(client, "object", "object", {}).value == VALUES["object"]


@pytest.mark.parametrize(
    ("key", "context", "error"),
    [
        ("unknown", ADA, ErrorCode.FLAG_NOT_FOUND),
        ("gone", ADA, ErrorCode.FLAG_NOT_FOUND),
        ("split", EvaluationContext(None, {"plan": "pro"}), ErrorCode.TARGETING_KEY_MISSING),
        ("bool", EvaluationContext("ada", {"x": b"bytes"}), ErrorCode.INVALID_CONTEXT),
        ("split", EvaluationContext("\ud800"), ErrorCode.INVALID_CONTEXT),
        ("split", EvaluationContext(None, {"targetingKey": 10**5000}), ErrorCode.INVALID_CONTEXT),
    ],
    ids=["unknown", "archived", "no-unit", "no-json", "surrogate", "digits"],
)
def test_client__that_cannot_be_answered__gets_its_default_and_why(
    client: OpenFeatureClient, key: str, context: EvaluationContext, error: ErrorCode
) -> None:
    details = client.get_boolean_details(key, True, context)
    assert (details.value, details.error_code, details.reason) == (True, error, Reason.ERROR)
    assert details.error_message


def test_client__answer__says_what_decided_and_from_what(client: OpenFeatureClient) -> None:
    details = client.get_boolean_details("ruled", False, ADA)
    assert (details.value, details.reason) == (True, Reason.TARGETING_MATCH)
    assert details.flag_metadata == {
        "flagVersion": 0,
        "ruleId": "pros",
        "version": "1-43",
        "level": 3,
        "environment": "production",
    }


class Promotes(Hook):
    """Says of everybody that their plan is the best, and notes what was given."""

    def __init__(self) -> None:
        self.given: list[object] = []

    def before(self, hook_context: HookContext, hints: HookHints) -> EvaluationContext:
        return EvaluationContext(None, {"plan": "pro"})

    def after(self, hook_context: HookContext, details: FlagEvaluationDetails[FlagValueType], hints: HookHints) -> None:
        self.given.append((details.flag_key, details.value))


def test_client__hooks__change_the_context_and_see_the_value(client: OpenFeatureClient) -> None:
    hook = Promotes()
    client.add_hooks([hook])
    assert client.get_boolean_value("ruled", False, EvaluationContext("eve", {"plan": "free"}))
    assert hook.given == [("ruled", True)]


def test_client__attributes_of_the_edge__are_not_taken_from_callers(client: OpenFeatureClient) -> None:
    details = client.get_boolean_details("seen", True, EvaluationContext("ada", {"edge.country": "de"}))
    assert (details.value, details.reason) == (False, Reason.DEFAULT)


def test_provider__offline_from_a_file__is_ready_and_says_so(
    new_provider: NewProvider, recorded: RecordedEvents, tmp_path: Path
) -> None:
    path = a_flag_file(tmp_path, *FLAGS)
    provider = new_provider(offline=True, bootstrap_file=path)
    provider.initialize(ANYBODY)
    assert recorded.levels == [(READY, "stored")]
    assert recorded.messages() == [f"PROVIDER_READY: stored: bootstrap file {path}"]
    assert provider.state.level is Level.STORED


def test_provider__offline_without_a_file__is_not_ready_and_gives_defaults(
    new_provider: NewProvider, recorded: RecordedEvents
) -> None:
    provider = new_provider(offline=True)
    with pytest.raises(ProviderNotReadyError, match="there is no snapshot yet"):
        provider.initialize(ANYBODY)
    assert recorded.levels == [(ERROR, "defaults")]
    found = provider.resolve_string_details("text", "mine")
    assert (found.value, found.error_code) == ("mine", ErrorCode.PROVIDER_NOT_READY)
    assert found.flag_metadata == {"level": 4}
    assert (provider.evaluate_all(), provider.bootstrap()) == ({}, None)


def test_provider__set_without_anything__has_the_status_of_an_error() -> None:
    provider = FlaghoistProvider(Options(offline=True))
    with pytest.raises(ProviderNotReadyError):
        api.set_provider_and_wait(provider, "nothing")
    client = api.get_client("nothing")
    assert client.get_provider_status() is ProviderStatus.ERROR
    assert client.get_string_value("text", "mine") == "mine"
    api.shutdown()


def test_evaluate_all__every_live_flag__by_key(provider: FlaghoistProvider) -> None:
    found = provider.evaluate_all(ADA)
    assert list(found) == sorted(
        part.flag.key for part in FLAGS if isinstance(part, FlagBuilder) and not part.flag.archived
    )
    assert {key: found[key].value for key in VALUES} == VALUES
    assert found["ruled"] == provider.resolve_boolean_details("ruled", False, ADA)
    assert isinstance(found["split"], FlagResolutionDetails)


def test_evaluate_all__context_that_would_be_refused__raises(provider: FlaghoistProvider) -> None:
    with pytest.raises(InputError):
        provider.evaluate_all(EvaluationContext("ada", {"x": object()}))  # type: ignore[dict-item]


def test_bootstrap__page__holds_what_clients_may_see(provider: FlaghoistProvider) -> None:
    page = provider.bootstrap(ADA)
    assert page is not None
    body = msgspec.json.decode(page.body)
    assert [flag["key"] for flag in body["flags"]] == ["seen", "split"]
    assert body["metadata"] == {"version": "1-43", "age": 0, "level": 3, "environment": "production"}
    assert "ruleId" not in page.body.decode()
    assert msgspec.json.decode(page.context) == {"targetingKey": "ada", "plan": "pro", "tags": ["a", "b"]}


def test_bootstrap__etag__follows_what_flags_read_of_the_context(provider: FlaghoistProvider) -> None:
    def etag(context: EvaluationContext, **members: Any) -> str:
        page = provider.bootstrap(context, PageOptions(**members))
        assert page is not None
        return page.etag

    assert etag(ADA) == etag(EvaluationContext("ada", {"plan": "pro", "unread": 1}))
    told_apart = {etag(ADA), etag(EvaluationContext("eve")), etag(ADA, edge_attributes={"edge.country": "de"})}
    assert len(told_apart) == 3


def test_bootstrap__what_the_edge_would_say__decides_when_the_caller_knows_it(provider: FlaghoistProvider) -> None:
    page = provider.bootstrap(ADA, PageOptions(edge_attributes={"edge.country": "de", "plan": "free"}))
    assert page is not None
    values = {flag["key"]: flag["value"] for flag in msgspec.json.decode(page.body)["flags"]}
    assert values == {"seen": True, "split": True}
    assert b"edge" not in page.context


def test_bootstrap__with_a_stream__names_it_with_the_clients_key(provider: FlaghoistProvider) -> None:
    page = provider.bootstrap(ADA, PageOptions(CLIENT_KEY, "https://flags.example.com/v1/stream"))
    assert page is not None
    url = f"https://flags.example.com/v1/stream?since=1-43&key={CLIENT_KEY}"
    assert msgspec.json.decode(page.body)["eventStreams"] == [{"type": "sse", "url": url}]


@pytest.mark.parametrize("key", [SERVER_KEY, "", "fh_x"])
def test_bootstrap__key_that_no_page_may_show__is_refused(provider: FlaghoistProvider, key: str) -> None:
    with pytest.raises(KeyRefused):
        provider.bootstrap(ADA, PageOptions(key, "https://flags.example.com/v1/stream"))
