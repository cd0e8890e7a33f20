"""The site that `flaghoist dev` puts behind the Worker: the demo's shop, a given URL, or none."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from flaghoist_cli.local.child import Child
from flaghoist_cli.local.dev.demo_files import shop_environment
from flaghoist_cli.local.ports import HOST, claim
from flaghoist_cli.local.readiness import until_answers


class DevSite(msgspec.Struct, frozen=True):
    """A site behind the Worker: its base URL ("" for none), and its process if it is the demo's shop."""

    url: str = ""
    shop: Child | None = None

    def variables(self, client_key: str) -> Mapping[str, str]:
        """Return the Worker's variables for it; its pages use ``client_key``."""
        return {"UPSTREAM_URL": self.url, "PAGE_KEY": client_key} if self.url else {}

    @property
    def children(self) -> Mapping[str, Child]:
        """The processes that must not end while the stack runs, by name."""
        return {} if self.shop is None else {"shop": self.shop}


@asynccontextmanager
async def site_behind(upstream_url: str, origin_urls: Sequence[str], *, has_demo: bool) -> AsyncIterator[DevSite]:
    """Yield the site at ``upstream_url``; without one the demo's shop, once it answers, if the demo is loaded."""
    if upstream_url or not has_demo:
        yield DevSite(upstream_url)
        return
    port = claim(0, "the shop")
    async with _shop(port, origin_urls) as shop:
        url = f"http://{HOST}:{port}"
        await until_answers(f"{url}/healthz", shop, "shop")
        yield DevSite(url, shop)


def _shop(port: int, origin_urls: Sequence[str]) -> Child:
    connects = [word for url in origin_urls for word in ("--connect", url)]
    command = [sys.executable, "-m", "flaghoist_cli.local.guarded", "demo.shop", "--port", str(port), *connects]
    return Child(command, shop_environment(), prefix="shop | ")
