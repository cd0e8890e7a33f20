"""Verify a signed context: find its key, check the signature, and use the token's context for the evaluation."""

from collections.abc import Awaitable, Callable

import msgspec

from flaghoist.answers.answering import authorise
from flaghoist.answers.serving_snapshot import ServingSnapshot
from flaghoist.errors import ContextRefused
from flaghoist.protocol.requests import EvaluationRequest
from flaghoist.signed.claims import read_claims
from flaghoist.signed.keyring import find_signing_key
from flaghoist.signed.token import read_token

Verify = Callable[[bytes, bytes, bytes], Awaitable[bool]]
"""Takes a public key (32 bytes), a signature (64) and a message; returns whether the Ed25519 signature is valid."""


async def verify_context(
    evaluation: EvaluationRequest, snapshot: ServingSnapshot, verify: Verify, now_ms: int
) -> EvaluationRequest:
    """Return the evaluation request with the context from its verified token.

    The caller's key is checked first, so that requests without a valid key cost no signature check. Raises KeyRefused
    and ActionForbidden for the key, ContextRefused and LimitExceeded for the token, InputError for a context that no
    request may send.
    """
    authorise(evaluation, snapshot, now_ms)
    cache = snapshot.verified_contexts
    verified = cache.find_verified(evaluation.token, snapshot.signing_keys, now_ms)
    if verified is None:
        token = read_token(evaluation.token)
        key = find_signing_key(snapshot.signing_keys, token.key_id, now_ms)
        if not await verify(key.public, token.signature, token.message):
            raise ContextRefused("the signed context was tampered with, or signed with another key than it names")
        verified = read_claims(token.payload, snapshot.manifest.environment, now_ms)
        cache.keep_verified(evaluation.token, token.key_id, key, verified)
    return msgspec.structs.replace(evaluation, context=verified.context, sticky=verified.sticky)
