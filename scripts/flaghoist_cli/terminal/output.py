"""All output of commands: JSON for programs, lines and tables for people, colours only on a terminal."""

from collections.abc import Iterable, Sequence
from typing import Literal

import click
import msgspec

Tone = Literal["good", "warning", "bad", "quiet", "plain"]
_COLOURS: dict[Tone, str | None] = {
    "good": "green",
    "warning": "yellow",
    "bad": "red",
    "quiet": "bright_black",
    "plain": None,
}


def toned(text: str, tone: Tone) -> str:
    """Return the text in the tone's colour; without a terminal the colour is dropped."""
    colour = _COLOURS[tone]
    return click.style(text, fg=colour) if colour else text


def print_line(line: str = "", tone: Tone = "plain") -> None:
    """Print one line for people on standard output."""
    click.echo(toned(line, tone))


def print_note(line: str, tone: Tone = "plain") -> None:
    """Print one line on standard error: progress and notes, which no program reads."""
    click.echo(toned(line, tone), err=True)


def print_quiet_note(line: str) -> None:
    """Print one quiet line on standard error."""
    print_note(line, "quiet")


def print_error(sentence: str) -> None:
    """Print an error on standard error."""
    click.echo(f"{toned('error:', 'bad')} {sentence}", err=True)


def print_json(document: object, *, one_line: bool = False) -> None:
    """Print a document as JSON."""
    data = msgspec.json.encode(document)
    click.echo((data if one_line else msgspec.json.format(data, indent=2)).decode())


def show(document: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print the document as JSON, or as lines for people."""
    if as_json:
        print_json(document)
        return
    for line in lines:
        print_line(line)


def counted(number: int, noun: str) -> str:
    """Return ``1 value``, ``2 values``, ``1,234 values``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Return the rows as aligned lines under headings; columns in ``right`` are aligned to the right."""
    cells = [list(headings), *[list(row) for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]

    def line(row: Sequence[str]) -> str:
        padded = (
            cell.rjust(widths[column]) if column in right else cell.ljust(widths[column])
            for column, cell in enumerate(row)
        )
        return "  ".join(padded).rstrip()

    first, *rest = (line(row) for row in cells)
    return [toned(first, "quiet"), *rest]
