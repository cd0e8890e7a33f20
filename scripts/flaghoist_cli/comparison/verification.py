"""Compare the edge's answers with the origin's, context by context and flag by flag."""

from collections.abc import Iterator, Mapping, Sequence, Set

import msgspec

from flaghoist.model.context import Context
from flaghoist_cli.client.evaluation_client import EdgeBootstrap, EvaluationClient


class Mismatch(msgspec.Struct, frozen=True):
    """A flag whose answers differ for a context; a side is "" if it does not know the flag."""

    context: Context
    flag: str
    edge: str
    origin: str


class ContextResult(msgspec.Struct, frozen=True):
    """The result for one context: the number of compared flags, and those that differ."""

    compared: int
    mismatches: tuple[Mismatch, ...]
    version: str


def compare_answers(
    edge: EvaluationClient, origin: EvaluationClient, contexts: Sequence[Context], left_out: Set[str]
) -> Iterator[ContextResult]:
    """Yield one result per context; the edge must use a snapshot at least as new as the origin's."""
    for context in contexts:
        theirs = origin.bootstrap(context)
        ours = edge.bootstrap(context, min_version=theirs.version)
        if ours.version != theirs.version:
            theirs = origin.bootstrap(context)
        yield _compare(context, ours, theirs, left_out)


def _compare(context: Context, edge: EdgeBootstrap, origin: EdgeBootstrap, left_out: Set[str]) -> ContextResult:
    keys = sorted({*edge.flags, *origin.flags} - left_out)
    pairs = ((key, _text(edge.flags, key), _text(origin.flags, key)) for key in keys)
    mismatches = tuple(Mismatch(context, key, ours, theirs) for key, ours, theirs in pairs if ours != theirs)
    return ContextResult(len(keys), mismatches, edge.version)


def _text(flags: Mapping[str, msgspec.Raw], key: str) -> str:
    return bytes(flags[key]).decode() if key in flags else ""
