"""Ask a recorder in another process to stop: a file in the venue's folder that names it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from analytics.domain.errors import OutputError
from app.error_reporting import convert_error
from app.recording.announcement import SHARED_MODE, Announcement
from resources.atomic_file import write_text_atomically

REQUEST_NAME = "recorder.stop"
EXIT_ASKED_TO_STOP = 10
"""Of `record`: a service manager that restarts everything else leaves this alone."""
_MAX_BYTES = 4096


def ask_to_stop(folder: Path, recorder: Announcement) -> None:
    """Let a recorder make its results durable and end; it looks four times a second.

    Raises:
        OutputError: the folder cannot be written to.
    """
    text = json.dumps({"pid": recorder.pid, "began_s": recorder.began_s})
    try:
        write_text_atomically(folder / REQUEST_NAME, text, mode=SHARED_MODE)
    except OSError as error:
        raise convert_error(OutputError, error, file=folder / REQUEST_NAME) from error


def is_asked_to_stop(folder: Path, recorder: Announcement) -> bool:
    """Whether somebody asked this recorder; a request that an earlier one did not see counts for nothing."""
    try:
        with (folder / REQUEST_NAME).open("rb") as file:
            raw = json.loads(file.read(_MAX_BYTES))
        return bool(raw == {"pid": recorder.pid, "began_s": recorder.began_s})
    except (OSError, ValueError, RecursionError):
        return False


def clear_request(folder: Path) -> None:
    """Forget what was asked of a recorder that has ended."""
    with contextlib.suppress(OSError):
        (folder / REQUEST_NAME).unlink(missing_ok=True)
