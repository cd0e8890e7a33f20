"""The account's namespaces, at the boundary of the Cloudflare SDK."""

import httpx
import pytest
import respx

from flaghoist_cli.deploy.cloudflare_account import CloudflareAccount
from flaghoist_cli.deploy.login import Login, read_login
from flaghoist_cli.terminal.failure import CommandFailed

BASE = "https://api.test/client/v4"
NAMESPACES = f"{BASE}/accounts/acc/storage/kv/namespaces"


def enveloped(result: object, **more: object) -> dict[str, object]:
    return {"success": True, "errors": [], "messages": [], "result": result, **more}


@pytest.fixture
def account() -> CloudflareAccount:
    return CloudflareAccount(Login("token", "acc"), base_url=BASE)


@respx.mock
def test_find_namespace__on_the_second_page__is_found(account: CloudflareAccount) -> None:
    pages = [
        enveloped([{"id": "1", "title": "other"}], result_info={"page": 1, "per_page": 1}),
        enveloped([{"id": "2", "title": "wanted"}], result_info={"page": 2, "per_page": 1}),
        enveloped([], result_info={"page": 3, "per_page": 1}),
    ]
    route = respx.get(NAMESPACES).mock(side_effect=[httpx.Response(200, json=page) for page in pages])
    assert account.find_namespace("wanted") == "2"
    assert route.calls[0].request.headers["Authorization"] == "Bearer token"


@respx.mock
def test_find_namespace__none_of_that_title__is_none(account: CloudflareAccount) -> None:
    respx.get(NAMESPACES).mock(return_value=httpx.Response(200, json=enveloped([])))
    assert account.find_namespace("wanted") is None


@respx.mock
def test_create_namespace__new_title__returns_its_id(account: CloudflareAccount) -> None:
    route = respx.post(NAMESPACES).mock(return_value=httpx.Response(200, json=enveloped({"id": "9", "title": "t"})))
    assert account.create_namespace("t") == "9"
    assert route.calls[0].request.content == b'{"title":"t"}'


@respx.mock
def test_find_namespace__token_without_rights__names_the_rights(account: CloudflareAccount) -> None:
    body = {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}], "result": None}
    respx.get(NAMESPACES).mock(return_value=httpx.Response(403, json=body))
    with pytest.raises(CommandFailed, match=r"answered 403: give CLOUDFLARE_API_TOKEN the rights of docs/deploy\.md"):
        account.find_namespace("wanted")


@pytest.mark.parametrize("missing", ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"])
def test_read_login__variable_missing__is_named(missing: str) -> None:
    environ = {"CLOUDFLARE_API_TOKEN": "t", "CLOUDFLARE_ACCOUNT_ID": "a", missing: ""}
    with pytest.raises(CommandFailed, match=f"^{missing} must be set"):
        read_login(environ)
