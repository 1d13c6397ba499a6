"""The card about tracks and backups as a person uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox
from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from analytics.store.recovery.folder_backup import make_backup
from analytics.store.sql_event_store import open_store
from app.access.audit_log import read_entries
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.gui.settings.retention import RetentionCard, RetentionViewModel
from app.gui.widgets.number_field import NumberField
from app.maintenance.edit_retention import set_retention
from app.recording.history_upkeep import find_local_day
from tests.conftest import LogGuard
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import find_button, list_words


class Shown:
    """The card in a window of its own."""

    def __init__(self) -> None:
        self.app_state = AppState()
        self.viewmodel = RetentionViewModel(app_state=self.app_state, job_runner=InlineJobRunner())
        self.card = RetentionCard(self.viewmodel)

    def field(self, name: str) -> NumberField:
        (field,) = [f for f in self.card.findChildren(NumberField) if f.accessibleName() == name]
        return field

    def enter(self, name: str, value: float) -> None:
        self.field(name).setValue(value)

    def answer(self, words: str) -> str:
        """Give an answer to what is asked before tracks go sooner; gives what was told with the question."""
        question = self.card.question
        assert question is not None
        assert question.defaultButton() is question.button(QMessageBox.StandardButton.Cancel)
        told = question.informativeText()
        next(button for button in question.buttons() if button.text() == words).click()
        assert self.card.question is None
        return told

    def tell(self) -> str:
        return "\n".join(list_words(self.card))


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Shown:
    made = Shown()
    qtbot.addWidget(made.card)
    made.card.resize(1000, 500)
    made.card.show()
    return made


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=NOW_UTC_S - 7200, duration_s=60, people=2)
    write_venue(venue)
    return venue


def test_what_is_entered_holds_at_once_and_zero_is_without_limit(shown: Shown, hall: Venue) -> None:
    assert "Open a venue" in shown.tell()
    shown.app_state.show_venue(hall)
    assert "Track files: " in shown.tell()
    shown.enter("Keep tracks for", 120)
    shown.enter("Keep tracks for", 30)
    shown.answer("Delete sooner")
    shown.enter("Limit tracks to", 2.5)
    shown.answer("Delete sooner")
    settings = read_venue(hall.folder).settings
    assert (settings.tracks_kept_days, settings.tracks_most_gb) == (30.0, 2.5)
    shown.enter("Keep tracks for", 0)
    (field,) = [f for f in shown.card.findChildren(NumberField) if f.accessibleName() == "Keep tracks for"]
    assert field.text() == "for ever"
    assert read_venue(hall.folder).settings.tracks_kept_days == 0
    assert shown.app_state.venue == read_venue(hall.folder)


def test_a_backup_is_made_and_put_back_after_a_question(
    shown: Shown, hall: Venue, qtbot: QtBot, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    shown.app_state.show_venue(hall)
    assert not find_button(shown.card, "Restore…").isEnabled()
    find_button(shown.card, "Back up now").click()
    (backups,) = shown.card.findChildren(QComboBox)
    assert backups.count() == 1
    set_retention(hall.folder, kept_days=7)
    find_button(shown.card, "Restore…").click()
    question = shown.card.question
    assert question is not None
    assert backups.currentText() in question.text()
    next(button for button in question.buttons() if button.text() == "Restore").click()
    qtbot.waitUntil(lambda: shown.card.question is None)
    assert read_venue(hall.folder).settings.tracks_kept_days == 90
    assert shown.viewmodel.state.max_days == 90
    assert "files of the backup were restored" in shown.tell()
    entries = read_entries(hall.folder)
    assert entries[-1].action == "venue restored"
    assert entries[-1].what["setting tracks_kept_days"] == "7.0 -> 90.0"


def test_a_check_tells_what_is_damaged_and_offers_to_repair_it(
    shown: Shown, hall: Venue, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    make_backup(hall.folder, now_s=NOW_UTC_S)
    shown.app_state.show_venue(hall)
    find_button(shown.card, "Check the history").click()
    assert "The history is intact" in shown.tell()
    (hall.folder / "events.sqlite").write_bytes(b"not a database" * 1000)
    find_button(shown.card, "Check the history").click()
    assert "events.sqlite is damaged" in shown.tell()
    find_button(shown.card, "Repair").click()
    assert "has been rebuilt" in shown.tell()
    assert "The history is intact" in shown.tell()


def test_a_history_that_is_lost_is_told_and_repaired_without_a_check(
    shown: Shown, hall: Venue, log_guard: LogGuard
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    make_backup(hall.folder, now_s=NOW_UTC_S)
    hall.events_file.unlink()
    shown.app_state.show_venue(hall)
    shown.viewmodel.watch(True)
    (backups,) = shown.card.findChildren(QComboBox)
    assert backups.count() == 1, "what is wanted now"
    assert "is missing, but other files show that there was a history" in shown.tell()
    find_button(shown.card, "Repair").click()
    assert "The history database was missing and has been rebuilt" in shown.tell()
    assert "The history is intact" in shown.tell()


def test_lost_track_files_are_named_and_put_aside(shown: Shown, hall: Venue, log_guard: LogGuard) -> None:
    log_guard.expect("track files were missing or damaged")
    writer = open_store(hall.folder)
    writer.archive_now()
    writer.close()
    (file, *_) = hall.tracks_folder.rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-9])
    shown.app_state.show_venue(hall)
    find_button(shown.card, "Check the history").click()
    assert "is damaged: not observed from" in shown.tell()
    find_button(shown.card, "Repair").click()
    assert "1 track files were missing or damaged" in shown.tell()
    assert "The history is intact" in shown.tell()


def test_a_refusal_is_told_and_the_field_shows_what_holds(shown: Shown, hall: Venue) -> None:
    shown.app_state.show_venue(hall)
    (hall.folder / "venue.toml").write_text("not a venue")
    shown.enter("Keep tracks for", 30)
    shown.answer("Delete sooner")
    (field,) = [f for f in shown.card.findChildren(NumberField) if f.accessibleName() == "Keep tracks for"]
    assert field.value() == 90
    assert "venue.toml" in shown.tell()


DAY_S = 86_400.0


def walk_days_ago(venue: Venue, *days_ago: float) -> None:
    """Let people walk through on days before now."""
    for ago in days_ago:
        walk_through(venue, start_s=SystemClock().now_utc_s() - ago * DAY_S, duration_s=60, people=2)


def test_tracks_go_sooner_only_after_it_was_told_which(shown: Shown, tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    walk_days_ago(hall, 100, 60, 45, 20)
    write_venue(hall)
    shown.app_state.show_venue(hall)
    before = (hall.folder / "venue.toml").read_bytes()
    field = shown.field("Keep tracks for")
    field.setValue(30)
    told = shown.answer("Cancel")
    days = [find_local_day(hall, SystemClock().now_utc_s() - ago * DAY_S).isoformat() for ago in (60, 45)]
    # what is too old for the limit in force goes anyway
    assert told.startswith(f"Tracks of 2 days, from {days[0]} to {days[1]}, will be deleted permanently")
    assert (hall.folder / "venue.toml").read_bytes() == before
    assert (field.value(), read_entries(hall.folder)) == (90, ())
    field.setValue(50)
    assert f"Tracks of one day, {days[0]}, " in shown.answer("Delete sooner")
    assert field.value() == read_venue(hall.folder).settings.tracks_kept_days == 50
    entries = read_entries(hall.folder)
    assert entries[-1].what == {"setting tracks_kept_days": "90.0 -> 50.0"}
    field.setValue(200)
    assert shown.card.question is None
    assert read_venue(hall.folder).settings.tracks_kept_days == 200


def test_it_is_asked_in_chinese_and_also_where_nothing_is_lost_yet(
    shown: Shown, qapp: QApplication, tmp_path: Path
) -> None:
    hall = make_hall(tmp_path)
    walk_days_ago(hall, 60, 5)
    write_venue(hall)
    install_language(qapp, "zh_CN")
    shown.card.retranslate()
    shown.app_state.show_venue(hall)
    shown.enter("轨迹保留", 80)
    question = shown.card.question
    assert question is not None
    assert question.text() == "轨迹只保留 80 天？"
    assert shown.answer("取消") == "现有的轨迹暂时都不会被删除。"
    shown.enter("轨迹最多占用", 0.1)
    assert shown.card.question is not None
    assert shown.card.question.text() == "轨迹最多只占用 0.1 GB？"
    shown.answer("取消")
    shown.enter("轨迹保留", 30)
    assert shown.answer("更早删除").startswith("下次清理时将永久删除一天的轨迹：")
    assert read_venue(hall.folder).settings.tracks_kept_days == 30
