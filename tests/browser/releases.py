"""Snapshots whose flags say which version they are, in every type, and differ between people."""

from tests.builders import a_clause, a_flag, a_rollout
from tests.published import Published, published

ADA = {"targetingKey": "ada", "plan": "pro", "address": {"city": "Berlin", "lines": ["1", "2"]}}
BOB = {"targetingKey": "bob", "plan": "free"}


def release(version: int = 1, *, epoch: int = 1) -> Published:
    """Return a snapshot; ``release`` is ``pro v1`` for the plan pro and ``v1`` for the others."""
    text = a_flag("release").on().client_visible().version(version)
    text = text.variations("plain", plain=f"v{version}", pro=f"pro v{version}")
    checkout = a_flag("new-checkout").on().client_visible()
    layout = a_flag("layout").on().client_visible()
    return published(
        text.rule("pro", a_clause("plan", "in", "pro"), serve="pro"),
        checkout.rule("pro", a_clause("plan", "in", "pro"), serve="on"),
        layout.variations("calm", calm={"title": f"Release <{version}> & more", "columns": [1, 2]}),
        a_flag("ratio").on().client_visible().variations("half", half=0.5),
        a_flag("split").on().client_visible().fallthrough(a_rollout(on=50_000, off=50_000)),
        version=version,
        epoch=epoch,
    )
