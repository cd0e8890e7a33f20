"""The Python examples: values in the first bytes, from which the page starts without a request."""

import asyncio
from collections.abc import Callable, Iterator
from types import ModuleType

import httpx
import pytest
from django.test import Client

from tests.examples.apps import EXAMPLES, loaded, run_in_page, scripts_of
from tests.shared.sdk.origin_process import OriginProcess, until

Headers = dict[str, str]
Get = Callable[[str], tuple[str, Headers]]


def flask_client(module: ModuleType) -> Iterator[Get]:
    def get(path: str) -> tuple[str, Headers]:
        answer = module.app.test_client().get(path)
        return answer.get_data(as_text=True), dict(answer.headers)

    yield get


def fastapi_client(module: ModuleType) -> Iterator[Get]:
    transport = httpx.ASGITransport(module.app)
    lifespan = module.app.router.lifespan_context(module.app)

    async def answer(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://example.test") as client:
            return await client.get(path)

    with asyncio.Runner() as runner:

        def get(path: str) -> tuple[str, Headers]:
            answered = runner.run(answer(path))
            return answered.text, {name.title(): text for name, text in answered.headers.items()}

        runner.run(lifespan.__aenter__())
        until(lambda: module.provider.state.snapshot is not None)
        yield get
        runner.run(lifespan.__aexit__(None, None, None))


def django_client(module: ModuleType) -> Iterator[Get]:
    def get(path: str) -> tuple[str, Headers]:
        answer = Client(SERVER_NAME="127.0.0.1").get(path)
        return answer.content.decode(), dict(answer.headers)

    yield get


CLIENTS = {"flask": flask_client, "fastapi": fastapi_client, "django": django_client}


@pytest.fixture(scope="module", params=CLIENTS)
def started(request: pytest.FixtureRequest, origin: OriginProcess) -> Iterator[tuple[Get, OriginProcess]]:
    """Start one example; return what gets a page of it, and its origin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLAGHOIST_ORIGIN", origin.url)
        patch.setenv("FLAGHOIST_SERVER_KEY", origin.keys["server"])
        patch.setenv("FLAGHOIST_CLIENT_KEY", origin.keys["client"])
        with loaded(EXAMPLES / request.param / "app.py") as module:
            for get in CLIENTS[request.param](module):
                yield get, origin


@pytest.mark.parametrize(("plan", "checkout"), [("pro", "new"), ("free", "old")])
def test_page__values__are_in_its_first_bytes(started: tuple[Get, OriginProcess], plan: str, checkout: str) -> None:
    get, _ = started
    html, headers = get(f"/?user=ada&plan={plan}")

    assert f"The {checkout} checkout." in html
    assert html.startswith("<!doctype html><head><script")
    assert set(headers["Cache-Control"].split(", ")) == {"private", "no-store"}


@pytest.mark.parametrize(("plan", "is_new"), [("pro", True), ("free", False)])
def test_page__script__starts_from_the_same_values(started: tuple[Get, OriginProcess], plan: str, is_new: bool) -> None:
    get, origin = started
    html, _ = get(f"/?user=ada&plan={plan}")
    fallback = "false" if is_new else "true"
    read = f"[Flaghoist.value('new-checkout', {fallback}), Flaghoist.context.plan, Flaghoist.baseUrl]"

    assert run_in_page(scripts_of(html), read) == [is_new, plan, origin.url]
