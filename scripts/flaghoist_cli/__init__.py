"""The `flaghoist` command: one file per command, found through the table in `root`."""

from flaghoist_cli.commands.root import cli


def main() -> None:
    """Run the command that the arguments name; exit 0 on success, 1 on failure, 2 on wrong usage."""
    cli(prog_name="flaghoist")
