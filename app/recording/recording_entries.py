"""Write the start, end and failure of recordings, and requests to stop them, into the audit log.

A recording is worth more than its entries: if they cannot be written it continues, and the log file reports
what is missing. A killed recording has no end entry; the entry of its next start follows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics.domain.errors import StoreError, VenueError
from analytics.store.history_folder import has_history
from app.access.audit_log import Outcome, read_entries, record_audit
from app.access.guard import SERVICE, doing, find_actor
from app.access.roles import Permission
from app.recording.announcement import Announcement, RecorderKind, get_account_name
from app.recording.stop_request import request_stop

_LOG = logging.getLogger(__name__)
_STARTED, _STOPPED = "recording started", "recording stopped"
_MIN_RECORDING_US = 120_000_000
"""Time by which models are loaded."""


@contextmanager
def audited_recording(folder: Path, kind: RecorderKind) -> Iterator[Callable[[], None]]:
    """Record the end of a recording when the body ends, or its failure when the body raises.

    Yields:
        A function to call once the recording runs; a recording that never ran has no entry.
    """
    has_begun = False

    def begin() -> None:
        nonlocal has_begun
        has_begun = True
        _note(folder, _STARTED, kind, Outcome.DONE)

    has_failed = True
    try:
        yield begin
        has_failed = False
    finally:
        if has_begun:
            audit_recording_end(folder, kind, has_failed=has_failed)


def was_recorded(folder: Path) -> bool:
    """Return whether the audit log shows that a venue had a history, by an import or a long recording.

    A recording is entered before it has written anything, and a short one may end without data.
    """
    try:
        entries = read_entries(folder)
    except StoreError as error:
        _LOG.warning("The audit log cannot be asked whether there was a history: %s", error)
        return False
    started_us: int | None = None
    for entry in entries:
        if entry.outcome is not Outcome.DONE:
            continue
        if entry.action == "recording imported":
            return True
        if entry.action == _STARTED:
            started_us = entry.time_us
        elif entry.action == _STOPPED and started_us is not None:
            if entry.time_us - started_us >= _MIN_RECORDING_US:
                return True
            started_us = None
    return False


def audit_recording_end(folder: Path, kind: RecorderKind, *, has_failed: bool) -> None:
    """Record that the recording of this process ended: stopped, completed or failed."""
    _note(folder, _STOPPED, kind, Outcome.FAILED if has_failed else Outcome.DONE)


def stop_recorder(folder: Path, recorder: Announcement) -> None:
    """Request the recorder of a venue on this machine to stop, as `app.recording.stop_request` does.

    Raises:
        AccessError: the current user may not record.
        OutputError: the folder cannot be written to.
    """
    named = {"recorder": recorder.kind.value, "account": recorder.account}
    with doing(folder, Permission.RECORD, "recording asked to stop", named, must_be_recorded=False):
        request_stop(folder, recorder)


def _note(folder: Path, action: str, kind: RecorderKind, outcome: Outcome) -> None:
    try:
        # without a user: the one who began it has signed out since
        actor = find_actor(folder) or SERVICE
        record_audit(
            folder,
            action,
            {"recorder": kind.value, "account": get_account_name()},
            user=actor.name,
            role=actor.role.value,
            outcome=outcome,
        )
    except (StoreError, VenueError) as error:
        _LOG.error("'%s' could not be recorded in the audit log: %s", action, error)


def is_history_missing(folder: Path) -> bool:
    """Return whether the audit log shows recordings although no history exists."""
    return not has_history(folder) and was_recorded(folder)
