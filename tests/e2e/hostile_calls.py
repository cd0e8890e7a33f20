"""One table of hostile calls to the evaluation endpoints: whatever a broken or malicious client may send."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.e2e.environments import Environment

BULK = "/ofrep/v1/evaluate/flags"
SINGLE = "/ofrep/v1/evaluate/flags/some-flag"
BOOTSTRAP = "/v1/bootstrap"
KIB = 1024


@dataclass(frozen=True)
class Call:
    """One request as it goes over the wire, and the status that it deserves."""

    id: str
    status: int
    method: str = "POST"
    path: str = BULK
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


BODIES: Mapping[str, tuple[int, bytes]] = {
    "empty": (400, b""),
    "cut-off": (400, b'{"context": {"targetingKey": "a'),
    "two-documents": (400, b"{}{}"),
    "single-quotes": (400, b"{'context': {}}"),
    "trailing-comma": (400, b'{"context": {},}'),
    "comment": (400, b'{"context": {} /* none */}'),
    "literal-that-is-none": (400, b'{"context": {"a": undefined}}'),
    "byte-order-mark": (400, b"\xef\xbb\xbf{}"),
    "not-utf-8": (400, b'{"context": {"a": "\xff\xfe"}}'),
    "utf-16": (400, '{"context": {}}'.encode("utf-16")),
    "overlong-utf-8": (400, b'{"context": {"a": "\xc0\xaf"}}'),
    "encoded-surrogate": (400, b'{"context": {"a": "\xed\xa0\x80"}}'),
    "array": (400, b"[]"),
    "null": (400, b"null"),
    "text": (400, b'"context"'),
    "number": (400, b"7"),
    "context-null": (400, b'{"context": null}'),
    "context-array": (400, b'{"context": [{"targetingKey": "a"}]}'),
    "context-text": (400, b'{"context": "targetingKey"}'),
    "context-number": (400, b'{"context": 1}'),
    "unknown-member": (400, b'{"context": {}, "contxt": {}}'),
    "misspelt-member": (400, b'{"Context": {}}'),
    "nan": (400, b'{"context": {"a": NaN}}'),
    "infinity": (400, b'{"context": {"a": Infinity}}'),
    "minus-infinity": (400, b'{"context": {"a": -Infinity}}'),
    "overflowing-float": (400, b'{"context": {"a": 1e400}}'),
    "leading-zero": (400, b'{"context": {"a": 007}}'),
    "hexadecimal": (400, b'{"context": {"a": 0x1F}}'),
    "plus-sign": (400, b'{"context": {"a": +1}}'),
    "integer-past-2-53": (400, b'{"context": {"a": 9007199254740992}}'),
    "integer-of-5000-digits": (400, b'{"context": {"a": ' + b"9" * 5_000 + b"}}"),
    "duplicate-context": (400, b'{"context": {}, "context": {"targetingKey": "a"}}'),
    "duplicate-attribute": (400, b'{"context": {"a": 1, "a": 2}}'),
    "duplicate-attribute-escaped": (400, b'{"context": {"a": 1, "\\u0061": 2}}'),
    "duplicate-attribute-deep": (400, b'{"context": {"b": [{"a": 1, "a": 2}]}}'),
    "lone-surrogate": (400, b'{"context": {"a": "\\ud800"}}'),
    "lone-low-surrogate": (400, b'{"context": {"a": "\\udc00 x"}}'),
    "lone-surrogate-in-a-key": (400, b'{"context": {"\\ud800": 1}}'),
    "nul": (400, b'{"context": {"targetingKey": "a\\u0000b"}}'),
    "nul-in-a-key": (400, b'{"context": {"a\\u0000": 1}}'),
    "raw-control-character": (400, b'{"context": {"a": "\x01"}}'),
    "raw-nul": (400, b'{"context": {"a": "\x00"}}'),
    "bad-escape": (400, b'{"context": {"a": "\\x41"}}'),
    "bad-unicode-escape": (400, b'{"context": {"a": "\\u12g4"}}'),
    "context-too-deep": (400, b'{"context": ' + b'{"a":' * 7 + b"1" + b"}" * 7 + b"}"),
    "arrays-too-deep": (400, b'{"context": {"a": ' + b"[" * 40 + b"]" * 40 + b"}}"),
    "nested-ten-thousand-deep": (400, b'{"context": {"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}"),
    "open-brackets-alone": (400, b"[" * 30_000),
    "too-many-attributes": (400, json.dumps({"context": {f"a{n}": n for n in range(201)}}).encode()),
    "too-many-attributes-nested": (400, json.dumps({"context": {"a": {f"a{n}": n for n in range(200)}}}).encode()),
    "context-too-large": (413, json.dumps({"context": {"a": "x" * 16 * KIB}}).encode()),
    "body-too-large": (413, b'{"context": {}}' + b" " * 32 * KIB),
    "body-of-a-megabyte": (413, b"x" * KIB * KIB),
}

QUERIES: Mapping[str, str] = {
    "min-version-text": "min_version=latest",
    "min-version-three-parts": "min_version=1-2-3",
    "min-version-negative": "min_version=-1",
    "min-version-huge": f"min_version={'9' * 40}",
    "min-version-foreign-digits": "min_version=%D9%A1",
    "min-version-twice": "min_version=1&min_version=2",
    "last-modified-text": "flagConfigLastModified=yesterday",
    "last-modified-without-offset": "flagConfigLastModified=2025-06-01T12:00:00",
    "last-modified-nan": "flagConfigLastModified=nan",
    "last-modified-infinite": "flagConfigLastModified=1e999",
    "consistency-unknown": "consistency=maybe",
    "not-utf-8": "min_version=%ff",
    "parameter-name-not-utf-8": "%ff=1",
    "context-in-a-post": "context=e30",
}

BOOTSTRAP_BODIES: Mapping[str, bytes] = {
    "body-array": b"[]",
    "body-empty": b"",
    "body-nan": b'{"a": NaN}',
    "body-duplicate": b'{"context": {"a": 1, "a": 2}}',
    "body-too-deep": b'{"a":' * 7 + b"1" + b"}" * 7,
}


def _in_query(context: bytes) -> str:
    return f"context={urlsafe_b64encode(context).decode().rstrip('=')}"


BOOTSTRAP_QUERIES: Mapping[str, str] = {
    "format-unknown": "format=xml",
    "format-empty": "format=",
    "format-twice": "format=js&format=js",
    "context-not-base64": "context=%21%21",
    "context-standard-base64": "context=eyJhIjoiPz8_Pz8%2FIn0%2B",
    "context-cut-off-base64": "context=e",
    "context-no-json": _in_query(b"{"),
    "context-array": _in_query(b"[]"),
    "context-nan": _in_query(b'{"a":NaN}'),
    "context-duplicate": _in_query(b'{"a":1,"a":2}'),
    "context-nul": _in_query(b'{"a":"\\u0000"}'),
    "context-not-utf-8": _in_query(b'{"a":"\xff"}'),
    "context-too-large": _in_query(json.dumps({"a": "x" * 17 * KIB}).encode()),
    "context-twice": "context=e30&context=e30",
    "query-too-large": "format=" + "x" * 33 * KIB,
}

METHODS: Mapping[str, tuple[str, str]] = {
    "get-bulk": ("GET", BULK),
    "put-bulk": ("PUT", BULK),
    "delete-single": ("DELETE", SINGLE),
    "patch-bootstrap": ("PATCH", BOOTSTRAP),
}

FLAG_KEYS: Mapping[str, str] = {
    "unknown": "no-such-flag",
    "129-characters": "k" * 129,
    "8000-characters": "k" * 8_000,
    "nul": "a%00b",
    "line-break": "a%0d%0ab",
    "not-utf-8": "%ff",
    "emoji": "%F0%9F%9A%80",
    "slash": "a%2Fb",
    "dots": "%2e%2e",
    "bad-percent-encoding": "%zz",
    "cut-off-percent-encoding": "a%",
    "prototype": "__proto__",
    "markup": "%3Cscript%3E",
}


def calls(environment: Environment) -> Iterator[Call]:
    """Yield every call, with a valid key unless the key is what is wrong."""
    keyed = {"Authorization": f"Bearer {environment.keys.client}", "Content-Type": "application/json"}
    yield from _with_bad_input(keyed)
    for id, (method, path) in METHODS.items():
        yield Call(f"method-{id}", 405, method, path, headers=keyed)
    for id, key in FLAG_KEYS.items():
        yield Call(f"flag-{id}", 404, path=f"{BULK}/{key}", headers=keyed)
    for id, (status, query, headers) in _keys(environment).items():
        for path in (BULK, SINGLE, BOOTSTRAP):
            yield Call(f"key-{id}-{path}", status, path=path + query, headers=headers)


def _with_bad_input(keyed: Mapping[str, str]) -> Iterator[Call]:
    for id, (status, body) in BODIES.items():
        yield Call(f"bulk-{id}", status, body=body, headers=keyed)
        yield Call(f"single-{id}", status, path=SINGLE, body=body, headers=keyed)
    for id, query in QUERIES.items():
        for path in (BULK, BOOTSTRAP):
            yield Call(f"query-{id}-{path}", 400, path=f"{path}?{query}", headers=keyed)
    for id, query in BOOTSTRAP_QUERIES.items():
        status = 413 if id.endswith("too-large") else 400
        yield Call(f"bootstrap-{id}", status, "GET", f"{BOOTSTRAP}?{query}", headers=keyed)
    for id, body in BOOTSTRAP_BODIES.items():
        yield Call(f"bootstrap-{id}", 400, path=BOOTSTRAP, body=body, headers=keyed)


def _keys(environment: Environment) -> Mapping[str, tuple[int, str, Mapping[str, str]]]:
    keys, secret = environment.keys, "0" * 43
    told = {
        "none": "",
        "empty-bearer": "Bearer ",
        "basic": "Basic YTpi",
        "nonsense": "Bearer nonsense",
        "unknown-secret": f"Bearer {keys.client[:-43]}{secret}",
        "another-kind": f"Bearer {keys.server.replace('server', 'client')}",
        "unknown-kind": f"Bearer {keys.client.replace('client', 'owner')}",
        "unknown-environment": f"Bearer fh_client_nowhere_{secret}",
        "secret-of-another-environment": f"Bearer fh_client_production_{keys.client[-43:]}",
        "malformed-environment": f"Bearer fh_client_UPPER_{secret}",
        "endless": "Bearer " + "x" * 4_000,
        "foreign-letters": "Bearer fh_client_\u00e9_" + secret,
    }
    admin = {"Authorization": f"Bearer {keys.admin}"}
    in_headers = {
        id: (401, "", {"Authorization": value} if value else {"Content-Type": "application/json"})
        for id, value in told.items()
    }
    return {
        **in_headers,
        "admin": (403, "", admin),
        "server-in-the-url": (401, f"?key={keys.server}", {}),
        "client-twice-in-the-url": (400, f"?key={keys.client}&key={keys.client}", {}),
    }
