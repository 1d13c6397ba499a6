"""View-models of the dwell page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Unpack

from PySide6.QtCore import QObject, Signal

from analytics.domain.arrays import Interval
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.dwell.dwell_figures import DwellAnalysis, VisitFilter, VisitList, ZoneDwell
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.period_figures import AutoRefresh, PeriodPhase, RefreshParts
from app.gui.session.translation import tr


class VisitListViewModel(QObject):
    """View-model of the visit list; a new request replaces a pending one."""

    state_changed = Signal()
    failed = Signal(object)
    """ErrorReport of a failed request."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._job_runner = job_runner
        self._request: object = None
        self._found: VisitList | None = None
        app_state.venue_opened.connect(self.clear)

    @property
    def found(self) -> VisitList | None:
        """The requested visits; None until they are known."""
        return self._found

    def clear(self) -> None:
        self._request, self._found = None, None
        self.state_changed.emit()

    def request_visits(self, criteria: VisitFilter, period_s: tuple[float, float]) -> None:
        """Request visits of a period; seconds since the epoch."""
        venue = self._app_state.venue
        if venue is None:
            return
        self._request = request = object()
        self._found = None
        self.state_changed.emit()

        def work(job: JobContext) -> VisitList:
            # imported here because pandas is slow to load
            from app.dwell.visit_list import list_visits

            return list_visits(venue=venue, period_s=period_s, criteria=criteria, job=job)

        def show(found: VisitList) -> None:
            if request is self._request:
                self._request, self._found = None, found
                self.state_changed.emit()

        def report_error(fault: ErrorReport) -> None:
            if request is self._request:
                self._request = None
                self.state_changed.emit()
                self.failed.emit(fault)

        self._job_runner.run_latest(
            "visits", lambda: tr("Listing visits"), work, on_done=show, on_failed=report_error
        )


class Measure(Enum):
    """Measure shown by hour and weekday."""

    MEAN_DWELL = "mean dwell"
    VISITS = "visits"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class DwellState:
    """State of the dwell page.

    Attributes:
        analysis: kept while newer figures are computed.
        period: shown period, also where nothing was observed.
        is_now: whether the period is the moving last hour.
        zone: selected zone; None for all.
        measure: measure shown by hour and weekday.
        needed_s: time that a visitor needs for a zone, where entered.
    """

    phase: PeriodPhase = PeriodPhase.NO_VENUE
    analysis: DwellAnalysis | None = None
    period: Interval | None = None
    is_now: bool = False
    zone: str | None = None
    time_zone: str = "UTC"
    fault: ErrorReport | None = None
    measure: Measure = Measure.MEAN_DWELL
    needed_s: Mapping[str, float] = field(default_factory=dict)

    @property
    def shown(self) -> ZoneDwell | None:
        """The figures of the selected zone, or of all; None while unknown."""
        return None if self.analysis is None else self.analysis.zones.get(self.zone)

    @property
    def zones(self) -> tuple[ZoneDwell, ...]:
        """Every zone of the period."""
        return () if self.analysis is None else self.analysis.list_zones()

    @property
    def listed(self) -> tuple[ZoneDwell, ...]:
        """The zones in which people stay: no doors and aisles."""
        return tuple(zone for zone in self.zones if not zone.is_way)


class DwellDashboardViewModel(AutoRefresh[DwellState]):
    """View-model of the dwell page; computes in the background while the page is visible."""

    def __init__(self, **parts: Unpack[RefreshParts]) -> None:
        super().__init__(**parts)
        app_state, job_runner = self._app_state, self._job_runner
        self.visit_list = VisitListViewModel(app_state=app_state, job_runner=job_runner, parent=self)
        self._state = DwellState()
        app_state.period_changed.connect(self._on_period_changed)
        app_state.zone_selection_changed.connect(self._on_zone_selected)
        self._on_venue_opened()

    def select_zone(self, name: str | None) -> None:
        """Show one zone, or all for None."""
        self._app_state.select_zone(name)

    def set_measure(self, measure: Measure) -> None:
        self._replace_state(measure=measure)

    def compute(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        period, publish = self.find_period(), self._make_publisher()

        def work(job: JobContext) -> DwellAnalysis:
            # imported here because pandas is slow to load
            from app.dwell.dwell_analysis import analyse_dwell

            return analyse_dwell(venue=venue, period=period, job=job, on_current=publish)

        self._replace_state(
            phase=PeriodPhase.COMPUTING,
            period=period,
            is_now=self._app_state.period is None,
            time_zone=venue.exhibition.time_zone,
            fault=None,
        )
        self._run("dwell", lambda: tr("Computing dwell times"), work, self._on_analysed)

    def _show_partial(self, analysis: DwellAnalysis) -> None:
        if self._state.shown is None:
            self._show(analysis)

    def _on_analysed(self, analysis: DwellAnalysis) -> None:
        self._app_state.set_history(analysis.history)
        self._show(analysis)

    def _show(self, analysis: DwellAnalysis) -> None:
        """Show figures in one step, because every state is drawn."""
        zone = self._app_state.zone_selected
        if not analysis.zones:
            phase = PeriodPhase.NOTHING_OBSERVED
        else:
            phase = PeriodPhase.READY if zone in analysis.zones else PeriodPhase.NO_SUCH_ZONE
        self._replace_state(phase=phase, analysis=analysis, zone=zone, needed_s=self._read_needed())

    def _read_needed(self) -> dict[str, float]:
        venue = self._app_state.venue
        known = () if venue is None else venue.targets
        return {str(targets.zone): targets.needed_s for targets in known if targets.needed_s is not None}

    def _on_failed(self, fault: ErrorReport) -> None:
        self._replace_state(phase=PeriodPhase.FAILED, analysis=None, fault=fault)

    def _discard_results(self) -> DwellState:
        return DwellState(measure=self._state.measure, needed_s=self._read_needed())

    def _on_period_changed(self) -> None:
        self._awaited = None
        self._replace_state(analysis=None)
        self._invalidate()

    def _on_zone_selected(self) -> None:
        analysis = self._state.analysis
        if analysis is None or self._state.phase is PeriodPhase.COMPUTING:
            self._replace_state(zone=self._app_state.zone_selected)
        else:
            self._show(analysis)

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.targets:
            self._replace_state(needed_s=self._read_needed())
        super()._on_changed(changes, _initiator)
