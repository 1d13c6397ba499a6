"""The card about updates: off at first, told quietly once, and dismissed for a version."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.gui.app_state import AppState
from app.gui.viewmodels.shell_words import Notification
from app.gui.viewmodels.updates import UpdatesViewModel
from app.gui.views.updates_card import UpdatesCard
from app.gui.widgets.notification_banner import NotificationBanner
from app.operations.release_feed import Release, UpdateError
from app.operations.update_notice import look_for_update
from app.settings.update_file import UpdateChoice, read_updates
from tests.support.inline_job_runner import InlineJobRunner
from tests.support.shown_window import find_button, list_words
from tests.support.walked_hall import SetClock

FEED = "https://feed.example/latest"


class Shown:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: Release | UpdateError = Release("99.0", "https://example.org/99")
        self.told: list[Notification] = []
        self.clock = SetClock()
        self.make()

    def make(self) -> None:
        """As a window does at its start."""
        self.viewmodel = UpdatesViewModel(
            app_state=AppState(), job_runner=InlineJobRunner(), clock=self.clock, look=self._look
        )
        self.viewmodel.told.connect(self.told.append)
        self.card = UpdatesCard(self.viewmodel)
        self.viewmodel.setParent(self.card)

    def _look(self) -> UpdateChoice:
        return look_for_update(clock=self.clock, ask=self._ask)

    def _ask(self, address: str) -> Release:
        self.asked.append(address)
        if isinstance(self.said, UpdateError):
            raise self.said
        return self.said

    def words(self) -> str:
        return "\n".join(list_words(self.card))


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Shown:
    made = Shown()
    qtbot.addWidget(made.card)
    made.card.show()
    return made


def switch_on(shown: Shown, address: str) -> None:
    (field,) = shown.card.findChildren(QLineEdit)
    field.setText(address)
    (switch,) = shown.card.findChildren(QCheckBox)
    switch.click()


def list_shown_buttons(shown: Shown) -> list[QPushButton]:
    return [button for button in shown.card.findChildren(QPushButton) if button.isVisible()]


def test_off_it_asks_nobody_and_a_wrong_address_is_refused_in_words(shown: Shown) -> None:
    shown.viewmodel.look_if_due()
    assert "Nobody is asked." in shown.words()
    switch_on(shown, "http://feed.example/")
    assert "no address of a release feed" in shown.words()
    (switch,) = shown.card.findChildren(QCheckBox)
    assert not switch.isChecked()
    assert shown.asked == []
    assert not read_updates().is_on


def test_a_newer_version_is_told_once_and_not_again_once_dismissed(shown: Shown, qtbot: QtBot) -> None:
    switch_on(shown, FEED)
    assert shown.asked == [FEED]
    assert "ExpoFlow 99.0 is out." in shown.words()
    assert not find_button(shown.card, "Ask now").isEnabled()
    (told,) = shown.told
    shown.viewmodel.look_if_due()
    assert len(shown.told) == len(shown.asked) == 1

    banner = NotificationBanner()
    qtbot.addWidget(banner)
    banner.show_message(told.problem, told.remedy, on_closed=told.on_closed)
    banner._close.click()
    assert read_updates().dismissed == "99.0"
    assert "Tell of it no more" not in [b.text() for b in list_shown_buttons(shown)]
    shown.clock.now_s += 86_400
    shown.make()
    qtbot.addWidget(shown.card)
    shown.viewmodel.look_if_due()
    assert (len(shown.asked), len(shown.told)) == (2, 1)
    shown.clock.now_s += 86_400
    shown.said = Release("99.1", "")
    shown.viewmodel.look_if_due()
    assert [note.problem for note in shown.told][1:] == ["ExpoFlow 99.1 is out."]


def test_a_feed_that_fails_disturbs_nobody_and_the_card_says_why(shown: Shown) -> None:
    shown.said = UpdateError("It is ill.", "Wait.")
    switch_on(shown, FEED)
    assert "It is ill. Wait." in shown.words()
    assert shown.told == []
