"""A log-log plot of latency against number of flags, as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

import msgspec

from bench.edge.subjects import SUBJECTS, Role, Subject
from bench.measuring.results import Measured
from bench.report.tables import figure

_WIDTH, _HEIGHT = 900, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 310, 46, 50
_LABEL_GAP = 15
_COLOURS: Sequence[str] = ("#8c564b", "#9467bd", "#2ca02c", "#1f77b4", "#17a2b8", "#e08a00", "#7f7f7f")
_STROKES: Mapping[Role, tuple[float, str]] = {"ours": (3.5, ""), "floor": (1.5, "5 4"), "peer": (1.8, "")}
_OURS, _FLOOR = "#d62728", "#777777"


class _Line(msgspec.Struct, frozen=True):
    subject: Subject
    colour: str
    points: Sequence[tuple[float, float]]


class _Scale(msgspec.Struct, frozen=True):
    """A logarithmic axis from ``low`` to ``high``, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        part = (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return round(self.start + part * (self.end - self.start), 1)


def plot(measured: Mapping[str, Measured], title: str) -> str:
    """Return the SVG of p50 in ms for sets of at least two sizes."""
    lines = list(_lines(measured))
    flags = [x for line in lines for x, _ in line.points]
    times = [y for line in lines for _, y in line.points]
    across = _Scale(min(flags), max(flags), _LEFT, _WIDTH - _RIGHT)
    up = _Scale(10 ** floor(log10(min(times))), 10 ** ceil(log10(max(times))), _HEIGHT - _BOTTOM, _TOP)
    parts = [*_frame(title), *_grid(across, up, sorted(set(flags))), *_curves(lines, across, up)]
    return "\n".join([*parts, "</svg>", ""])


def _lines(measured: Mapping[str, Measured]) -> Iterator[_Line]:
    colours = iter(_COLOURS)
    for subject in SUBJECTS:
        colour = {"ours": _OURS, "floor": _FLOOR}.get(subject.role) or next(colours, _FLOOR)
        points = [
            (float(each.flags), each.subjects[subject.name].p50.median)
            for each in sorted(measured.values(), key=lambda each: each.flags)
            if subject.name in each.subjects
        ]
        if points:
            yield _Line(subject, colour, points)


def _frame(title: str) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12">'
    )
    yield f"<title>{escape(title)}</title>"
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
    yield f'<text x="{_LEFT}" y="24" font-size="15" font-weight="600" fill="#222222">{escape(title)}</text>'


def _grid(across: _Scale, up: _Scale, flags: Sequence[float]) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for value in flags:
        x = across.place(value)
        yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}" stroke="#eeeeee"/>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" fill="#444444">{value:,.0f}</text>'
    for decade in range(round(log10(up.low)), round(log10(up.high)) + 1):
        y = up.place(10**decade)
        yield f'<line x1="{_LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="#dddddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#444444">{10**decade:g}</text>'
    yield f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 10}" text-anchor="middle" fill="#444444">flags</text>'
    yield f'<text x="14" y="{_TOP - 8}" fill="#444444">p50, ms</text>'


def _curves(lines: Sequence[_Line], across: _Scale, up: _Scale) -> Iterator[str]:
    label_y = float(_TOP - _LABEL_GAP)
    for line in sorted(lines, key=lambda line: -line.points[-1][1]):
        width, dashes = _STROKES[line.subject.role]
        places = [(across.place(x), up.place(y)) for x, y in line.points]
        stroke = f'stroke="{line.colour}" stroke-width="{width}"' + (f' stroke-dasharray="{dashes}"' if dashes else "")
        path = " ".join(f"{x},{y}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" {stroke} stroke-linejoin="round"/>'
        yield from (f'<circle cx="{x}" cy="{y}" r="{width + 0.7}" fill="{line.colour}"/>' for x, y in places)
        end_x, end_y = places[-1]
        label_y = max(label_y + _LABEL_GAP, end_y + 4)
        weight = "700" if line.subject.role == "ours" else "400"
        text = escape(f"{line.subject.label}: {figure(line.points[-1][1])}")
        yield f'<text x="{end_x + 14}" y="{label_y}" fill="{line.colour}" font-weight="{weight}">{text}</text>'
