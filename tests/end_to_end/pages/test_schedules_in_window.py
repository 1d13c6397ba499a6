"""Dialogs of scheduled reports: editing, making, sending and errors."""

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
    """A clock that a test can set."""

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
        "Evening", "daily", Rhythm.DAY, time(18, 30), Target.FOLDER, str(to), formats=("html",)
    )
    dialog._viewmodel.save(schedule, former=None)
    dialog.choose("Evening")


def read_cells(dialog: SchedulesDialog) -> list[str]:
    return [str(dialog._model.index(0, column).data()) for column in range(dialog._model.columnCount())]


def test_a_new_schedule_makes_a_report_when_due(
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
    assert read_cells(dialog)[4:] == ["the exhibition is over", "sent 03-14 19:00"]


def test_sending_now_shows_failure_and_success_in_the_row(dialog: SchedulesDialog, tmp_path: Path) -> None:
    out = tmp_path / "not there yet"
    add(dialog, out)
    dialog.send.click()
    assert "not there yet" in read_cells(dialog)[-1]
    assert read_cells(dialog)[-1].startswith("waiting")
    assert "not there yet" in dialog.outcome.text()
    out.mkdir()
    dialog.send.click()
    # replacing the one that waited
    assert [file.name for file in out.iterdir()] == ["Evening 2026-03-14.html"]
    assert read_cells(dialog)[-1].startswith("sent")
    assert not dialog.banner.isHidden()


def test_schedules_of_another_program_appear(
    dialog: SchedulesDialog, hall: Venue, clock: MovedClock, tmp_path: Path
) -> None:
    schedule = Schedule("By command", "daily", Rhythm.DAY, time(18), Target.FOLDER, str(tmp_path))
    save_schedule(hall.folder, schedule, clock=clock)
    dialog._viewmodel._look()
    assert read_cells(dialog)[0] == "By command"


def test_a_schedule_is_renamed_changed_and_removed(
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
    (credential,) = read_schedules(hall.folder).schedules
    assert (credential.name, credential.weekday, credential.stand) == ("Sundays", 6, "Stand A")
    assert "Sunday" in read_cells(dialog)[2]
    dialog.choose("Sundays")
    dialog.remove.click()
    assert read_schedules(hall.folder).schedules == ()


def test_the_form_shows_the_fields_of_the_chosen_delivery(qtbot: QtBot) -> None:
    form = ScheduleDialog(("Stand A",))
    qtbot.addWidget(form)
    form.show()
    form.accept()
    assert form.faults == ["Fill this in."]
    for target, browses, signs in (
        (Target.FOLDER, True, False),
        (Target.MAIL, False, False),
        (Target.WEBHOOK, False, True),
    ):
        form.target.setCurrentIndex(form.target.findData(target.value))
        assert (form.browse.isVisible(), form.secret.isVisible()) == (browses, signs)
    form.to.setText("https://example.com")
    form.accept()
    assert not form.isVisible()
    assert not form.stand.isVisible()


def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(
    qtbot: QtBot, dialog: SchedulesDialog, hall: Venue, qapp: QApplication
) -> None:
    dialog.add.click()
    (form,) = dialog.findChildren(ScheduleDialog)
    form.target.setCurrentIndex(form.target.findData(Target.MAIL.value))
    assert not form.no_server.isHidden()
    form.to.setText("abc")
    form.accept()
    assert form.isVisible()
    assert form.faults[0].startswith("'abc' is not a valid email address.")
    assert form.to.accessibleDescription() == form.faults[0]
    assert form.to.text() == "abc"
    form.to.setText("abc@example.com")
    for box in form.formats.values():
        box.setChecked(True)
    form.accept()
    assert not form.isVisible()
    (saved,) = read_schedules(hall.folder).schedules
    assert (saved.to, saved.formats) == ("abc@example.com", ("pdf", "xlsx", "html", "pptx"))
    assert read_cells(dialog)[4] == "no mail server is set up"


def test_entered_numbers_are_legible(qtbot: QtBot) -> None:
    for form, field in ((ScheduleDialog(()), "at"), (MailServerDialog(None), "port")):
        qtbot.addWidget(form)
        form.show()
        line = getattr(form, field).lineEdit()
        # a styled spin box without buttons may leave its text a single pixel
        assert line.width() > line.fontMetrics().horizontalAdvance(line.text())


def test_an_invalid_address_is_rejected(dialog: SchedulesDialog, hall: Venue, tmp_path: Path) -> None:
    wrong = Schedule("Mail", "daily", Rhythm.DAY, time(18), Target.MAIL, "nobody")
    dialog._viewmodel.save(wrong, former=None)
    assert not dialog.banner.isHidden()
    assert read_schedules(hall.folder).schedules == ()


def test_the_password_of_a_mail_server_goes_to_the_keyring(
    qtbot: QtBot, dialog: SchedulesDialog, hall: Venue, store: MemoryCredentialStore
) -> None:
    form = MailServerDialog(None, parent=dialog)
    form.accept()
    assert form.faults == ["Fill this in."] * 2
    form.host.setText("mail.example.com")
    form.mail_from.setText("hall@example.com")
    form.user.setText("hall")
    form.security.setCurrentIndex(1)
    form._propose_port()
    form.accept()
    assert form.faults == []
    dialog._viewmodel.set_mail_server(form.server_entered, password="geheim")
    mail = read_schedules(hall.folder).mail
    assert mail == MailServer("mail.example.com", 465, "hall", "hall@example.com", True)
    assert mail is not None
    credential = store.find(make_mail_key(mail))
    assert credential is not None
    assert credential.password == "geheim"
    assert "geheim" not in (hall.folder / "schedules.toml").read_text(encoding="utf-8")


def test_a_failure_follows_the_windows_language(
    qtbot: QtBot, dialog: SchedulesDialog, qapp: QApplication, tmp_path: Path
) -> None:
    add(dialog, tmp_path / "not there yet")
    dialog.send.click()
    assert "Check the name and the folder." in dialog.outcome.text()
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: "请" in dialog.outcome.text())
    assert "Check" not in dialog.outcome.text()
