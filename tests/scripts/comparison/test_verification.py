"""Comparing answers: what is compared, what is left out, and the contexts that are made up for it."""

import httpx
import msgspec

from flaghoist_cli.client.evaluation_client import EvaluationClient
from flaghoist_cli.comparison.edge_readers import edge_readers
from flaghoist_cli.comparison.sampling import sample_contexts
from flaghoist_cli.comparison.verification import Mismatch, compare_answers
from tests.builders import a_clause, a_flag, a_flagset, a_rollout, a_segment


def a_server(version: str, **flags: object) -> EvaluationClient:
    """Return a client of a server that answers every bootstrap with these flags."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/bootstrap"
        return httpx.Response(
            200, content=msgspec.json.encode({"flags": flags}), headers={"Flaghoist-Version": version}
        )

    return EvaluationClient("http://server.test", "key", transport=httpx.MockTransport(answer))


def test_compare_answers__equal__count_without_mismatch() -> None:
    (result,) = compare_answers(a_server("1-1", a=1, b=2), a_server("1-1", a=1, b=2), [{}], frozenset())
    assert (result.compared, result.mismatches, result.version) == (2, (), "1-1")


def test_compare_answers__different_value__shows_both() -> None:
    (result,) = compare_answers(a_server("1-1", a=1), a_server("1-1", a=2), [{"x": 1}], frozenset())
    assert result.mismatches == (Mismatch({"x": 1}, "a", "1", "2"),)


def test_compare_answers__flag_known_to_one_side__is_a_mismatch() -> None:
    (result,) = compare_answers(a_server("1-1"), a_server("1-1", a=2), [{}], frozenset())
    assert result.mismatches == (Mismatch({}, "a", "", "2"),)


def test_compare_answers__left_out__is_not_compared() -> None:
    (result,) = compare_answers(a_server("1-1", a=1), a_server("1-1", a=2), [{}], frozenset({"a"}))
    assert (result.compared, result.mismatches) == (0, ())


def test_edge_readers__direct_segment_and_prerequisite__are_found() -> None:
    flagset = a_flagset(
        a_flag("direct").rule("r", a_clause("edge.country", "in", "DE"), serve="on"),
        a_flag("drawn").fallthrough(a_rollout(by="edge.colo", on=50_000, off=50_000)),
        a_flag("through-segment").rule("r", a_clause("", "in_segment", "outer"), serve="on"),
        a_flag("through-flag").requires("through-segment", "on"),
        a_flag("free").rule("r", a_clause("edgeless", "in", "x"), serve="on"),
        a_segment("inner").rule(a_clause("edge.bot", "in", True)),
        a_segment("outer").rule(a_clause("", "in_segment", "inner")),
    )
    assert edge_readers(flagset) == {"direct", "drawn", "through-segment", "through-flag"}


def test_sample_contexts__same_seed__gives_the_same() -> None:
    flagset = a_flagset(a_flag("a").rule("r", a_clause("plan", "in", "pro"), serve="on"))
    assert sample_contexts(flagset, 20, seed=7) == sample_contexts(flagset, 20, seed=7)
    assert sample_contexts(flagset, 20, seed=7) != sample_contexts(flagset, 20, seed=8)


def test_sample_contexts__clause_values__match_and_miss() -> None:
    flagset = a_flagset(
        a_flag("a").rule("r", a_clause("plan", "in", "pro"), a_clause("edge.colo", "in", "x"), serve="on")
    )
    contexts = sample_contexts(flagset, 200, seed=1)
    assert {context.get("plan") for context in contexts} == {None, "pro", "pro-"}
    assert not any("edge.colo" in context for context in contexts)
    assert any("targetingKey" not in context for context in contexts)
