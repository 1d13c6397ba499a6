"""Request a recorder in another process to stop, by a file in the venue's folder."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from analytics.domain.errors import OutputError
from app.error_reporting import convert_error
from app.recording.announcement import SHARED_MODE, Announcement
from resources.atomic_file import write_text_atomically

REQUEST_NAME = "recorder.stop"
EXIT_STOP_REQUESTED = 10
"""Exit status of `record`, on which a service manager does not restart it."""
_MAX_BYTES = 4096


def request_stop(folder: Path, recorder: Announcement) -> None:
    """Request a recorder to make its results durable and end; it polls four times a second.

    Raises:
        OutputError: the folder cannot be written to.
    """
    text = json.dumps({"pid": recorder.pid, "began_s": recorder.began_s})
    try:
        write_text_atomically(folder / REQUEST_NAME, text, mode=SHARED_MODE)
    except OSError as error:
        raise convert_error(OutputError, error, file=folder / REQUEST_NAME) from error


def is_stop_requested(folder: Path, recorder: Announcement) -> bool:
    """Return whether a stop of this recorder was requested; a request to an earlier recorder is ignored."""
    try:
        with (folder / REQUEST_NAME).open("rb") as file:
            raw = json.loads(file.read(_MAX_BYTES))
        return bool(raw == {"pid": recorder.pid, "began_s": recorder.began_s})
    except (OSError, ValueError, RecursionError):
        return False


def clear_request(folder: Path) -> None:
    """Remove the request to a recorder that has ended."""
    with contextlib.suppress(OSError):
        (folder / REQUEST_NAME).unlink(missing_ok=True)
