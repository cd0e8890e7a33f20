"""Every limit of Flaghoist, each with its reason; a test holds each of them.

A limit is enforced where input enters: at write time by the origin, per request by edge and origin.
"""

import msgspec

KIB = 1024
MIB = 1024 * KIB


class Limit(msgspec.Struct, frozen=True):
    """One limit: its name in problem bodies, its value, and its reason."""

    name: str
    value: int
    why: str


FLAG_KEY_CHARACTERS = Limit("flag_key_characters", 128, "keys travel unescaped in URLs and stand in every log line")
CONTEXT_BYTES = Limit("context_bytes", 16 * KIB, "a context fits in a URL-sized request and parses in microseconds")
CONTEXT_DEPTH = Limit("context_depth", 6, "deep objects cost look-ups and no flag reads them")
CONTEXT_ATTRIBUTES = Limit("context_attributes", 200, "bounds the work of an ETag; counted at all levels")
SIGNED_CONTEXT_BYTES = Limit("signed_context_bytes", 8 * KIB, "it travels in a header, and proxies take little more")
REQUEST_BYTES = Limit("request_bytes", 32 * KIB, "an evaluation request is a context and little else")
FLAGS = Limit("flags_per_environment", 10_000, "what one isolate of 128 MB holds and answers within its CPU limit")
SEGMENTS = Limit("segments_per_environment", 1_000, "segments are loaded whole by every isolate")
GROUPS = Limit("groups_per_environment", 1_000, "a group is a few bytes, but each must be listed by people")
LIST_KEYS = Limit("keys_per_list", 100_000, "one sealed list stays below 1 MiB in its shard")
LIST_KEYS_TOTAL = Limit("list_keys_per_environment", 500_000, "all lists together stay below 4 MiB in an isolate")
RULES = Limit("rules_per_flag", 100, "rules are tried in order, each costs every request")
CLAUSES = Limit("clauses_per_rule", 50, "clauses are tried in order, each costs every request")
CLAUSE_VALUES = Limit("values_per_clause", 1_000, "longer lists belong into a segment")
VARIATIONS = Limit("variations_per_flag", 100, "a flag with more is a configuration table")
PREREQUISITES = Limit("prerequisites_per_flag", 100, "prerequisites are evaluated in order, each costs every request")
PREREQUISITE_DEPTH = Limit("prerequisite_depth", 20, "bounds recursion; counted in flags below the first")
VALUE_BYTES = Limit("value_bytes", 64 * KIB, "every bootstrap carries every value")
SNAPSHOT_BYTES = Limit("snapshot_bytes", 16 * MIB, "an isolate holds them and what they compile to in 128 MB")
SNAPSHOT_BODY_BYTES = Limit("snapshot_body_bytes", 64 * MIB, "raw identifiers are longer than their sealed form")
WRITE_BODY_BYTES = Limit("write_body_bytes", 8 * MIB, "a segment with 100,000 keys of 64 characters still fits")
JSON_DEPTH = Limit("json_depth", 32, "far deeper than the flag model needs, far below what a parser's stack can take")
PATTERN_CHARACTERS = Limit("pattern_characters", 512, "a pattern runs on every request")
SUBJECT_CHARACTERS = Limit("pattern_subject_characters", 1_024, "bounds the time of one match; longer does not match")
INTEGER = Limit("integer_magnitude", 2**53 - 1, "larger integers lose digits in every JavaScript client")
TEXT_CHARACTERS = Limit("text_characters", 4_096, "descriptions, owners and comments are prose, not documents")
TAGS = Limit("tags_per_flag", 50, "tags are labels")
IDENTIFIER_CHARACTERS = Limit(
    "identifier_characters", 512, "units, attribute names, salts and clause values are no texts"
)
COOKIE_UNIT_CHARACTERS = Limit("cookie_unit_characters", 128, "a cookie travels with every request of a site")
KEYS = Limit("keys_per_environment", 200, "every request compares its key with every valid one, in constant time")
SIGNING_KEYS = Limit("signing_keys_per_environment", 20, "every manifest holds all that are valid")
EVENTS = Limit("events_per_request", 1_000, "one transaction holds them; who has more sends again")
EVENTS_BYTES = Limit("events_bytes", 256 * KIB, "a thousand events of usual length, read and committed at once")
EVENT_BYTES = Limit("event_bytes", 4 * KIB, "an event is a few names; queues and spools hold thousands of them")
EVENT_ID_CHARACTERS = Limit(
    "event_id_characters", 64, "an id is a UUID, or whatever is as unique; every one is indexed"
)
EVENT_NAME_CHARACTERS = Limit("event_name_characters", 128, "names are what counts are grouped by")
EVENT_ATTRIBUTES = Limit("event_attributes", 50, "attributes are for grouping, not documents")
EVENT_COUNT = Limit("event_count", 1_000_000, "uses that one event stands for; folding lasts minutes, not years")
SHARDS = Limit("shards_per_environment", 64, "one bulk read of KV takes at most 100 keys")

ALL: tuple[Limit, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Limit))
