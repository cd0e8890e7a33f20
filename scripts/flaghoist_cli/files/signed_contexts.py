"""Sign contexts like an app's backend: an Ed25519 JWT, with a private key from a file."""

from collections.abc import Mapping
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from flaghoist.model.context import Context
from flaghoist.text import base64url
from flaghoist_cli.files.flag_files import read_file
from flaghoist_cli.terminal.failure import CommandFailed

ALGORITHM = "EdDSA"
CURVE = "Ed25519"
_ED25519 = JWSRegistry.algorithms[CURVE]
_PEM = b"-----BEGIN"


class PrivateKey(msgspec.Struct, frozen=True):
    """A private key and its id, which tokens name."""

    id: str
    key: OKPKey

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``."""
        return _ED25519.sign(message, self.key)


def read_jwk(members: dict[str, Any]) -> PrivateKey:
    """Return the key of a JWK that contains its id; raise joserfc's error if there is none."""
    key = OKPKey.import_key(members)
    return PrivateKey(str(key.kid), key)


def read_private_key(path: str, key_id: str = "") -> PrivateKey:
    """Return the key in a file, a JWK or PEM; ``key_id`` overrides the one in a JWK. Raises CommandFailed."""
    data = read_file(path)
    try:
        key = OKPKey.import_key(data if data.startswith(_PEM) else msgspec.json.decode(data, type=dict[str, Any]))
    except (JoseError, msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
        raise CommandFailed(
            f"{path} does not contain an Ed25519 key ({error}): name a private key as JWK or PEM"
        ) from None
    if not key.is_private or key.curve_name != CURVE:
        raise CommandFailed(
            f"{path} does not contain a private Ed25519 key: name the file of `flaghoist keys signing create`"
        )
    named = key_id or key.kid
    if not named:
        raise CommandFailed(
            f"{path} does not contain the key's id: give --key-id, which `flaghoist keys signing list` shows"
        )
    return PrivateKey(named, key)


def sign_context(
    key: PrivateKey,
    context: Context,
    expires_at: int,
    environment: str = "",
    sticky: Mapping[str, str] | None = None,
) -> str:
    """Return a token with ``context``, valid until ``expires_at`` in seconds since the Unix epoch.

    With an ``environment`` it is valid there only. ``sticky`` maps flags to variations that the user keeps.
    """
    further = {**({"aud": environment} if environment else {}), **({"sticky": sticky} if sticky else {})}
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.id}
    claims = {"exp": expires_at, **further, "context": context}
    message = ".".join(base64url.encode(msgspec.json.encode(part)) for part in (header, claims))
    return f"{message}.{base64url.encode(key.sign(message.encode()))}"
