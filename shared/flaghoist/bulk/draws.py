"""Draws in a view. The most likely choice of each draw is the template; the other choices are patches.

A draw among three has two bounds, and so two patches and two comparisons. Patches above the most likely choice are
applied upwards and those below it downwards, so the last selected patch is the right one.
"""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256
from itertools import compress, pairwise
from typing import NamedTuple

from flaghoist.bulk.buckets import Buckets, bound, numbers_of
from flaghoist.model.bucketing import BUCKETS
from flaghoist.model.outcome import Outcome
from flaghoist.rules.serves import Draw, Serve
from flaghoist.rules.views import View
from flaghoist.steps import Steps

_END = b"\xff"
"""The separator of hashed texts; it occurs in no UTF-8 text."""

_PAIR = 2
_SIMPLE = 4
"""This many of the look-ups here cost about as much as an item of a step."""


def only_choice(serve: Serve) -> Outcome | None:
    """Return the outcome for everybody, if there is one; a draw may give one choice all buckets."""
    if isinstance(serve, Outcome):
        return serve
    first, last = bisect_right(serve.bounds, 0), bisect_right(serve.bounds, BUCKETS - 1)
    return serve.choices[first] if first == last else None


_Patch = tuple[int, bytes]
"""A place, and the fragment that goes there."""


class LaidOut(NamedTuple):
    """What is served, in a view: the template, and the other choices of a draw with their selectors.

    ``prefix`` is that of the hashed text, after the separator that ends the text before it.
    """

    ready: bytes
    prefix: bytes = b""
    patches: Sequence[tuple[bytes, bytes]] = ()


def lay_out(serve: Serve, view: View) -> LaidOut:
    """Return what is served in the view; without a draw it has no patches."""
    if isinstance(serve, Outcome):
        return LaidOut(view.render(serve))
    if len(serve.bounds) == _PAIR:
        return _lay_out_pair(serve, view)
    only = only_choice(serve)
    if only is not None:
        return LaidOut(view.render(only))
    fragments, bounds = [view.render(choice) for choice in serve.choices], serve.bounds
    shares = [end - start for start, end in pairwise((0, *bounds))]
    likeliest = shares.index(max(shares))
    above = [(fragments[n + 1], bound(bounds[n], is_below=False)) for n in range(likeliest, len(bounds) - 1)]
    below = [(fragments[n], bound(bounds[n], is_below=True)) for n in range(likeliest - 1, -1, -1)]
    return LaidOut(fragments[likeliest], _END + serve.prefix.encode(), above + below)


def _lay_out_pair(draw: Draw, view: View) -> LaidOut:
    """Return the same for a draw between two choices: the usual case, and loading does this for each draw."""
    below, other = draw.choices
    at = draw.bounds[0]
    if at in (0, BUCKETS):
        return LaidOut(view.render(below if at else other))
    is_below = 2 * at < BUCKETS
    ready, patch = (other, below) if is_below else (below, other)
    prefix = _END + draw.prefix.encode()
    return LaidOut(view.render(ready), prefix, ((view.render(patch), bound(at, is_below=is_below)),))


class Draws:
    """Draws by one attribute at their places, all decided at once. Made by `draws_steps`."""

    def __init__(
        self, prefixes: Sequence[bytes], patches: Sequence[_Patch], bounds: Sequence[bytes], more: Sequence[int]
    ) -> None:
        """Each draw has a patch and its bound in the order of ``prefixes``; further ones are of the draws ``more``."""
        self._prefixes = [prefixes[0].removeprefix(_END), *prefixes[1:], b""] if prefixes else []
        self._patches = patches
        self._more = more
        self._buckets = Buckets(bounds)

    def put(self, unit: bytes, picked: list[bytes]) -> None:
        """Write the fragments that the unit draws."""
        if not self._patches:
            return
        digests = [sha256(text).digest() for text in unit.join(self._prefixes).split(_END)]
        digests += [digests[draw] for draw in self._more]
        for place, fragment in compress(self._patches, self._buckets.select(b"".join(digests))):
            picked[place] = fragment


def draws_steps(places: Sequence[int], laid: Sequence[LaidOut]) -> Steps[Draws]:
    """Return draws at their places; each has at least one patch."""
    patches = [(place, each.patches[0][0]) for place, each in zip(places, laid, strict=True)]
    bounds = [each.patches[0][1] for each in laid]
    yield 2 * len(laid) // _SIMPLE
    more: list[int] = []
    for number in range(1, max((len(each.patches) for each in laid), default=0)):
        for draw, each in enumerate(laid):
            if len(each.patches) > number:
                more.append(draw)
                patches.append((places[draw], each.patches[number][0]))
                bounds.append(each.patches[number][1])
        yield len(laid) // _SIMPLE
    draws = Draws([each.prefix for each in laid], patches, bounds, more)
    yield len(laid) // _SIMPLE
    return draws


OneDraw = tuple[bytes, int, bytes, bytes | tuple[Sequence[int], Sequence[bytes]]]
"""One draw in a view: prefix, first bound, the choice below it; then a fragment, or bounds and fragments."""


Placed = tuple[int, OneDraw, object]
"""A place, a single draw, and further data of its lane."""


def one_draw(draw: Draw, view: View) -> OneDraw:
    """Return a single draw between two or more choices."""
    first, *others = fragments = [view.render(choice) for choice in draw.choices]
    rest = others[0] if len(others) == 1 else (draw.bounds, fragments)
    return draw.prefix.encode(), draw.bounds[0], first, rest


def put_drawn(draws: Sequence[Placed], unit: bytes, picked: list[bytes]) -> None:
    """Write the fragments that a unit draws at these places."""
    numbers = numbers_of(b"".join([sha256(draw[0] + unit).digest() for _, draw, _ in draws]))
    for (place, (_, first_bound, fragment, rest), _), number in zip(draws, numbers, strict=True):
        bucket = number % BUCKETS
        if bucket < first_bound:
            picked[place] = fragment
        elif isinstance(rest, bytes):
            picked[place] = rest
        else:
            bounds, fragments = rest
            picked[place] = fragments[bisect_right(bounds, bucket)]
