"""Parse a JWT without trusting it: its key id, the signed bytes, the signature, and the unverified payload."""

import msgspec

from flaghoist.errors import ContextRefused, InputError, LimitExceeded
from flaghoist.limits import SIGNED_CONTEXT_BYTES
from flaghoist.text import base64url, strict_json

ALGORITHMS = ("EdDSA", "Ed25519")
"""Both names mean the one supported algorithm; RFC 9864 renamed it. Other header members select nothing."""

SIGNATURE_BYTES = 64
_PARTS = 3
_CRITICAL = "crit"
_REMEDY = "sign it anew, with EdDSA"


class Token(msgspec.Struct, frozen=True):
    """A token's parts: ``message`` is what ``signature`` covers, ``payload`` the JSON of its claims, unverified."""

    key_id: str
    message: bytes
    payload: bytes
    signature: bytes


def read_token(text: str) -> Token:
    """Return the parts of a compact JWT; raise ContextRefused, or LimitExceeded for one that is too long.

    The payload is not read here: its claims are valid only after the signature is verified.
    """
    if len(text) > SIGNED_CONTEXT_BYTES.value:
        raise LimitExceeded(SIGNED_CONTEXT_BYTES, len(text), "signedContext", too_large=True)
    parts = text.split(".")
    decoded = [base64url.decode(part) for part in parts if part and not part.endswith("=")]
    if len(decoded) != _PARTS or None in decoded or len(parts) != _PARTS:
        raise ContextRefused(f"the signed context is no JWT, three base64url parts between dots: {_REMEDY}")
    header, payload, signature = (part or b"" for part in decoded)
    if len(signature) != SIGNATURE_BYTES:
        raise ContextRefused(f"the signed context has a signature of {len(signature)} bytes, not 64: {_REMEDY}")
    return Token(_key_id(header), f"{parts[0]}.{parts[1]}".encode(), payload, signature)


def _key_id(raw: bytes) -> str:
    """Return the key that the header names; raise ContextRefused for another algorithm or an extension."""
    header = read_object(raw, "header")
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise ContextRefused(f"the signed context's alg is {_shown(algorithm)}: {_REMEDY}")
    if _CRITICAL in header:
        raise ContextRefused(
            "the signed context names critical extensions (crit), and none is known here: leave it out"
        )
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise ContextRefused("the signed context's header names no kid: name the id of the signing key")
    return key_id


def read_object(raw: bytes, part: str) -> dict[str, object]:
    """Return the JSON object in a part of a token; raise ContextRefused."""
    try:
        tree = strict_json.decode(raw, max_bytes=SIGNED_CONTEXT_BYTES)
    except InputError as error:
        raise ContextRefused(f"the signed context's {part} cannot be read ({error}): {_REMEDY}") from None
    if not isinstance(tree, dict):
        raise ContextRefused(f"the signed context's {part} is no JSON object: {_REMEDY}")
    return tree


def _shown(value: object) -> str:
    return repr(value[:20]) if isinstance(value, str) else "missing" if value is None else "no text"
