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


class ServingSnapshot(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A manifest and its loaded snapshot; made by `prepare`.

    ``version`` is the manifest's as text, ``1-43``. ``edge_attributes`` are the attributes that come from the edge and
    that some flag reads; ``reads_edge`` says whether answers depend on any of them, if only to name the nearest stream.
    ``bodies`` caches recent answers, ``verified_contexts`` recent tokens that were verified with ``signing_keys``.
    """

    manifest: Manifest
    loaded: LoadedSnapshot
    version: str
    fingerprint: bytes
    keyring: Keyring
    edge_attributes: tuple[str, ...]
    reads_edge: bool
    streams: Advertisement
    signing_keys: SigningKeyring
    bodies: BodyCache
    verified_contexts: VerifiedContextCache


def prepare(manifest: Manifest, loaded: LoadedSnapshot, previous: ServingSnapshot | None = None) -> ServingSnapshot:
    """Return the manifest and its snapshot, ready to answer. Cheap, so every confirmation can make a new one.

    Cached answers of ``previous`` stay valid as far as the new snapshot gives the same, and cached tokens as long as
    their keys are in the manifest.
    """
    edge_attributes = tuple(name for name in manifest.attributes if name.startswith(EDGE_PREFIX))
    streams = advertise(manifest)
    return ServingSnapshot(
        manifest=manifest,
        loaded=loaded,
        version=str(manifest.snapshot_version),
        fingerprint=fingerprint(manifest),
        keyring=a_keyring(manifest.keys),
        edge_attributes=edge_attributes,
        reads_edge=bool(edge_attributes or streams.regional),
        streams=streams,
        signing_keys=a_signing_keyring(manifest.signing_keys),
        bodies=previous.bodies if previous else BodyCache(),
        verified_contexts=previous.verified_contexts if previous else VerifiedContextCache(),
    )
