"""Hints: the messages that origins send after a commit. Receivers read the database; a hint only says when."""

import msgspec

from flaghoist_origin.storage.database.records import Marks


class Hint(msgspec.Struct, frozen=True):
    """An environment, and the version that it has reached at least."""

    environment: str
    marks: Marks


_DECODER = msgspec.json.Decoder(Hint)


def encode_hint(hint: Hint) -> str:
    """Return the message for a hint."""
    return msgspec.json.encode(hint).decode()


def decode_hint(message: str | bytes) -> Hint | None:
    """Return the hint in a message, None if it is not one: others may use the same channel."""
    try:
        return _DECODER.decode(message)
    except msgspec.MsgspecError:
        return None


def is_news(hint: Hint, known: Marks | None) -> bool:
    """Return whether a hint is newer than the state ``known`` of its environment."""
    return known is None or _order(hint.marks) > _order(known)


def _order(marks: Marks) -> tuple[int, int, int]:
    return marks.epoch, marks.version, marks.keys_version
