"""HTTP without a client's manners: paths, headers and bodies go out exactly as given."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec

SECONDS = 20


@dataclass(frozen=True)
class RawReply:
    """An answer: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, decoded."""
        return msgspec.json.decode(self.body)


def send(base_url: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> RawReply:
    """Send one request over a connection of its own; header values go out as Latin-1."""
    address = urlsplit(base_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=SECONDS)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        with suppress(ConnectionError):  # an answer may come before the body has gone out
            connection.send(body)
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return RawReply(response.status, named, response.read())
    finally:
        connection.close()
