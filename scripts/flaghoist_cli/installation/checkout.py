"""Where the project's checkout is: some commands need its sources, which no wheel holds."""

from pathlib import Path

from flaghoist_cli.terminal.failure import CommandFailed

REPOSITORY = "https://github.com/flaghoist/flaghoist"
_OWN = Path(__file__).resolve().parents[3]
"""The checkout that this file is in, where it is in one."""


def find_checkout() -> Path | None:
    """Return the checkout that this installation comes from, else the one around the current folder, else None."""
    here = Path.cwd()
    return next((folder for folder in (_OWN, here, *here.parents) if _is_checkout(folder)), None)


def checkout(needed_by: str = "this", run: str = "make setup") -> Path:
    """Return the checkout's root folder, which holds ``wrangler.toml``.

    Where there is none raise CommandFailed, which says who needs it and what to ``run`` in a new clone.
    """
    found = find_checkout()
    if found is None:
        raise CommandFailed(
            f"{needed_by} runs from a checkout of the project, and there is none here: "
            f"`git clone {REPOSITORY} && cd flaghoist && {run}`"
        )
    return found


def _is_checkout(folder: Path) -> bool:
    return (folder / "wrangler.toml").is_file() and (folder / "edge_worker").is_dir()
