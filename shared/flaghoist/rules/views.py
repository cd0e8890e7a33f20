"""How outcomes appear in one format: as fragments of its body, each rendered once and cached on the outcome."""

from collections.abc import Callable, Iterable

import msgspec

from flaghoist.model.outcome import Outcome


class View(msgspec.Struct, frozen=True, eq=False):
    """A format by ``name``; outcomes cache the result of ``render`` under that name."""

    name: str
    render: Callable[[Outcome], bytes]

    def fragment(self, outcome: Outcome) -> bytes:
        """Return the outcome's fragment."""
        if outcome.rendered is None:
            outcome.rendered = {}
        rendered = outcome.rendered.get(self.name)
        if rendered is None:
            rendered = outcome.rendered[self.name] = self.render(outcome)
        return rendered

    def join(self, outcomes: Iterable[Outcome]) -> bytes:
        """Return the fragments of outcomes, joined by commas."""
        return b",".join([self.fragment(outcome) for outcome in outcomes])
