"""The banner: what it says follows the window's language for as long as it is open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from analytics.domain.errors import StoreError
from app.error_reporting import describe_error
from app.gui.session.translation import install_language, tr
from app.gui.widgets.notification_banner import NotificationBanner


@pytest.fixture(autouse=True)
def english(qapp: QApplication) -> Iterator[None]:
    install_language(qapp, "en")
    yield
    install_language(qapp, "en")


def speak_chinese(qapp: QApplication) -> None:
    install_language(qapp, "zh_CN")
    qapp.sendPostedEvents(None, QEvent.Type.LanguageChange)


def test_an_open_message_is_said_again_in_another_language(qtbot: QtBot, qapp: QApplication) -> None:
    banner = NotificationBanner()
    qtbot.addWidget(banner)
    banner.show_message(
        lambda: tr("This venue uses {name}.", name="yolo26n"),
        "/a/file.csv",
        action=lambda: tr("Show the models"),
    )
    assert banner.problem == "This venue uses yolo26n."
    speak_chinese(qapp)
    assert banner.problem == tr("This venue uses {name}.", name="yolo26n") != "This venue uses yolo26n."
    assert banner.remedy == "/a/file.csv"
    assert banner.accessibleName() == banner.problem
    assert banner.findChild(QPushButton).text() == tr("Show the models") != "Show the models"


def test_a_message_that_was_closed_stays_closed(qtbot: QtBot, qapp: QApplication) -> None:
    banner = NotificationBanner()
    qtbot.addWidget(banner)
    banner.show_message(lambda: tr("The picture was saved."))
    banner.hide()
    speak_chinese(qapp)
    assert banner.isHidden()


def test_an_error_can_be_told_again_with_its_fields(qapp: QApplication) -> None:
    error = StoreError(
        "There is no ground truth for day {number} of '{venue}'.",
        "Prepare the demo's history first: python -m app demo-exhibition --venue {folder}",
        number=2,
        venue="Hall",
        folder="/a",
    )
    told = describe_error(error, translate=tr)
    assert told.problem == "There is no ground truth for day 2 of 'Hall'."
    install_language(qapp, "zh_CN")
    again = told.render(tr)
    assert again.problem == describe_error(error, translate=tr).problem != told.problem
    assert again.detail == told.detail
