"""Load the behaviours of `tests/cases`: one JSON file each, whose path there is the test's id."""

import json
from pathlib import Path
from typing import Any

Case = dict[str, Any]

CASES = Path(__file__).parent / "cases"
VECTORS = Path(__file__).parent / "vectors"


def load_cases() -> list[Case]:
    """Return every case, with its id, in the order of ids."""
    return [{"id": _identify(path), **json.loads(path.read_text("utf-8"))} for path in sorted(CASES.glob("*/*.json"))]


def _identify(path: Path) -> str:
    return path.relative_to(CASES).with_suffix("").as_posix()


def load_vectors() -> list[Case]:
    """Return the golden bucketing vectors: salt, flag, key, bucket, and the algorithm where it is not sha256."""
    files = [json.loads((VECTORS / name).read_text("utf-8")) for name in ("bucketing.json", "mix.json")]
    return [vector for file in files for vector in file["cases"]]


def flagset_document(case: Case) -> Case:
    """Return the case's flag set: flags, segments and groups by key."""
    return {part: case.get(part, {}) for part in ("flags", "segments", "groups")}
