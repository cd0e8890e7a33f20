"""Log lines for programs or for people, on standard error; lines that belong to a request contain its id.

Further fields are passed in ``extra={"fields": {…}}``. They never contain parts of a context, and a key is named by its
id.
"""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from flaghoist_origin.observability import request_ids

LogFormat = Literal["json", "text"]
FIELDS = "fields"
NO_FIELDS: Mapping[str, object] = {}
OURS = ("flaghoist", "uvicorn")


def fields(**named: object) -> Mapping[str, Mapping[str, object]]:
    """Return the ``extra`` that puts ``named`` on a line."""
    return {FIELDS: named}


class JsonLines(logging.Formatter):
    """One JSON object per line: ``time``, ``level``, ``logger``, ``message``, then fields; an ``exception`` as text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := request_ids.current():
            line["request_id"] = request_id
        line.update(getattr(record, FIELDS, NO_FIELDS))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class TextLines(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line, with a traceback below it if there is one."""
        named = dict(getattr(record, FIELDS, NO_FIELDS))
        if request_id := request_ids.current():
            named["request_id"] = request_id
        rest = "".join(f" {name}={value}" for name, value in named.items())
        line = f"{_time(record)} {record.levelname:<7} {record.name}: {record.getMessage()}{rest}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


FORMATTERS: Mapping[LogFormat, type[logging.Formatter]] = {"json": JsonLines, "text": TextLines}


def configure_logging(log_format: LogFormat, level: str) -> None:
    """Send the log of this process to standard error; of libraries only warnings and errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATTERS[log_format]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
