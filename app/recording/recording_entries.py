"""What the audit log says of a recording: that it began, that it ended or failed, and who asked it to stop.

A recording is worth more than its entries: where they cannot be written it goes on, and the log file says
loudly what is missing. One that is killed leaves no end; its next start follows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics.domain.errors import StoreError, VenueError
from analytics.store.history_folder import has_history
from app.access.audit_log import Outcome, read_trail, record_audit
from app.access.guard import SERVICE, doing, find_actor
from app.access.roles import Permission
from app.recording.announcement import Announcement, RecorderKind, name_account
from app.recording.stop_request import ask_to_stop

_LOG = logging.getLogger(__name__)
_STARTED, _STOPPED = "recording started", "recording stopped"
_CERTAINLY_WROTE_US = 120_000_000
"""Models are loaded by then."""


@contextmanager
def recording_noted(folder: Path, kind: RecorderKind) -> Iterator[Callable[[], None]]:
    """Note the end of a recording when the body ends, and its failure when that raises.

    Yields:
        To be called once the recording runs; a recording that never ran is not noted.
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
            note_end(folder, kind, has_failed=has_failed)


def was_recorded(folder: Path) -> bool:
    """Return whether the audit log tells that a venue has had a history: of an import or a long recording.

    A recording is noted before it has written anything, and a short one may have ended before it did.
    """
    try:
        trail = read_trail(folder)
    except StoreError as error:
        _LOG.warning("The audit log cannot be asked whether there was a history: %s", error)
        return False
    started_us: int | None = None
    for entry in () if trail is None else trail.entries:
        if entry.outcome is not Outcome.DONE:
            continue
        if entry.action == "recording imported":
            return True
        if entry.action == _STARTED:
            started_us = entry.time_us
        elif entry.action == _STOPPED and started_us is not None:
            if entry.time_us - started_us >= _CERTAINLY_WROTE_US:
                return True
            started_us = None
    return False


def note_end(folder: Path, kind: RecorderKind, *, has_failed: bool) -> None:
    """A recording of this process runs no more: it was stopped, its time was over, or it could not go on."""
    _note(folder, _STOPPED, kind, Outcome.FAILED if has_failed else Outcome.DONE)


def stop_recorder(folder: Path, recorder: Announcement) -> None:
    """Ask whoever records a venue on this machine to stop, as `app.recording.stop_request` does.

    Raises:
        AccessError: whoever is at work may not record.
        OutputError: the folder cannot be written to.
    """
    named = {"recorder": recorder.kind.value, "account": recorder.account}
    with doing(folder, Permission.RECORD, "recording asked to stop", named, must_be_recorded=False):
        ask_to_stop(folder, recorder)


def _note(folder: Path, action: str, kind: RecorderKind, outcome: Outcome) -> None:
    try:
        # nobody: who began it has left a window that is locked since
        actor = find_actor(folder) or SERVICE
        record_audit(
            folder,
            action,
            {"recorder": kind.value, "account": name_account()},
            user=actor.name,
            role=actor.role.value,
            outcome=outcome,
        )
    except (StoreError, VenueError) as error:
        _LOG.error("'%s' could not be recorded in the audit log: %s", action, error)


def is_history_missed(folder: Path) -> bool:
    """Return whether the audit log tells of recordings of which nothing at all is left."""
    return not has_history(folder) and was_recorded(folder)
