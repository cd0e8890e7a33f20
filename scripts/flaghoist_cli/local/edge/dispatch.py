"""Answer one request with the Worker's `Default` class; runs inside Pyodide, called by host.mjs.

The first step of the coroutine runs at once (an eager task) and the last one settles the host's promise itself. So a
request that awaits nothing schedules nothing, and no request waits for a turn of the event loop.
"""

from __future__ import annotations

import asyncio
import importlib
import site
import sys
import traceback
from collections.abc import Callable
from typing import Any

import _local_edge
from pyodide import webloop


def _reseed() -> None:
    """Reseed the random generator: a seed from before the memory snapshot would repeat at each start."""
    if "random" in sys.modules:
        sys.modules["random"].seed()


def _mount_search_paths() -> None:
    root = _local_edge.modulesRoot
    sys.path.insert(0, root)
    site.addsitedir(f"{root}/python_modules")
    importlib.invalidate_caches()


def bind(entry_module: str, env: Any) -> Callable[[Any, Any, Any], None]:
    """Import the entry and return `serve(request, ctx, settle)`.

    That calls ``settle`` with a JS Response, or with None after a traceback was printed.
    """
    webloop.scheduleCallback = _local_edge.scheduleCallback
    _reseed()
    _mount_search_paths()
    entry_class = importlib.import_module(entry_module).Default
    request_class = importlib.import_module("workers").Request
    loop = asyncio.get_event_loop()

    async def respond(request: Any, ctx: Any, settle: Any) -> None:
        response = None
        try:
            response = (await entry_class(ctx, env).fetch(request_class(request))).js_object
        except Exception:
            traceback.print_exc()
        finally:
            settle(response)

    def serve(request: Any, ctx: Any, settle: Any) -> None:
        asyncio.Task(respond(request, ctx, settle), loop=loop, eager_start=True)  # type: ignore[call-arg]  # 3.12 on

    return serve
