"""Writes while the origin cannot write: tried again, kept, delivered later, and never twice or over another's."""

import json
from pathlib import Path

import pytest

from flaghoist_cli.client.delivery import QueueDelivery
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import OriginTarget
from flaghoist_cli.client.write_queue import WriteQueue
from flaghoist_cli.files.flag_files import render_flag_set
from tests.builders import a_flag, a_flagset
from tests.scripts.command import flaghoist
from tests.scripts.fake_origin import ADMIN_KEY, OriginState

AWAY = "unavailable"
UNKNOWN = "outcome-unknown"
LOST = "outcome-unknown:lost"
WANTED = a_flagset(a_flag("fresh"))
PUT = "PUT /snapshot"


class Sender:
    """A delivery whose waits take no time."""

    def __init__(self, origin: OriginState, folder: Path, wait_seconds: float = 5.0) -> None:
        self.waits: list[float] = []
        self.queue = WriteQueue(folder)
        self.origin = origin
        self.wait_seconds = wait_seconds

    def delivery(self, client: OriginClient) -> QueueDelivery:
        return QueueDelivery(client, self.queue, self.wait_seconds, report=lambda _: None, sleep=self.waits.append)

    def send(self) -> str:
        with self.client() as client:
            return self.delivery(client).send_write(WANTED, '"1-1"')

    def send_queued(self) -> tuple[str, ...]:
        with self.client() as client:
            return self.delivery(client).send_queued()

    def client(self) -> OriginClient:
        return OriginClient(OriginTarget(self.origin.url, "production", ADMIN_KEY))


@pytest.fixture
def sender(origin: OriginState, tmp_path: Path) -> Sender:
    return Sender(origin, tmp_path)


def flags(origin: OriginState) -> list[str]:
    return [flag["key"] for flag in origin.snapshot["flags"]]


def test_send__origin_away_for_a_while__tried_again_when_it_said(origin: OriginState, sender: Sender) -> None:
    origin.outages = [AWAY, AWAY]

    assert sender.send() == "1-2"
    assert sender.waits == [1.0, 1.0]
    assert origin.requests == [PUT] * 3
    assert sender.queue.writes() == ()


@pytest.mark.parametrize("outage", [UNKNOWN, LOST])
def test_send__outcome_unknown__written_once(origin: OriginState, sender: Sender, outage: str) -> None:
    origin.outages = [outage]

    assert sender.send() == "1-2"
    assert flags(origin) == ["fresh"]


def test_send__outcome_unknown_and_another_wrote__refused(origin: OriginState, sender: Sender) -> None:
    origin.outages = [LOST]
    origin.is_overtaken = True

    with pytest.raises(Exception, match="somebody else has written"):
        sender.send()
    assert sender.queue.writes() == ()


def test_send__away_for_too_long__kept_and_delivered_later(origin: OriginState, sender: Sender, tmp_path: Path) -> None:
    origin.outages = [AWAY] * 6
    with pytest.raises(Exception, match=r"it is saved in .*queue.*`flaghoist queue send` retries it"):
        sender.send()
    (kept,) = (tmp_path / "queue").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert ADMIN_KEY not in kept.read_text()
    assert flags(origin) == ["banner", "checkout"]

    assert sender.send_queued() == ("1-2",)
    assert flags(origin) == ["fresh"]
    assert sender.queue.writes() == ()


def test_send_queued__had_arrived_after_all__forgotten(origin: OriginState, tmp_path: Path) -> None:
    origin.outages = [UNKNOWN]
    sender = Sender(origin, tmp_path, wait_seconds=0)
    with pytest.raises(Exception, match="it is saved"):
        sender.send()

    assert sender.send_queued() == ("1-2",)
    assert origin.version == 2
    assert sender.queue.writes() == ()


def test_send_queued__another_wrote_since__refused_and_kept(origin: OriginState, tmp_path: Path) -> None:
    origin.outages = [AWAY]
    sender = Sender(origin, tmp_path, wait_seconds=0)
    with pytest.raises(Exception, match="it is saved"):
        sender.send()
    origin.version += 1

    with pytest.raises(Exception, match="somebody else has written"):
        sender.send_queued()
    assert len(sender.queue.writes()) == 1
    assert flags(origin) == ["banner", "checkout"]


def test_import__origin_away__kept_then_listed_then_sent_by_the_next(
    origin: OriginState, tmp_path: Path, flag_file: str
) -> None:
    origin.outages = [AWAY]
    failed = flaghoist("import", flag_file, "--yes", "--wait", "0", origin=origin.url, data_dir=tmp_path)
    assert failed.exit_code == 1
    assert str(tmp_path / "queue") in failed.stderr
    (waiting,) = json.loads(flaghoist("queue", "list", "--json", data_dir=tmp_path).stdout)
    assert (waiting["origin"], waiting["environment"]) == (origin.url, "production")

    again = flaghoist("import", flag_file, "--yes", origin=origin.url, data_dir=tmp_path)

    assert again.exit_code == 0
    assert "nothing to change" in again.stdout
    assert flags(origin) == ["fresh"]
    assert flaghoist("queue", "list", data_dir=tmp_path).stdout == "nothing waits\n"


def test_queue__send_and_drop__by_command(origin: OriginState, tmp_path: Path) -> None:
    for _ in range(2):
        WriteQueue(tmp_path).add_write(OriginTarget(origin.url, "production", ADMIN_KEY), WANTED, '"1-1"')
    first, second = json.loads(flaghoist("queue", "list", "--json", data_dir=tmp_path).stdout)
    assert "deleted" in flaghoist("queue", "drop", second["id"], "--yes", data_dir=tmp_path).stdout
    looked = flaghoist("queue", "send", "--dry-run", origin=origin.url, data_dir=tmp_path)
    assert (looked.stdout, origin.version) == ("would send 1 write\n", 1)

    sent = flaghoist("queue", "send", "--json", origin=origin.url, data_dir=tmp_path)

    assert json.loads(sent.stdout) == {"versions": ["1-2"]}
    unknown = flaghoist("queue", "drop", first["id"], "--yes", data_dir=tmp_path)
    assert (unknown.exit_code, "flaghoist queue list" in unknown.stderr) == (1, True)


@pytest.fixture
def flag_file(tmp_path: Path) -> str:
    path = tmp_path / "flags.json"
    path.write_text(render_flag_set(WANTED))
    return str(path)
