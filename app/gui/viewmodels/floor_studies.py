"""What can be asked of the floor plan's period besides its heat: ways, playback, and comparison."""

from __future__ import annotations

from PySide6.QtCore import QObject

from analytics.domain.clock import Clock
from app.gui.app_state import AppState
from app.gui.job_runner import JobRunner
from app.gui.viewmodels.floor_comparison import FloorComparisonViewModel
from app.gui.viewmodels.floor_playback import FloorPlaybackViewModel
from app.gui.viewmodels.floor_ways import FloorWaysViewModel
from app.operations.compute_views import HeatmapView


class FloorStudies(QObject):
    """Each computes nothing until it is asked for; all follow the floor plan's period."""

    def __init__(
        self, *, app_state: AppState, job_runner: JobRunner, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.ways = FloorWaysViewModel(app_state=app_state, job_runner=job_runner, parent=self)
        self.playback = FloorPlaybackViewModel(app_state=app_state, job_runner=job_runner, parent=self)
        self.comparison = FloorComparisonViewModel(
            app_state=app_state, job_runner=job_runner, clock=clock, parent=self
        )

    def follow(self, view: HeatmapView) -> None:
        """A period was computed."""
        if view.heatmap is None or view.asked_s is None:
            self.leave()
            return
        self.ways.follow(view.asked_s)
        self.playback.follow(asked_s=view.asked_s, shown_s=view.period_s)
        self.comparison.follow(view)

    def leave(self) -> None:
        """Another period or venue is coming, or there is nothing in this one."""
        self.ways.follow(None)
        self.playback.follow(asked_s=None, shown_s=None)
        self.comparison.follow(None)

    def pause(self) -> None:
        """Nobody looks."""
        self.playback.set_playing(False)

    def retranslate(self) -> None:
        """Make every text again, in the window's language."""
        self.playback.retranslate()
        self.comparison.retranslate()
