"""The unit tests of the npm package, which Vitest runs from its source in Node without a DOM."""

from pathlib import Path

from flaghoist_cli.build.node import script
from tests.web.packing import run_node

HERE = Path(__file__).parent


def test_unit_tests__in_node_without_a_dom__pass() -> None:
    said = run_node(script("vitest/vitest.mjs"), "run", "--config", "vitest.config.mjs", "--no-color", cwd=HERE)
    assert " passed" in said, said
