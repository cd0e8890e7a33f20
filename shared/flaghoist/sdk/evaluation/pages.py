"""All flags at once, as the payload for a server-rendered page."""

from collections.abc import Mapping

import msgspec

from flaghoist.answers.bodies import ofrep_body
from flaghoist.answers.etags import entity_tag, fingerprint, project
from flaghoist.answers.streams import EVERYWHERE, advertise
from flaghoist.model.context import EDGE_PREFIX, Context
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.freshness import freshness_metadata
from flaghoist.protocol.keys import find_key
from flaghoist.protocol.requests import Freshness
from flaghoist.rules.views import View
from flaghoist.sdk.evaluation.page_options import NO_ATTRIBUTES, PageFlags, PageOptions
from flaghoist.sdk.snapshot.snapshot import Snapshot
from flaghoist.sdk.snapshot.state import State


def page_of(state: State, snapshot: Snapshot, context: Context, options: PageOptions, now: float) -> PageFlags:
    """Return the flags that clients may see, evaluated for a context, as edge and origin would answer."""
    manifest, evaluated = snapshot.manifest, with_edge(context, options.edge_attributes)
    projected = project(evaluated, manifest.attributes)
    freshness = Freshness(state.level.freshness_level, state.age_seconds(now))
    metadata = freshness_metadata(str(snapshot.version), freshness, manifest.environment)

    def render(view: View, before: bytes, after: bytes) -> bytes:
        return snapshot.engine.render_all(evaluated, view, before, after, client_only=True)

    body = ofrep_body(render, "client", metadata, _streams(snapshot, options))
    etag = entity_tag(fingerprint(manifest), "client", "ofrep", projected)
    return PageFlags(body, etag, msgspec.json.encode(context))


def with_edge(context: Context, edge_attributes: Mapping[str, JsonValue]) -> Context:
    """Return the context with the edge's attributes added, under literal names such as ``edge.country``."""
    return {**context, **{name: value for name, value in edge_attributes.items() if name.startswith(EDGE_PREFIX)}}


def _streams(snapshot: Snapshot, options: PageOptions) -> bytes:
    """Return the member that names the stream; raise KeyRefused or ActionForbidden if no page may contain the key."""
    if not options.stream_url:
        return b""
    key = find_key({}, {"key": options.key})
    advertised = msgspec.structs.replace(snapshot.manifest, streams={EVERYWHERE: options.stream_url})
    return advertise(advertised).member_for(key.text, NO_ATTRIBUTES)
