"""Build the Worker's bundle in its own process, which can be ended as a whole while it waits for a download."""

import sys

from flaghoist_cli.build.bundle import build_bundle
from flaghoist_cli.terminal.failure import CommandFailed


def main() -> int:
    """Build if anything changed; the exit status is 1 if the build fails, with the reason on standard error."""
    try:
        build_bundle()
    except CommandFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
