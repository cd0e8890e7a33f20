"""What the process may open decides how many streams it takes."""

import resource
from collections.abc import Iterator

import pytest

from flaghoist_origin.settings.open_files import MOST, RESERVED, within_open_files
from flaghoist_origin.settings.settings import Settings


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_within_open_files__few_allowed__raised_as_far_as_may_be() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (RESERVED, hard))

    settings = within_open_files(Settings(stream_limit=10 * MOST))

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert allowed > RESERVED
    assert settings.stream_limit == allowed - RESERVED


def test_within_open_files__enough__settings_stay() -> None:
    settings = Settings(stream_limit=1)

    assert within_open_files(settings) is settings
