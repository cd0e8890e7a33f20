"""Durations on the command line: a number and its unit."""

import re

import click

_DURATION = re.compile(r"(?P<count>\d{1,6})(?P<unit>[smhd])")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str, option: str) -> int:
    """Return ``text`` in seconds, such as 90s, 30m, 12h or 7d; raise BadParameter naming the option."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text} is not a duration: write 90s, 30m, 12h or 7d", param_hint=option)
    return int(found["count"]) * _UNIT_SECONDS[found["unit"]]
