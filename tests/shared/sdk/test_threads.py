"""Threads that evaluate while snapshots are replaced see one version or the other, never something in between."""

import asyncio
import threading
from collections.abc import Iterator

import msgspec
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagResolutionDetails

from flaghoist.model.flags import FlagSet
from flaghoist.sdk.provider import FlaghoistProvider
from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.state import InitialSnapshot
from tests.builders import FlagBuilder, a_clause, a_flag, a_flagset, a_group, a_rollout, a_segment
from tests.published import SERVER_KEY
from tests.shared.sdk.conftest import NewProvider
from tests.shared.sdk.making import a_snapshot, change, whole

THREADS = 6
VERSIONS = 60
FLAGS = 24
ADA = EvaluationContext("ada", {"plan": "pro"})


def flags_of(number: int) -> Iterator[FlagBuilder]:
    """Yield flags of every shape, each of which answers with the version's number."""
    shapes = (
        lambda flag: flag,
        lambda flag: flag.rule("r", a_clause("plan", "in", "pro"), serve="it"),
        lambda flag: flag.fallthrough(a_rollout(it=100_000, other=0)),
        lambda flag: flag.target("it", "ada"),
        lambda flag: flag.requires("flag-000", "it"),
        lambda flag: flag.rule("s", a_clause("", "in_segment", "team"), serve="it"),
        lambda flag: flag.in_group("tests", 0, 100_000),
        lambda flag: flag.fallthrough(a_rollout(algorithm="mix", it=100_000, other=0)),
    )
    for place in range(FLAGS):
        plain = a_flag(f"flag-{place:03}").variations("it", it=number, other=-1).on().client_visible().version(number)
        yield shapes[place % len(shapes)](plain)


def world(number: int) -> FlagSet:
    return a_flagset(*flags_of(number), a_segment("team").including("ada"), a_group("tests", f"salt-{number}"))


async def replace_all(provider: FlaghoistProvider, stop: threading.Event) -> None:
    """Take changes and whole snapshots in turn, as from an origin."""
    for number in range(2, VERSIONS + 2):
        before, after = world(number - 1), world(number)
        data = change(before, after, f"1-{number - 1}", f"1-{number}") if number % 3 else whole(after, f"1-{number}")
        await provider._store.apply_document(data, Level.STREAMING, "")
    stop.set()


def numbers_in(provider: FlaghoistProvider) -> set[object]:
    """Return the version, and all values of three kinds of answers, each of which was given in one call."""
    page = provider.bootstrap(ADA)
    assert page is not None
    body = msgspec.json.decode(page.body)
    in_page = {flag["value"] for flag in body["flags"]} | {int(body["metadata"]["version"].split("-")[1])}
    assert (len(body["flags"]), len(in_page)) == (FLAGS, 1), in_page
    found = provider.evaluate_all(ADA)
    in_all = {one.value for one in found.values()} | {stated(one) for one in found.values()}
    assert (len(found), len(in_all)) == (FLAGS, 1), in_all
    for place in range(FLAGS):
        one = provider.resolve_integer_details(f"flag-{place:03}", -2, ADA)
        assert one.value == stated(one), one
    return in_page | in_all


def stated(details: FlagResolutionDetails[object] | FlagResolutionDetails[int]) -> int:
    return int(str(details.flag_metadata["version"]).split("-")[1])


def test_threads__evaluating_during_changes__see_one_version_at_a_time(new_provider: NewProvider) -> None:
    provider = new_provider(offline=True, key=SERVER_KEY)
    first = a_snapshot(*flags_of(1), a_segment("team").including("ada"), a_group("tests", "salt-1"))
    provider._store.start_from(InitialSnapshot(first, ""))
    stop, faults, seen = threading.Event(), list[BaseException](), set[object]()

    def hammer() -> None:
        try:
            while not stop.is_set():
                seen.update(numbers_in(provider))
        except BaseException as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=hammer) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(replace_all(provider, stop))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not faults
    assert numbers_in(provider) == {VERSIONS + 1}
    assert len(seen) > 1, "no thread saw any change: nothing was tested"
