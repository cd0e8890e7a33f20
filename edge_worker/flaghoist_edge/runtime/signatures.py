"""Ed25519 by the runtime's Web Crypto: in Python, one signature check would exceed a request's CPU time."""

from typing import Any

import js
from pyodide.ffi import to_js

_ED25519 = "Ed25519"
_MOST_KEYS = 64
"""Far more keys than environments have at a time; at this size, the cache is emptied."""


class WebCrypto:
    """Verifies signatures; keys are imported once per isolate."""

    def __init__(self) -> None:
        self._imported: dict[bytes, Any] = {}

    async def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Return whether Ed25519 made the signature (64 bytes) of the message with the key (32 bytes)."""
        key = self._imported.get(public_key) or await self._import(public_key)
        return bool(await js.crypto.subtle.verify(_ED25519, key, to_js(signature), to_js(message)))

    async def _import(self, public_key: bytes) -> Any:
        usages = to_js(["verify"])
        key = await js.crypto.subtle.importKey("raw", to_js(public_key), _ED25519, False, usages)
        if len(self._imported) >= _MOST_KEYS:
            self._imported.clear()
        self._imported[public_key] = key
        return key
