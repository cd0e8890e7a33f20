"""Request bodies: read up to a limit while they arrive, and decoded strictly."""

import asyncio

from starlette.requests import Request

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import TEXT_CHARACTERS, Limit
from flaghoist.text import strict_json
from flaghoist_origin.http.resources.parameters import NUL
from flaghoist_origin.serving.bulk import collection_paused

COMMENT_HEADER = "Flaghoist-Comment"
THREAD_BYTES = 64 * 1024


async def read_json(request: Request, limit: Limit) -> object:
    """Return the request's JSON document; raise InputError, or LimitExceeded as soon as the body is past ``limit``."""
    data = await read_body(request, limit)
    if len(data) < THREAD_BYTES:
        return strict_json.decode(data, max_bytes=limit)
    with collection_paused():
        return await asyncio.to_thread(strict_json.decode, data, max_bytes=limit)


async def read_body(request: Request, limit: Limit) -> bytes:
    """Return the request's body; at most ``limit`` and one chunk are kept in memory."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > limit.value:
        raise LimitExceeded(limit, int(announced), too_large=True)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise InputError.at("Content-Encoding", "send the body uncompressed")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit.value:
            raise LimitExceeded(limit, len(body), too_large=True)
    return bytes(body)


def read_comment(request: Request) -> str:
    """Return the caller's comment on a write, from a header in UTF-8; empty if there is none."""
    sent = request.headers.get(COMMENT_HEADER, "")
    try:
        comment = sent.encode("latin-1").decode()
    except UnicodeDecodeError:
        comment = sent
    if NUL in comment:
        raise InputError.at(COMMENT_HEADER, "must not hold the character U+0000")
    if len(comment) > TEXT_CHARACTERS.value:
        raise LimitExceeded(TEXT_CHARACTERS, len(comment), COMMENT_HEADER)
    return comment
