"""The banner: what it says follows the window's language for as long as it is open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from analytics.domain.errors import StoreError
from app.error_reporting import describe_error
from app.gui.session.theme import LIGHT, install_theme
from app.gui.session.translation import install_language, tr
from app.gui.widgets.layouts import fill
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


@pytest.fixture
def floating(qtbot: QtBot) -> tuple[NotificationBanner, QWidget]:
    """Return a banner over a page, and the page's content, which fills it."""
    page, content = QWidget(), QWidget()
    qtbot.addWidget(page)
    fill(QVBoxLayout(page), (content, 1), margins=0)
    banner = NotificationBanner(page)
    banner.float_over(page)
    page.resize(900, 500)
    with qtbot.waitExposed(page):
        page.show()
    return banner, content


def test_a_floating_message_moves_nothing(floating: tuple[NotificationBanner, QWidget]) -> None:
    banner, content = floating
    before = content.geometry()
    banner.show_message("It could not be saved. " * 10, "Choose another folder.")
    page = banner.parentWidget()
    assert banner.isVisible()
    assert content.geometry() == before
    assert page.rect().contains(banner.geometry())
    page.resize(600, 400)
    assert page.rect().contains(banner.geometry())


def test_the_messages_of_a_window_and_its_page_are_both_seen(
    floating: tuple[NotificationBanner, QWidget],
) -> None:
    banner, content = floating
    other = NotificationBanner(content)
    other.float_over(content)
    banner.show_message("The camera does not answer.")
    other.show_message("The table was written.", tone="good")
    assert not banner.geometry().intersects(other.geometry())


def test_news_goes_by_itself_and_problems_stay(
    floating: tuple[NotificationBanner, QWidget], qtbot: QtBot
) -> None:
    banner, _content = floating
    banner._expiry.setInterval(20)
    banner.show_message("The table was written.", tone="good")
    qtbot.waitUntil(banner.isHidden, timeout=5000)
    for change in ({"tone": "bad"}, {"tone": "good", "action": "Open"}):
        banner.show_message("The report was written.", **change)
        assert not banner._expiry.isActive()
        banner.dismiss_news()
        assert banner.isVisible()


def test_buttons_of_dialogs_have_no_icons(qapp: QApplication, qtbot: QtBot) -> None:
    install_theme(qapp, LIGHT)
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert [button.icon().isNull() for button in box.buttons()] == [True, True]


def test_an_error_can_be_told_again_with_its_fields(qapp: QApplication) -> None:
    error = StoreError(
        "There is no video file {location} for camera '{camera}'.",
        "Check whether it was moved or renamed, or whether its drive is connected.",
        location="/a.mp4",
        camera="Hall",
    )
    told = describe_error(error, translate=tr)
    assert told.problem == "There is no video file /a.mp4 for camera 'Hall'."
    install_language(qapp, "zh_CN")
    again = told.render(tr)
    assert again.problem == describe_error(error, translate=tr).problem != told.problem
    assert again.detail == told.detail
