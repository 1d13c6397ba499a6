"""What the page of flows shows: from where to where visitors go, and the way that a person asks about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.flows.flow_figures import FlowAnalysis, FlowFigures, FunnelStepFigures, Period
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.period_figures import AutoRefresh, RefreshPace
from app.gui.session.translation import tr

JOB_KEY = "flows"
WAY_KEY = "flows: way"


class FlowsPhase(Enum):
    """What the page can say."""

    NO_VENUE = "no venue"
    COMPUTING = "computing"
    READY = "ready"
    NOTHING_OBSERVED = "nothing observed"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FlowsState:
    """All that the page shows.

    Attributes:
        figures: stay while newer ones are computed.
        period: which is shown, also where nothing was observed.
        is_now: the last hour, which moves on.
        has_zones: whether any is drawn.
        progress: done and total of the computation.
        way: the zones of the funnel, in their order.
        funnel: counted of the way; empty while it is counted.
        history: from the first to the last observed moment; None for an empty history.
    """

    phase: FlowsPhase = FlowsPhase.NO_VENUE
    figures: FlowFigures | None = None
    period: Period | None = None
    is_now: bool = False
    has_zones: bool = False
    progress: tuple[float, float] = (0.0, 0.0)
    way: tuple[str, ...] = ()
    funnel: tuple[FunnelStepFigures, ...] = ()
    history: Period | None = None
    time_zone: str = "UTC"


class FlowsViewModel(AutoRefresh[FlowsState]):
    """Computes in the background what the page shows, while the page is looked at."""

    failed = Signal(object)
    """ErrorReport of what could not be computed or written."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock | None = None,
        pace: RefreshPace | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(app_state=app_state, job_runner=job_runner, clock=clock, pace=pace, parent=parent)
        self._analysis: FlowAnalysis | None = None
        self._is_way_chosen = False
        app_state.period_changed.connect(self._on_period_changed)
        self._on_venue_opened()

    def compute(self) -> None:
        """Compute the figures again, in the background."""
        venue = self._app_state.venue
        if venue is None:
            return
        period = self.find_period()
        self._is_stale = False
        self._pace.begin()

        def work(job: JobContext) -> FlowAnalysis:
            # pandas takes longer to load than the window to appear
            from app.flows.flow_view import analyse_flows

            return analyse_flows(venue=venue, period=period, job=job)

        self._replace_state(
            phase=FlowsPhase.COMPUTING,
            period=period,
            is_now=self._app_state.period is None,
            has_zones=bool(venue.geometry_at(period[1]).zones),
            progress=(0.0, 0.0),
            time_zone=venue.exhibition.time_zone,
        )
        self._job = self._job_runner.run_latest(
            JOB_KEY, lambda: tr("Computing flows"), work, on_done=self._on_analysed, on_failed=self._on_failed
        )
        self._job.progress.connect(self._on_progress)

    def stop(self) -> None:
        """Give up computing; what was shown before stays."""
        if self._job is not None and not self._job.is_finished:
            self._job.cancel()
            self._replace_state(phase=FlowsPhase.STOPPED)

    def add_step(self, zone: str) -> None:
        """Put a zone at the end of the way."""
        self.choose_way((*self._state.way, zone))

    def remove_step(self, place: int) -> None:
        """Take a zone out of the way."""
        way = self._state.way
        self.choose_way((*way[:place], *way[place + 1 :]))

    def move_step(self, place: int, by: int) -> None:
        """Exchange a zone of the way with the one so many places behind it; beyond the ends nothing."""
        way = list(self._state.way)
        if 0 <= place < len(way) and 0 <= place + by < len(way):
            way[place], way[place + by] = way[place + by], way[place]
            self.choose_way(tuple(way))

    def choose_way(self, zones: Sequence[str]) -> None:
        """Ask how many visitors take a way."""
        self._is_way_chosen = True
        self._count_way(tuple(zones))

    def _count_way(self, way: tuple[str, ...]) -> None:
        ways = None if self._analysis is None else self._analysis.ways
        self._replace_state(way=way, funnel=())
        if ways is None or not way:
            return

        def work(_job: JobContext) -> tuple[FunnelStepFigures, ...]:
            from app.flows.flow_view import count_way

            return count_way(ways, way)

        self._job_runner.run_latest(
            WAY_KEY,
            lambda: tr("Counting a way"),
            work,
            on_done=lambda funnel: self._replace_state(funnel=funnel),
            on_failed=self.failed.emit,
        )

    def _on_progress(self, done: float, total: float) -> None:
        if self._state.phase is FlowsPhase.COMPUTING:
            self._replace_state(progress=(done, total))

    def _on_analysed(self, analysis: FlowAnalysis) -> None:
        self._pace.end()
        self._analysis, figures = analysis, analysis.figures
        self._app_state.set_history(analysis.history)
        self._replace_state(
            phase=FlowsPhase.NOTHING_OBSERVED if figures is None else FlowsPhase.READY,
            figures=figures,
            history=analysis.history,
        )
        if figures is not None:
            self._count_way(self._choose_first_way(figures))
        self._compute_if_stale()

    def _choose_first_way(self, figures: FlowFigures) -> tuple[str, ...]:
        """What was chosen, as far as it is there; until then the most frequent route of three zones."""
        kept = tuple(zone for zone in self._state.way if zone in figures.zones)
        if self._is_way_chosen and kept:
            return kept
        longer = [route.zones for route in figures.routes if len(route.zones) > 2]
        return next(iter([*longer, *(route.zones for route in figures.routes)]), ())

    def _on_failed(self, fault: ErrorReport) -> None:
        self._analysis = None
        self._replace_state(phase=FlowsPhase.FAILED, figures=None)
        self.failed.emit(fault)

    def _start_anew(self) -> FlowsState:
        self._analysis = None
        self._is_way_chosen = False
        return FlowsState()

    def _on_period_changed(self) -> None:
        self._analysis = None
        self._replace_state(figures=None, funnel=())
        self._invalidate()
