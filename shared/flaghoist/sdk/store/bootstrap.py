"""The snapshot that a provider starts from before it reaches an origin: the cache file, else the bootstrap file."""

import logging
from hashlib import sha256
from pathlib import Path

from flaghoist.errors import Fault, FlaghoistError, InputError, SnapshotCorrupt, SnapshotError
from flaghoist.limits import SNAPSHOT_BODY_BYTES
from flaghoist.model.flags import SnapshotVersion
from flaghoist.sdk.runtime.options import Options
from flaghoist.sdk.snapshot.snapshot import Snapshot, parts_of, whole_steps
from flaghoist.sdk.snapshot.state import InitialSnapshot
from flaghoist.sdk.store import cache_file
from flaghoist.snapshot.sealing import Sealer
from flaghoist.steps import complete
from flaghoist.text import strict_json
from flaghoist.validation import read_snapshot, validate

LOG = logging.getLogger("flaghoist.sdk")


def find_initial_snapshot(options: Options, sealer: Sealer) -> InitialSnapshot:
    """Return the newer of the two files' snapshots; a file that cannot be used is logged and ignored."""
    found = [each for each in (_from_cache(options, sealer), _from_bootstrap(options, sealer)) if each.description]
    by_version = {each.snapshot.version: each for each in reversed(found) if each.snapshot is not None}
    chosen = by_version[max(by_version)] if by_version else InitialSnapshot(None, "there is no snapshot yet")
    unusable = [each.description for each in found if each.snapshot is None]
    return InitialSnapshot(chosen.snapshot, "; ".join([*unusable, chosen.description]))


_NONE = InitialSnapshot(None, "")


def _from_cache(options: Options, sealer: Sealer) -> InitialSnapshot:
    path = options.cache_file
    if path is None:
        return _NONE
    try:
        kept = cache_file.decode(path.read_bytes(), options.environment, sealer)
        snapshot = complete(whole_steps(kept.environment, kept.version, kept.parts, sealer))
    except FileNotFoundError:
        return InitialSnapshot(None, f"cache file {path} does not exist yet")
    except OSError as error:
        return _unusable(f"cache file {path} cannot be read ({error.strerror}): it is ignored")
    except SnapshotCorrupt as error:
        return _unusable(f"cache file {path} is damaged: {error}; it was moved to {_moved(path)}")
    except SnapshotError as error:
        return _unusable(f"cache file {path} cannot be used: {error}; it will be written again")
    return InitialSnapshot(snapshot, f"cache file {path}")


def _from_bootstrap(options: Options, sealer: Sealer) -> InitialSnapshot:
    path = options.bootstrap_file
    if path is None:
        return _NONE
    try:
        snapshot = read_bootstrap(path, options.environment, sealer)
    except OSError as error:
        return _unusable(f"bootstrap file {path} cannot be read ({error.strerror}): name an existing file")
    except FlaghoistError as error:
        return _unusable(f"bootstrap file {path} cannot be used: {error}")
    return InitialSnapshot(snapshot, f"bootstrap file {path}")


def read_bootstrap(path: Path, environment: str, sealer: Sealer) -> Snapshot:
    """Return the snapshot in a flag file, or in the API's answer for an environment; raise InputError or OSError.

    A file without a version is older than any version of an origin.
    """
    data = path.read_bytes()
    tree = strict_json.decode(data, max_bytes=SNAPSHOT_BODY_BYTES)
    flagset = read_snapshot(tree)
    validate(flagset)
    parts = parts_of(flagset, sealer, sha256(data).hexdigest())
    return complete(whole_steps(environment, _version_of(tree), parts, sealer))


def _version_of(tree: object) -> SnapshotVersion:
    numbers = [tree.get(name, 0) if isinstance(tree, dict) else 0 for name in ("epoch", "version")]
    for name, number in zip(("epoch", "version"), numbers, strict=True):
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise InputError(Fault(f"$.{name}", f"{name} is an integer of at least 0"))
    return SnapshotVersion(*numbers)


def _unusable(description: str) -> InitialSnapshot:
    LOG.warning("%s", description)
    return InitialSnapshot(None, description)


def _moved(path: Path) -> str:
    try:
        return str(cache_file.move_aside(path))
    except OSError as error:
        return f"nowhere ({error.strerror})"
