"""Where a web client hears of changes: OFREP's ``eventStreams``, ready but for the client's key."""

from collections.abc import Mapping

import msgspec

from flaghoist.model.flags import JsonValue
from flaghoist.snapshot.manifest import Manifest

EVERYWHERE = "*"
"""The region of a stream that serves all others, too."""

_REGION = "edge.continent"
_encode = msgspec.json.encode


class Advertisement(msgspec.Struct, frozen=True):
    """The member of a bulk answer up to the client's key, by region: a key is all that differs between clients.

    ``usual`` is for a region without a stream of its own; ``regional`` is empty where there is no choice.
    """

    usual: bytes = b""
    regional: Mapping[str, bytes] = {}

    def told_to(self, key: str, edge_attributes: Mapping[str, JsonValue]) -> bytes:
        """Return the member for a client key, comma in front; empty when there is no stream.

        Nothing in the URL expires, for a client that gets a 304 goes on with the URL that it has.
        """
        begun = self.usual
        if self.regional:
            region = edge_attributes.get(_REGION)
            begun = self.regional.get(region, begun) if isinstance(region, str) else begun
        return b'%b%b"}]' % (begun, key.encode()) if begun else b""


NOWHERE = Advertisement()


def advertise(manifest: Manifest) -> Advertisement:
    """Return what to tell of a manifest's streams; ``since`` makes a stream tell what the answer did not know yet."""
    if not manifest.streams:
        return NOWHERE
    begun = {region: _begun(url, manifest) for region, url in manifest.streams.items()}
    usual = begun.get(EVERYWHERE) or next(iter(begun.values()))
    return Advertisement(usual, begun if len(begun) > 1 else {})


def _begun(url: str, manifest: Manifest) -> bytes:
    located = _encode(f"{url}?since={manifest.snapshot_version}&key=")
    return b',"eventStreams":[{"type":"sse","url":%b' % located[:-1]
