"""The card about privacy as a person uses it: what is stored, what is shown, and a period that is erased."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_reader, open_store
from app.access.audit_log import read_entries
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.privacy_file import PreviewMode, PrivacySettings, read_privacy
from app.gui.privacy.model import PrivacyViewModel
from app.gui.privacy.page import PrivacyCard
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.privacy.edit_privacy import change_privacy
from app.privacy.privacy_pack import PrivacyPack
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import find_button, list_words

START_S = NOW_UTC_S - 7200


class Shown:
    """The card in a window of its own, with what it wrote and announced."""

    def __init__(self) -> None:
        self.app_state = AppState()
        self.packs: list[tuple[Path, PrivacyPack]] = []
        self.changes: list[ChangeSet] = []
        self.app_state.changed.connect(lambda changes, _who: self.changes.append(changes))
        self.viewmodel = PrivacyViewModel(
            app_state=self.app_state, job_runner=InlineJobRunner(), write_pack=self._write
        )
        self.card = PrivacyCard(self.viewmodel)

    def _write(self, folder: Path, pack: PrivacyPack) -> tuple[Path, ...]:
        self.packs.append((folder, pack))
        return (folder,)

    def enter(self, name: str, text: str) -> None:
        field = next(f for f in self.card.findChildren(QLineEdit) if f.accessibleName() == name)
        field.setText(text)
        field.editingFinished.emit()


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Shown:
    made = Shown()
    qtbot.addWidget(made.card)
    made.card.resize(1000, 800)
    made.card.show()
    return made


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=START_S, duration_s=300, people=3)
    write_venue(venue)
    return venue


def set_details(shown: Shown) -> str:
    return "\n".join(list_words(shown.card))


def test_without_a_venue_it_says_what_to_do(shown: Shown) -> None:
    assert "Open a venue" in set_details(shown)


def test_what_is_chosen_and_entered_is_kept(shown: Shown, hall: Venue) -> None:
    shown.app_state.show_venue(hall)
    words = set_details(shown)
    for description in ("90 days", "no names, no pictures", "Clips for labelling", "None"):
        assert description in words
    (box,) = shown.card.findChildren(QComboBox)
    box.activated.emit(box.findData(PreviewMode.SILHOUETTES))
    shown.enter("Responsible organiser", "Fair Ltd.")
    assert read_privacy(hall.folder).previews is PreviewMode.SILHOUETTES
    assert read_privacy(hall.folder).organiser == "Fair Ltd."
    assert [change.settings for change in shown.changes] == [True, True]


@pytest.mark.parametrize(
    ("language", "cancel", "agree", "description"),
    [
        (
            "en",
            "Cancel",
            "Show more",
            "Now: Silhouettes, no pictures. From now on: Pictures with heads",
        ),
        ("zh_CN", "取消", "显示更多", "现在：只显示人形，不显示画面。改为：显示画面；头部模糊，直到有人关闭"),
    ],
)
def test_more_is_shown_only_after_a_question(
    shown: Shown, hall: Venue, qapp: QApplication, language: str, cancel: str, agree: str, description: str
) -> None:
    change_privacy(hall.folder, PrivacySettings(PreviewMode.SILHOUETTES))
    install_language(qapp, language)
    shown.card.retranslate()
    shown.app_state.show_venue(hall)
    (box,) = shown.card.findChildren(QComboBox)

    def choose(mode: PreviewMode) -> None:
        box.setCurrentIndex(box.findData(mode))
        box.activated.emit(box.currentIndex())

    def answer(words: str) -> str:
        question = shown.card.question
        assert question is not None
        assert question.defaultButton() is question.button(QMessageBox.StandardButton.Cancel)
        information = question.informativeText()
        next(button for button in question.buttons() if button.text() == words).click()
        assert shown.card.question is None
        return information

    choose(PreviewMode.PLAIN)
    assert answer(cancel).startswith(description)
    assert PreviewMode(box.currentData()) is PreviewMode.SILHOUETTES
    assert read_privacy(hall.folder).previews is PreviewMode.SILHOUETTES
    choose(PreviewMode.BLURRED)
    answer(agree)
    assert PreviewMode(box.currentData()) is read_privacy(hall.folder).previews is PreviewMode.BLURRED
    choose(PreviewMode.SILHOUETTES)
    assert shown.card.question is None
    entries = read_entries(hall.folder)
    assert [entry.what for entry in entries] == [
        {"previews": "blurred -> silhouettes"},
        {"previews": "silhouettes -> blurred"},
        {"previews": "blurred -> silhouettes"},
    ]


def test_the_pack_is_written_once_somebody_answers_for_it(shown: Shown, hall: Venue, tmp_path: Path) -> None:
    shown.app_state.show_venue(hall)
    shown.viewmodel.write_pack(tmp_path / "pack", "en")
    assert "field 'organiser'" in set_details(shown)
    shown.enter("Responsible organiser", "Fair Ltd.")
    shown.enter("Contact for visitors", "privacy@fair.example")
    shown.viewmodel.write_pack(tmp_path / "pack", "zh_CN")
    ((folder, pack),) = shown.packs
    assert (folder, pack.record.language) == (tmp_path / "pack", "zh_CN")
    assert "The privacy pack was saved." in set_details(shown)


def test_a_period_is_erased_for_whoever_types_the_name(qtbot: QtBot, shown: Shown, hall: Venue) -> None:
    shown.app_state.show_venue(hall)
    shown.app_state.set_period((START_S + 100, START_S + 200))
    find_button(shown.card, "Erase a period…").click()
    dialog = shown.card.erase_dialog
    assert dialog is not None
    assert "Permanently erased" in dialog.description
    qtbot.keyClicks(dialog.typed, "hal")
    qtbot.keyClick(dialog.typed, Qt.Key.Key_Return)
    assert not dialog.erase.isEnabled()
    qtbot.keyClicks(dialog.typed, "l")
    assert dialog.erase.isEnabled()

    recorder = open_store(hall.folder, clock=SetClock())
    dialog.erase.click()
    assert "in use by process" in " ".join(label.text() for label in dialog.findChildren(QLabel))
    recorder.close()
    assert shown.changes == []

    dialog.erase.click()
    assert "The period was erased" in dialog.description
    assert [change.events for change in shown.changes] == [True]
    reader = open_reader(hall.folder)
    # to the minute, as it was shown
    assert reader.read_gaps()[["start_s", "end_s"]].to_numpy().tolist() == [[START_S + 60, START_S + 180]]
    reader.close()
    dialog.reject()
    assert shown.card.erase_dialog is None


def test_only_what_one_camera_saw_is_erased(shown: Shown, hall: Venue) -> None:
    writer = open_store(hall.folder, clock=SetClock())
    writer.write_span(ObservedSpan(CameraId("gone"), START_S, START_S + 300, 10))
    writer.close()
    shown.app_state.show_venue(hall)
    shown.app_state.set_period((START_S, START_S + 300))
    find_button(shown.card, "Erase a period…").click()
    dialog = shown.card.erase_dialog
    assert dialog is not None
    listed = [dialog.camera.itemText(index) for index in range(dialog.camera.count())]
    assert listed == ["All cameras", "north", "gone"]
    dialog.camera.setCurrentIndex(2)
    dialog.camera.activated.emit(2)
    assert "Only observations of camera gone." in dialog.description
    dialog.typed.setText("hall")
    dialog.erase.click()
    reader = open_reader(hall.folder)
    assert set(reader.read_spans()["camera"]) == {"north"}
    assert reader.read_gaps()["camera"].tolist() == ["gone"]
    reader.close()
    dialog.reject()
