"""Tokens taken apart: one algorithm, one form, and nothing of the payload believed."""

import pytest

from flaghoist.errors import ContextRefused, LimitExceeded
from flaghoist.limits import SIGNED_CONTEXT_BYTES
from flaghoist.signed.token import Token, read_token
from flaghoist.text import base64url
from tests.signing import a_signer, at_once, verify

SIGNER = a_signer("5161bb0c9d0a7f3e")
GOOD = SIGNER.token()
HEAD = b'{"alg":"EdDSA","kid":"5161bb0c9d0a7f3e"}'


def a_public_key() -> bytes:
    public = base64url.decode(SIGNER.ref.key)
    assert public is not None
    return public


def is_genuine(token: Token) -> bool:
    return at_once(verify(a_public_key(), token.signature, token.message))


def test_token__good__names_its_key_and_what_was_signed() -> None:
    token = read_token(GOOD)
    assert token.key_id == SIGNER.key.id
    assert token.message.decode() == GOOD.rpartition(".")[0]
    assert len(token.signature) == 64
    assert is_genuine(token)


def test_token__algorithm__goes_by_both_of_its_names() -> None:
    assert is_genuine(read_token(SIGNER.token(header={"alg": "Ed25519"})))


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "ES256", "RS256", "Ed448", "eddsa", "", 0, None, ["EdDSA"]]
)
def test_token__another_algorithm__is_refused_whatever_it_says(algorithm: object) -> None:
    with pytest.raises(ContextRefused, match="alg is"):
        read_token(SIGNER.token(header={"alg": algorithm}))


def test_token__unsigned__is_refused() -> None:
    header, payload, _ = GOOD.split(".")
    for unsigned in (f"{header}.{payload}.", f"{header}.{payload}"):
        with pytest.raises(ContextRefused, match="no JWT"):
            read_token(unsigned)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_token__signature_of_another_length__is_refused_unverified(length: int) -> None:
    with pytest.raises(ContextRefused, match=r"no JWT|signature of"):
        read_token(f"{GOOD.rpartition('.')[0]}.{base64url.encode(b's' * length)}")


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (b"", "no JWT"),
        (b"[]", "no JSON object"),
        (b"{", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b'{"alg":"EdDSA"}', "kid"),
        (b'{"alg":"EdDSA","kid":""}', "kid"),
        (b'{"alg":"EdDSA","kid":7}', "kid"),
        (b'{"alg":"EdDSA","alg":"none","kid":"k"}', "cannot be read"),
        (b'{"alg":"EdDSA","kid":"k","crit":["exp"]}', "crit"),
        (b'{"alg":"EdDSA","kid":"k","a":' + b"[" * 40 + b"]" * 40 + b"}", "cannot be read"),
    ],
)
def test_token__malformed_header__is_refused_by_name(header: bytes, named: str) -> None:
    with pytest.raises(ContextRefused, match=named):
        read_token(SIGNER.signed(header, b"{}"))


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "...", "a.b.c.d", "undefined", "null", f"{GOOD}.", f".{GOOD}", f"{GOOD}=", f" {GOOD}", "é.é.é"],
)
def test_token__not_three_parts_of_base64url__is_refused(text: str) -> None:
    with pytest.raises(ContextRefused, match="no JWT"):
        read_token(text)


def test_token__length__is_taken_up_to_the_limit() -> None:
    begun = SIGNER.signed(HEAD, b"")
    longest = SIGNED_CONTEXT_BYTES.value - len(begun)
    assert read_token(SIGNER.signed(HEAD, b" " * (longest * 3 // 4))).payload.isspace()
    with pytest.raises(LimitExceeded) as caught:
        read_token(SIGNER.signed(HEAD, b" " * (longest * 3 // 4 + 3)))
    assert (caught.value.status, caught.value.limit) == (413, SIGNED_CONTEXT_BYTES)


def test_token__any_bit_of_it_changed__is_refused_or_not_genuine() -> None:
    whole = GOOD.encode()
    believed = []
    for position in range(0, len(whole), 3):
        for bit in range(8):
            changed = bytearray(whole)
            changed[position] ^= 1 << bit
            try:
                token = read_token(changed.decode("latin-1"))
            except ContextRefused:
                continue
            if is_genuine(token) and token.message != whole.rpartition(b".")[0]:
                believed.append((position, bit))
    assert believed == []


def test_token__payload__is_not_looked_at() -> None:
    assert read_token(SIGNER.signed(HEAD, b"not JSON at all")).payload == b"not JSON at all"
