"""View-model of the flows page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from PySide6.QtCore import Signal

from analytics.domain.arrays import Interval
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.floor_plan.floor_map import RouteLine
from app.flows.flow_figures import FlowAnalysis, FlowFigures
from app.gui.session.period_figures import AutoRefresh, PeriodPhase, RefreshParts
from app.gui.session.translation import tr
from app.plan.floor_scene import FloorScene, describe_floor

if TYPE_CHECKING:
    from analytics.flows.routes import FunnelStep

JOB_KEY = "flows"
FUNNEL_KEY = "flows: way"


@dataclass(frozen=True, slots=True)
class FlowMap:
    """Plan of a period with all moves between zones by at least five visitors, the most frequent first."""

    scene: FloorScene
    routes: tuple[RouteLine, ...]


@dataclass(frozen=True, slots=True)
class FlowsState:
    """State of the flows page.

    Attributes:
        figures: kept while newer ones are computed.
        map: plan and moves of ``figures``.
        period: shown period, also where nothing was observed.
        is_now: whether the period is the moving last hour.
        has_zones: whether the plan has zones.
        progress: done and total of the computation.
        path: zones of the funnel in order.
        funnel: counts of the path; empty while computed.
        history: first to last observation; None for an empty history.
    """

    phase: PeriodPhase = PeriodPhase.NO_VENUE
    figures: FlowFigures | None = None
    map: FlowMap | None = None
    period: Interval | None = None
    is_now: bool = False
    has_zones: bool = False
    progress: tuple[float, float] = (0.0, 0.0)
    path: tuple[str, ...] = ()
    funnel: tuple[FunnelStep, ...] = ()
    history: Interval | None = None
    time_zone: str = "UTC"


class FlowsViewModel(AutoRefresh[FlowsState]):
    """View-model of the flows page; computes in the background while the page is visible."""

    failed = Signal(object)
    """ErrorReport of a failed computation or file."""

    def __init__(self, **parts: Unpack[RefreshParts]) -> None:
        super().__init__(**parts)
        self._analysis: FlowAnalysis | None = None
        self._is_path_chosen = False
        self._app_state.period_changed.connect(self._on_period_changed)
        self._on_venue_opened()

    def compute(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        period = self.find_period()

        def work(job: JobContext) -> tuple[FlowAnalysis, FlowMap]:
            # imported here because pandas is slow to load
            from app.floor_plan.floor_movement import find_route_lines
            from app.flows.flow_analysis import analyse_flows

            analysis = analyse_flows(venue=venue, period=period, job=job)
            geometry = venue.geometry_at(period[1])
            ways = analysis.ways
            routes = () if ways is None else find_route_lines(ways, geometry.zones, most=None)
            return analysis, FlowMap(describe_floor(venue, geometry), routes)

        self._replace_state(
            phase=PeriodPhase.COMPUTING,
            period=period,
            is_now=self._app_state.period is None,
            has_zones=bool(venue.geometry_at(period[1]).zones),
            progress=(0.0, 0.0),
            time_zone=venue.exhibition.time_zone,
        )
        job = self._run(JOB_KEY, lambda: tr("Computing flows"), work, self._on_analysed)
        job.progress.connect(self._on_progress)

    def stop(self) -> None:
        """Stop computing; the shown figures stay."""
        if self._job is not None and not self._job.is_finished:
            self._job.cancel()
            self._replace_state(phase=PeriodPhase.CANCELLED)

    def add_step(self, zone: str) -> None:
        self.choose_path((*self._state.path, zone))

    def remove_step(self, place: int) -> None:
        path = self._state.path
        self.choose_path((*path[:place], *path[place + 1 :]))

    def move_step(self, place: int, by: int) -> None:
        """Swap a zone of the path with the one at this distance; nothing happens beyond the ends."""
        path = list(self._state.path)
        if 0 <= place < len(path) and 0 <= place + by < len(path):
            path[place], path[place + by] = path[place + by], path[place]
            self.choose_path(tuple(path))

    def choose_path(self, zones: Sequence[str]) -> None:
        self._is_path_chosen = True
        self._count_path(tuple(zones))

    def _count_path(self, path: tuple[str, ...]) -> None:
        ways = None if self._analysis is None else self._analysis.ways
        self._replace_state(path=path, funnel=())
        if ways is None or not path:
            return

        def work(_job: JobContext) -> tuple[FunnelStep, ...]:
            from analytics.flows.routes import compute_funnel

            return compute_funnel(ways, steps=path)

        self._job_runner.run_latest(
            FUNNEL_KEY,
            lambda: tr("Counting the funnel"),
            work,
            on_done=lambda funnel: self._replace_state(funnel=funnel),
            on_failed=self.failed.emit,
        )

    def _on_progress(self, done: float, total: float) -> None:
        if self._state.phase is PeriodPhase.COMPUTING:
            self._replace_state(progress=(done, total))

    def _on_analysed(self, found: tuple[FlowAnalysis, FlowMap]) -> None:
        self._analysis, flow_map = found
        analysis, figures = self._analysis, self._analysis.figures
        self._app_state.set_history(analysis.history)
        self._replace_state(
            phase=PeriodPhase.NOTHING_OBSERVED if figures is None else PeriodPhase.READY,
            figures=figures,
            map=None if figures is None else flow_map,
            history=analysis.history,
        )
        if figures is not None:
            self._count_path(self._choose_first_path(figures))

    def _choose_first_path(self, figures: FlowFigures) -> tuple[str, ...]:
        """Return the chosen path without missing zones; initially the most frequent route of three."""
        remaining = tuple(zone for zone in self._state.path if zone in figures.zones)
        if self._is_path_chosen and remaining:
            return remaining
        routes: list[tuple[str, ...]] = [row["route"] for row in figures.routes]
        return next((route for route in routes if len(route) > 2), routes[0] if routes else ())

    def _on_failed(self, fault: ErrorReport) -> None:
        self._analysis = None
        self._replace_state(phase=PeriodPhase.FAILED, figures=None, map=None)
        self.failed.emit(fault)

    def _discard_results(self) -> FlowsState:
        self._analysis = None
        self._is_path_chosen = False
        return FlowsState()

    def _on_period_changed(self) -> None:
        self._analysis = None
        self._replace_state(figures=None, map=None, funnel=())
        self._invalidate()
