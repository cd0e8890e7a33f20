"""Print differences between flag sets: one line each, and one per member that differs."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from flaghoist_cli.commands.options import confirm
from flaghoist_cli.files.differences import Change, Difference
from flaghoist_cli.terminal.output import Tone, print_line, toned

LONGEST_VALUE = 60
_MARKS: Mapping[Change, tuple[str, Tone]] = {
    "added": ("+", "good"),
    "removed": ("-", "bad"),
    "changed": ("~", "warning"),
}


def difference_lines(differences: Iterable[Difference]) -> Iterator[str]:
    """Yield lines such as ``~ flag new-checkout`` and ``    on: false → true``."""
    for difference in differences:
        mark, tone = _MARKS[difference.change]
        yield toned(f"{mark} {difference.kind} {difference.key}", tone)
        for member in difference.members:
            yield f"    {member.path}: {_short(member.before)} → {_short(member.after)}"


def _short(text: str) -> str:
    if not text:
        return "(absent)"
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def wants_writing(changes: Collection[Difference], question: str, *, yes: bool, dry_run: bool, as_json: bool) -> bool:
    """Show the changes of a write and ask for confirmation; return whether to write."""
    if not as_json:
        for line in difference_lines(changes):
            print_line(line)
    if not changes or dry_run:
        return False
    confirm(question, yes=yes)
    return True
