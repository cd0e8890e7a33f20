"""Three origins under 50 writes a second, while what they rest on is killed: nothing acknowledged is lost or late."""

import asyncio
import json
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from flaghoist_origin.settings.settings import Settings
from tests.e2e.dev_process import COMMAND
from tests.e2e.environments import wait_until
from tests.e2e.trio import ENVIRONMENT, Trio, a_trio
from tests.e2e.write_load import FLAGS, SWITCH, Load, write_load

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]
TAKEOVER_SECONDS = 10.0
CATCH_UP_SECONDS = 5.0
START_SECONDS = 60.0
HEARTBEAT_SECONDS = Settings().heartbeat_seconds
DURATIONS = [2.0, pytest.param(30.0, marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def trio(processes: None, tmp_path_factory: pytest.TempPathFactory, http: httpx.Client) -> Iterator[Trio]:
    """Run three origins for all tests here."""
    with a_trio(tmp_path_factory.mktemp("trio"), http) as running:
        yield running


async def check(trio: Trio, load: Load, http: httpx.Client) -> None:
    """Hold that everything acknowledged is there: in the log, at every origin, in KV in time, and at the edge."""
    assert {write.description for write in load.acknowledged} <= await trio.descriptions()
    assert load.lag_seconds() < HEARTBEAT_SECONDS
    assert len(load.last()) == FLAGS
    for origin in trio.origins:
        await asyncio.to_thread(wait_until, partial(_holds, trio, origin, load, http), CATCH_UP_SECONDS)
    version = "-".join(map(str, load.newest()))
    answer = http.get(
        f"{trio.said['edge']}/v1/bootstrap?min_version={version}",
        headers={"Authorization": f"Bearer {trio.said['server_key']}"},
    )
    assert len(answer.json()["flags"]) == FLAGS


def _holds(trio: Trio, origin: str, load: Load, http: httpx.Client) -> bool:
    answer = http.get(f"{origin}/api/v1/environments/{ENVIRONMENT}/snapshot", headers=trio.bearer)
    found = {flag["key"]: flag["description"] for flag in answer.json()["flags"]}
    return found == {key: write.description for key, write in load.last().items()}


@pytest.mark.parametrize("seconds", DURATIONS)
async def test_publishing_origin__killed__another_publishes_within_ten_seconds(
    trio: Trio, http: httpx.Client, seconds: float
) -> None:
    async with write_load(trio) as load:
        await asyncio.sleep(seconds)
        await trio.kill_publisher()
        killed_at = time.monotonic()
        await load.until_in_kv(load.newest(killed_at), TAKEOVER_SECONDS)
        await asyncio.sleep(seconds)
    trio.start_origins()
    for origin in trio.origins:
        await asyncio.to_thread(wait_until, partial(_is_ready, origin, http), START_SECONDS)

    await check(trio, load, http)


@pytest.mark.parametrize("seconds", DURATIONS)
async def test_valkey__killed_and_started_again__changes_arrive_by_polling(
    trio: Trio, http: httpx.Client, seconds: float
) -> None:
    async with write_load(trio) as load:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(trio.valkey.kill)
        killed_at = time.monotonic()
        await asyncio.sleep(seconds)
        await load.until_in_kv(load.newest(killed_at), TAKEOVER_SECONDS)
        await asyncio.to_thread(trio.valkey.start)
        await asyncio.sleep(seconds)

    assert load.statuses == {200}
    await check(trio, load, http)


@pytest.mark.parametrize("seconds", DURATIONS)
async def test_postgresql__killed_and_started_again__writes_refused_whole_meanwhile(
    trio: Trio, http: httpx.Client, seconds: float
) -> None:
    async with write_load(trio) as load:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(trio.postgres.kill)
        await asyncio.sleep(1)
        for origin in trio.origins:
            assert _is_read(trio, origin, http)
        await asyncio.to_thread(trio.postgres.start)
        started_at = time.monotonic()
        await asyncio.sleep(seconds)
        await load.until_in_kv(load.newest(started_at), TAKEOVER_SECONDS)

    assert load.statuses == {200, 503}
    await check(trio, load, http)


def test_import__postgresql_away__kept_and_delivered_when_it_is_back(
    trio: Trio, http: httpx.Client, tmp_path: Path
) -> None:
    file = tmp_path / "flags.json"
    file.write_text(json.dumps({"flags": [{**SWITCH, "key": "imported"}]}))
    trio.postgres.kill()
    kept = _command(trio, "import", str(file), "--merge", "--yes", "--wait", "0")
    trio.postgres.start()
    sent = _command(trio, "queue", "send")

    assert kept.returncode == 1
    assert str(trio.folder / "queue") in kept.stderr
    assert sent.returncode == 0, sent.stderr
    for origin in trio.origins:
        url = f"{origin}/api/v1/environments/{ENVIRONMENT}/flags/imported"
        wait_until(partial(_is_found, url, trio, http), CATCH_UP_SECONDS)


def _command(trio: Trio, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), *arguments, "--data-dir", str(trio.folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _is_found(url: str, trio: Trio, http: httpx.Client) -> bool:
    return http.get(url, headers=trio.bearer).status_code == 200


def _is_ready(origin: str, http: httpx.Client) -> bool:
    return http.get(f"{origin}/readyz").is_success


def _is_read(trio: Trio, origin: str, http: httpx.Client) -> bool:
    answer = http.get(f"{origin}/v1/bootstrap", headers={"Authorization": f"Bearer {trio.said['server_key']}"})
    return answer.status_code == 200 and len(answer.json()["flags"]) == FLAGS
