"""Measure one flag set: all subjects run at once, are checked, then timed in interleaved rounds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import repeat

import msgspec

from bench.edge.edges import empty_python, our_edge, port_of
from bench.edge.publication import CLIENT_KEY, SERVER_KEY, Publication, write
from bench.edge.subjects import EMPTY_JS, EMPTY_PYTHON, LAUNCHDARKLY_CACHED, OURS, PEERS, Peer
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import Bodies, visitor
from bench.machine.workerd import js_worker
from bench.measuring.connection import Connection, request_head, with_body
from bench.measuring.plan import SEED, Scenario
from bench.measuring.results import Measured, Sized
from bench.measuring.rounds import Pace, Timing, VisitorStream, measure
from bench.measuring.sanity import CHECKED_VISITORS, Truth, ask
from flaghoist.model.flags import FlagSet, JsonValue

BULK = "/ofrep/v1/evaluate/flags"
ANY_USER_BY_GET = "/v1/bootstrap?format=ofrep"
SAME_USER = "same_user"
NOT_MODIFIED = "not_modified"
IN_URL = "in_url"
OFREP_SERVER = "ofrep, server key"
FORMATS = ("flaghoist", "launchdarkly", "values", "js")


def authorised(key: str) -> Mapping[str, str]:
    """Return the header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


def ours(port: int, bodies: Iterator[bytes]) -> VisitorStream:
    """Return the stream with the target: OFREP bulk with every reason and variant, for a client key."""
    return VisitorStream(OURS, port, BULK, bodies, authorised(CLIENT_KEY))


def values_of_ours(answer: bytes) -> Mapping[str, JsonValue]:
    """Return the value of each flag in one of our answers."""
    return {flag["key"]: flag["value"] for flag in msgspec.json.decode(answer)["flags"]}


async def measure_scenario(scenario: Scenario, pace: Pace) -> Measured:
    """Return the results of a scenario; raise CommandFailed if a subject's answers are wrong."""
    flagset = flag_set(scenario.shape, scenario.flags, SEED, scenario.algorithm)
    field = _Field(scenario, flagset)
    async with AsyncExitStack() as servers:
        publication = Publication.of(flagset)
        edge = await servers.enter_async_context(our_edge(publication))
        size = field.add_ours(port_of(edge))
        floor = await servers.enter_async_context(empty_python(size))
        field.add_floor(EMPTY_PYTHON, port_of(floor))
        for peer in PEERS if scenario.has_peers else ():
            worker = await servers.enter_async_context(js_worker(peer.name, peer.document(flagset)))
            field.add_peer(peer, worker.port)
        if scenario.has_peers:
            empty = await servers.enter_async_context(js_worker("empty", size=size))
            field.add_floor(EMPTY_JS, empty.port)
        timings = measure(field.streams, pace, lambda _round: write(edge, publication.manifest()))
    return judge(scenario.flags, timings, field.sizes)


class _Field:
    """The subjects of one scenario; each is added after its answers were checked."""

    def __init__(self, scenario: Scenario, flagset: FlagSet) -> None:
        self.streams: list[VisitorStream] = []
        self.sizes: dict[str, Sized] = {}
        self._flags = scenario.flags
        self._bodies = Bodies(scenario.attributes)
        checked = {
            self._bodies.body(number): visitor(number, scenario.attributes) for number in range(CHECKED_VISITORS)
        }
        self._checked = list(checked)
        self._truth = Truth(flagset, checked)
        self._has_rules_to_check = scenario.attributes >= 8

    def add_ours(self, port: int) -> int:
        """Add our edge, with the same user again and the unchanged answer; return the size of an answer."""
        stream = ours(port, self._bodies.each())
        answers = ask(stream, self._checked)
        self._truth.check(OURS, {body: values_of_ours(answer) for body, answer in answers.items()})
        same = self._checked[0]
        etag = {"If-None-Match": self._etag(stream, same)}
        unchanged = VisitorStream(NOT_MODIFIED, port, BULK, repeat(same), {**stream.headers, **etag}, 304)
        in_url = VisitorStream(IN_URL, port, ANY_USER_BY_GET, self._bodies.each(), stream.headers, in_url=True)
        self.streams += [stream, in_url, VisitorStream(SAME_USER, port, BULK, repeat(same), stream.headers), unchanged]
        by_get = ask(in_url, self._checked)
        self._truth.check(IN_URL, {body: values_of_ours(answer) for body, answer in by_get.items()})
        self._weigh(OURS, answers)
        self._weigh_formats(port)
        return len(answers[same])

    def add_floor(self, name: str, port: int) -> None:
        """Add an empty Worker."""
        stream = VisitorStream(name, port, "/", self._bodies.each())
        ask(stream, self._checked[:2])
        self.streams.append(stream)

    def add_peer(self, peer: Peer, port: int) -> None:
        """Add a peer; flags that depend on attributes missing from the contexts are not compared, as peers differ."""
        stream = VisitorStream(peer.name, port, "/", self._bodies.each())
        answers = ask(stream, self._checked)
        if self._has_rules_to_check:
            self._truth.check(peer.subject.label, {body: peer.values(answer) for body, answer in answers.items()})
        self._weigh(peer.name, answers)
        self.streams.append(stream)

    def _etag(self, stream: VisitorStream, body: bytes) -> str:
        with Connection(stream.port) as connection:
            request = with_body(request_head("POST", stream.path, stream.headers), body)
            return connection.fetch(request).header("ETag")

    def _weigh_formats(self, port: int) -> None:
        bulk = VisitorStream(OFREP_SERVER, port, BULK, iter(()), authorised(SERVER_KEY))
        self._weigh(OFREP_SERVER, ask(bulk, self._checked))
        for name in FORMATS:
            stream = VisitorStream(name, port, f"/v1/bootstrap?format={name}", iter(()), authorised(CLIENT_KEY))
            self._weigh(f"format={name}", ask(stream, self._checked))

    def _weigh(self, name: str, answers: Mapping[bytes, bytes]) -> None:
        size = sum(len(answer) for answer in answers.values()) / len(answers)
        self.sizes[name] = Sized(round(size), round(size / self._flags, 1))


def judge(flags: int, timings: Mapping[str, Timing], sizes: Mapping[str, Sized]) -> Measured:
    """Return the figures that have targets."""
    p50 = {name: timing.p50.median for name, timing in timings.items()}
    fastest = _fastest([peer.name for peer in PEERS], p50)
    mine, floor = p50[OURS], p50[EMPTY_PYTHON]
    return Measured(
        flags=flags,
        ours_p50_ms=mine,
        ours_p95_ms=timings[OURS].p95.median,
        ours_p99_ms=timings[OURS].p99.median,
        empty_python_p50_ms=floor,
        empty_js_p50_ms=p50.get(EMPTY_JS),
        fastest_js=fastest,
        fastest_js_p50_ms=p50.get(fastest) if fastest else None,
        launchdarkly_cached_p50_ms=p50.get(LAUNCHDARKLY_CACHED),
        ours_to_fastest_js=ratio(mine, p50.get(fastest) if fastest else None),
        ours_to_launchdarkly_cached=ratio(mine, p50.get(LAUNCHDARKLY_CACHED)),
        ours_to_empty_python=round(mine / floor, 3),
        same_user_to_empty_python=round(p50[SAME_USER] / floor, 3),
        not_modified_to_empty_python=round(p50[NOT_MODIFIED] / floor, 3),
        subjects=timings,
        sizes=sizes,
    )


def ratio(figure: float, base: float | None) -> float | None:
    """Return the ratio of the figure to ``base``, None if there is no base."""
    return None if base is None else round(figure / base, 3)


def _fastest(names: Sequence[str], p50: Mapping[str, float]) -> str | None:
    measured = [name for name in names if name in p50]
    return min(measured, key=lambda name: p50[name]) if measured else None
