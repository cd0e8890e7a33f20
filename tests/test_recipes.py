"""Code that the documents show does what they say: it runs here as it stands there."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from flaghoist.model.context import Context
from flaghoist.signed.claims import read_claims
from flaghoist.signed.token import read_token
from flaghoist.text import base64url
from flaghoist_cli.build.node import environment as node_environment
from flaghoist_cli.build.node import node
from flaghoist_origin.keys.signatures import new_key_pair, verify
from tests.project import ROOT
from tests.signing import at_once

DOCS = ROOT / "docs"
CONTEXT = {"targetingKey": "ada", "plan": "pro", "nested": {"grüße": [1, 2.5, None, True]}}
SECONDS = 60


@pytest.fixture
def public_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Put a private key where the recipes look for it, and return its public half."""
    pair = new_key_pair()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": pair.public, "d": pair.private, "kid": "7f08c0bd2d0f6a43"}
    (tmp_path / "signing.jwk").write_text(json.dumps(jwk))
    monkeypatch.chdir(tmp_path)
    public = base64url.decode(pair.public)
    assert public is not None
    return public


def code_below(title: str, language: str) -> str:
    """Return the first block of a language in a section of the document on signed contexts."""
    section = (DOCS / "signed-contexts.md").read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def vouched(token: str, public_key: bytes) -> Context:
    taken = read_token(token)
    assert taken.key_id == "7f08c0bd2d0f6a43"
    assert at_once(verify(public_key, taken.signature, taken.message))
    return read_claims(taken.payload, "production", int(time.time() * 1000)).context


def test_python_recipe__token__is_believed(public_key: bytes) -> None:
    recipe: dict[str, object] = {}
    exec(code_below("Python", "python"), recipe)
    signed = recipe["signed_context"]
    assert callable(signed)
    assert vouched(signed(CONTEXT), public_key) == CONTEXT


def test_node_recipe__token__is_believed(public_key: bytes, tmp_path: Path) -> None:
    ending = f"\nconsole.log(signedContext({json.dumps(CONTEXT)}));\n"
    (tmp_path / "recipe.mjs").write_text(code_below("Node", "js") + ending)
    command = [str(node()), "recipe.mjs"]
    ran = subprocess.run(
        command, capture_output=True, cwd=tmp_path, env=node_environment(), timeout=SECONDS, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert vouched(ran.stdout.decode().strip(), public_key) == CONTEXT
