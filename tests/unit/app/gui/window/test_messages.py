"""Messages of the window: they move no page, and go when they are no longer true."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.gui.session.notification import Notification
from app.gui.window.pages import Page
from tests.support.windows.shown_window import show_window

REFUSED = Notification("The model yolo26n is not on this machine.", "Import it.", leads_to_models=True)


def test_a_message_floats_above_the_page(qtbot: QtBot) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        window.show_page(Page.SETTINGS)
        qtbot.waitUntil(lambda: window._stack.height() > 100)
        before = window._stack.geometry()
        parts.shell.notify(REFUSED)
        assert window.banner.isVisible()
        assert window._stack.geometry() == before
        window.show_page(Page.LIVE)
        assert window.banner.isVisible(), "a problem stays"


def test_what_is_no_longer_true_goes(qtbot: QtBot) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        parts.shell.notify(REFUSED)
        parts.monitor.started.emit()
        assert window.banner.isHidden(), "it records"
        parts.settings.model_chosen.emit("yolo26n")
        assert "next recording" in window.banner.remedy
        assert window.banner.isVisible()
        window.go_to(Page.SETTINGS)
        assert window.banner.isHidden(), "news of another page"
