"""The whole product on this machine: the edge in workerd, KV beside it, the origin, keys and the demo, ended together.

Everything listens on 127.0.0.1. The data folder holds everything that survives a restart: database, KV, secret and
keys.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import msgspec

from flaghoist_cli.client.http_request import Refused
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import LocalKeys, OriginTarget, Running, running_file
from flaghoist_cli.data.folder import claimed, kv_folder
from flaghoist_cli.data.keys import ensure_local_keys
from flaghoist_cli.data.settings import (
    ACCOUNT,
    LOGS_FOR_PEOPLE,
    NAMESPACE,
    kv_token,
    local_settings,
    stack_secret,
    variables_of,
)
from flaghoist_cli.files.flag_files import read_flag_set
from flaghoist_cli.files.secret_file import write_private
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.dev.demo_files import demo_flags
from flaghoist_cli.local.dev.pages import DevSite, site_behind
from flaghoist_cli.local.dev.settings import DevSettings
from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge
from flaghoist_cli.local.ports import HOST, claim
from flaghoist_cli.local.readiness import until_answers, until_version
from flaghoist_cli.local.supervision import ends, succeed, watch
from flaghoist_origin.settings.settings import Settings

ANY_ENVIRONMENT = "*"
KV_AHEAD = "kv-ahead"
# The lease of a killed origin lasts some seconds more; until then the edge asks the new one.
LEASE_HELD = "lease-held"


class Stack(msgspec.Struct, frozen=True):
    """A running stack: its addresses, its keys, and the snapshot version that the edge serves, "" if unknown.

    ``origins`` are the base URLs of all origins; commands use the first. ``site`` is the website behind the edge.
    """

    running: Running
    keys: LocalKeys
    version: str
    origins: tuple[str, ...] = ()
    site: DevSite = DevSite()


async def run_stack(settings: DevSettings, report: Callable[[str], None], ready: Callable[[Stack], None]) -> None:
    """Run until cancelled; call ``ready`` once everything answers. Raises CommandFailed if a part fails or ends."""
    async with AsyncExitStack() as parts:
        parts.enter_context(claimed(settings.data_dir))
        urls = _origin_urls(settings)
        edge_port = claim(settings.edge_port, "--edge-port")
        report("building the Worker …")
        await succeed(_builder(), "the Worker could not be built: see the error above")
        report("starting the edge …")
        keys = await _keys(settings, urls[0])
        site = await parts.enter_async_context(site_behind(settings.upstream_url, urls, has_demo=settings.has_demo))
        edge = await parts.enter_async_context(_edge(settings, urls, edge_port, site.variables(keys.client)))
        wirings = [_wiring(settings, url, edge.kv_url) for url in urls]
        running = Running(urls[0], edge.url, wirings[0].environment, edge.kv_url, os.getpid())
        if settings.is_edge_alone:
            ready(Stack(running, keys, "", urls, site))
            await ends("edge", edge)
        report("starting the origin …" if len(urls) == 1 else f"starting {len(urls)} origins …")
        origins = [await parts.enter_async_context(_origin(wiring, name)) for wiring, name in _named(wirings)]
        for url, origin in zip(urls, origins, strict=True):
            await until_answers(f"{url}/healthz", origin)
        version = await asyncio.to_thread(_fill, running, keys, report, has_demo=settings.has_demo)
        await until_version(running.edge, keys.server, version)
        parts.enter_context(_announced(settings.data_dir, running))
        ready(Stack(running, keys, version, urls, site))
        await watch(edge, origins, site.children, reloads=settings.reloads, report=report)


def _origin_urls(settings: DevSettings) -> tuple[str, ...]:
    """Return the addresses of the origins: the first on the given port, the others on free ones."""
    ports = [claim(settings.origin_port, "--origin-port")]
    while len(ports) < settings.origins:
        port = claim(0, "--origins")
        if port not in ports:
            ports.append(port)
    return tuple(f"http://{HOST}:{port}" for port in ports)


async def _keys(settings: DevSettings, origin_url: str) -> LocalKeys:
    """Return the keys; they are created in the database before any server starts."""
    wiring = _wiring(settings, origin_url, kv_url="")
    return await ensure_local_keys(settings.data_dir, wiring.url, wiring.environment)


def _wiring(settings: DevSettings, url: str, kv_url: str) -> Settings:
    return local_settings(
        settings.data_dir,
        origin_url=url,
        kv_url=kv_url,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
    )


def _named(wirings: Sequence[Settings]) -> Iterator[tuple[Settings, str]]:
    for number, wiring in enumerate(wirings, 1):
        yield wiring, "origin" if len(wirings) == 1 else f"origin {number}"


def _builder() -> Child:
    return Child([sys.executable, "-m", "flaghoist_cli.build.dev_build"], os.environ, prefix="build | ")


def _edge(settings: DevSettings, origin_urls: Sequence[str], port: int, further: Mapping[str, str]) -> LocalEdge:
    return LocalEdge(
        EdgeSettings(
            port=port,
            variables={"ENVIRONMENTS": ANY_ENVIRONMENT, "ORIGINS": ",".join(origin_urls), **further},
            secret=stack_secret(settings.data_dir),
            persist=kv_folder(settings.data_dir, settings.database_url),
            account=ACCOUNT,
            namespace=NAMESPACE,
            token=kv_token(settings.data_dir),
        )
    )


def _origin(wiring: Settings, name: str) -> Child:
    # A process group of its own would outlive a killed parent: `flaghoist_cli.local.guarded` ends it.
    command = [sys.executable, "-m", "flaghoist_cli.local.guarded", "flaghoist_origin"]
    # KV is on this machine: do not use a proxy of the environment.
    direct = {name: ",".join(filter(None, (os.environ.get(name), HOST))) for name in ("NO_PROXY", "no_proxy")}
    return Child(command, {**LOGS_FOR_PEOPLE, **os.environ, **direct, **variables_of(wiring)}, prefix=f"{name} | ")


def _fill(running: Running, keys: LocalKeys, report: Callable[[str], None], *, has_demo: bool) -> str:
    """Write the demo if nothing was ever written; return the snapshot version afterwards."""
    with OriginClient(OriginTarget(running.origin, running.environment, keys.admin)) as client:
        is_untouched = client.snapshot().is_untouched
        put_in_force(client, report)
        snapshot = client.snapshot()
        if has_demo and is_untouched:
            return client.replace_snapshot(read_flag_set(str(demo_flags())), snapshot.etag)
        return snapshot.version


def put_in_force(client: OriginClient, report: Callable[[str], None]) -> None:
    """Let the database win over a local KV that is ahead of it, as after the database's file was removed."""
    try:
        client.publish()
    except Refused as refusal:
        if refusal.problem == KV_AHEAD:
            report("KV is ahead of the database, which was created anew: recovering")
            client.recover()
        elif refusal.problem != LEASE_HELD:
            raise


@contextmanager
def _announced(data_dir: Path, running: Running) -> Iterator[None]:
    """Write the stack's addresses into the data folder as long as it runs."""
    path = running_file(data_dir)
    write_private(path, msgspec.json.encode(running))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
