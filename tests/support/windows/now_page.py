"""The page of this moment over a hall and a pipeline that a test scripts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from app.core.document import Venue
from app.gui.now.alarm_desk import AlarmDeskViewModel
from app.gui.now.model import NowViewModel
from app.gui.session.app_state import AppState
from app.gui.session.period_figures import RefreshPace
from app.live.live_positions import LivePositions
from app.plan.floor_scene import LiveDot
from tests.support.halls.live_people import make_status
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, SetClock
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor
from vision.pipeline.pipeline_status import PipelineStatus

Places = Sequence[tuple[float, float]]


@dataclass
class NowPage:
    """Everything behind the page, with a clock that a test moves."""

    state: AppState
    monitor: ScriptedMonitor
    desk: AlarmDeskViewModel
    now: NowViewModel
    clock: SetClock
    analysed: int = 0

    def show(self, places: Places, *, seconds: int = 1, age_s: float = 0.1, is_down: bool = False) -> None:
        """Let people stand there for some seconds, a look each; nothing is analysed while it is down."""
        for _ in range(seconds):
            self.clock.now_s += 1.0
            status = make_status({str(CAMERA): places}, time_s=self.clock.now_s, age_s=age_s)
            self.analysed += not is_down
            camera = dataclasses.replace(status.cameras[0], analysed=self.analysed)
            status = dataclasses.replace(status, cameras=(camera,))
            self.monitor.is_shown_active, self.monitor.shown = True, status
            self.monitor.updated.emit(status)

    def stop(self) -> None:
        """Let the pipeline end."""
        self.monitor.shown = None
        self.monitor.show_stopped()


def make_now_page(parent: QObject, venue: Venue | None = None) -> NowPage:
    """A page without a window; everything is a child of ``parent``."""
    state, jobs, monitor = AppState(parent), InlineJobRunner(parent), ScriptedMonitor(parent)
    clock, positions = SetClock(NOW_UTC_S), LivePositions()
    seen: list[tuple[LiveDot, ...]] = [()]

    def look(status: PipelineStatus) -> None:
        seen[0] = positions.update(status)

    monitor.updated.connect(look)
    desk = AlarmDeskViewModel(app_state=state, job_runner=jobs, clock=clock, parent=parent)
    now = NowViewModel(
        app_state=state,
        job_runner=jobs,
        monitor=monitor,
        desk=desk,
        find_dots=lambda: seen[0],
        clock=clock,
        pace=RefreshPace(clock.monotonic_s),
        parent=parent,
    )
    if venue is not None:
        state.show_venue(venue)
    return NowPage(state, monitor, desk, now, clock)
