"""The version log is pruned by the settings: by age, and never below a number of versions."""

from pathlib import Path

import msgspec
import pytest

from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.streams.retention import Retention
from tests.origin.an_origin import AnOrigin, a_document

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("keep", "left"), [(2, 2), (1_000, 4), (0, 1)])
async def test_prune__settings__decide_what_stays(origin: AnOrigin, tmp_path: Path, keep: int, left: int) -> None:
    for number in range(3):
        await origin.put("/flags/a", a_document(description=str(number)), if_match="*" if number else None)
    origin.clock.advance(25 * 3600)
    await origin.put("/flags/a", a_document(description="young"), if_match="*")
    services = origin.services
    settings = msgspec.structs.replace(services.settings, version_log_versions=keep)

    dropped = await Retention(services.store, services.environments, settings, origin.clock).prune()

    assert dropped == 4 - left
    assert len(await origin.store.versions_after("production", SnapshotVersion(1, 4 - left))) == left
