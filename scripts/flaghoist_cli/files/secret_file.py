"""The secret that Worker and origin share: generated once, stored in a file that only its owner can read."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

SECRET_VARIABLE = "FLAGHOIST_SECRET"
SECRET_BYTES = 32
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


class Secret(msgspec.Struct, frozen=True):
    """The secret, and a phrase that names its source."""

    value: str
    source: str


def obtain_secret(environ: Mapping[str, str], path: Path) -> Secret:
    """Return the secret of the environment variable, else of the file, else a new one that is written to the file."""
    given = environ.get(SECRET_VARIABLE)
    if given:
        return Secret(given, SECRET_VARIABLE)
    if path.exists():
        return Secret(path.read_text().strip(), str(path))
    value = secrets.token_urlsafe(SECRET_BYTES)
    write_private(path, f"{value}\n".encode())
    return Secret(value, f"{path}, created just now")


def write_private(path: Path, data: bytes) -> None:
    """Write a file atomically that only its owner can read, in a folder that only its owner can enter."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    draft.replace(path)
