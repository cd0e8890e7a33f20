"""Cold isolates: from the start to the first correct answer."""

from collections.abc import Mapping
from time import perf_counter

from bench.edge.bootstrap import BULK, authorised, values_of_ours
from bench.edge.edges import PRODUCT, UNSTARTED, our_edge, port_of
from bench.edge.publication import CLIENT_KEY, Publication
from bench.edge.subjects import LAUNCHDARKLY_CACHED, PEERS, Peer
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import Bodies, visitor
from bench.machine.workerd import js_worker
from bench.measuring.connection import Connection, request_head, with_body
from bench.measuring.fresh_memory import have_at_hand
from bench.measuring.plan import SEED
from bench.measuring.results import ColdStart
from bench.measuring.rounds import spread
from bench.measuring.sanity import Truth
from flaghoist.model.flags import FlagSet
from flaghoist_cli.terminal.failure import CommandFailed

_MS = 1_000
_PATIENCE_SECONDS = 30.0
_START_BYTES = 512 << 20
_RIGHT_LEVELS = frozenset({"0", "1"})


async def measure_cold(flags: int, starts: int) -> ColdStart:
    """Return how long isolates with so many flags take to their first correct answer."""
    starter = _Starter(flag_set("mix", flags, SEED))
    found: dict[str, list[float]] = {"product": [], "imported": [], "interpreter": [], "peer": [], "empty": []}
    for _ in range(starts):
        for name, took in (await starter.once()).items():
            found[name].append(took)
    peer, empty = spread(found["peer"]), spread(found["empty"])
    alone = spread([whole - empty.median for whole in found["peer"]])
    mine, imported = spread(found["product"]), spread(found["imported"])
    return ColdStart(
        ours=mine,
        ours_imported=imported,
        launchdarkly=peer,
        launchdarkly_alone=alone,
        interpreter=spread(found["interpreter"]),
        ours_to_launchdarkly=round(mine.median / peer.median, 3),
        imported_to_launchdarkly=round(imported.median / peer.median, 3),
    )


class _Starter:
    """Starts all subjects once, in turn."""

    def __init__(self, flagset: FlagSet) -> None:
        self._flagset = flagset
        self._publication = Publication.of(flagset)
        self._body = Bodies().body(0)
        self._truth = Truth(flagset, {self._body: visitor(0)})
        self._peer: Peer = next(peer for peer in PEERS if peer.name == LAUNCHDARKLY_CACHED)
        self._document = self._peer.document(flagset)

    async def once(self) -> Mapping[str, float]:
        """Return the ms of each subject."""
        interpreter, product = await self._ours(UNSTARTED)
        return {
            "product": product,
            "interpreter": interpreter,
            "imported": (await self._ours(PRODUCT))[1],
            "peer": await self._js(self._peer.name, self._document),
            "empty": await self._js("empty", b"", len(self._document)),
        }

    async def _ours(self, entry: str) -> tuple[float, float]:
        """Return the ms until the interpreter has started, and from there to the first correct answer."""
        request = with_body(request_head("POST", BULK, authorised(CLIENT_KEY)), self._body)
        begun = perf_counter()
        async with our_edge(self._publication, entry) as edge:
            interpreter = perf_counter() - begun
            have_at_hand(_START_BYTES)
            with Connection(port_of(edge)) as connection:
                start = perf_counter()
                while True:
                    answer = connection.fetch(request)
                    took = perf_counter() - start
                    if answer.status == 200 and answer.header("Flaghoist-Level") in _RIGHT_LEVELS:
                        break
                    if took > _PATIENCE_SECONDS:
                        raise CommandFailed(f"a cold edge answers {answer.status} for {_PATIENCE_SECONDS:.0f} s")
        self._truth.check("a cold edge", {self._body: values_of_ours(answer.body)})
        return interpreter * _MS, took * _MS

    async def _js(self, name: str, value: bytes, size: int = 0) -> float:
        request = with_body(request_head("POST", "/", {}), self._body)
        have_at_hand(_START_BYTES)
        async with js_worker(name, value, size) as worker:
            with Connection(worker.port) as connection:
                answer = connection.fetch(request)
                took = perf_counter() - worker.started
        if answer.status != 200:
            raise CommandFailed(f"a cold Worker {name} answers {answer.status}")
        return took * _MS
