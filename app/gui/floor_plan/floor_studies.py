"""What can be asked of the floor plan's period besides its heat: ways, playback, and comparison."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.floor_plan.compute_views import HeatmapView
from app.floor_plan.floor_ways import FloorWays, Period, RouteLine
from app.gui.floor_plan.floor_comparison import FloorComparisonViewModel
from app.gui.floor_plan.floor_playback import FloorPlaybackViewModel
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_number, format_period, format_share
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.translation import display_name, tr

JOB_KEY = "floor ways"


@dataclass(frozen=True, slots=True, eq=False)
class FloorWaysState:
    """All that is shown.

    Attributes:
        ways: None while none are wanted or known.
        is_computing: they are being found out.
        problem: why they cannot be, in words.
    """

    ways: FloorWays | None = None
    is_computing: bool = False
    problem: str = ""


class FloorWaysViewModel(QObject):
    """Computes nothing until somebody wants to see ways."""

    state_changed = Signal()

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._period_s: Period | None = None
        self._is_wanted = self._is_due = False
        self._job: JobHandle | None = None
        self.state = FloorWaysState()

    def set_wanted(self, is_wanted: bool) -> None:
        """Say whether anybody wants to see any."""
        self._is_wanted = is_wanted
        self._compute_if_wanted()

    def follow(self, period_s: Period | None) -> None:
        """Show the ways of this period, seconds since the epoch; None: there is nothing to show."""
        self._period_s, self._is_due = period_s, True
        if period_s is None:
            self._stop()
            self._change(ways=None, is_computing=False, problem="")
        self._compute_if_wanted()

    def describe_route(self, route: RouteLine) -> str:
        """A route in words."""
        return tr(
            "{start} → {end}: {visitors} visitors, {share} of those of any zone",
            start=display_name(route.from_zone),
            end=display_name(route.to_zone),
            visitors=format_number(route.visitors),
            share=format_share(route.share, decimals=1),
        )

    def describe_paths(self) -> str:
        """What the drawn paths are a sample of, in words."""
        ways, venue = self.state.ways, self._app_state.venue
        if ways is None or venue is None or not ways.people:
            return ""
        return tr(
            "Paths: a sample of {people} people's, {period}",
            people=format_number(ways.people),
            period=format_period(*ways.paths_s, time_zone=venue.exhibition.time_zone),
        )

    def _compute_if_wanted(self) -> None:
        venue, period_s = self._app_state.venue, self._period_s
        if not (self._is_wanted and self._is_due) or venue is None or period_s is None:
            return
        self._is_due = False

        def work(context: JobContext) -> FloorWays | None:
            from app.floor_plan.floor_ways_view import compute_floor_ways

            return compute_floor_ways(venue=venue, period_s=period_s, context=context)

        self._stop()
        self._change(is_computing=True, problem="")
        handle = self._job_runner.run_latest(
            JOB_KEY,
            lambda: tr("Finding out which ways people take"),
            work,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )
        self._job = None if handle.is_finished else handle

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_done(self, ways: FloorWays | None) -> None:
        self._job = None
        self._change(ways=ways, is_computing=False)

    def _on_failed(self, report: ErrorReport) -> None:
        self._job = None
        told = report.tell_again(tr)
        self._change(ways=None, is_computing=False, problem=f"{told.problem} {told.remedy}".strip())

    def _change(self, **fields: object) -> None:
        self.state = dataclasses.replace(self.state, **fields)  # type: ignore[arg-type]
        self.state_changed.emit()


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
