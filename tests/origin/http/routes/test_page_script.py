"""The page script at the origin: for everybody, and as the edge answers it."""

import pytest

from flaghoist.hydration import SCRIPT
from tests.origin.an_origin import AnOrigin

pytestmark = pytest.mark.anyio

PATH = "/v1/bootstrap.js"
NO_KEY = {"Authorization": ""}


async def test_page_script__without_a_key__is_served_and_may_be_cached(origin: AnOrigin) -> None:
    response = await origin.client.get(PATH, headers=NO_KEY)
    assert (response.status_code, response.text) == (200, SCRIPT)
    assert response.headers["Cache-Control"] == "public, max-age=300"
    held = {**NO_KEY, "If-None-Match": response.headers["ETag"]}
    assert (await origin.client.get(PATH, headers=held)).status_code == 304


async def test_page_script__preflight__any_page_may_ask(origin: AnOrigin) -> None:
    response = await origin.client.options(PATH, headers=NO_KEY)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_page_script__other_methods__are_refused(origin: AnOrigin) -> None:
    response = await origin.client.post(PATH, headers=NO_KEY)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, OPTIONS")
    assert response.headers["Content-Type"] == "application/problem+json"
