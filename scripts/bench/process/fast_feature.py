"""fast-feature, an OFREP server in Python, under uvicorn: ``python -m bench.process.fast_feature FILE PORT``.

FILE contains flags in flagd's format. Run it in the environment where the package is installed.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from flaghoist_cli.local.ports import HOST


def create(document: bytes) -> Any:
    """Return its routes with its in-memory store, assembled as in its own server."""
    flag = import_module("fast_feature.core").Flag
    flags = [
        flag(key, one["variants"], one["defaultVariant"], targeting=one.get("targeting"))
        for key, one in msgspec.json.decode(document)["flags"].items()
    ]
    store = import_module("fast_feature.storage.inmemory").InMemoryFlagRepository(flags)
    app = import_module("fastapi").FastAPI()
    app.add_api_route("/", lambda: "ok")
    app.include_router(import_module("fast_feature.ofrep").OfrepRouter.build(store))
    return app


if __name__ == "__main__":
    uvicorn.run(create(Path(sys.argv[1]).read_bytes()), host=HOST, port=int(sys.argv[2]), log_level="error")
