"""`flaghoist context`: sign contexts like an app's backend, for tests and development."""

import time

import click
import msgspec

from flaghoist_cli.commands.options import examples, json_option
from flaghoist_cli.files.contexts import read_context
from flaghoist_cli.files.signed_contexts import read_private_key, sign_context
from flaghoist_cli.terminal.instants import instant
from flaghoist_cli.terminal.output import show

MOST_SECONDS = 10 * 365 * 86_400


class SignedContext(msgspec.Struct, frozen=True):
    """A token with its own claims."""

    token: str
    key_id: str
    expires_at: str


@click.group("context")
def context() -> None:
    """Sign contexts.

    An app's backend does this with a library; see docs/signed-contexts.md. This command is for tests and development.
    """


@context.command(
    "sign",
    epilog=examples(
        'flaghoist context sign --private-key signing.jwk --context \'{"targetingKey": "ada"}\'',
        "flaghoist context sign --private-key signing.pem --key-id 5f0c2a9e1b7d4c3a --expires-in 60",
    ),
)
@click.option("--private-key", "path", required=True, help="File with the private key, a JWK or PEM.")
@click.option("--key-id", default="", help="The key's id, if the file does not contain it.")
@click.option(
    "--context", "context_text", default="{}", help="JSON, @FILE, or @FILE#NAME for one member of a file of contexts."
)
@click.option(
    "--expires-in",
    "seconds",
    type=click.IntRange(1, MOST_SECONDS),
    default=3600,
    show_default=True,
    help="Number of seconds until the token expires.",
)
@click.option("--environment", default="", help="Make the token valid in this environment only.")
@click.option("--sticky", multiple=True, metavar="FLAG=VARIATION", help="A sticky variation of the user; repeatable.")
@json_option
def sign(
    *,
    path: str,
    key_id: str,
    context_text: str,
    seconds: int,
    environment: str,
    sticky: tuple[str, ...],
    as_json: bool,
) -> None:
    """Print a signed context (a token); send it as `Flaghoist-Context`."""
    key = read_private_key(path, key_id)
    expires_at = int(time.time()) + seconds
    token = sign_context(key, read_context(context_text), expires_at, environment, _assignments(sticky))
    show(SignedContext(token, key.id, instant(expires_at * 1000)), [token], as_json=as_json)


def _assignments(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        flag, separator, variation = text.partition("=")
        if not (flag and separator and variation):
            raise click.BadParameter(f"{text} does not name a variation: write FLAG=VARIATION", param_hint="--sticky")
        found[flag] = variation
    return found
