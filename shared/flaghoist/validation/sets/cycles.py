"""Cycles and depth of prerequisites between flags, and of references between segments."""

from collections.abc import Iterator, Mapping, Sequence

from flaghoist.limits import PREREQUISITE_DEPTH
from flaghoist.model.flags import Flag, Segment
from flaghoist.validation.parts.faults import MOST_FAULTS, Faults
from flaghoist.validation.sets.references import Reference, segments_in_segment

Graph = Mapping[str, Sequence[Reference]]
"""For each key with requirements: the required keys, each with its path relative to the document."""

_MOST_SHOWN = 24


def flag_graph(flags: Mapping[str, Flag]) -> Graph:
    """Return the prerequisites of each flag."""
    return {
        key: [(f".prerequisites[{index}].flag", item.flag) for index, item in enumerate(flag.prerequisites)]
        for key, flag in flags.items()
        if flag.prerequisites
    }


def segment_graph(segments: Mapping[str, Segment]) -> Graph:
    """Return which segments each segment uses."""
    used = {key: list(segments_in_segment(segment, "")) for key, segment in segments.items()}
    return {key: references for key, references in used.items() if references}


def check_graph(graph: Graph, what: str, paths: Mapping[str, str], faults: Faults) -> None:
    """Record cycles, and keys with more levels below them than the limit; ``paths`` gives the paths of documents.

    A document without a path is not reported itself: its fault is reported for a document that has one. Depth is
    checked only if there is no cycle.
    """
    survey = _Survey(graph)
    for cycle in survey.cycles:
        start = next((index for index, key in enumerate(cycle) if key in paths), None)
        if start is not None:
            keys = cycle[start:] + cycle[:start]
            where = paths[keys[0]] + _edge(graph, keys[0], keys[1 % len(keys)])
            faults.add_fault(where, f"{what} form a cycle, {_chain(keys)}: remove one of them")
    for key in () if survey.cycles else survey.too_deep:
        faults.check_limit(PREREQUISITE_DEPTH, survey.heights[key], paths.get(key) or next(iter(paths.values())))


def _edge(graph: Graph, key: str, child: str) -> str:
    return next(path for path, name in graph[key] if name == child)


def _chain(keys: Sequence[str]) -> str:
    shown = [*keys[:_MOST_SHOWN], "…"] if len(keys) > _MOST_SHOWN else [*keys, keys[0]]
    return " → ".join(shown)


class _Survey:
    """One depth-first pass, without recursion: the cycles, and how many levels each key has below it."""

    def __init__(self, graph: Graph) -> None:
        self.heights: dict[str, int] = {}
        self.cycles: list[tuple[str, ...]] = []
        self._graph = graph
        self._trail: list[str] = []
        self._children: dict[str, Iterator[Reference]] = {}
        for key in graph:
            if key not in self.heights:
                self._descend_from(key)

    @property
    def too_deep(self) -> list[str]:
        """The first keys past the limit; the keys above them are not listed."""
        return [key for key, height in self.heights.items() if height == PREREQUISITE_DEPTH.value + 1]

    def _descend_from(self, key: str) -> None:
        self._enter(key)
        while self._trail:
            _, child = next(self._children[self._trail[-1]], ("", None))
            if child is None:
                self._leave(self._trail.pop())
            elif child in self._children:
                self._add_cycle(child)
            elif child not in self.heights:
                self._enter(child)

    def _enter(self, key: str) -> None:
        self._trail.append(key)
        self._children[key] = iter(self._graph.get(key, ()))

    def _add_cycle(self, key: str) -> None:
        if len(self.cycles) < MOST_FAULTS:
            self.cycles.append(tuple(self._trail[self._trail.index(key) :]))

    def _leave(self, key: str) -> None:
        del self._children[key]
        below = [self.heights[child] for _, child in self._graph.get(key, ()) if child in self.heights]
        self.heights[key] = 1 + max(below) if below else 0
