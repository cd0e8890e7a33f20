"""Who deploys: the API token and the account that the environment's variables name."""

from collections.abc import Mapping

import msgspec

from flaghoist_cli.terminal.failure import CommandFailed

TOKEN_VARIABLE = "CLOUDFLARE_API_TOKEN"
ACCOUNT_VARIABLE = "CLOUDFLARE_ACCOUNT_ID"


class Login(msgspec.Struct, frozen=True):
    """An API token and the account it is for."""

    token: str
    account: str


def read_login(environ: Mapping[str, str]) -> Login:
    """Return the login that the environment's variables hold; raise CommandFailed naming each that is missing."""
    missing = [name for name in (TOKEN_VARIABLE, ACCOUNT_VARIABLE) if not environ.get(name)]
    if missing:
        raise CommandFailed(f"{' and '.join(missing)} must be set to deploy: see docs/deploy.md, or give --dry-run")
    return Login(environ[TOKEN_VARIABLE], environ[ACCOUNT_VARIABLE])
