"""The edge and the site that the tests in workerd share."""

from collections.abc import Iterator

import httpx
import pytest

from tests.edge_worker.pages.running import Running, running_pages
from tests.servers.site import SiteServer

TIMEOUT_SECONDS = 30


@pytest.fixture(scope="package")
def running(processes: None) -> Iterator[Running]:
    """Run an edge and a site."""
    with running_pages() as pages:
        yield pages


@pytest.fixture
def site(running: Running) -> SiteServer:
    """Return the site, which has been asked nothing yet."""
    running.site.answers.clear()
    running.site.received.clear()
    return running.site


@pytest.fixture
def visitor(running: Running) -> Iterator[httpx.Client]:
    """Return an HTTP client with cookies of its own, which accepts anything and follows no redirect."""
    with httpx.Client(base_url=running.edge, timeout=TIMEOUT_SECONDS) as client:
        yield client
