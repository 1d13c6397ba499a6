"""A zone is redrawn in the past, too: told before, counted, done, and taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.job import JobCancelled, JobContext
from app.gui.plan.page import RedrawPastDialog
from app.gui.plan.panel_models import make_plan_editor_parts
from app.gui.session.job_runner import JobRunner
from app.plan.edit_geometry import MoveFigure
from app.plan.geometry_replay import count_past, list_past
from app.plan.plan_shapes import Part, Shape
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock
from tests.support.windows.shown_plan_editor import ROBOTICS, Shown

LEFT = Qt.MouseButton.LeftButton
NEW = Shape(Part.ZONES, "Robotics", NOW_UTC_S)


@pytest.fixture
def moved(shown: Shown) -> Shown:
    """Robotics was moved off everybody in a version that begins now."""
    shown.model.start_version()
    shown.model.edit(MoveFigure(NEW, (0.0, 5.0)))
    shown.model.select(NEW)
    return shown


def open_dialog(qtbot: QtBot, shown: Shown) -> RedrawPastDialog:
    qtbot.mouseClick(shown.view.past, LEFT)
    (dialog,) = shown.view.window().findChildren(RedrawPastDialog)
    return dialog


def test_what_was_never_drawn_otherwise_has_no_past(shown: Shown) -> None:
    assert not shown.view.past.isVisible()
    shown.model.select(ROBOTICS)
    assert not shown.view.past.isVisible()


def test_what_it_changes_is_said_before_it_is_done(qtbot: QtBot, moved: Shown) -> None:
    assert moved.view.past.isVisible()
    before = moved.content
    dialog = open_dialog(qtbot, moved)
    assert "1 earlier version" in dialog.text.text()
    held, counted, as_it_is, redrawn = (dialog.rows.item(0, column).text() for column in range(4))
    assert held == "Until 2026-03-14 12:00:00"
    assert counted == "2026-03-14 11:58–12:00"
    assert int(as_it_is.split()[0]) > 0
    assert int(redrawn.split()[0]) < int(as_it_is.split()[0])
    assert moved.content == before
    qtbot.mouseClick(dialog.cancel, LEFT)
    assert moved.content == before


def test_it_is_done_and_taken_back(qtbot: QtBot, moved: Shown) -> None:
    before = moved.content
    dialog = open_dialog(qtbot, moved)
    qtbot.mouseClick(dialog.redraw, LEFT)
    first, second = moved.saved.geometry_versions
    assert first.zones[0] == second.zones[0]
    assert not moved.view.past.isVisible()
    qtbot.mouseClick(moved.view.undo, LEFT)
    assert moved.content == before
    assert moved.view.past.isVisible()


def test_counting_can_be_stopped(moved: Shown) -> None:
    venue = moved.saved
    assert len(list_past(venue, NEW)) == 1
    with pytest.raises(JobCancelled):
        count_past(venue, NEW, JobContext(is_cancelled=lambda: True))


def test_who_leaves_while_it_counts_is_asked_nothing_more(qtbot: QtBot, moved: Shown) -> None:
    runner = JobRunner()
    parts = make_plan_editor_parts(
        app_state=moved.app_state,
        job_runner=runner,
        templates_folder=moved.folder / "templates",
        clock=SetClock(),
    )
    try:
        parts.editor.select(NEW)
        parts.past.ask()
        assert parts.past.state.is_counting
        dialog = RedrawPastDialog(parts.past)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.reject()
        assert parts.past.state.shape is None
        qtbot.waitUntil(lambda: not runner.handles)
        assert parts.past.state.rows == ()
    finally:
        assert runner.shutdown()
    assert QApplication.activeModalWidget() is None
