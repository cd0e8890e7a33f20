"""The flags that a page declares as used, with the variations that its visitor got."""

import re

import msgspec

from flaghoist.model.context import unit
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.protocol.requests import LookUp
from flaghoist_edge.pages.evaluations import Evaluated

MOST_DECLARED = 100
"""A page that uses more flags does so in code, which reports by itself."""

_SEPARATOR = re.compile(r"[\s,]+")


class _Item(msgspec.Struct, frozen=True):
    key: str
    variant: str | None = None


class _Metadata(msgspec.Struct, frozen=True):
    version: str = ""


class _Bulk(msgspec.Struct, frozen=True):
    flags: tuple[_Item, ...]
    metadata: _Metadata = _Metadata()


_decode = msgspec.json.Decoder(_Bulk).decode


def look_ups(evaluated: Evaluated, declared: str) -> tuple[LookUp, ...]:
    """Return the flags that a page used, each once; ``declared`` is a list of their keys.

    Flags that are not in the answer or had no variation do not count, nor do those beyond `MOST_DECLARED`. An answer
    that cannot be read gives an empty result, because the page must still be served.
    """
    subject = unit(evaluated.context.get(TARGETING_KEY))
    if evaluated.response is None or subject is None:
        return ()
    try:
        bulk = _decode(evaluated.response.body)
    except msgspec.DecodeError:
        return ()
    variants = {item.key: item.variant for item in bulk.flags if item.variant}
    keys = [key for key in dict.fromkeys(_SEPARATOR.split(declared)) if key in variants]
    return tuple(LookUp(key, variants[key], bulk.metadata.version, subject) for key in keys[:MOST_DECLARED])
