"""A loaded snapshot with what answering works out once for it, rather than once per request."""

import msgspec

from flaghoist.answers.body_cache import KeptAnswers
from flaghoist.answers.etags import fingerprint
from flaghoist.answers.streams import Advertisement, advertise
from flaghoist.answers.verified_contexts import VouchedContexts
from flaghoist.engine.load import Loaded
from flaghoist.model.context import EDGE_PREFIX
from flaghoist.protocol.keys import Keyring, a_keyring
from flaghoist.signed.keyring import SigningKeyring, a_signing_keyring
from flaghoist.snapshot.manifest import Manifest


class Held(msgspec.Struct, frozen=True, eq=False):
    """A manifest and the snapshot it names; make it with `hold`.

    ``edge_attributes`` are the attributes that only the edge can say and that some flag reads. ``kept`` holds
    what was answered of late, ``vouched`` the tokens that were verified of late by ``signing_keys``.
    """

    manifest: Manifest
    loaded: Loaded
    keyring: Keyring
    fingerprint: bytes
    edge_attributes: tuple[str, ...]
    kept: KeptAnswers
    streams: Advertisement
    signing_keys: SigningKeyring
    vouched: VouchedContexts


def hold(manifest: Manifest, loaded: Loaded, previous: Held | None = None) -> Held:
    """Return the manifest and its snapshot, ready to answer; cheap, so every confirmation can make a new one.

    Answers that were kept for ``previous`` go on being found, as far as they are those of the new snapshot, and so do
    tokens, as far as their keys are still there.
    """
    kept = previous.kept if previous else KeptAnswers()
    vouched = previous.vouched if previous else VouchedContexts()
    edge_attributes = tuple(name for name in manifest.attributes if name.startswith(EDGE_PREFIX))
    keyring, streams = a_keyring(manifest.keys), advertise(manifest)
    signing_keys = a_signing_keyring(manifest.signing_keys)
    written = fingerprint(manifest)
    return Held(manifest, loaded, keyring, written, edge_attributes, kept, streams, signing_keys, vouched)
