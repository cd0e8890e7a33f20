"""What a page of a server-rendered application is given, and for whom."""

from collections.abc import Mapping

import msgspec

from flaghoist.model.flags import JsonValue

NO_ATTRIBUTES: Mapping[str, JsonValue] = {}


class PageFlags(msgspec.Struct, frozen=True):
    """The data that a page starts from: the OFREP bulk body, its ETag, and the JSON of the context that it answers."""

    body: bytes
    etag: str
    context: bytes


class PageOptions(msgspec.Struct, frozen=True):
    """The client ``key`` of the page, and the ``stream_url`` that announces changes to it, if any.

    ``edge_attributes`` are the edge's attributes of the visitor (``edge.country`` …), if the caller knows them too.
    """

    key: str = ""
    stream_url: str = ""
    edge_attributes: Mapping[str, JsonValue] = NO_ATTRIBUTES
