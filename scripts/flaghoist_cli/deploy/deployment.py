"""One deployment: its options, its tools, and the results of its steps so far."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flaghoist_cli.build import wrangler
from flaghoist_cli.deploy.login import Login
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.installation.deferred import SET_UP_CHECKOUT, DeferredModule

if TYPE_CHECKING:
    from flaghoist_cli.build import bundle
    from flaghoist_cli.deploy import cloudflare_account
else:
    bundle = DeferredModule("flaghoist_cli.build.bundle", SET_UP_CHECKOUT)
    cloudflare_account = DeferredModule("flaghoist_cli.deploy.cloudflare_account", SET_UP_CHECKOUT)


class Account(Protocol):
    """The KV namespaces of an account."""

    def find_namespace(self, title: str) -> str | None:
        """Return the id of the namespace with this title, or None."""

    def create_namespace(self, title: str) -> str:
        """Create a namespace and return its id."""


def _account(login: Login) -> Account:
    return cloudflare_account.CloudflareAccount(login)


def _build_bundle(outdir: Path, *, environment: str, root: Path) -> wrangler.Upload:
    return bundle.build_bundle(outdir, environment=environment, root=root)


@dataclass(frozen=True)
class Tools:
    """The tools of a deployment: Cloudflare's API, wrangler, and the clock."""

    account: Callable[[Login], Account] = _account
    build_bundle: Callable[..., wrangler.Upload] = _build_bundle
    put_secrets: Callable[..., str] = wrangler.put_secrets
    deploy: Callable[..., str] = wrangler.deploy
    rollback: Callable[..., str] = wrangler.rollback
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Deployment:
    """One deployment; members from ``upload`` on are filled in by its steps."""

    environment: str
    environ: Mapping[str, str]
    origins: tuple[str, ...] = ()
    url: str = ""
    secret_path: Path = Path(".flaghoist/deploy.secret")
    root: Path = field(default_factory=checkout)
    tools: Tools = Tools()
    upload: wrangler.Upload | None = None
    namespace: str = ""
    version_id: str = ""

    @property
    def title(self) -> str:
        """The title of the KV namespace."""
        return f"flaghoist-{self.environment}"
