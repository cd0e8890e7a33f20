"""A loaded snapshot together with everything that is computed once per snapshot and not once per request."""

import msgspec

from flaghoist.answers.body_cache import BodyCache
from flaghoist.answers.etags import fingerprint
from flaghoist.answers.streams import Advertisement, advertise
from flaghoist.answers.verified_contexts import VerifiedContextCache
from flaghoist.engine.load import LoadedSnapshot
from flaghoist.model.context import EDGE_PREFIX
from flaghoist.protocol.keys import Keyring, a_keyring
from flaghoist.signed.keyring import SigningKeyring, a_signing_keyring
from flaghoist.snapshot.manifest import Manifest


class ServingSnapshot(msgspec.Struct, frozen=True, eq=False):
    """A manifest and its loaded snapshot; made by `prepare`.

    ``edge_attributes`` are the attributes that come from the edge and that some flag reads. ``kept`` caches recent
    answers, ``vouched`` recent tokens that were verified with ``signing_keys``.
    """

    manifest: Manifest
    loaded: LoadedSnapshot
    keyring: Keyring
    fingerprint: bytes
    edge_attributes: tuple[str, ...]
    kept: BodyCache
    streams: Advertisement
    signing_keys: SigningKeyring
    vouched: VerifiedContextCache


def prepare(manifest: Manifest, loaded: LoadedSnapshot, previous: ServingSnapshot | None = None) -> ServingSnapshot:
    """Return the manifest and its snapshot, ready to answer. Cheap, so every confirmation can make a new one.

    Cached answers of ``previous`` stay valid as far as the new snapshot gives the same, and cached tokens as long as
    their keys are in the manifest.
    """
    kept = previous.kept if previous else BodyCache()
    vouched = previous.vouched if previous else VerifiedContextCache()
    edge_attributes = tuple(name for name in manifest.attributes if name.startswith(EDGE_PREFIX))
    keyring, streams = a_keyring(manifest.keys), advertise(manifest)
    signing_keys = a_signing_keyring(manifest.signing_keys)
    written = fingerprint(manifest)
    return ServingSnapshot(manifest, loaded, keyring, written, edge_attributes, kept, streams, signing_keys, vouched)
