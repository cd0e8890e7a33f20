"""The error of a command that cannot do its work: one sentence, with the remedy."""

from flaghoist.errors import FlaghoistError


class CommandFailed(FlaghoistError):
    """A command failed; the message names the cause and the remedy."""

    slug = "command-failed"
    title = "The command failed"
