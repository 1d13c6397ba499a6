"""The timeline while venues change under it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from analytics.domain.timed_event import EventKind, TimedEvent
from app.core.file_format import write_venue
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle
from app.gui.timeline.model import TimelineViewModel
from app.timeline.timeline_file import read_timeline
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner

TALK = TimedEvent("Opening", NOW_UTC_S, NOW_UTC_S + 1800, None, EventKind.TALK)


class HeldJobRunner(InlineJobRunner):
    """Does nothing before it is let go."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.held: list[Callable[[], JobHandle]] = []

    def run(self, title: Any, work: Any, **callbacks: Any) -> JobHandle:
        self.held.append(lambda: super(HeldJobRunner, self).run(title, work, **callbacks))
        return JobHandle(title, None, self)


def test_what_was_entered_in_another_venue_is_not_undone_in_this_one(tmp_path: Path, qapp: QObject) -> None:
    app_state, runner = AppState(qapp), HeldJobRunner(qapp)
    viewmodel = TimelineViewModel(app_state=app_state, job_runner=runner, clock=SetClock(), parent=qapp)
    first, second = (make_hall(tmp_path / name) for name in ("first", "second"))
    for venue in (first, second):
        venue.folder.mkdir(parents=True)
        write_venue(venue)
    app_state.show_venue(first)
    viewmodel.save_event(TALK, former=None)
    app_state.show_venue(second)
    for finish in runner.held:
        finish()
    assert read_timeline(first.folder).events == (TALK,)
    assert not viewmodel.state.can_undo
    assert viewmodel.state.chosen is None
