"""Fixtures of the origin's tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.origin.an_origin import AnOrigin, Prepared, an_origin, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Make the database that tests start from, once."""
    return asyncio.run(prepare(tmp_path_factory.mktemp("prepared")))


@pytest.fixture
async def origin(anyio_backend: str, prepared: Prepared, tmp_path: Path) -> AsyncIterator[AnOrigin]:
    """Start an origin for one test."""
    async with an_origin(tmp_path, prepared=prepared) as started:
        yield started
