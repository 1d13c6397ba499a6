"""The audit log: what is recorded stays."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.domain.errors import AccessError, StoreError
from app.access.audit_log import LOG_NAME, Outcome, read_entries, record_audit
from app.access.guard import doing, export_csv_file
from app.access.roles import Permission, Role
from app.access.signing_in import sign_in
from app.plan.edit_venue import choose_model
from tests.conftest import LogGuard
from tests.support.command_line import PROJECT
from tests.support.halls.guarded_venue import SECRETS, make_guarded_venue, work_as
from tests.support.windows.wizard_venue import make_venue_on_disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "hall.expoflow"
    folder.mkdir()
    for number in range(1, 6):
        record_audit(folder, "zone changed", {"zone": f"Stand {number}"}, user="Ann", role="manager")
    return folder


def test_what_is_recorded_is_read_again(folder: Path) -> None:
    record_audit(folder, "signed in", user="Bob", role="staff", outcome=Outcome.REFUSED)
    entries = read_entries(folder)
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    last = entries[-1]
    assert (last.user, last.role, last.action, last.outcome) == ("Bob", "staff", "signed in", Outcome.REFUSED)
    assert entries[0].what == {"zone": "Stand 1"}


def test_sql_by_mistake_changes_nothing(folder: Path) -> None:
    connection = sqlite3.connect(folder / LOG_NAME)
    for statement in ("UPDATE audit_entries SET user = 'Bob'", "DELETE FROM audit_entries"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            connection.execute(statement)
    connection.close()
    assert len(read_entries(folder)) == 5


def test_a_log_with_chained_entries_of_an_early_version_goes_on(folder: Path) -> None:
    connection = sqlite3.connect(folder / LOG_NAME)
    with connection:
        connection.execute("ALTER TABLE audit_entries ADD COLUMN chain_hash TEXT NOT NULL DEFAULT 'ab'")
    connection.close()
    record_audit(folder, "zone changed")
    assert [entry.number for entry in read_entries(folder)] == [1, 2, 3, 4, 5, 6]


def test_a_damaged_log_is_put_aside_loudly_and_a_new_one_begun(folder: Path, log_guard: LogGuard) -> None:
    log_guard.expect("is damaged; it was put aside")
    (folder / LOG_NAME).write_bytes(b"no database" * 500)
    record_audit(folder, "zone changed", {"zone": "Stand 6"})
    entries = read_entries(folder)
    assert [entry.action for entry in entries] == ["audit log put aside", "zone changed"]


def test_no_recorded_entry_is_lost_when_the_process_is_killed(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.access.audit_log import record_audit\n"
        f"folder = Path({str(folder)!r})\n"
        "while True: print(record_audit(folder, 'zone changed').number, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = [int(child.stdout.readline()) for _ in range(10)]
    child.send_signal(signal.SIGKILL)
    said += [int(line) for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    child.wait(timeout=20)
    entries = read_entries(folder)
    assert [entry.number for entry in entries][: said[-1]] == list(range(1, said[-1] + 1))
    assert len(entries) in (said[-1], said[-1] + 1)
    assert record_audit(folder, "zone changed").number == len(entries) + 1


@pytest.fixture
def venue_without_log(tmp_path: Path) -> Path:
    """The log cannot be written: a folder has its name, as a disk may refuse it."""
    folder = make_guarded_venue(tmp_path).folder
    (folder / LOG_NAME).mkdir()
    work_as(folder, Role.ADMINISTRATOR)
    return folder


def test_a_change_that_cannot_be_recorded_is_not_begun(venue_without_log: Path, tmp_path: Path) -> None:
    before = (venue_without_log / "venue.toml").read_bytes()
    with pytest.raises(StoreError, match="audit"):
        choose_model(venue_without_log, "yolo11n")
    assert (venue_without_log / "venue.toml").read_bytes() == before
    out = tmp_path / "table.csv"
    with pytest.raises(StoreError, match="audit"):
        export_csv_file(venue_without_log, path=out, titles=("a",), rows=())
    assert not out.exists()


def test_a_recording_goes_on_without_its_entry_and_says_so(
    venue_without_log: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("'recording started' could not be recorded in the audit log")
    with doing(venue_without_log, Permission.RECORD, "recording started", must_be_recorded=False) as work:
        assert work.actor.role is Role.ADMINISTRATOR


def test_people_get_in_while_the_log_cannot_be_written(
    venue_without_log: Path, log_guard: LogGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_guard.expect("could not be recorded")
    monkeypatch.setattr("app.access.signing_in.FIRST_WAIT_S", 0.0)
    with pytest.raises(AccessError, match="Wrong user name"):
        sign_in(venue_without_log, "staff", "something else")
    assert sign_in(venue_without_log, "staff", SECRETS[Role.STAFF]).role is Role.STAFF


def test_a_venue_without_users_is_exported_from_where_nothing_can_be_recorded(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    folder = make_venue_on_disk(tmp_path).folder
    (folder / LOG_NAME).mkdir()
    log_guard.expect("'table exported' could not be recorded")
    export_csv_file(folder, path=tmp_path / "table.csv", titles=("a",), rows=())
    assert (tmp_path / "table.csv").exists()
