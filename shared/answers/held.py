"""A loaded snapshot with what answering works out once for it, rather than once per request."""

from dataclasses import dataclass

from shared.answers.etags import fingerprint
from shared.answers.keys import Keyring, a_keyring
from shared.context import EDGE_PREFIX
from shared.snapshot.load import Loaded
from shared.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Held:
    """A manifest and the snapshot it names; make it with `hold`.

    ``edge_attributes`` are the attributes that only the edge can say and that some flag reads.
    """

    manifest: Manifest
    loaded: Loaded
    keyring: Keyring
    fingerprint: bytes
    edge_attributes: tuple[str, ...]


def hold(manifest: Manifest, loaded: Loaded) -> Held:
    """Return the manifest and its snapshot, ready to answer; cheap, so every confirmation can make a new one."""
    edge_attributes = tuple(name for name in manifest.attributes if name.startswith(EDGE_PREFIX))
    return Held(manifest, loaded, a_keyring(manifest.keys), fingerprint(manifest), edge_attributes)
