"""A loaded snapshot with what answering works out once for it, rather than once per request."""

import msgspec

from shared.answers.etags import fingerprint
from shared.answers.kept import KeptAnswers
from shared.answers.keys import Keyring, a_keyring
from shared.answers.streams import Advertisement, advertise
from shared.answers.vouched import VouchedContexts
from shared.context import EDGE_PREFIX
from shared.signed.keyring import SigningKeyring, a_signing_keyring
from shared.snapshot.load import Loaded
from shared.snapshot.manifest import Manifest


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
