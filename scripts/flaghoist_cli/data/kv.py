"""The Workers KV that a command uses directly: as configured, else that of the local stack."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from flaghoist.snapshot.manifest import decode_manifest, manifest_key
from flaghoist_cli.client.target import read_running
from flaghoist_cli.data.settings import local_settings
from flaghoist_origin.kv.client import CloudflareKv
from flaghoist_origin.settings.settings import Settings, read_settings


def find_kv(data_dir: Path, origin_url: str = "") -> Settings | None:
    """Return how to reach KV: from the process's environment, else from the running `flaghoist dev`.

    None if neither is there, or if the origin that runs is another than the one at ``origin_url``.
    """
    if "FLAGHOIST_KV_NAMESPACE" in os.environ:
        return read_settings()
    running = read_running(data_dir)
    if running is None or origin_url not in {"", running.origin}:
        return None
    return local_settings(data_dir, origin_url=running.origin, kv_url=running.kv)


async def kv_epochs(data_dir: Path, environments: Iterable[str]) -> Mapping[str, int] | None:
    """Return the epochs in KV by environment; None if no KV is configured on this machine."""
    settings = find_kv(data_dir)
    if settings is None:
        return None
    kv = CloudflareKv(settings)
    try:
        found = {name: await kv.get(manifest_key(name)) for name in environments}
    finally:
        await kv.aclose()
    return {name: decode_manifest(data).epoch for name, data in found.items() if data is not None}
