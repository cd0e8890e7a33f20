"""A Worker that runs the behaviour cases inside workerd: POST them as JSON, get one result per case back."""

import json
from typing import Any

from workers import Response, WorkerEntrypoint

from tests.in_worker.cases_worker import run_cases, run_vectors


class Default(WorkerEntrypoint):  # type: ignore[misc]
    """The entry that takes the product's place; everything else of the bundle stays as it is deployed."""

    async def fetch(self, request: Any) -> Any:
        """Run what a POST carries; answer anything else (the first request of the local edge) with an empty list."""
        if request.js_object.method != "POST":
            return Response(b"[]")
        work = json.loads(await request.bytes())
        results = run_cases(work["cases"]) + run_vectors(work["vectors"])
        return Response(json.dumps(results).encode(), headers={"Content-Type": "application/json"})
