"""The stream URL that a web client receives: OFREP's ``eventStreams``, prepared except for the client's key."""

from collections.abc import Mapping

import msgspec

from flaghoist.model.flags import JsonValue
from flaghoist.snapshot.manifest import Manifest

EVERYWHERE = "*"
"""The entry for all regions without a stream of their own."""

_REGION = "edge.continent"
_encode = msgspec.json.encode


class Advertisement(msgspec.Struct, frozen=True):
    """The member of a bulk answer up to the client's key, by region; only the key differs between clients.

    ``usual`` is for a region without a stream of its own; ``regional`` is empty if there is only one stream.
    """

    usual: bytes = b""
    regional: Mapping[str, bytes] = {}

    def member_for(self, key: str, edge_attributes: Mapping[str, JsonValue]) -> bytes:
        """Return the member for a client key, with a leading comma; empty if there is no stream.

        The URL never expires, because a client that gets a 304 continues to use the URL that it has.
        """
        member = self.usual
        if self.regional:
            region = edge_attributes.get(_REGION)
            member = self.regional.get(region, member) if isinstance(region, str) else member
        return b'%b%b"}]' % (member, key.encode()) if member else b""


NOWHERE = Advertisement()


def advertise(manifest: Manifest) -> Advertisement:
    """Return the stream member of a manifest; ``since`` makes the stream send changes after this answer's version."""
    if not manifest.streams:
        return NOWHERE
    members = {region: _member(url, manifest) for region, url in manifest.streams.items()}
    usual = members.get(EVERYWHERE) or next(iter(members.values()))
    return Advertisement(usual, members if len(members) > 1 else {})


def _member(url: str, manifest: Manifest) -> bytes:
    located = _encode(f"{url}?since={manifest.snapshot_version}&key=")
    return b',"eventStreams":[{"type":"sse","url":%b' % located[:-1]
