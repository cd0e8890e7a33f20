"""The local edge: requests, failures, KV through the official SDK, faults, and its end."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudflare
import httpx
import pytest

from flaghoist_cli.local.edge_reload import restart
from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge, build_bundle
from flaghoist_cli.terminal.failure import CommandFailed
from tests.project import ROOT

MOUNTED = (Path(__file__).parent / "local_worker", "local_worker")
PATIENCE_SECONDS = 10.0


@dataclass
class Running:
    """A local edge driven from synchronous tests: ``runner`` performs its coroutines."""

    edge: LocalEdge
    runner: asyncio.Runner
    output: io.StringIO

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return httpx.get(f"{self.edge.url}{path}", headers=headers, timeout=PATIENCE_SECONDS)

    def printed(self, text: str) -> bool:
        """Whether ``text`` appears in the output before patience ends."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.output.getvalue() and time.monotonic() < deadline:
            self.runner.run(asyncio.sleep(0.02))
        return text in self.output.getvalue()

    @contextmanager
    def faults(self, **faults: Any) -> Iterator[None]:
        """Inject faults for a while."""
        self.runner.run(self.edge.set_faults(**faults))
        try:
            yield
        finally:
            self.runner.run(self.edge.set_faults(rest="ok", binding="ok"))


@pytest.fixture(scope="module")
def running(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    build_bundle()
    settings = EdgeSettings(
        variables={"GREETING": "hello=there"},
        secret="a secret",
        persist=tmp_path_factory.mktemp("kv"),
        extra=[MOUNTED],
        entry="local_worker.entry",
    )
    output = io.StringIO()
    edge = LocalEdge(settings, output=output)
    with asyncio.Runner() as runner:
        runner.run(edge.start())
        yield Running(edge, runner, output)
        runner.run(edge.stop())


@pytest.fixture
def sdk(running: Running) -> Iterator[cloudflare.Cloudflare]:
    edge = running.edge
    with cloudflare.Cloudflare(api_token=edge.token, base_url=edge.kv_base_url, max_retries=0, timeout=2) as client:
        yield client


def where(running: Running) -> Any:
    """Return the account and namespace arguments of the SDK's calls."""
    return {"account_id": running.edge.account, "namespace_id": running.edge.namespace}


def test_request__worker_answers__sees_variables_and_secret(running: Running) -> None:
    assert running.get("/").text == "hello=there a secret"


def test_request__country__is_local_unless_the_request_says_otherwise(running: Running) -> None:
    assert running.get("/country").text == "DE"
    assert running.get("/country", {"Flaghoist-Local-Cf": '{"country": "FR"}'}).text == "FR"


def test_request__many_yields__comes_to_an_end(running: Running) -> None:
    assert running.get("/yield-often").text == "done"


@pytest.mark.parametrize(("path", "message"), [("/fail-at-once", "failed at once"), ("/fail-later", "failed later")])
def test_request__worker_raises__traceback_in_terminal_and_opaque_answer(
    running: Running, path: str, message: str
) -> None:
    answer = running.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json() == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
    assert running.printed(f"RuntimeError: {message}")
    assert "/session/metadata/local_worker/entry.py" in running.output.getvalue()


def test_wait_until__coroutine__goes_on_after_the_answer_and_shows_its_failure(running: Running) -> None:
    assert running.get("/work-on").text == "answered"
    assert running.printed("worked on")
    assert running.printed("RuntimeError: failed in the background")


def test_kv__written_with_the_sdk__is_what_the_worker_reads(running: Running, sdk: cloudflare.Cloudflare) -> None:
    sdk.kv.namespaces.values.update("greeting", value=b"from the api", **where(running))
    assert running.get("/stored").text == "from the api"


def test_kv__bytes_and_metadata__come_back_as_they_were(running: Running, sdk: cloudflare.Cloudflare) -> None:
    value = bytes(range(256)) + b"\r\n--boundary"
    key = "s:production:a/b c%d"
    sdk.kv.namespaces.values.update(key, value=value, metadata={"n": 1}, expiration_ttl=60, **where(running))
    assert sdk.kv.namespaces.values.get(key, **where(running)).read() == value
    assert sdk.kv.namespaces.metadata.get(key, **where(running)) == {"n": 1}


def test_kv__bulk_calls__write_list_read_and_delete(running: Running, sdk: cloudflare.Cloudflare) -> None:
    account, namespace = running.edge.account, running.edge.namespace
    pairs = [{"key": f"bulk:{number:02}", "value": "AP8=", "base64": True} for number in range(25)]
    sdk.kv.namespaces.bulk_update(namespace, account_id=account, body=pairs)  # type: ignore[arg-type]
    listed = [key.name for key in sdk.kv.namespaces.keys.list(namespace, account_id=account, prefix="bulk:", limit=10)]
    assert listed == [pair["key"] for pair in pairs]
    assert sdk.kv.namespaces.values.get("bulk:07", **where(running)).read() == b"\x00\xff"
    sdk.kv.namespaces.bulk_delete(namespace, account_id=account, body=listed)
    assert list(sdk.kv.namespaces.keys.list(namespace, account_id=account, prefix="bulk:")) == []


def test_kv__namespace_made_through_the_api__is_apart(running: Running, sdk: cloudflare.Cloudflare) -> None:
    account = running.edge.account
    made = sdk.kv.namespaces.create(account_id=account, title="another")
    assert made is not None
    sdk.kv.namespaces.values.update("only-there", value=b"1", account_id=account, namespace_id=made.id)
    assert [key.name for key in sdk.kv.namespaces.keys.list(made.id, account_id=account)] == ["only-there"]
    with pytest.raises(cloudflare.NotFoundError):
        sdk.kv.namespaces.values.get("only-there", **where(running))
    assert [one.title for one in sdk.kv.namespaces.list(account_id=account)] == ["FLAGS", "another"]


def test_kv__wrong_token__is_refused(running: Running) -> None:
    with (
        cloudflare.Cloudflare(api_token="wrong", base_url=running.edge.kv_base_url, max_retries=0) as stranger,
        pytest.raises(cloudflare.AuthenticationError),
    ):
        stranger.kv.namespaces.values.get("greeting", **where(running))


@pytest.mark.parametrize(
    ("key", "options"),
    [("k" * 513, {}), ("short-lived", {"expiration_ttl": 59})],
    ids=["long key", "short ttl"],
)
def test_kv__past_cloudflares_limits__is_a_bad_request(
    running: Running, sdk: cloudflare.Cloudflare, key: str, options: dict[str, Any]
) -> None:
    with pytest.raises(cloudflare.BadRequestError):
        sdk.kv.namespaces.values.update(key, value=b"", **where(running), **options)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("fail", cloudflare.InternalServerError),
        ("429", cloudflare.RateLimitError),
        ("stall", cloudflare.APITimeoutError),
    ],
)
def test_faults__rest__fail_the_sdk_and_pass(
    running: Running, sdk: cloudflare.Cloudflare, fault: str, error: type[Exception]
) -> None:
    with running.faults(rest=fault), pytest.raises(error):
        sdk.kv.namespaces.values.update("faulty", value=b"1", **where(running))
    sdk.kv.namespaces.values.update("faulty", value=b"2", **where(running))


def test_faults__lost_write__answers_success_and_keeps_the_old(running: Running, sdk: cloudflare.Cloudflare) -> None:
    sdk.kv.namespaces.values.update("lost", value=b"old", **where(running))
    with running.faults(rest="lose"):
        sdk.kv.namespaces.values.update("lost", value=b"new", **where(running))
    assert sdk.kv.namespaces.values.get("lost", **where(running)).read() == b"old"


def test_faults__binding__fails_or_hangs_the_workers_reads(running: Running, sdk: cloudflare.Cloudflare) -> None:
    sdk.kv.namespaces.values.update("greeting", value=b"well", **where(running))
    with running.faults(binding="fail"):
        assert running.get("/stored").text.startswith("failed: ")
    with running.faults(binding="stall"):
        assert running.get("/stored").text == "timed out"
    assert running.get("/stored").text == "well"


def test_faults__unknown_name__is_refused_with_the_known_ones(running: Running) -> None:
    with pytest.raises(CommandFailed, match="ok, fail, 429, stall, lose"):
        running.runner.run(running.edge.set_faults(rest="explode"))  # type: ignore[arg-type]


def test_stats__write__is_counted_and_logged(running: Running, sdk: cloudflare.Cloudflare) -> None:
    before = running.runner.run(running.edge.stats())
    sdk.kv.namespaces.values.update("counted", value=b"12345", **where(running))
    running.get("/stored")
    after = running.runner.run(running.edge.stats())
    assert after["values_written"] == before["values_written"] + 1
    assert after["binding_reads"] == before["binding_reads"] + 1
    assert (after["writes"][-1]["key"], after["writes"][-1]["bytes"]) == ("counted", 5)


def test_restart__persisted__keeps_values_and_leaves_no_process(running: Running, sdk: cloudflare.Cloudflare) -> None:
    sdk.kv.namespaces.values.update("greeting", value=b"kept", **where(running))
    processes = family(running.edge.pid)
    assert len(processes) > 1
    running.runner.run(running.edge.stop())
    assert ended(processes)
    running.runner.run(running.edge.start())
    assert running.get("/stored").text == "kept"


def test_restart__for_a_change_of_sources__answers_where_it_did(running: Running) -> None:
    addresses = (running.edge.url, running.edge.kv_url)
    running.runner.run(restart(running.edge))
    assert (running.edge.url, running.edge.kv_url) == addresses
    assert running.get("/").text == "hello=there a secret"


@pytest.mark.slow
def test_start__entry_that_cannot_be_imported__shows_its_traceback() -> None:
    edge = LocalEdge(EdgeSettings(extra=[MOUNTED], entry="local_worker.broken"), output=io.StringIO())
    with pytest.raises(CommandFailed, match=r"(?s)did not start.*RuntimeError: this entry is broken"):
        asyncio.run(edge.start())
    assert edge.pid is None


@pytest.mark.slow
def test_stop__node_was_killed__ends_workerd_too() -> None:
    async def kill_and_stop() -> list[int]:
        async with LocalEdge(output=io.StringIO()) as edge:
            processes = family(edge.pid)
            os.kill(processes[0], signal.SIGKILL)
            await edge.wait()
            return processes

    assert ended(asyncio.run(kill_and_stop()))


ORPHAN = """
import asyncio
from flaghoist_cli.local.edge_runtime import LocalEdge
async def main():
    async with LocalEdge() as edge:
        print(edge.pid, flush=True)
        await edge.wait()
asyncio.run(main())
"""


@pytest.mark.slow
def test_parent__killed__takes_the_edge_with_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        processes = family(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert ended(processes)


def ended(processes: list[int]) -> bool:
    """Whether all of these processes end before patience does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(is_alive, processes))


def family(pid: int | None) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(pid or 0), *map(int, children)]


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
