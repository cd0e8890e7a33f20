"""Ten thousand flags at once: accepted, published, served, and changed one by one for two KV values."""

import re
import time
from collections.abc import Callable

import pytest

from flaghoist.limits import FLAGS, SHARDS
from flaghoist.snapshot.manifest import manifest_key, shard_prefix
from tests.e2e.documents import Document
from tests.e2e.environments import Environment, Side, wait_until
from tests.e2e.evaluations import assert_same, expected, told
from tests.e2e.flag_mix import contexts, flag_mix
from tests.e2e.stacks import Stack

pytestmark = pytest.mark.e2e

SEED = 7
ASKED = 4
SIDES: tuple[Side, ...] = ("edge", "origin")
USER = re.compile(rb"user-[0-9a-f]{8}")
SECONDS = 60

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def body() -> Document:
    """Return the snapshot that is put."""
    return flag_mix(FLAGS.value, SEED)


@pytest.fixture(scope="module")
def version(environment: Environment, stack: Stack, body: Document, record_testsuite_property: Record) -> str:
    """Put the flags; return the version that this made, once the edge serves it and KV holds it."""
    started = time.monotonic()
    version = environment.replace(body)
    committed = time.monotonic()
    environment.reach(version, seconds=SECONDS)
    served = time.monotonic()
    wait_until(lambda: stack.kv.published(environment.name) == version, SECONDS)
    record_testsuite_property("seconds to put 10,000 flags", round(committed - started, 2))
    record_testsuite_property("seconds until the edge serves them", round(served - committed, 2))
    return version


def test_ten_thousand_flags__edge_and_origin__answer_as_the_plain_evaluator(
    environment: Environment, body: Document, version: str
) -> None:
    documents = {name: {entity["key"]: entity for entity in found} for name, found in body.items()}
    for context in contexts(ASKED, SEED):
        wanted = expected(documents, context, "server")
        assert len(wanted) == FLAGS.value
        for side in SIDES:
            answered = environment.bulk(side, "server", context)
            assert answered.headers["Flaghoist-Version"] == version
            assert_same(told(answered), wanted, f"{side} for {context}")


def test_ten_thousand_flags__kv__holds_no_raw_user(
    environment: Environment, stack: Stack, body: Document, version: str
) -> None:
    keys = [manifest_key(environment.name), *stack.kv.keys(shard_prefix(environment.name))]
    assert 1 < len(keys) <= 1 + SHARDS.value
    values = [stack.kv.value(key) for key in keys]
    assert any(body["flags"][0]["key"].encode() in value for value in values), "flags are found by their keys"
    assert not [found for value in values for found in USER.findall(value)]


def test_every_value_of_kv__whatever_environment__holds_no_raw_user(stack: Stack, version: str) -> None:
    assert not [key for key in stack.kv.keys("") if USER.search(stack.kv.value(key))]


def test_one_flag_changed__kv__gets_one_shard_and_then_the_manifest(
    environment: Environment, stack: Stack, body: Document, version: str
) -> None:
    manifest, prefix = manifest_key(environment.name), shard_prefix(environment.name)
    earlier_ms = max(write.at_ms for write in stack.kv.writes())
    flag = body["flags"][1234]
    changed = environment.put_flag({**flag, "on": not flag["on"]})
    wait_until(lambda: stack.kv.published(environment.name) == changed, SECONDS)

    written = [write.key for write in stack.kv.writes() if write.at_ms > earlier_ms]
    ours = [key for key in written if key == manifest or key.startswith(prefix)]
    [shard] = [key for key in ours if key != manifest]
    assert ours[-1] == manifest
    assert ours.index(shard) < len(ours) - 1
    environment.reach(changed)
    assert environment.value_of(flag["key"]) == environment.value_of(flag["key"], side="origin")
