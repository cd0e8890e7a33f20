"""The backup file: gzip over JSON lines; first a header, then one row per line, last a checksum.

It stores rows by column name, so that SQLite and PostgreSQL, and later versions, can read it. It contains keys as
hashes and the public halves of signing keys. Flags contain user names, so only its owner can read it.
"""

import gzip
import os
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table

from flaghoist.errors import Conflict, Fault, InputError
from flaghoist_origin.storage.database.tables import API_KEYS, AUDIT, DOCUMENTS, ENVIRONMENTS, SIGNING_KEYS

FORMAT = 1
# In the order in which they are restored. A test holds that every table is here or below.
TABLES: tuple[Table, ...] = (ENVIRONMENTS, DOCUMENTS, API_KEYS, SIGNING_KEYS, AUDIT)
LEFT_OUT = {
    "outbox": "a restore puts every environment into it",
    "publications": "tells what KV holds, which a backup does not know",
    "shards": "tells what KV holds, which a backup does not know",
    "key_uses": "rough, and known again after the first use",
    "version_log": "a restore begins an epoch, in which streams begin anew",
    "exposures": "measurements that expire, many times larger than all else: the database's own backups hold them",
    "tracked": "as exposures",
}
_decode = msgspec.json.Decoder().decode


class BackedUpEnvironment(msgspec.Struct, frozen=True):
    """The version of an environment when the backup was made."""

    name: str
    epoch: int
    version: int


class Header(msgspec.Struct, frozen=True):
    """The header of a backup; ``format`` is raised if older readers would misread the file."""

    format: int
    created_at_ms: int
    environments: tuple[BackedUpEnvironment, ...]


class _End(msgspec.Struct, frozen=True):
    rows: int
    sha256: str


Row = tuple[str, dict[str, Any]]


async def write_file(path: Path, header: Header, rows: AsyncIterator[Row]) -> int:
    """Write a backup, which appears under its name when it is complete; return the number of rows. Raises Conflict."""
    if path.exists():
        raise Conflict(f"{path} exists already: name another file, or move it away")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Conflict(f"{path} cannot be written ({error.strerror}): name a file in a folder that exists") from error
    try:
        with os.fdopen(descriptor, "wb") as raw:
            count = await _write(gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0), header, rows)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


async def _write(file: gzip.GzipFile, header: Header, rows: AsyncIterator[Row]) -> int:
    digest, count = sha256(), 0

    def add(document: object) -> None:
        line = msgspec.json.encode(document) + b"\n"
        digest.update(line)
        file.write(line)

    with file:
        add(header)
        async for row in rows:
            add(row)
            count += 1
        file.write(msgspec.json.encode(_End(count, digest.hexdigest())) + b"\n")
    return count


def read_header(path: Path) -> Header:
    """Return the header of a complete backup; raise InputError for anything else."""
    digest, count = sha256(), -2
    line = first = b""
    for following in _lines(path):
        if line:
            digest.update(line)
        line, count = following, count + 1
        first = first or line
    try:
        header, end = msgspec.json.decode(first, type=Header), msgspec.json.decode(line, type=_End)
    except msgspec.MsgspecError as error:
        raise _refused(path, "is no whole backup: use another one") from error
    if header.format > FORMAT:
        raise _refused(path, f"has format {header.format}, this version reads {FORMAT}: restore it with the newer one")
    if (end.rows, end.sha256) != (count, digest.hexdigest()):
        raise _refused(path, "does not match its checksum: use another backup")
    return header


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a backup whose header was read."""
    held: bytes | None = None
    for number, line in enumerate(_lines(path)):
        if held is not None:
            table, row = _decode(held)
            yield table, row
        held = line if number else None


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except (OSError, EOFError) as error:
        raise _refused(path, f"cannot be read as a backup ({error}): name a file of `flaghoist backup`") from error


def _refused(path: Path, detail: str) -> InputError:
    return InputError(Fault(str(path), detail))
