"""Logging to standard error and a file, without passwords."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from urllib.parse import quote

from vision.sources.redaction import redact_text

OUR_PACKAGES = ("app", "vision", "analytics", "resources")
MAX_FILE_BYTES = 5_000_000
MAX_LOG_FILES = 5
LONG_RUNNING = ("record", "serve")

_ANY_USER_INFO = re.compile(r"//\S*@")
"""Anything that may be a user and a password: losing a word of the log is better than leaking one."""


_MIN_SECRET = 4
"""Minimum length of a masked secret; shorter ones occur in ordinary words."""
_KNOWN_SECRETS: set[str] = set()


class RedactionFilter(logging.Filter):
    """A filter that masks secrets in a record's message, exception and stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask secrets in the record in place and return True."""
        try:
            message = record.getMessage()
        except Exception:  # an exception here would stop the logging program
            message = f"{record.msg} (its arguments do not fit it)"
        record.msg, record.args = redact(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


class TextFormatter(logging.Formatter):
    """One line per record, time in UTC."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Format the time as ISO 8601 in UTC."""
        return _format_time(record)


class JsonFormatter(logging.Formatter):
    """One JSON object per record, for log collectors."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as one line."""
        entry: dict[str, object] = {
            "time_utc": _format_time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.threadName,
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            entry["exception"] = record.exc_text
        if record.stack_info:
            entry["stack"] = record.stack_info
        return dumps(entry, ensure_ascii=False)


def mask_in_logs(secret: str) -> None:
    """Mask a password or token in all later log records."""
    if len(secret) >= _MIN_SECRET:
        _KNOWN_SECRETS.update({secret, quote(secret, safe="")})


def redact(text: str) -> str:
    """Mask secrets in a text.

    Masked are what is, or may be, a user and password of an address; values of fields such as ``password``;
    tokens of requests; and every secret that this process knows of.
    """
    for secret in sorted(_KNOWN_SECRETS, key=len, reverse=True):
        text = text.replace(secret, "***")
    return _ANY_USER_INFO.sub("//***@", redact_text(text))


def configure_logging(
    level: int | str = "INFO",
    json: bool = False,
    file: Path | None = None,
    console_level: int | str | None = None,
) -> None:
    """Send our log to standard error and, if given, to a file; a later call replaces an earlier one.

    Args:
        level: of our own packages; others log from WARNING on.
        json: one JSON object a line instead of text.
        file: rotated at 5 MB, five old files kept; its folder is created. One process writes it. If it
            cannot be opened, a warning says so and the log goes to standard error alone.
        console_level: of standard error, if it differs from the file's.
    """
    root = logging.getLogger()
    for sink in [s for s in root.handlers if any(isinstance(f, RedactionFilter) for f in s.filters)]:
        root.removeHandler(sink)
        sink.close()
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(_name_level(level if console_level is None else console_level))
    _install(console, json=json)
    root.setLevel(logging.WARNING)
    set_log_level(level)
    logging.captureWarnings(True)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        to_file = logging.handlers.RotatingFileHandler(
            file, maxBytes=MAX_FILE_BYTES, backupCount=MAX_LOG_FILES, encoding="utf-8"
        )
    except OSError as error:
        logging.getLogger(__name__).warning("The log file %s cannot be written: %s.", file, error.strerror)
        return
    _install(to_file, json=json)


def locate_log(folder: Path, arguments: Sequence[str]) -> Path:
    """Return the log file of a command; long-running commands have their own, one process per file.

    Args:
        arguments: of the command line, the program's name left out.
    """
    command = next((word for word in arguments if word in LONG_RUNNING), "")
    return folder / (f"expoflow-{command}.log" if command else "expoflow.log")


def set_log_level(level: int | str) -> None:
    """Set the log level of our own packages."""
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(_name_level(level))


def _install(sink: logging.Handler, *, json: bool) -> None:
    sink.setFormatter(JsonFormatter() if json else TextFormatter())
    sink.addFilter(RedactionFilter())
    logging.getLogger().addHandler(sink)


def _name_level(level: int | str) -> int | str:
    return level.upper() if isinstance(level, str) else level


def _format_time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
