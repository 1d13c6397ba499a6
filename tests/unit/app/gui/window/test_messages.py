"""Messages of the window: they move no page, and go when they are no longer true."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from analytics.domain.errors import Phrase
from app.core.job import JobContext
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


def test_a_job_that_takes_longer_than_usual_can_be_cancelled_above_the_pages(
    qtbot: QtBot,
) -> None:
    with show_window(qtbot, has_pages=False) as (window, parts):
        may_go_on = threading.Event()

        def work(context: JobContext) -> None:
            for day in (1, 2):
                context.describe(
                    Phrase("{what}: day {day} of {days}", {"what": "Tables", "day": day, "days": 2})
                )
                may_go_on.wait()
                may_go_on.clear()
            while True:
                context.checkpoint(0.0, 0.0)

        note = window._job_note
        assert note.isHidden()
        job = parts.job_runner.run("a job", work, on_done=lambda _none: None)
        qtbot.waitUntil(lambda: note.isVisible() and "day 1 of 2" in note.words)
        may_go_on.set()
        qtbot.waitUntil(lambda: "day 2 of 2" in note.words)
        may_go_on.set()
        qtbot.mouseClick(note.cancel, Qt.MouseButton.LeftButton)
        assert note.isHidden()
        qtbot.waitUntil(lambda: job.is_finished)
