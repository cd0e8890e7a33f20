"""One deployment: its options, its tools, and the results of its steps so far."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flaghoist_cli.build import bundle, wrangler
from flaghoist_cli.build.checkout import ROOT
from flaghoist_cli.deploy.cloudflare_account import CloudflareAccount, Login


class Account(Protocol):
    """The KV namespaces of an account."""

    def find_namespace(self, title: str) -> str | None:
        """Return the id of the namespace with this title, or None."""

    def create_namespace(self, title: str) -> str:
        """Create a namespace and return its id."""


@dataclass(frozen=True)
class Tools:
    """The tools of a deployment: Cloudflare's API, wrangler, and the clock."""

    account: Callable[[Login], Account] = CloudflareAccount
    build_bundle: Callable[..., wrangler.Upload] = bundle.build_bundle
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
    root: Path = ROOT
    tools: Tools = Tools()
    upload: wrangler.Upload | None = None
    namespace: str = ""
    version_id: str = ""

    @property
    def title(self) -> str:
        """The title of the KV namespace."""
        return f"flaghoist-{self.environment}"
