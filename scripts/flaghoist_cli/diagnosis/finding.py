"""One line of a diagnosis."""

from typing import Literal

import msgspec

Status = Literal["ok", "warn", "fail"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result of one check; ``remedy`` says what to do unless the status is ok."""

    check: str
    status: Status
    detail: str
    remedy: str = ""
