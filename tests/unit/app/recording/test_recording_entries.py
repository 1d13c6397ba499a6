"""The audit log tells when a recording began and ended, who recorded, and who asked it to stop."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from analytics.domain.clock import SystemClock
from analytics.domain.errors import AccessError, PipelineError
from app.access import secrets
from app.access.audit_log import LOG_NAME, Outcome, read_entries
from app.access.guard import SERVICE, act_as
from app.access.roles import Role
from app.recording.announcement import RecorderKind, get_account_name, make_announcement
from app.recording.recording_entries import audited_recording, stop_recorder
from app.recording.stop_request import REQUEST_NAME
from tests.conftest import LogGuard
from tests.support.halls.guarded_venue import make_guarded_venue, work_as


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(secrets, "_hasher", lambda: hasher)


def list_told(folder: Path) -> list[tuple[str, str, str, Outcome]]:
    entries = read_entries(folder)
    return [(entry.action, entry.user, entry.role, entry.outcome) for entry in entries]


def test_begin_and_end_are_told_and_so_is_a_failure(tmp_path: Path) -> None:
    folder = make_guarded_venue(tmp_path).folder
    act_as(folder, SERVICE)
    with audited_recording(folder, RecorderKind.SERVICE) as audit_begin:
        audit_begin()
        assert [action for action, *_ in list_told(folder)] == ["recording started"]
    for has_begun in (True, False):
        with (
            contextlib.suppress(PipelineError),
            audited_recording(folder, RecorderKind.COMMAND) as audit_begin,
        ):
            if has_begun:
                audit_begin()
            raise PipelineError("It broke.", "Fix it.")
    assert list_told(folder) == [
        ("recording started", "", "service", Outcome.DONE),
        ("recording stopped", "", "service", Outcome.DONE),
        ("recording started", "", "service", Outcome.DONE),
        ("recording stopped", "", "service", Outcome.FAILED),
    ]
    entries = read_entries(folder)
    assert entries[0].what == {"recorder": "service", "account": get_account_name()}


def test_a_recording_goes_on_where_its_entries_cannot_be_written(tmp_path: Path, log_guard: LogGuard) -> None:
    folder = make_guarded_venue(tmp_path).folder
    (folder / LOG_NAME).mkdir()
    log_guard.expect("'recording started' could not be recorded")
    log_guard.expect("'recording stopped' could not be recorded")
    with audited_recording(folder, RecorderKind.SERVICE) as audit_begin:
        audit_begin()


def test_who_asks_a_recording_to_stop_is_told_and_needs_to_be_allowed(tmp_path: Path) -> None:
    folder = make_guarded_venue(tmp_path).folder
    recorder = make_announcement(RecorderKind.SERVICE, board="", slots=(), clock=SystemClock())
    work_as(folder, Role.WALL)
    with pytest.raises(AccessError):
        stop_recorder(folder, recorder)
    assert not (folder / REQUEST_NAME).exists()
    work_as(folder, Role.STAFF)
    stop_recorder(folder, recorder)
    assert (folder / REQUEST_NAME).exists()
    assert list_told(folder) == [
        ("recording asked to stop", "", "wall", Outcome.REFUSED),
        ("recording asked to stop", "staff", "staff", Outcome.DONE),
    ]
