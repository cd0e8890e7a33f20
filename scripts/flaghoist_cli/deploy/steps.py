"""The steps of a deployment, in order: what each does, and what it would do in a dry run."""

import re
from collections.abc import Callable
from typing import NamedTuple

import httpx

from flaghoist_cli.build import staging, wrangler
from flaghoist_cli.deploy.deployment import Deployment
from flaghoist_cli.deploy.login import ACCOUNT_VARIABLE, TOKEN_VARIABLE, read_login
from flaghoist_cli.deploy.wrangler_config import namespace_id, with_namespace_id
from flaghoist_cli.diagnosis.tools import check_tools
from flaghoist_cli.files.secret_file import SECRET_VARIABLE, obtain_secret
from flaghoist_cli.terminal.failure import CommandFailed

GZIP_BUDGET_BYTES = 1024 * 1024
VERIFY_ATTEMPTS = 10
VERIFY_PAUSE_SECONDS = 3.0
_WORKERS_DEV = re.compile(r"https://\S+\.workers\.dev")
_VERSION = re.compile(r"Current Version ID:\s*(?P<id>\S+)")


class DeployStep(NamedTuple):
    """A named step. A step without ``preview`` writes only into the build folders, so a dry run executes it."""

    name: str
    run: Callable[[Deployment], str]
    preview: Callable[[Deployment], str] | None = None


def check_machine(deployment: Deployment) -> str:
    """Check that everything is installed."""
    findings = list(check_tools())
    broken = [
        f"{finding.check}: {finding.detail}: {finding.remedy}" for finding in findings if finding.status == "fail"
    ]
    if broken:
        raise CommandFailed("; ".join(broken))
    return ", ".join(f"{finding.check} {finding.detail.split(' ')[0]}" for finding in findings[:3])


def check_login(deployment: Deployment) -> str:
    """Check that a login is given."""
    return f"account {read_login(deployment.environ).account}"


def stage(deployment: Deployment) -> str:
    """Lay out the Worker and its wheels."""
    staged = staging.stage(deployment.root)
    return f"{len(staged.modules)} modules; {staged.audit}"


def make_bundle(deployment: Deployment) -> str:
    """Let wrangler bundle the Worker without uploading it, and check its size."""
    outdir = deployment.root / "build" / f"dist-{deployment.environment}"
    upload = deployment.tools.build_bundle(outdir, environment=deployment.environment, root=deployment.root)
    wrangler.check_contents(upload)
    if upload.gzip_bytes > GZIP_BUDGET_BYTES:
        raise CommandFailed(
            f"the upload is {upload.gzip_bytes / 1024:.0f} KiB gzip, its budget is {GZIP_BUDGET_BYTES // 1024} KiB: "
            "look at the largest modules of `flaghoist deploy --dry-run` and leave out what the edge does not need"
        )
    deployment.upload = upload
    return f"{len(upload.modules)} modules, {upload.raw_bytes / 1024:.0f} KiB, {upload.gzip_bytes / 1024:.0f} KiB gzip"


def ensure_namespace(deployment: Deployment) -> str:
    """Find or create the KV namespace, and write its id into wrangler.toml."""
    account = deployment.tools.account(read_login(deployment.environ))
    found = account.find_namespace(deployment.title)
    deployment.namespace = found or account.create_namespace(deployment.title)
    config = deployment.root / "wrangler.toml"
    text = config.read_text()
    wanted = with_namespace_id(text, deployment.environment, deployment.namespace)
    if wanted != text:
        config.write_text(wanted)
    configured = "its id is now in wrangler.toml: commit that" if wanted != text else "as wrangler.toml says"
    return f"{'found' if found else 'created'} {deployment.title} ({deployment.namespace}), {configured}"


def preview_namespace(deployment: Deployment) -> str:
    """Describe which namespace would be used."""
    known = namespace_id((deployment.root / "wrangler.toml").read_text(), deployment.environment)
    return f"find or create {deployment.title}; wrangler.toml names {known or 'none'}"


def set_secret(deployment: Deployment) -> str:
    """Give the Worker the secret that it shares with the origin."""
    secret = obtain_secret(deployment.environ, deployment.secret_path)
    deployment.tools.put_secrets(
        {SECRET_VARIABLE: secret.value}, environment=deployment.environment, root=deployment.root
    )
    return f"{SECRET_VARIABLE} from {secret.source}"


def preview_secret(deployment: Deployment) -> str:
    """Describe where the secret would come from."""
    known = deployment.environ.get(SECRET_VARIABLE) or deployment.secret_path.exists()
    source = SECRET_VARIABLE if deployment.environ.get(SECRET_VARIABLE) else str(deployment.secret_path)
    return f"set {SECRET_VARIABLE} from {source}" + ("" if known else ", generated on the first deployment")


def put_worker(deployment: Deployment) -> str:
    """Upload the Worker and route traffic to it."""
    variables = {"ORIGINS": ",".join(deployment.origins)} if deployment.origins else {}
    report = deployment.tools.deploy(environment=deployment.environment, variables=variables, root=deployment.root)
    version, address = _VERSION.search(report), _WORKERS_DEV.search(report)
    deployment.version_id = version["id"] if version else ""
    deployment.url = deployment.url or (address[0] if address else "")
    return f"version {deployment.version_id or 'unknown'} at {deployment.url or 'the routes of wrangler.toml'}"


def preview_upload(deployment: Deployment) -> str:
    """Describe the upload."""
    origins = ", ".join(deployment.origins) or "as wrangler.toml says"
    return f"run `wrangler deploy --env {deployment.environment}` (origins: {origins})"


def verify_health(deployment: Deployment) -> str:
    """Check that the deployed Worker answers."""
    if not deployment.url:
        return "skipped: the Worker's address is not known; give --edge URL"
    for _ in range(VERIFY_ATTEMPTS):
        if _is_healthy(deployment.url):
            return f"{deployment.url}/healthz answers 200"
        deployment.tools.sleep(VERIFY_PAUSE_SECONDS)
    raise CommandFailed(
        f"{deployment.url}/healthz does not answer 200: look at `wrangler tail`, "
        "and restore the last version with `flaghoist deploy --rollback VERSION_ID`"
    )


def preview_health(deployment: Deployment) -> str:
    """Describe which address would be checked."""
    return f"ask {deployment.url or 'the address that wrangler reports'} for /healthz"


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=10.0).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def preview_login(deployment: Deployment) -> str:
    """Describe which variables are set."""
    names = (TOKEN_VARIABLE, ACCOUNT_VARIABLE)
    return "need " + " and ".join(f"{name} ({'set' if deployment.environ.get(name) else 'not set'})" for name in names)


STEPS: tuple[DeployStep, ...] = (
    DeployStep("check tools", check_machine),
    DeployStep("check login", check_login, preview_login),
    DeployStep("stage", stage),
    DeployStep("bundle", make_bundle),
    DeployStep("namespace", ensure_namespace, preview_namespace),
    DeployStep("secret", set_secret, preview_secret),
    DeployStep("upload", put_worker, preview_upload),
    DeployStep("verify", verify_health, preview_health),
)
