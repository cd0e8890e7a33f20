"""Visitors from New Zealand and flags that tell them apart: what they get before, during and after a failure."""

import json

import httpx

from flaghoist.model.flags import FlagSet
from tests.builders import a_clause, a_flag, a_flagset, a_rollout
from tests.e2e.documents import Document
from tests.e2e.environments import Environment, Scope, Side

SCOPES: tuple[Scope, ...] = ("client", "server")
CONTEXTS: tuple[Document, ...] = (
    {"targetingKey": "ada", "plan": "pro"},
    {"targetingKey": "bob"},
    {},
    {"plan": "pro"},
)
OF_THE_EDGE = "far"
"""The flag that reads what the edge alone knows."""

_IN_NEW_ZEALAND = {"Flaghoist-Local-Cf": json.dumps({"country": "NZ"})}


def flags() -> FlagSet:
    """Return flags that read the context, the unit and what the edge says."""
    return a_flagset(
        a_flag("pro").on().client_visible().rule("pro-plan", a_clause("plan", "in", "pro"), serve="on"),
        a_flag("half").on().client_visible().fallthrough(a_rollout(on=50_000, off=50_000)),
        a_flag(OF_THE_EDGE).on().client_visible().rule("nz", a_clause("edge.country", "in", "NZ"), serve="on"),
        a_flag("hidden").on().fallthrough("on"),
    )


def ask(environment: Environment, scope: Scope, context: Document, side: Side = "edge") -> httpx.Response:
    """Evaluate all flags for one visitor."""
    return environment.bulk(side, scope, context, headers=_IN_NEW_ZEALAND)


def items(answered: httpx.Response) -> list[Document]:
    """Return what is answered about each flag, without what is said about the snapshot."""
    found: list[Document] = answered.raise_for_status().json()["flags"]
    return found


def values(answered: httpx.Response) -> Document:
    """Return the value of each flag that has one."""
    return {item["key"]: item["value"] for item in items(answered) if "value" in item}


def answers(environment: Environment) -> list[list[Document]]:
    """Return what the edge answers to all contexts with both keys."""
    return [items(ask(environment, scope, context)) for context in CONTEXTS for scope in SCOPES]


def level(answered: httpx.Response) -> int:
    """Return the level that an answer names in its header."""
    return int(answered.headers["Flaghoist-Level"])


def is_fresh(environment: Environment) -> bool:
    """Say whether the edge calls what it holds fresh."""
    return level(environment.bootstrap({})) == 0
