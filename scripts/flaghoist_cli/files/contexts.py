"""Contexts from the command line and from files: JSON, ``@file``, or ``@file#name`` for one member of a file."""

from collections.abc import Mapping

from flaghoist.limits import CONTEXT_BYTES, WRITE_BODY_BYTES
from flaghoist.model.context import Context
from flaghoist.model.context_checks import check_context
from flaghoist.text import strict_json
from flaghoist_cli.files.flag_files import read_file
from flaghoist_cli.terminal.failure import CommandFailed

FROM_FILE = "@"
MEMBER = "#"


def read_context(text: str) -> Context:
    """Return the context of a ``--context`` argument; raise InputError or CommandFailed if there is none."""
    if not text.startswith(FROM_FILE):
        return check_context(strict_json.decode(text.encode(), max_bytes=CONTEXT_BYTES), "--context")
    path, _, member = text.removeprefix(FROM_FILE).partition(MEMBER)
    if not member:
        return check_context(strict_json.decode(read_file(path), max_bytes=CONTEXT_BYTES), path)
    named = read_contexts(path)
    if member not in named:
        raise CommandFailed(f"{path} has no context named {member}: it has {', '.join(sorted(named))}")
    return named[member]


def read_contexts(path: str) -> Mapping[str, Context]:
    """Return the contexts of a file that holds an object of them, by name."""
    tree = strict_json.decode(read_file(path), max_bytes=WRITE_BODY_BYTES)
    if not isinstance(tree, dict):
        raise CommandFailed(f'{path} is not an object of contexts: write {{"name": {{context}}, …}}')
    return {name: check_context(context, f"{path}: $.{name}") for name, context in tree.items()}
