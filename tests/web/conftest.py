"""The tarball of the npm package, made once for all tests."""

from pathlib import Path

import pytest

from tests.web.packing import pack


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the packed npm package."""
    return pack(tmp_path_factory.mktemp("tarball"))
