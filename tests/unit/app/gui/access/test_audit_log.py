"""The audit log: what is recorded stays, and what somebody did to it is found out."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.domain.errors import AccessError, StoreError
from app.access.audit_log import LOG_NAME, Outcome, read_trail, record_audit
from app.access.audit_verification import verify_audit
from app.access.guard import doing, export_csv_file
from app.access.roles import Permission, Role
from app.access.signing_in import sign_in
from app.plan.edit_venue import choose_model, create_hall
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


def tamper(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / LOG_NAME)
    with connection:
        connection.execute("DROP TRIGGER audit_no_change")
        connection.execute("DROP TRIGGER audit_no_delete")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_what_is_recorded_is_read_again(folder: Path) -> None:
    record_audit(folder, "signed in", user="Bob", role="staff", outcome=Outcome.REFUSED)
    trail = read_trail(folder)
    assert trail is not None
    assert [entry.number for entry in trail.entries] == [1, 2, 3, 4, 5, 6]
    last = trail.entries[-1]
    assert (last.user, last.role, last.action, last.outcome) == ("Bob", "staff", "signed in", Outcome.REFUSED)
    assert trail.entries[0].what == {"zone": "Stand 1"}
    verdict = verify_audit(folder)
    assert verdict.is_sound
    assert verdict.is_witnessed
    assert verdict.entries == 6


def test_sql_by_mistake_changes_nothing(folder: Path) -> None:
    connection = sqlite3.connect(folder / LOG_NAME)
    for statement in ("UPDATE audit_entries SET user = 'Bob'", "DELETE FROM audit_entries"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            connection.execute(statement)
    connection.close()
    assert verify_audit(folder).is_sound


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entries SET user = 'Bob' WHERE number = 3", "Entry 3 was changed."),
        ("UPDATE audit_entries SET time_us = time_us - 1 WHERE number = 1", "Entry 1 was changed"),
        ("UPDATE audit_entries SET outcome = 'refused' WHERE number = 5", "Entry 5 was changed."),
        ("""UPDATE audit_entries SET what = '{"zone": "Stand 9"}' WHERE number = 2""", "Entry 2 was changed"),
        ("DELETE FROM audit_entries WHERE number = 3", "Entry 3 is missing."),
        ("DELETE FROM audit_entries WHERE number = 1", "Entry 1 is missing."),
        (
            "INSERT INTO audit_entries SELECT 6, time_us, user, role, action, outcome, what, chain_hash "
            "FROM audit_entries WHERE number = 5",
            "Entry 6 was changed.",
        ),
        ("DELETE FROM audit_entries WHERE number > 3", "The log was truncated"),
        ("DELETE FROM audit_entries", "The log was truncated"),
        ("UPDATE audit_log SET first_hash = 'ab'", "Entry 1 was changed."),
    ],
)
def test_tampering_is_found_out(folder: Path, statement: str, said: str) -> None:
    tamper(folder, statement)
    faults = [str(fault) for fault in verify_audit(folder).faults]
    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("DELETE FROM audit_entries WHERE number > 3", 3),
        ("DELETE FROM audit_entries", 0),
        ("UPDATE audit_log SET first_hash = 'ab'", 5),
    ],
)
def test_a_log_that_lost_its_end_goes_on_saying_so_after_the_next_entries(
    folder: Path, log_guard: LogGuard, statement: str, left: int
) -> None:
    log_guard.expect("does not hold entry 5 any more")
    tamper(folder, statement)
    record_audit(folder, "signed in", user="Ann", role="manager")
    record_audit(folder, "zone changed", {"zone": "Stand 6"}, user="Ann", role="manager")
    trail = read_trail(folder)
    assert trail is not None
    notified = trail.entries[left]
    assert (notified.action, notified.role) == ("audit log cut short", "service")
    assert notified.what == {"last entry written": "5", "last entry found": str(left)}
    assert [entry.action for entry in trail.entries[left + 1 :]] == ["signed in", "zone changed"]
    faults = [str(fault) for fault in verify_audit(folder).faults]
    assert f"Entries before entry {left + 1} were removed." in faults


def test_a_new_log_in_the_place_of_one_that_is_gone_says_so(folder: Path, log_guard: LogGuard) -> None:
    log_guard.expect("does not hold entry 5 any more")
    (folder / LOG_NAME).unlink()
    record_audit(folder, "zone changed")
    assert [str(fault) for fault in verify_audit(folder).faults] == ["Entries before entry 1 were removed."]


def test_a_venue_that_is_made_in_the_place_of_another_has_a_log_of_its_own(folder: Path) -> None:
    shutil.rmtree(folder)
    create_hall(folder, name="Fair", time_zone="UTC", size_m=(8.0, 6.0))
    record_audit(folder, "zone changed")
    assert verify_audit(folder).is_sound


def test_a_log_that_was_put_aside_is_missed_when_it_is_taken_away_too(
    folder: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("is damaged; it was put aside")
    (folder / LOG_NAME).write_bytes(b"no database" * 500)
    record_audit(folder, "zone changed")
    (aside,) = folder.glob("audit.damaged-*.sqlite")
    aside.unlink()
    assert [str(fault) for fault in verify_audit(folder).faults] == [
        f"A damaged log was quarantined: {aside.name}."
    ]


def test_a_log_without_its_end_is_whole_to_who_has_not_written_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one thing that cannot be noticed, which `is_witnessed` says."""
    tamper(folder, "DELETE FROM audit_entries WHERE number > 3")
    monkeypatch.setenv("EXPOFLOW_HOME", str(tmp_path / "another account"))
    verdict = verify_audit(folder)
    assert verdict.is_sound
    assert not verdict.is_witnessed


def test_a_log_that_was_exchanged_or_taken_away_is_noticed(folder: Path) -> None:
    (folder / LOG_NAME).unlink()
    assert "is missing or was replaced" in str(verify_audit(folder).faults[0])


def test_who_makes_all_hashes_anew_is_found_out_by_the_end_that_is_kept_elsewhere(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = read_trail(folder)
    assert kept is not None
    (folder / LOG_NAME).unlink()
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("EXPOFLOW_HOME", str(tmp_path / "another account"))
        for _ in range(5):
            record_audit(folder, "zone changed", {"zone": "Stand 9"}, user="Ann", role="manager")
    connection = sqlite3.connect(folder / LOG_NAME)
    with connection:
        connection.execute("UPDATE audit_log SET first_hash = ?", (kept.first_hash,))
    connection.close()
    assert not verify_audit(folder).is_sound


def test_a_damaged_log_is_put_aside_loudly_and_a_new_one_begun(folder: Path, log_guard: LogGuard) -> None:
    log_guard.expect("is damaged; it was put aside")
    (folder / LOG_NAME).write_bytes(b"no database" * 500)
    record_audit(folder, "zone changed", {"zone": "Stand 6"})
    trail = read_trail(folder)
    assert trail is not None
    assert [entry.action for entry in trail.entries] == ["audit log put aside", "zone changed"]
    assert any("quarantined" in str(fault) for fault in verify_audit(folder).faults)


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
    trail = read_trail(folder)
    assert trail is not None
    assert [entry.number for entry in trail.entries][: said[-1]] == list(range(1, said[-1] + 1))
    assert len(trail.entries) in (said[-1], said[-1] + 1)
    record_audit(folder, "zone changed")
    assert verify_audit(folder).is_sound


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
