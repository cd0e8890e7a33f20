"""Copies of an environment: its flag set with the same salts or new ones, and what the audit log says of the source."""

from typing import Literal, TypeVar

import msgspec

from flaghoist.model.flags import Flag, FlagSet, Group
from flaghoist_origin.control.salts import new_salt
from flaghoist_origin.storage.database.records import EnvironmentRecord

Salted = TypeVar("Salted", Flag, Group)
Salts = Literal["keep", "new"]


class CopySource(msgspec.Struct, frozen=True):
    """The environment to copy, and whether its salts are replaced."""

    record: EnvironmentRecord
    salts: Salts

    def flagset(self) -> FlagSet:
        """Return the flag set of the copy."""
        flagset = self.record.flagset
        if self.salts == "keep":
            return flagset
        return msgspec.structs.replace(
            flagset,
            flags={key: _with_new_salt(flag) for key, flag in flagset.flags.items()},
            groups={key: _with_new_salt(group) for key, group in flagset.groups.items()},
        )

    def details(self) -> str:
        """Return the source as JSON for the audit log."""
        record = self.record
        details = {"copied_from": record.name, "version": str(record.snapshot_version), "salts": self.salts}
        return msgspec.json.encode(details).decode()


def _with_new_salt(entity: Salted) -> Salted:
    return msgspec.structs.replace(entity, salt=new_salt())
