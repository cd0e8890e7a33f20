"""The script as a file of its own."""

import pytest

from flaghoist.answers.page_script import SCRIPT_PATH, page_script
from flaghoist.errors import MethodNotAllowed
from flaghoist.hydration import SCRIPT
from flaghoist.protocol.requests import Request, Response


def asked(method: str = "GET", if_none_match: str = "") -> Response:
    return page_script(Request(method, SCRIPT_PATH, "", {"if-none-match": if_none_match}, b""))


def test_page_script__anybody__gets_the_script_for_five_minutes() -> None:
    response = asked()
    assert (response.status, response.body.decode()) == (200, SCRIPT)
    assert response.headers["Content-Type"] == "application/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_page_script__who_holds_it__gets_304() -> None:
    etag = asked().headers["ETag"]
    unchanged = asked(if_none_match=f'"other", {etag}')
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers["ETag"] == etag
    assert asked(if_none_match='"other"').status == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_page_script__other_methods__are_refused(method: str) -> None:
    with pytest.raises(MethodNotAllowed, match=r"/v1/bootstrap\.js takes GET"):
        asked(method)
