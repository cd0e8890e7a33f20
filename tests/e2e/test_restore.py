"""A database lost and restored under an edge that holds something newer: the edge takes the restored state."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import a_flag, a_flagset
from tests.e2e.conftest import NewStack
from tests.e2e.documents import Document, as_documents
from tests.e2e.environments import Environment, wait_until
from tests.e2e.stacks import PrivateStack

pytestmark = pytest.mark.e2e
SECONDS = 40
SHORT_LEASE = {"FLAGHOIST_LEASE_SECONDS": "3", "FLAGHOIST_KV_WRITE_TIMEOUT_SECONDS": "2"}


def flag(variation: str) -> Document:
    """Return the flag with what it serves."""
    built = a_flag("restored").on().variations("before", before="before", after="after").fallthrough(variation)
    [document] = as_documents(a_flagset(built))["flags"].values()
    found: Document = document
    return found


@dataclass(frozen=True)
class Lost:
    """A stack whose origin is dead and whose database is gone, its edge at a later version than the backup."""

    private: PrivateStack
    environment: Environment
    backup: Path
    database: Path

    def restore(self, *options: str) -> None:
        """Run `flaghoist restore` into an empty database, and start an origin on it."""
        for file in self.database.parent.glob(f"{self.database.name}*"):
            file.unlink()
        flaghoist("restore", str(self.backup), "--yes", *options, "--database-url", url_of(self.database))
        self.private.start_origin(wait_for="/healthz", **SHORT_LEASE)


@pytest.fixture
def lost(new_stack: NewStack, tmp_path: Path) -> Lost:
    """Make a backup, go on for a while, and lose the database."""
    private = new_stack()
    private.start_edge()
    private.start_origin(**SHORT_LEASE)
    running = private.started()
    environment = running.environment("production")
    environment.reach(environment.put_flag(flag("before")))
    backup = tmp_path / "it.backup"
    flaghoist("backup", str(backup), "--database-url", running.database_url)
    for variation in ("after", "before", "after"):
        latest = environment.put_flag(flag(variation))
    environment.reach(latest)
    wait_until(lambda: private.kv.published("production") == latest == "1-4", SECONDS)
    assert environment.value_of("restored") == "after"
    private.kill_origin()
    return Lost(private, environment, backup, Path(running.database_url.partition("///")[2]))


def test_restored__lower_version_in_a_higher_epoch__edge_takes_it_then_kv_ahead_is_recovered(lost: Lost) -> None:
    lost.restore("--without-kv")
    wait_until(lambda: lost.private.kv.published("production") == "2-1", SECONDS)
    lost.environment.reach("2-1", seconds=SECONDS)
    assert lost.environment.value_of("restored") == "before"

    changed = lost.environment.put_flag(flag("after"))
    wait_until(lambda: lost.private.kv.published("production") == changed == "2-2", SECONDS)
    lost.private.kill_origin()
    lost.restore("--without-kv")
    ready = f"{lost.private.origin}/readyz"
    wait_until(lambda: "flaghoist recover" in lost.environment.http.get(ready).text, SECONDS)
    assert lost.environment.http.get(ready).status_code == 503
    assert lost.private.kv.published("production") == changed, "nothing may be published unasked"

    recovered = lost.environment.api("POST", "/recover")
    assert (recovered.status_code, recovered.json()["version"], recovered.json()["was"]) == (200, "3-2", changed)
    lost.environment.reach("3-2", seconds=SECONDS)
    assert lost.environment.value_of("restored") == "before"
    wait_until(lambda: lost.environment.http.get(ready).is_success, SECONDS)


def url_of(database: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{database}"


def flaghoist(*arguments: str) -> None:
    """Run the command."""
    subprocess.run(
        [sys.executable, "-m", "flaghoist_cli", *arguments], check=True, capture_output=True, timeout=SECONDS
    )
