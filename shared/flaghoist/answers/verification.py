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
    question: EvaluationRequest, held: ServingSnapshot, verify: Verify, now_ms: int
) -> EvaluationRequest:
    """Return the evaluation request with the context from its verified token.

    The caller's key is checked first, so that requests without a valid key cost no signature check. Raises KeyRefused
    and ActionForbidden for the key, ContextRefused and LimitExceeded for the token, InputError for a context that no
    request may send.
    """
    authorise(question, held, now_ms)
    vouched = held.vouched.find_verified(question.token, held.signing_keys, now_ms)
    if vouched is None:
        token = read_token(question.token)
        key = find_signing_key(held.signing_keys, token.key_id, now_ms)
        if not await verify(key.public, token.signature, token.message):
            raise ContextRefused("the signed context was tampered with, or signed with another key than it names")
        vouched = read_claims(token.payload, held.manifest.environment, now_ms)
        held.vouched.keep_verified(question.token, token.key_id, key, vouched)
    return msgspec.structs.replace(question, context=vouched.context, sticky=vouched.sticky)
