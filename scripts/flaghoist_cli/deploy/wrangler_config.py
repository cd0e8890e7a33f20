"""The KV namespace id in ``wrangler.toml``: read and written in place, so that comments stay."""

import re

from flaghoist_cli.terminal.failure import CommandFailed

_PLACEHOLDER = re.compile(r"0{20,}[0-9]*")


def _id_line(environment: str) -> re.Pattern[str]:
    header = re.escape(f"[[env.{environment}.kv_namespaces]]")
    return re.compile(rf'(?P<before>^{header}\n(?:(?!\[).*\n)*?id = ")(?P<id>[^"]*)(?P<after>")', re.MULTILINE)


def namespace_id(text: str, environment: str) -> str | None:
    """Return the namespace id of an environment, None for the placeholder; raise CommandFailed if there is none."""
    found = _find(text, environment)["id"]
    return None if _PLACEHOLDER.fullmatch(found) else found


def with_namespace_id(text: str, environment: str, namespace: str) -> str:
    """Return the configuration with the namespace's id filled in."""
    found = _find(text, environment)
    return f"{text[: found.start('id')]}{namespace}{text[found.end('id') :]}"


def _find(text: str, environment: str) -> re.Match[str]:
    found = _id_line(environment).search(text)
    if found is None:
        raise CommandFailed(
            f"wrangler.toml declares no KV namespace for {environment}: "
            f"add [[env.{environment}.kv_namespaces]] with a binding and an id"
        )
    return found
