"""The attributes that the edge adds to a context: ``edge.country`` and others, from Cloudflare's ``cf``."""

from collections.abc import Callable, Iterator, Mapping

from flaghoist.model.flags import JsonValue

_LIKELY_AUTOMATED_BELOW = 30
"""Cloudflare's own threshold: bot scores run from 1 (certainly a bot) to 99."""


def _text(field: str) -> Callable[[Mapping[str, object]], JsonValue]:
    def look_up(cf: Mapping[str, object]) -> JsonValue:
        value = cf.get(field)
        return value if isinstance(value, str) and value else None

    return look_up


def _asn(cf: Mapping[str, object]) -> JsonValue:
    value = cf.get("asn")
    return value if isinstance(value, int) else None


def _bot(cf: Mapping[str, object]) -> JsonValue:
    if cf.get("verifiedBotCategory") or cf.get("botManagement.verifiedBot") is True:
        return True
    score = cf.get("botManagement.score")
    return isinstance(score, int) and score < _LIKELY_AUTOMATED_BELOW


_SOURCES: Mapping[str, Callable[[Mapping[str, object]], JsonValue]] = {
    "edge.asn": _asn,
    "edge.bot": _bot,
    "edge.city": _text("city"),
    "edge.colo": _text("colo"),
    "edge.continent": _text("continent"),
    "edge.country": _text("country"),
    "edge.region": _text("region"),
    "edge.timezone": _text("timezone"),
}


class EdgeAttributes(Mapping[str, JsonValue]):
    """The edge's attributes of one request; each is read from ``cf`` on demand."""

    def __init__(self, cf: Mapping[str, object]) -> None:
        self._cf = cf

    def __getitem__(self, name: str) -> JsonValue:
        value = _SOURCES[name](self._cf)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return (name for name, source in _SOURCES.items() if source(self._cf) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
