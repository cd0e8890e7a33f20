"""What a command raises when it cannot do what was asked: one sentence, with the remedy."""

from flaghoist.errors import FlaghoistError


class CommandFailed(FlaghoistError):
    """A command failed; the message names the thing and the remedy."""

    slug = "command-failed"
    title = "The command failed"
