"""Flags, segments and groups as JSON documents: what the API takes and what the plain evaluator reads."""

from typing import Any

import msgspec

from flaghoist.model.flags import FlagSet

Document = dict[str, Any]


def snapshot_body(flagset: FlagSet) -> Document:
    """Return a flag set as the body of a snapshot: lists of flags, segments and groups."""
    return {name: list(entities.values()) for name, entities in as_documents(flagset).items()}


def as_documents(flagset: FlagSet) -> Document:
    """Return a flag set as the plain evaluator reads it: by collection and key."""
    documents: Document = msgspec.to_builtins(flagset)
    return documents


def listed(documents: Document) -> Document:
    """Return documents by collection and key as the body of a snapshot."""
    return {name: [{"key": key, **entity} for key, entity in found.items()] for name, found in documents.items()}
