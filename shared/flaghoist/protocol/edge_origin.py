"""What a Worker and its origin say to each other: paths, headers, the Worker's token, and the edge's attributes.

A Worker reads the manifest and the shards that it names, and may let the origin answer an evaluation request. It shows
that it holds the same secret by a token, and says in a header what it knows of the visitor.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from flaghoist.errors import InputError
from flaghoist.limits import CONTEXT_BYTES
from flaghoist.model.flags import JsonValue
from flaghoist.text import strict_json

TOKEN_HEADER = "Flaghoist-Edge-Token"
ATTRIBUTES_HEADER = "Flaghoist-Edge-Attributes"
CONFIRMED_HEADER = "Flaghoist-Confirmed-At"
"""When the origin confirmed the manifest, in milliseconds by its clock; it comes with 304, too."""

MANIFEST_PATH = "/v1/edge/{env}/manifest"
SHARD_PATH = "/v1/edge/{env}/shards/{sha256}"


def manifest_path(environment: str) -> str:
    """Return the path of an environment's manifest."""
    return MANIFEST_PATH.format(env=environment)


def shard_path(environment: str, shard_hash: str) -> str:
    """Return the path of a shard, which its SHA-256 in hex names."""
    return SHARD_PATH.format(env=environment, sha256=shard_hash)


def edge_token(secret: bytes) -> str:
    """Return the token by which a Worker that holds ``secret`` authenticates to the origin."""
    return hmac.digest(secret, b"flaghoist edge token", sha256).hex()


def encode_attributes(attributes: Mapping[str, JsonValue]) -> str:
    """Return the value of `ATTRIBUTES_HEADER`: base64url of a JSON object."""
    return urlsafe_b64encode(msgspec.json.encode(dict(attributes))).decode()


def decode_attributes(text: str) -> Mapping[str, JsonValue]:
    """Return the attributes in a value of `ATTRIBUTES_HEADER`, padding optional; raise InputError or LimitExceeded."""
    bare = text.rstrip("=")
    try:
        data = urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError:
        raise InputError.at(ATTRIBUTES_HEADER, "must be base64url of a JSON object") from None
    attributes = strict_json.decode(data, max_bytes=CONTEXT_BYTES)
    if not isinstance(attributes, dict):
        raise InputError.at(ATTRIBUTES_HEADER, "must be base64url of a JSON object")
    return attributes
