"""``If-Match`` and ``If-None-Match`` (RFC 9110): a write names the state it replaces, a read the state it has."""

import re
from collections.abc import Iterable

import msgspec

from flaghoist.errors import InputError, PreconditionFailed, PreconditionRequired

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_LIST = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")
_TAGS = re.compile(_TAG)


class Tags(msgspec.Struct, frozen=True):
    """A list of entity tags as sent, or ``*``."""

    is_any: bool
    listed: frozenset[str] = frozenset()

    def has(self, etag: str) -> bool:
        """Return whether the list contains ``etag`` by strong comparison: a weak tag in the list matches nothing."""
        return self.is_any or etag in self.listed

    def has_weakly(self, etag: str) -> bool:
        """Return whether the list contains ``etag`` by weak comparison."""
        return self.is_any or etag in {tag.removeprefix("W/") for tag in self.listed}


class Preconditions(msgspec.Struct, frozen=True):
    """The preconditions of one request."""

    if_match: Tags | None = None
    if_none_match: Tags | None = None

    def check_write(self, subject: str, etag: str | None) -> None:
        """Check that ``subject``, whose tag is ``etag`` (None: it does not exist), may be written.

        Raises PreconditionFailed if a condition does not hold, PreconditionRequired if an existing state would be
        overwritten without a condition.
        """
        if self.if_none_match and etag is not None and self.if_none_match.has_weakly(etag):
            raise PreconditionFailed(f"{subject} exists already, with ETag {etag}")
        if self.if_match is None:
            if etag is not None:
                raise PreconditionRequired(f"{subject} exists: send its ETag as If-Match, now {etag}")
        elif etag is None:
            raise PreconditionFailed(f"{subject} does not exist, so If-Match cannot hold: leave it out to create")
        elif not self.if_match.has(etag):
            raise PreconditionFailed(f"{subject} has changed: read it again, its ETag is now {etag}")

    def is_unchanged(self, etag: str) -> bool:
        """Return whether a reader has ``etag`` already."""
        return self.if_none_match is not None and self.if_none_match.has_weakly(etag)


def read_conditions(if_match: Iterable[str], if_none_match: Iterable[str]) -> Preconditions:
    """Return the conditions in the lines of both headers; raise InputError naming a malformed one."""
    return Preconditions(_tags("If-Match", if_match), _tags("If-None-Match", if_none_match))


def _tags(header: str, lines: Iterable[str]) -> Tags | None:
    text = ", ".join(lines).strip()
    if not text:
        return None
    if text == "*":
        return Tags(is_any=True)
    if not _LIST.fullmatch(text):
        raise InputError.at(header, 'must be * or a list of quoted ETags such as "7"')
    return Tags(is_any=False, listed=frozenset(_TAGS.findall(text)))
