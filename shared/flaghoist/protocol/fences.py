"""Version fences: the oldest snapshot that a caller accepts, usually named by a change event that it has received."""

import re
from collections.abc import Mapping

import msgspec

from flaghoist.errors import InputError
from flaghoist.model.flags import SnapshotVersion
from flaghoist.snapshot.manifest import Manifest
from flaghoist.text import instants

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_SECONDS_END = 100_000_000_000
"""Numbers from here on are milliseconds; as seconds they would lie after the year 5000."""


class Fence(msgspec.Struct, frozen=True):
    """What a snapshot must reach: an epoch and version, a version of any epoch, or a commit time; None: nothing.

    ``config_etag`` is the fingerprint ``epoch-version`` that the caller expects, as sent.
    """

    version: SnapshotVersion | None = None
    bare_version: int | None = None
    committed_at_ms: int | None = None
    config_etag: str = ""

    def is_met_by(self, manifest: Manifest) -> bool:
        """Return whether the manifest has reached the fence."""
        return (
            (self.version is None or manifest.snapshot_version >= self.version)
            and (self.bare_version is None or manifest.version >= self.bare_version)
            and (self.committed_at_ms is None or manifest.committed_at_ms >= self.committed_at_ms)
        )

    def is_within(self, manifest: Manifest, versions: int) -> bool:
        """Return whether the fence is at most so many versions ahead of the manifest."""
        named = self.version
        return (named is None or (named.epoch == manifest.epoch and named.version - manifest.version <= versions)) and (
            self.bare_version is None or self.bare_version - manifest.version <= versions
        )

    def expects_other(self, manifest: Manifest) -> bool:
        """Return whether the caller expects another configuration than the manifest's; a 304 would then mislead it."""
        return bool(self.config_etag) and self.config_etag != str(manifest.snapshot_version)


def read_fence(parameters: Mapping[str, str]) -> Fence | None:
    """Return the fence that query parameters name, None without any; raise InputError for a malformed one."""
    etag = _bare(parameters.get("flagConfigEtag", ""))
    modified = parameters.get("flagConfigLastModified", "")
    least = parameters.get("min_version", "")
    if not (etag or modified or least):
        return None
    # A foreign fingerprint sets no fence, it only counts as different.
    version, bare_version = SnapshotVersion.parse(etag), None
    if least:
        named, bare = SnapshotVersion.parse(least), SnapshotVersion.parse(least, 0)
        if bare is None:
            raise InputError.at("min_version", 'min_version is "epoch-version" or a version, such as 1-42 or 42')
        if named is None:
            bare_version = bare.version
        else:
            version = named if version is None else max(version, named)
    return Fence(version, bare_version, _read_moment(modified), etag)


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')


def _read_moment(text: str) -> int | None:
    """Return milliseconds since the epoch from seconds, milliseconds or RFC 3339 text."""
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number if number >= _SECONDS_END else number * 1000)
    nanoseconds = instants.parse(text)
    if nanoseconds is None:
        raise InputError.at(
            "flagConfigLastModified", "flagConfigLastModified is seconds since 1970 or an RFC 3339 time with offset"
        )
    return nanoseconds // 1_000_000
