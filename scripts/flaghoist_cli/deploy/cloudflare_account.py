"""The KV namespaces of a Cloudflare account, over the official SDK: find one by its title, or create it."""

from collections.abc import Mapping
from typing import NoReturn

import cloudflare

from flaghoist_cli.deploy.login import ACCOUNT_VARIABLE, TOKEN_VARIABLE, Login
from flaghoist_cli.terminal.failure import CommandFailed

TIMEOUT_SECONDS = 30.0
_RIGHTS = f"give {TOKEN_VARIABLE} the rights of docs/deploy.md, and check {ACCOUNT_VARIABLE}"
_REMEDIES: Mapping[int, str] = {400: _RIGHTS, 401: _RIGHTS, 403: _RIGHTS, 404: f"check {ACCOUNT_VARIABLE}"}


class CloudflareAccount:
    """One account's namespaces; every method raises CommandFailed if Cloudflare does not answer or refuses."""

    def __init__(self, login: Login, base_url: str | None = None) -> None:
        self._sdk = cloudflare.Cloudflare(api_token=login.token, base_url=base_url, timeout=TIMEOUT_SECONDS)
        # The SDK reads these from the process's environment and prefers them to the token.
        self._sdk.api_email = self._sdk.api_key = self._sdk.user_service_key = None
        self._account = login.account

    def find_namespace(self, title: str) -> str | None:
        """Return the id of the namespace with this title, or None."""
        try:
            namespaces = list(self._sdk.kv.namespaces.list(account_id=self._account, per_page=100))
        except cloudflare.CloudflareError as error:
            _fail("listing the KV namespaces", error)
        return next((namespace.id for namespace in namespaces if namespace.title == title), None)

    def create_namespace(self, title: str) -> str:
        """Create a namespace and return its id."""
        try:
            made = self._sdk.kv.namespaces.create(account_id=self._account, title=title)
        except cloudflare.CloudflareError as error:
            _fail(f"creating the KV namespace {title}", error)
        if made is None:
            raise CommandFailed(f"Cloudflare created {title} but returned no id: run the command again")
        return made.id


def _fail(action: str, error: cloudflare.CloudflareError) -> NoReturn:
    if isinstance(error, cloudflare.APIStatusError):
        remedy = _REMEDIES.get(error.status_code, "wait a moment and run the command again")
        raise CommandFailed(f"{action} failed: Cloudflare answered {error.status_code}: {remedy}") from error
    raise CommandFailed(f"{action} failed: {error}: check this machine's connection") from error
