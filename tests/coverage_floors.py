"""Hold how much of the code tests reach: each room has a floor, and the domain has the highest.

``python -m tests.coverage_floors`` reads what a measured run has left, prints a line for each room, and exits with 1
if one is below its floor. What is below it is listed line by line.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from coverage import Coverage

from tests.project import ROOT

CONFIGURATION = ROOT / "tests" / "coverage.toml"
CLI_FLOOR = 88.0
"""Below the other rooms: stacks are started and built by programs of their own, in `tests/e2e` and `tests/browser`."""

SDK = "*/flaghoist/sdk/*"


@dataclass(frozen=True)
class Measured:
    """Some files, as a part of the code that has a floor of its own; both floors are percentages."""

    name: str
    include: tuple[str, ...]
    floor: float
    omit: tuple[str, ...] = ()


PARTS = (
    Measured("domain", ("*/shared/flaghoist/*",), 100.0, (SDK,)),
    Measured("sdk", (SDK,), 95.0),
    Measured("edge", ("*/flaghoist_edge/*",), 95.0),
    Measured("origin", ("*/flaghoist_origin/*",), 95.0),
    Measured("cli", ("*/flaghoist_cli/*",), CLI_FLOOR),
)


def main() -> int:
    """Report every part; return 1 if one is below its floor."""
    coverage = Coverage(config_file=str(CONFIGURATION))
    coverage.load()
    configured = list(coverage.get_option("run:omit") or ())  # type: ignore[arg-type]
    reached: Mapping[Measured, tuple[float, str]] = {
        part: report(coverage, part, [*configured, *part.omit]) for part in PARTS
    }
    below = [part for part, (percentage, _) in reached.items() if round(percentage, 2) < part.floor]
    for part, (percentage, table) in reached.items():
        sys.stdout.write(f"{part.name:8} {percentage:6.2f} % of branches and lines, at least {part.floor:.0f} %\n")
        if part in below:
            sys.stdout.write(table)
    return 1 if below else 0


def report(coverage: Coverage, part: Measured, omit: list[str]) -> tuple[float, str]:
    """Return the percentage that is reached, and a table of the files that miss something."""
    table = StringIO()
    percentage = coverage.report(
        include=list(part.include), omit=omit, show_missing=True, skip_covered=True, file=table
    )
    return percentage, table.getvalue()


if __name__ == "__main__":
    Path("build/coverage").mkdir(parents=True, exist_ok=True)
    sys.exit(main())
