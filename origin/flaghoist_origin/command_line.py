"""The command line of the origin, which takes no settings: those are environment variables."""

import argparse
from collections.abc import Sequence

from flaghoist.version import VERSION

PROGRAM = "flaghoist-origin"
SETTINGS = "https://github.com/flaghoist/flaghoist/blob/main/docs/settings.md"
DESCRIPTION = "Run the Flaghoist origin until SIGTERM or SIGINT ends it."
EPILOG = f"""\
Settings are environment variables whose names begin with FLAGHOIST_; only FLAGHOIST_SECRET must be set.
All of them are documented at {SETTINGS}

example:
  FLAGHOIST_SECRET=at-least-16-characters {PROGRAM}
"""


def read_command_line(arguments: Sequence[str] | None = None) -> None:
    """Check ``arguments``, by default the process's; answer ``--version`` and ``--help``, which end the process.

    Ends the process with 2 and a message on standard error for any other argument.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {VERSION}")
    parser.parse_args(arguments)
