"""Declarations of the routes of flags, segments and groups; they are the same for all three."""

from collections.abc import Mapping
from typing import Any

from flaghoist.model.flags import Flag, Group, Segment
from flaghoist_origin.control.entities import COLLECTIONS
from flaghoist_origin.http.operations.operation import JSON, Access, Body, Operation, Parameter
from flaghoist_origin.http.operations.pages import Page
from flaghoist_origin.http.operations.parts import (
    COMMENT,
    CURSOR,
    IF_MATCH,
    IF_NONE_MATCH,
    LIMIT,
    read_answers,
    written,
)
from flaghoist_origin.storage.database.records import Collection

ENTITIES: Mapping[Collection, Any] = {"flags": Flag, "segments": Segment, "groups": Group}
MERGE_PATCH = "application/merge-patch+json"
ARCHIVED = Parameter("archived", "Only archived flags, or only others.", {"type": "boolean"})
TAG = Parameter("tag", "Only flags with this tag.", {"type": "string"})
FILTERS: Mapping[Collection, tuple[Parameter, ...]] = {"flags": (ARCHIVED, TAG), "segments": (), "groups": ()}
WRITE = (IF_MATCH, IF_NONE_MATCH, COMMENT)
REFUSALS = (400, 409, 412, 413, 428)


def entity_operations(collection: Collection) -> Mapping[str, Operation]:
    """Return the declarations of one collection by method; ``LIST`` is that of the whole."""
    entity, name = ENTITIES[collection], COLLECTIONS[collection].singular
    return {
        "LIST": Operation(
            summary=f"List {collection}, sorted by key",
            access=Access.KEY,
            parameters=(LIMIT, CURSOR, *FILTERS[collection], IF_NONE_MATCH),
            answers=read_answers(_page(collection), f"A page of {collection}."),
            problems=(400,),
        ),
        "GET": Operation(
            summary=f"Read a {name}",
            access=Access.KEY,
            parameters=(IF_NONE_MATCH,),
            answers=read_answers(entity, f"The {name}."),
            problems=(400,),
        ),
        "PUT": Operation(
            summary=f"Create or replace a {name}",
            access=Access.KEY,
            parameters=WRITE,
            body=Body({JSON: entity}, optional=("key",)),
            answers={200: written(entity, "As it is now."), 201: written(entity, "As it was created.")},
            problems=REFUSALS,
        ),
        "PATCH": Operation(
            summary=f"Change members of a {name}",
            access=Access.KEY,
            parameters=WRITE,
            body=Body({MERGE_PATCH: dict[str, Any], JSON: dict[str, Any]}),
            answers={200: written(entity, "As it is now.")},
            problems=(*REFUSALS, 415),
        ),
        "DELETE": Operation(
            summary="Archive a flag" if collection == "flags" else f"Remove a {name} that nothing uses",
            access=Access.KEY,
            parameters=WRITE,
            answers={200: written(entity, "As it is now, or as it was.", etag=False)},
            problems=(400, 409, 412, 428),
        ),
    }


def _page(collection: Collection) -> Any:
    return {"flags": Page[Flag], "segments": Page[Segment], "groups": Page[Group]}[collection]
