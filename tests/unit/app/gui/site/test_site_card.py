"""The site in the settings, against a real server: created and joined in dialogs, watched, and left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QMessageBox, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from app.core.credentials import EncryptedFileCredentialStore
from app.core.file_format import read_venue, write_venue
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.gui.site.model import SiteViewModel
from app.gui.site.page import SiteCard, SiteDialog
from app.plan.edit_geometry import AddShape
from app.plan.saved_edits import save_edit
from app.site.hall_jobs import request_job
from app.site.jobs import PREPARE, create_queue
from app.site.site_document import require_membership, using_site
from tests.support.halls.builder import box, zone
from tests.support.servers.postgres_server import OWNER, PASSWORD, PostgresServer
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.unit.app.core.venues import make_full_venue

MakeCard = Callable[[str], SiteCard]


@pytest.fixture
def make_card(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeCard]:
    models: list[SiteViewModel] = []

    def make(name: str) -> SiteCard:
        folder = tmp_path / f"{name}.expoflow"
        folder.mkdir()
        (folder / "plan.png").write_bytes(b"a picture")
        write_venue(make_full_venue(folder))
        store = EncryptedFileCredentialStore(tmp_path / f"{name} settings", passphrase=None, scrypt_cost=2)
        state = AppState()
        state.show_venue(read_venue(folder))
        models.append(SiteViewModel(app_state=state, job_runner=InlineJobRunner(), store=store))
        state.setParent(models[-1])
        card = SiteCard(models[-1])
        qtbot.addWidget(card)
        card.resize(900, 700)
        card.show()
        return card

    yield make
    for model in models:
        model.close()
        model.deleteLater()


def fill_in(qtbot: QtBot, card: SiteCard, *values: str) -> None:
    dialog = next(one for one in card.findChildren(SiteDialog) if one.isVisible())
    for field, value in zip(dialog.fields, values, strict=True):
        field.setText(value)
    qtbot.mouseClick(dialog.accepting, Qt.MouseButton.LeftButton)


def agree(card: SiteCard) -> str:
    """Press the button that goes on, and return what was asked."""
    question = next(one for one in card.window().findChildren(QMessageBox) if one.isVisible())
    text = f"{question.text()} {question.informativeText()}"
    next(
        b for b in question.buttons() if question.buttonRole(b) is QMessageBox.ButtonRole.DestructiveRole
    ).click()
    return text


def read_table(table: QTableWidget) -> list[list[str]]:
    rows, columns = range(table.rowCount()), range(table.columnCount())
    return [[item.text() if (item := table.item(r, c)) else "" for c in columns] for r in rows]


@pytest.fixture
def place(postgres_server: PostgresServer) -> str:
    return postgres_server.make_database().rpartition("@")[2]


@pytest.fixture
def north(qtbot: QtBot, make_card: MakeCard, place: str) -> SiteCard:
    card = make_card("north")
    assert card.create_site.isVisibleTo(card)
    qtbot.mouseClick(card.create_site, Qt.MouseButton.LeftButton)
    fill_in(qtbot, card, "Fair", "Hall 1", "north", place, OWNER, PASSWORD)
    return card


def list_nameless(card: SiteCard) -> list[QWidget]:
    """What a key reaches but a screen reader cannot name."""
    return [
        widget
        for widget in card.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]


def make_code(qtbot: QtBot, card: SiteCard, hall: str) -> str:
    card.hall.setCurrentIndex(card.hall.findText(hall))
    with qtbot.waitSignal(card._viewmodel.code_made) as made:
        qtbot.mouseClick(card.add, Qt.MouseButton.LeftButton)
    return str(made.args[0].code)


def test_a_site_is_made_by_two_windows(
    qtbot: QtBot,
    qapp: QApplication,
    north: SiteCard,
    make_card: MakeCard,
    place: str,
    postgres_server: PostgresServer,
) -> None:
    assert "'north' in the hall 'Hall 1' of the site 'Fair'" in north._text.text()
    south = make_card("south")
    code = make_code(qtbot, north, "Hall 1")
    assert north.notice.isVisibleTo(north)
    opened, there = north._viewmodel._app_state, south._viewmodel._app_state
    first, second = opened.venue, there.venue
    assert first is not None
    assert second is not None
    for venue in (second, first):
        opened.show_venue(venue)
        assert not north.notice.isVisibleTo(north)
    qtbot.mouseClick(south.join, Qt.MouseButton.LeftButton)
    fill_in(qtbot, south, code, place, "south", "south")
    assert "Help with the hall 'Hall 1' of 'Fair'?" in agree(south)
    assert [row[0] for row in read_table(south.machines)] == ["north", "south (this one)"]

    south_state, north_state = south._viewmodel._app_state, north._viewmodel._app_state
    assert south_state.venue is not None
    saved = save_edit(south_state.venue.folder, AddShape(zone("B1", box(10, 10, 12, 12))))
    south_state.replace_venue(saved.venue, saved.changes, initiator=None)
    south._viewmodel.update()
    with qtbot.waitSignal(north_state.changed) as changed:
        north._viewmodel.update()
    assert (changed.args[0].zones, changed.args[0].cameras) == (True, False)
    assert read_table(north.changes)[0][:2] == ["zones: B1", "south"]
    north.changes.selectRow(0)
    qtbot.mouseClick(north.undo, Qt.MouseButton.LeftButton)
    assert north_state.venue is not None
    assert "B1" not in map(str, (one.name for one in north_state.venue.geometry_versions[0].zones))
    assert read_table(north.changes)[0][:2] == ["zones: B1", "north"]
    there_now = read_venue(south_state.venue.folder)
    write_venue(
        replace(there_now, settings=replace(there_now.settings, model_name="yolo26s", analysed_fps=7.0))
    )
    south._viewmodel.update()
    north._viewmodel.update()
    assert read_table(north.changes)[0][:2] == ["settings: Model, Frames per second", "south"]
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: read_table(north.changes)[0][0] == "设置：模型、每秒帧数")
    install_language(qapp, "en")
    qtbot.waitUntil(lambda: read_table(north.changes)[0][0] == "settings: Model, Frames per second")
    assert list_nameless(north) == []

    assert north._halls.text() == "Hall 1: 0 of 3 cameras are read, 0 of 2 machines run."
    north.machines.selectRow(1)
    qtbot.mouseClick(north.drain, Qt.MouseButton.LeftButton)
    assert north.drain.text() == "Let it take cameras again"
    north.cameras.selectRow(0)
    north.target.setCurrentIndex(north.target.findData("south"))
    qtbot.mouseClick(north.assign, Qt.MouseButton.LeftButton)
    assert read_table(north.cameras)[0][3] == "south"
    qtbot.mouseClick(north.remove, Qt.MouseButton.LeftButton)
    assert "Remove 'south' from the site?" in agree(north)
    assert [row[0] for row in read_table(north.machines)] == ["north (this one)"]

    south._viewmodel.update()
    assert "was removed from the site" in south._stale.text()
    qtbot.mouseClick(south.leave, Qt.MouseButton.LeftButton)
    agree(south)
    assert south.create_site.isVisibleTo(south)


def test_a_computer_without_a_venue_joins_a_hall_and_has_its_venue_then(
    qtbot: QtBot, north: SiteCard, tmp_path: Path, place: str
) -> None:
    state = AppState()
    store = EncryptedFileCredentialStore(tmp_path / "east settings", passphrase=None, scrypt_cost=2)
    model = SiteViewModel(app_state=state, job_runner=InlineJobRunner(), store=store)
    state.setParent(model)
    card = SiteCard(model)
    qtbot.addWidget(card)
    card.show()
    folder = tmp_path / "east.expoflow"
    for hall, refusal in (("a new hall", "for a new hall, which needs a venue"), ("Hall 1", "")):
        code = make_code(qtbot, north, hall)
        qtbot.mouseClick(card.join, Qt.MouseButton.LeftButton)
        fill_in(qtbot, card, code, place, "east", str(folder))
        assert refusal in card.notice.problem
    with qtbot.waitSignal(model.venue_created) as created:
        assert "Nothing here is replaced" in agree(card)
    assert created.args == [folder]
    assert "north" in map(str, read_venue(folder).camera_names)
    model.close()
    model.deleteLater()


def test_the_last_state_stays_while_the_server_is_gone(
    north: SiteCard, postgres_server: PostgresServer, qtbot: QtBot, qapp: QApplication
) -> None:
    rows = read_table(north.machines)
    postgres_server.stop()
    try:
        north._viewmodel.update()
        assert "does not answer" in north._stale.text()
        assert read_table(north.machines) == rows
        qtbot.mouseClick(north.add, Qt.MouseButton.LeftButton)
        assert "does not answer" in north.notice.problem
        install_language(qapp, "zh_CN")
        qtbot.waitUntil(lambda: "没有响应" in north._stale.text())
    finally:
        postgres_server.start()
    north._viewmodel.update()
    assert not north._stale.isVisibleTo(north)


def test_jobs_are_watched_and_cancelled_where_they_are_in_the_list(north: SiteCard, qtbot: QtBot) -> None:
    assert not north.jobs.isVisibleTo(north)
    model = north._viewmodel
    assert model._app_state.venue is not None
    folder = model._app_state.venue.folder

    def prepare(day: int) -> None:
        start_s, end_s = read_venue(folder).exhibition.day_interval_utc(date(2026, 11, day))
        with using_site(require_membership(folder), store=model._store) as server:
            create_queue(server)
            request_job(server, PREPARE, {"hall": 1, "start_s": start_s, "end_s": end_s})
        model.update()

    prepare(25)
    assert read_table(north.jobs) == [["Prepare 2026-11-25", "Hall 1", "waiting"]]
    assert not north.cancel.isEnabled()
    north.jobs.selectRow(0)
    # a newer one moves it down
    prepare(26)
    qtbot.mouseClick(north.cancel, Qt.MouseButton.LeftButton)
    assert [row[2] for row in read_table(north.jobs)] == ["waiting", "cancelled"]
    (newer, older) = model.state.status.jobs if model.state.status is not None else ()
    assert (newer.is_unfinished, older.is_unfinished) == (True, False)
    assert not north.cancel.isEnabled()


def test_a_wrong_code_is_refused_in_words(qtbot: QtBot, make_card: MakeCard, place: str) -> None:
    card = make_card("west")
    qtbot.mouseClick(card.join, Qt.MouseButton.LeftButton)
    typed = ["0000-0000-0000-0000", place, "west", "west"]
    fill_in(qtbot, card, *typed)
    assert "does not know this join code" in card.notice.problem
    dialog = next(one for one in card.findChildren(SiteDialog) if one.isVisible())
    assert dialog.texts == typed, "so that one of them is mended, and not all typed again"
    assert "does not know this join code" in dialog.faults[0]
    dialog.reject()
