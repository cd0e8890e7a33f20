"""Hints: what an origin says to the others after a commit. They read the database; a hint only tells them when."""

import msgspec

from flaghoist_origin.storage.database.records import Marks


class Hint(msgspec.Struct, frozen=True):
    """An environment, and where it stands at least."""

    environment: str
    marks: Marks


_DECODER = msgspec.json.Decoder(Hint)


def encode_hint(hint: Hint) -> str:
    """Return the message that carries a hint."""
    return msgspec.json.encode(hint).decode()


def decode_hint(message: str | bytes) -> Hint | None:
    """Return the hint in a message, None for what is none: others may use the same channel."""
    try:
        return _DECODER.decode(message)
    except msgspec.MsgspecError:
        return None


def is_news(hint: Hint, held: Marks | None) -> bool:
    """Say whether a hint tells more than what is ``held`` of its environment."""
    return held is None or _order(hint.marks) > _order(held)


def _order(marks: Marks) -> tuple[int, int, int]:
    return marks.epoch, marks.version, marks.keys_version
