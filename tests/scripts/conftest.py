"""Fixtures of the command's tests."""

from collections.abc import Iterator

import pytest

from tests.builders import a_flag, a_flagset, a_segment
from tests.scripts.fake_origin import OriginState, fake_origin


@pytest.fixture
def origin() -> Iterator[OriginState]:
    """Serve an origin that holds two flags and a segment."""
    flagset = a_flagset(
        a_flag("banner").on(), a_flag("checkout").on().fallthrough("on"), a_segment("staff").including("sam")
    )
    with fake_origin(flagset) as state:
        yield state
