"""An engine that was loaded change by change answers as one that was loaded at once, and leaves nothing behind."""

import gc
import weakref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.answers.fragments import MEMBERS, OFREP_ITEMS
from flaghoist.bulk import conditions
from flaghoist.bulk.layout import Section, section_of
from flaghoist.engine.engine import Engine
from flaghoist.engine.load import LoadedSnapshot, load, missing
from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.wire import WireFlag
from flaghoist.steps import complete
from tests.builders import a_clause, a_flag, a_flagset, a_rollout
from tests.in_worker.cases_worker import read_flagset
from tests.shared.agreement import SEALER, engine_of
from tests.shared.bulk.test_large_flagsets import Document, copied
from tests.strategies import World, worlds

COPIES = 30
VIEWS = (OFREP_ITEMS["client"], OFREP_ITEMS["server"], MEMBERS["server"])
SCOPES = (True, False)

changes = st.dictionaries(st.integers(0, COPIES - 1), st.sampled_from(["gone", "switched", "salted"]), max_size=4)


@settings(max_examples=40)
@given(world=worlds(), steps=st.lists(changes, min_size=1, max_size=5), flags_per_group=st.sampled_from([1, 7, 256]))
def test_load__after_any_changes__renders_what_a_fresh_engine_renders(
    world: World, steps: list[dict[int, str]], flags_per_group: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conditions, "FLAGS_PER_GROUP", flags_per_group)
        loaded: LoadedSnapshot | None = None
        for step in steps:
            flagset = read_flagset(_changed(copied(world.flagset, COPIES), step))
            loaded = _loaded(flagset, loaded)
            fresh, _ = engine_of(flagset)
            for context in world.contexts:
                assert _rendered(loaded.engine, context) == _rendered(fresh, context)


def test_load__one_flag_changed__makes_the_columns_of_its_slice_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = [_of_every_shape(number) for number in range(600)]
    loaded = _loaded(a_flagset(*flags), None)
    complete(loaded.engine.sheet_steps(VIEWS[0], client_only=False))
    made: list[str] = []

    def recording(flag: WireFlag) -> Section:
        made.append(flag.key)
        return section_of(flag)

    monkeypatch.setattr("flaghoist.engine.shards.section_of", recording)
    again = _loaded(a_flagset(*flags, a_flag("flag-7").on().fallthrough("on").version(2)), loaded)
    assert again.engine.sheets == loaded.engine.sheets
    assert "flag-7" in made
    assert len(made) <= 2 * 600 / 8


def test_load__snapshot_that_was_replaced__is_freed_at_once() -> None:
    flags = [_of_every_shape(number) for number in range(60)]
    loaded = _loaded(a_flagset(*flags), None)
    _rendered(loaded.engine, {"targetingKey": "ada"})
    old = weakref.ref(loaded.engine)
    gc.disable()
    try:
        loaded = _loaded(a_flagset(*flags[1:]), loaded)
        assert old() is None
    finally:
        gc.enable()


def _loaded(flagset: FlagSet, loaded: LoadedSnapshot | None) -> LoadedSnapshot:
    packed = pack(flagset, SEALER).packed
    fetched = {name: packed.blobs[name] for name in missing(packed.shards, loaded)}
    return load(packed.shards, fetched, SEALER, loaded)


def _rendered(engine: Engine, context: Any) -> list[bytes]:
    return [engine.render_all(context, view, client_only=scope) for view in VIEWS for scope in SCOPES]


def _changed(document: Document, changes: dict[int, str]) -> Document:
    """Return the document with all flags of some copies changed in one way."""
    flags = {key: _changed_flag(flag, changes.get(_copy(key), "")) for key, flag in document["flags"].items()}
    return {**document, "flags": {key: flag for key, flag in flags.items() if flag is not None}}


def _copy(key: str) -> int:
    return int(key.rpartition("-")[2])


def _changed_flag(flag: Document, change: str) -> Document | None:
    if change == "gone":
        return None
    changed: Document = {"switched": {"on": not flag.get("on", False)}, "salted": {"salt": "another", "version": 9}}
    return {**flag, **changed.get(change, {})}


def _of_every_shape(number: int) -> Any:
    flag = a_flag(f"flag-{number}").on().target("on", f"user-{number % 5}")
    match number % 4:
        case 0:
            return flag.fallthrough(a_rollout(on=50_000, off=50_000))
        case 1:
            return flag.rule("r", a_clause("plan", "in", "pro"), serve="on")
        case 2:
            return flag.requires("flag-1", "on")
        case _:
            return a_flag(f"flag-{number}")
