"""The content of a backup per environment, read from its rows; the audit log stays in the file until needed."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, Table

from flaghoist.model.flags import FlagSet
from flaghoist_origin.backups.document import TABLES, read_rows
from flaghoist_origin.storage.database.tables import API_KEYS, AUDIT, DOCUMENTS, ENVIRONMENTS, SIGNING_KEYS
from flaghoist_origin.storage.history.documents import DECODERS

BY_NAME = {table.name: table for table in TABLES}
Values = dict[str, Any]


@dataclass
class EnvironmentContents:
    """One environment of the file: its row, its documents and its keys of both kinds as rows."""

    row: Values
    documents: list[Values] = field(default_factory=list)
    keys: list[Values] = field(default_factory=list)
    signing_keys: list[Values] = field(default_factory=list)

    def flagset(self) -> FlagSet:
        """Return the flags, segments and groups."""
        found: dict[str, dict[str, Any]] = {collection: {} for collection in DECODERS}
        for row in self.documents:
            if row["body"] is not None:
                found[row["collection"]][row["key"]] = DECODERS[row["collection"]](row["body"])
        return FlagSet(**{name: dict(sorted(entities.items())) for name, entities in found.items()})


def read_contents(path: Path) -> Mapping[str, EnvironmentContents]:
    """Return the content of the file by environment, sorted by name."""
    found: dict[str, EnvironmentContents] = {}
    for table, row in read_rows(path):
        if table == ENVIRONMENTS.name:
            found[row["name"]] = EnvironmentContents(_values(ENVIRONMENTS, row))
        elif table == DOCUMENTS.name:
            found[row["environment"]].documents.append(_values(DOCUMENTS, row))
        elif table == API_KEYS.name:
            found[row["environment"]].keys.append(_values(API_KEYS, row))
        elif table == SIGNING_KEYS.name:
            found[row["environment"]].signing_keys.append(_values(SIGNING_KEYS, row))
    return dict(sorted(found.items()))


def audit_rows(path: Path) -> Iterator[Values]:
    """Yield the audit log of all environments, oldest first, without the row numbers of the other database."""
    for table, row in read_rows(path):
        if table == AUDIT.name:
            values = _values(AUDIT, row)
            del values["id"]
            yield values


def _values(table: Table, row: Mapping[str, Any]) -> Values:
    """Return the columns that this version knows; the file may have more, or, from an older version, fewer."""
    return {column.name: _value(column.type, row.get(column.name)) for column in table.columns}


def _value(kind: object, value: Any) -> Any:
    return b64decode(value) if isinstance(kind, LargeBinary) and value is not None else value
