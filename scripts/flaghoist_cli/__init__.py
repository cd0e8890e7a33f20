"""The `flaghoist` command: one file per command, found through the table in `root`."""

from flaghoist_cli.commands.root import cli


def main() -> None:
    """Run the command that the arguments name; exit 0 if it was good, 1 if it failed, 2 if it was used wrongly."""
    cli(prog_name="flaghoist")
