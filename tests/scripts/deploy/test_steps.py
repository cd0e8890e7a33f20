"""The steps of a deployment: what a dry run runs and previews, and what each step leaves behind."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from math import ceil
from pathlib import Path

import pytest

from flaghoist_cli.build.wrangler import Upload, UploadedModule
from flaghoist_cli.deploy.deployment import Deployment, Tools
from flaghoist_cli.deploy.packages import packages_of
from flaghoist_cli.deploy.pipeline import roll_back, run_steps
from flaghoist_cli.deploy.steps import ensure_namespace, make_bundle, put_worker, set_secret, verify_health
from flaghoist_cli.deploy.wrangler_config import namespace_id, with_namespace_id
from flaghoist_cli.files.secret_file import obtain_secret
from flaghoist_cli.terminal.failure import CommandFailed
from tests.project import ROOT
from tests.scripts.command import flaghoist

URL = "https://flaghoist-edge-staging.someone.workers.dev"
SMALL = Upload((), raw_bytes=2048, gzip_bytes=1024)
LOGIN = {"CLOUDFLARE_API_TOKEN": "t", "CLOUDFLARE_ACCOUNT_ID": "a"}


class FakeAccount:
    """An account that holds these namespaces, title to id."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.namespaces = dict(namespaces)

    def find_namespace(self, title: str) -> str | None:
        return self.namespaces.get(title)

    def create_namespace(self, title: str) -> str:
        assert title not in self.namespaces, "a namespace is created once"
        self.namespaces[title] = "f" * 32
        return self.namespaces[title]


class FakeWrangler:
    """Records its calls, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    def put_secrets(self, secrets: Mapping[str, str], *, environment: str, root: Path) -> str:
        self.calls.append(("secrets", dict(secrets)))
        return ""

    def deploy(self, *, environment: str, variables: Mapping[str, str], root: Path) -> str:
        self.calls.append(("deploy", (environment, dict(variables))))
        return f"Uploaded\n  {URL}\nCurrent Version ID: v-1\n"


def a_deployment(
    folder: Path,
    environ: Mapping[str, str] = LOGIN,
    *,
    namespaces: Mapping[str, str] | None = None,
    fake: FakeWrangler | None = None,
    upload: Upload = SMALL,
) -> Deployment:
    (folder / "wrangler.toml").write_text((ROOT / "wrangler.toml").read_text())
    account, wrangler = FakeAccount(namespaces or {}), fake or FakeWrangler()
    tools = Tools(
        account=lambda _login: account,
        build_bundle=lambda *_where, **_how: upload,
        put_secrets=wrangler.put_secrets,
        deploy=wrangler.deploy,
        sleep=lambda _seconds: None,
    )
    return Deployment("staging", environ, root=folder, secret_path=folder / "data" / "secret", tools=tools)


def test_namespace_id__placeholder__is_none() -> None:
    text = (ROOT / "wrangler.toml").read_text()
    assert namespace_id(text, "staging") is None
    assert namespace_id(with_namespace_id(text, "staging", "abc"), "staging") == "abc"


def test_with_namespace_id__one_environment__leaves_the_rest_alone() -> None:
    text = (ROOT / "wrangler.toml").read_text()
    changed = with_namespace_id(text, "production", "abc")
    different = [pair for pair in zip(text.splitlines(), changed.splitlines(), strict=True) if pair[0] != pair[1]]
    assert [after for _before, after in different] == ['id = "abc"']


def test_namespace_id__undeclared_environment__names_the_remedy() -> None:
    with pytest.raises(CommandFailed, match=r"add \[\[env\.qa\.kv_namespaces\]\]"):
        namespace_id("", "qa")


def test_ensure_namespace__none_yet__creates_it_and_writes_the_id(tmp_path: Path) -> None:
    deployment = a_deployment(tmp_path)
    assert ensure_namespace(deployment).startswith("created flaghoist-staging")
    assert namespace_id((tmp_path / "wrangler.toml").read_text(), "staging") == "f" * 32


def test_ensure_namespace__exists__is_found_again(tmp_path: Path) -> None:
    deployment = a_deployment(tmp_path, namespaces={"flaghoist-staging": "e" * 32})
    assert "its id is now in wrangler.toml" in ensure_namespace(deployment)
    assert ensure_namespace(deployment) == f"found flaghoist-staging ({'e' * 32}), as wrangler.toml says"


def test_obtain_secret__nowhere_yet__is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret"
    made = obtain_secret({}, path)
    assert len(made.value) >= 32
    assert obtain_secret({}, path).value == made.value
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_obtain_secret__given_by_the_environment__touches_no_file(tmp_path: Path) -> None:
    secret = obtain_secret({"FLAGHOIST_SECRET": "given"}, tmp_path / "secret")
    assert (secret.value, secret.source) == ("given", "FLAGHOIST_SECRET")
    assert not (tmp_path / "secret").exists()


def test_set_secret__deployment__hands_it_to_wrangler_only(tmp_path: Path) -> None:
    fake = FakeWrangler()
    deployment = a_deployment(tmp_path, fake=fake)
    detail = set_secret(deployment)
    value = deployment.secret_path.read_text().strip()
    assert fake.calls == [("secrets", {"FLAGHOIST_SECRET": value})]
    assert value not in detail


def test_put_worker__origins_given__become_its_variable(tmp_path: Path) -> None:
    fake = FakeWrangler()
    deployment = a_deployment(tmp_path, fake=fake)
    deployment.origins = ("https://one.example", "https://two.example")
    assert put_worker(deployment) == f"version v-1 at {URL}"
    assert fake.calls == [("deploy", ("staging", {"ORIGINS": "https://one.example,https://two.example"}))]


def test_put_worker__no_origins__leaves_those_of_the_file(tmp_path: Path) -> None:
    fake = FakeWrangler()
    put_worker(a_deployment(tmp_path, fake=fake))
    assert fake.calls == [("deploy", ("staging", {}))]


def test_run_steps__no_login__fails_before_anything_is_built(tmp_path: Path) -> None:
    steps = run_steps(a_deployment(tmp_path, environ={}), is_dry_run=False)
    assert next(steps).step == "check tools"
    with pytest.raises(CommandFailed, match="CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID must be set"):
        next(steps)


def test_make_bundle__too_large__names_the_budget(tmp_path: Path) -> None:
    large = Upload((), raw_bytes=9_000_000, gzip_bytes=2_000_000)
    with pytest.raises(CommandFailed, match="1953 KiB gzip, its budget is 1024 KiB"):
        make_bundle(a_deployment(tmp_path, upload=large))


def test_verify_health__nothing_answers__says_how_to_go_back(tmp_path: Path) -> None:
    deployment = a_deployment(tmp_path)
    deployment.url = "http://127.0.0.1:9"
    with pytest.raises(CommandFailed, match="--rollback VERSION_ID"):
        verify_health(deployment)


def test_roll_back__dry_run__only_says_what_it_would_run(tmp_path: Path) -> None:
    (result,) = roll_back(a_deployment(tmp_path, environ={}), "v1", is_dry_run=True)
    assert result.detail == "run `wrangler rollback v1 --env staging`"


def test_deploy__nobody_to_confirm__does_nothing() -> None:
    result = flaghoist("deploy", "--env", "staging")
    assert result.exit_code == 1
    assert "give --yes, or --dry-run" in result.stderr


def test_deploy__dry_run__lists_what_would_be_uploaded_and_every_step(tmp_path: Path) -> None:
    result = flaghoist(
        "deploy", "--dry-run", "--json", "--env", "staging", "--origin", "https://o.example", data_dir=tmp_path
    )
    printed = json.loads(result.stdout)
    steps = {step["step"]: step["outcome"] for step in printed["steps"]}
    names = {module["name"] for module in printed["upload"]["modules"]}
    assert steps == {
        **dict.fromkeys(("check tools", "stage", "bundle"), "done"),
        **dict.fromkeys(("check login", "namespace", "secret", "upload", "verify"), "would do"),
    }
    assert {"entry.py", "flaghoist/engine/engine.py"} <= names
    assert not [name for name in names if name.startswith(("flaghoist_origin/", "flaghoist_cli/", "tests/"))]
    assert printed["upload"]["gzip_bytes"] <= 1024 * 1024
    assert list(tmp_path.iterdir()) == [], "a dry run leaves no secret behind"


def test_deploy__dry_run_for_people__fits_one_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    origin = ("--origin", "https://flags.example.com")
    result = flaghoist("deploy", "--dry-run", "--env", "production", *origin, data_dir=Path(".flaghoist"))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert sum(max(1, ceil(len(line) / 80)) for line in lines) <= 24, result.stdout
    assert [line for line in lines if line.split()[:1] == ["flaghoist_edge"]]
    assert "nothing was uploaded (--dry-run)" in result.stdout


def test_packages_of__modules__are_summed_and_the_small_ones_put_together() -> None:
    names = ("a/one.py", "a/b/two.py", "python_modules/c/three.py", "python_modules/c-1.0.dist-info/RECORD")
    small = ("d/x.py", "e/x.py", "f/x.py", "entry.py", "python_modules/loose.py")
    modules = [UploadedModule(name, "", 100) for name in names] + [UploadedModule(name, "", 1) for name in small]
    found = [(package.name, package.modules, package.bytes) for package in packages_of(modules)]
    assert found == [("a", 2, 200), ("c", 2, 200), ("d", 1, 1), ("e", 1, 1), ("others", 3, 3)]
