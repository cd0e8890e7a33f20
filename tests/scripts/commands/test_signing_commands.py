"""`flaghoist keys signing` and `flaghoist context`: the private half once, in a file if wanted; tokens that hold."""

import json
import stat
import time
from pathlib import Path

import pytest

from flaghoist.signed.claims import read_claims
from flaghoist.signed.token import read_token
from flaghoist.text import base64url
from flaghoist_origin.keys.signatures import new_key_pair, verify
from tests.scripts.command import flaghoist
from tests.scripts.fake_origin import OriginState
from tests.signing import at_once

ADA = '{"targetingKey": "ada"}'


def a_jwk(key_id: str = "k1") -> dict[str, str]:
    pair = new_key_pair()
    return {"kty": "OKP", "crv": "Ed25519", "x": pair.public, "d": pair.private, "kid": key_id}


def vouched_by(token: str, jwk: dict[str, str]) -> object:
    """Return the context of a token that the key has signed."""
    taken = read_token(token)
    public = base64url.decode(jwk["x"])
    assert public is not None
    assert at_once(verify(public, taken.signature, taken.message))
    return read_claims(taken.payload, "production", int(time.time() * 1000)).context


def test_signing_create__file__holds_the_private_key_and_nothing_else_does(origin: OriginState, tmp_path: Path) -> None:
    path = tmp_path / "signing.jwk"
    result = flaghoist("keys", "signing", "create", "--name", "shop", "--private-key", str(path), origin=origin.url)
    assert result.exit_code == 0, result.stderr
    private = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert private["d"] not in result.stdout
    assert "s1" in result.stdout
    again = flaghoist("keys", "signing", "create", "--name", "shop", "--private-key", str(path), origin=origin.url)
    assert (again.exit_code, json.loads(path.read_text())) == (1, private)


def test_signing_create__no_file__shows_the_private_key_once(origin: OriginState) -> None:
    result = flaghoist("keys", "signing", "create", "--name", "shop", origin=origin.url)
    private = json.loads(result.stdout.splitlines()[0])
    assert private["kid"] == "s1"
    listed = flaghoist("keys", "signing", "list", origin=origin.url).stdout
    assert "shop" in listed
    assert private["d"] not in listed


def test_signing_create__dry_run__asks_nobody(origin: OriginState) -> None:
    result = flaghoist("keys", "signing", "create", "--name", "shop", "--dry-run", origin=origin.url)
    assert result.stdout == "would create a signing key named shop\n"
    assert origin.requests == []


def test_signing_rotate__key__hands_out_its_successor(origin: OriginState) -> None:
    flaghoist("keys", "signing", "create", "--name", "shop", origin=origin.url)
    result = flaghoist("keys", "signing", "rotate", "s1", "--overlap", "12h", origin=origin.url)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "signatures of the old key s1 stay valid for 12h"
    assert origin.signing_keys[0]["expires_at_ms"] == 12 * 3_600_000


def test_signing_revoke__unconfirmed__revokes_nothing(origin: OriginState) -> None:
    flaghoist("keys", "signing", "create", "--name", "shop", origin=origin.url)
    assert flaghoist("keys", "signing", "revoke", "s1", origin=origin.url).exit_code == 1
    assert "DELETE /signing-keys/s1" not in origin.requests
    revoked = flaghoist("keys", "signing", "revoke", "s1", "--yes", origin=origin.url)
    assert revoked.stdout == "revoked the signing key shop\n"
    listed = flaghoist("keys", "signing", "list", origin=origin.url).stdout
    assert listed.splitlines()[1].endswith("revoked 1970-01-01T00:00:00Z")


def test_signing_revoke__unknown_id__says_how_to_find_one(origin: OriginState) -> None:
    result = flaghoist("keys", "signing", "revoke", "zzz", "--yes", origin=origin.url)
    assert result.exit_code == 1
    assert "`flaghoist keys signing list`" in result.stderr


def test_signing_policy__shown_and_set__says_what_is_taken(origin: OriginState) -> None:
    shown = flaghoist("keys", "signing", "policy", origin=origin.url)
    assert shown.stdout == "production takes signed and unsigned contexts from client keys\n"
    tried = flaghoist("keys", "signing", "policy", "--require", "--dry-run", origin=origin.url)
    assert tried.stdout == "would let production take signed contexts only from client keys\n"
    assert not origin.requires_signed_contexts
    flaghoist("keys", "signing", "policy", "--require", origin=origin.url)
    assert json.loads(flaghoist("keys", "signing", "policy", "--json", origin=origin.url).stdout) == {"required": True}
    flaghoist("keys", "signing", "policy", "--no-require", origin=origin.url)
    assert not origin.requires_signed_contexts


def test_context_sign__jwk__is_a_token_that_holds(tmp_path: Path) -> None:
    jwk, path = a_jwk(), tmp_path / "signing.jwk"
    path.write_text(json.dumps(jwk))
    result = flaghoist("context", "sign", "--private-key", str(path), "--context", ADA, "--environment", "production")
    assert vouched_by(result.stdout.strip(), jwk) == {"targetingKey": "ada"}


def test_context_sign__pem__needs_the_keys_id(tmp_path: Path) -> None:
    pair, path = new_key_pair(), tmp_path / "signing.pem"
    path.write_text(pair.private_pem)
    refused = flaghoist("context", "sign", "--private-key", str(path), "--context", ADA)
    assert (refused.exit_code, "--key-id" in refused.stderr) == (1, True)
    arguments = ("--private-key", str(path), "--key-id", "k7", "--context", ADA, "--expires-in", "60", "--json")
    made = json.loads(flaghoist("context", "sign", *arguments).stdout)
    assert made["key_id"] == "k7"
    assert vouched_by(made["token"], {"x": pair.public}) == {"targetingKey": "ada"}


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "nonsense", '{"kty": "oct", "k": "AAAA"}', "-----BEGIN PRIVATE KEY-----\nx\n"]
)
def test_context_sign__file_without_a_key__fails_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "signing.jwk"
    path.write_text(content)
    result = flaghoist("context", "sign", "--private-key", str(path))
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert str(path) in result.stderr


def test_context_sign__public_key__is_none_that_signs(tmp_path: Path) -> None:
    jwk, path = a_jwk(), tmp_path / "signing.jwk"
    path.write_text(json.dumps({name: value for name, value in jwk.items() if name != "d"}))
    result = flaghoist("context", "sign", "--private-key", str(path))
    assert (result.exit_code, "does not contain a private Ed25519 key" in result.stderr) == (1, True)


def test_context_sign__sticky__keeps_variations(tmp_path: Path) -> None:
    jwk, path = a_jwk(), tmp_path / "signing.jwk"
    path.write_text(json.dumps(jwk))
    made = flaghoist("context", "sign", "--private-key", str(path), "--sticky", "a=on", "--sticky", "b=x=y")
    claims = read_claims(read_token(made.stdout.strip()).payload, "production", int(time.time() * 1000))
    assert claims.sticky == {"a": "on", "b": "x=y"}
    wrong = flaghoist("context", "sign", "--private-key", str(path), "--sticky", "a")
    assert (wrong.exit_code, "FLAG=VARIATION" in wrong.stderr) == (2, True)
