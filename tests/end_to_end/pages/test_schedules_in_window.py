"""Scheduled reports in the window: entered in a dialog, made when they are due, and told when they fail."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue
from app.core.file_format import write_venue
from app.gui.reports.schedules import SchedulesViewModel
from app.gui.reports.schedules_dialog import MailServerDialog, ScheduleDialog, SchedulesDialog
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.print.report_files import write_report_file
from app.reports.report_outbox import make_mail_key
from app.reports.report_template import Template
from app.reports.schedule_file import MailServer, Rhythm, Schedule, Target, read_schedules, save_schedule
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner

EVENING_S = NOW_UTC_S + 7 * 3600.0
"""19:00 in Shanghai on the day of the hall's history."""


class MovedClock(SetClock):
    """Stands wherever a test puts it."""

    def __init__(self) -> None:
        super().__init__(NOW_UTC_S)
        self.at_s = NOW_UTC_S

    def now_utc_s(self) -> float:
        return self.at_s


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=NOW_UTC_S - 7200, duration_s=600, people=20)
    write_venue(venue)
    return venue


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def store() -> MemoryCredentialStore:
    return MemoryCredentialStore()


@pytest.fixture
def dialog(qtbot: QtBot, hall: Venue, clock: MovedClock, store: MemoryCredentialStore) -> SchedulesDialog:
    app_state, runner = AppState(), InlineJobRunner()
    viewmodel = SchedulesViewModel(
        app_state=app_state,
        job_runner=runner,
        write_file=write_report_file,
        open_credentials=lambda: store,
        clock=clock,
    )
    dialog = SchedulesDialog(viewmodel)
    for owned in (app_state, runner, viewmodel):
        owned.setParent(dialog)
    qtbot.addWidget(dialog)
    app_state.show_venue(hall)
    dialog.show()
    return dialog


def add(dialog: SchedulesDialog, to: Path) -> None:
    schedule = Schedule(
        "Evening", "daily", Rhythm.DAY, time(18, 30), Target.FOLDER, str(to), file_format="html"
    )
    dialog._viewmodel.save(schedule, former=None)
    dialog.choose("Evening")


def read_cells(dialog: SchedulesDialog) -> list[str]:
    return [str(dialog._model.index(0, column).data()) for column in range(dialog._model.columnCount())]


def test_a_schedule_is_entered_and_is_made_when_it_is_due(
    dialog: SchedulesDialog, hall: Venue, clock: MovedClock, tmp_path: Path
) -> None:
    out = tmp_path / "share"
    out.mkdir()
    assert not dialog.send.isEnabled()
    add(dialog, out)
    assert read_cells(dialog)[2:] == ["Every open day, 18:30", str(out), "03-14 18:30", "none yet"]
    dialog._viewmodel._look()
    assert list(out.iterdir()) == []
    clock.at_s = EVENING_S
    dialog._viewmodel._look()
    assert [file.name for file in out.iterdir()] == ["Evening 2026-03-14.html"]
    assert read_cells(dialog)[4:] == ["–", "sent 03-14 19:00"]


def test_one_is_sent_at_once_and_a_failure_is_told_in_its_row(
    dialog: SchedulesDialog, tmp_path: Path
) -> None:
    out = tmp_path / "not there yet"
    add(dialog, out)
    dialog.send.click()
    assert "not there yet" in read_cells(dialog)[-1]
    assert read_cells(dialog)[-1].startswith("waits")
    assert "not there yet" in dialog.told.text()
    out.mkdir()
    dialog.send.click()
    # in the place of the one that waited, not twice
    assert [file.name for file in out.iterdir()] == ["Evening 2026-03-14.html"]
    assert read_cells(dialog)[-1].startswith("sent")
    assert not dialog.banner.isHidden()


def test_what_another_program_scheduled_is_seen(
    dialog: SchedulesDialog, hall: Venue, clock: MovedClock, tmp_path: Path
) -> None:
    schedule = Schedule("By command", "daily", Rhythm.DAY, time(18), Target.FOLDER, str(tmp_path))
    save_schedule(hall.folder, schedule, clock=clock)
    dialog._viewmodel._look()
    assert read_cells(dialog)[0] == "By command"


def test_a_schedule_is_changed_under_another_name_and_removed(
    dialog: SchedulesDialog, hall: Venue, tmp_path: Path
) -> None:
    add(dialog, tmp_path)
    form = ScheduleDialog(("Stand A",), schedule=dialog.chosen, parent=dialog)
    assert form.schedule_entered.to == str(tmp_path)
    form.name.setText("Sundays")
    form.rhythm.setCurrentIndex(form.rhythm.findData(Rhythm.WEEK.value))
    form.weekday.setCurrentIndex(6)
    form.template.setCurrentIndex(form.template.findData(Template.STAND.value))
    dialog._viewmodel.save(form.schedule_entered, former=dialog.chosen)
    (kept,) = read_schedules(hall.folder).schedules
    assert (kept.name, kept.weekday, kept.stand) == ("Sundays", 6, "Stand A")
    assert "Sunday" in read_cells(dialog)[2]
    dialog.choose("Sundays")
    dialog.remove.click()
    assert read_schedules(hall.folder).schedules == ()


def test_a_form_asks_for_what_its_choices_need(qtbot: QtBot) -> None:
    form = ScheduleDialog(("Stand A",))
    qtbot.addWidget(form)
    form.show()
    assert not form._save.isEnabled()
    for target, browses, signs in (
        (Target.FOLDER, True, False),
        (Target.MAIL, False, False),
        (Target.WEBHOOK, False, True),
    ):
        form.target.setCurrentIndex(form.target.findData(target.value))
        assert (form.browse.isVisible(), form.secret.isVisible()) == (browses, signs)
    form.to.setText("https://example.com")
    assert form._save.isEnabled()
    assert not form.stand.isVisible()


def test_what_is_entered_can_be_read(qtbot: QtBot) -> None:
    for form, field in ((ScheduleDialog(()), "at"), (MailServerDialog(None), "port")):
        qtbot.addWidget(form)
        form.show()
        line = getattr(form, field).lineEdit()
        # a style sheet's spin box without buttons leaves its text a single pixel
        assert line.width() > line.fontMetrics().horizontalAdvance(line.text())


def test_a_wrong_address_changes_nothing(dialog: SchedulesDialog, hall: Venue, tmp_path: Path) -> None:
    wrong = Schedule("Mail", "daily", Rhythm.DAY, time(18), Target.MAIL, "nobody")
    dialog._viewmodel.save(wrong, former=None)
    assert not dialog.banner.isHidden()
    assert read_schedules(hall.folder).schedules == ()


def test_the_password_of_a_mail_server_goes_to_the_keyring(
    qtbot: QtBot, dialog: SchedulesDialog, hall: Venue, store: MemoryCredentialStore
) -> None:
    form = MailServerDialog(None, dialog)
    assert not form._save.isEnabled()
    form.host.setText("mail.example.com")
    form.mail_from.setText("hall@example.com")
    form.user.setText("hall")
    form.security.setCurrentIndex(1)
    form._propose_port()
    assert form._save.isEnabled()
    dialog._viewmodel.set_mail_server(form.server_entered, password="geheim")
    mail = read_schedules(hall.folder).mail
    assert mail == MailServer("mail.example.com", 465, "hall", "hall@example.com", True)
    assert mail is not None
    kept = store.find(make_mail_key(mail))
    assert kept is not None
    assert kept.password == "geheim"
    assert "geheim" not in (hall.folder / "schedules.toml").read_text(encoding="utf-8")


def test_a_failure_is_told_in_the_window_s_language(
    qtbot: QtBot, dialog: SchedulesDialog, qapp: QApplication, tmp_path: Path
) -> None:
    add(dialog, tmp_path / "not there yet")
    dialog.send.click()
    assert "Check the name and the folder." in dialog.told.text()
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: "请" in dialog.told.text())
    assert "Check" not in dialog.told.text()
