"""What the dwell page shows: the figures of the period and zone that the window is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QObject, Qt, Signal

from analytics.domain.clock import Clock
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.dwell.dwell_figures import (
    DwellAnalysis,
    DwellView,
    Period,
    ZoneCurve,
    select_curves,
    select_view,
)
from app.dwell.listed_visits import FoundVisits, VisitFilter
from app.error_reporting import ErrorReport
from app.gui.dwell.dwell_targets import DwellTargetsViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.period_figures import AutoRefresh, RefreshPace
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import tr


class VisitListViewModel(QObject):
    """Holds what was found last; a newer question takes the place of one that is not answered."""

    state_changed = Signal()
    failed = Signal(object)
    """ErrorReport."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._job_runner = job_runner
        self._asked: object = None
        self._found: FoundVisits | None = None
        app_state.venue_opened.connect(self.clear)

    @property
    def found(self) -> FoundVisits | None:
        """What was asked for; None while it is being found."""
        return self._found

    def clear(self) -> None:
        """Nothing is listed."""
        self._asked, self._found = None, None
        self.state_changed.emit()

    def ask(self, wanted: VisitFilter, period_s: tuple[float, float]) -> None:
        """Find visits of a period; seconds since the epoch."""
        venue = self._app_state.venue
        if venue is None:
            return
        self._asked = asked = object()
        self._found = None
        self.state_changed.emit()

        def work(job: JobContext) -> FoundVisits:
            # pandas takes longer to load than the window to appear
            from app.dwell.visit_list import list_visits

            return list_visits(venue=venue, period_s=period_s, wanted=wanted, job=job)

        def show(found: FoundVisits) -> None:
            if asked is self._asked:
                self._asked, self._found = None, found
                self.state_changed.emit()

        def complain(fault: ErrorReport) -> None:
            if asked is self._asked:
                self._asked = None
                self.state_changed.emit()
                self.failed.emit(fault)

        self._job_runner.run_latest(
            "visits", lambda: tr("Listing visits"), work, on_done=show, on_failed=complain
        )


class Phase(Enum):
    """What the page can say."""

    NO_VENUE = "no venue"
    COMPUTING = "computing"
    READY = "ready"
    NOTHING_OBSERVED = "nothing observed"
    NO_SUCH_ZONE = "no such zone"
    FAILED = "failed"


class Measure(Enum):
    """What is shown by hour and weekday."""

    MEAN_DWELL = "mean dwell"
    VISITS = "visits"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class DwellState:
    """All that the page shows.

    Attributes:
        view: stays while newer figures are computed.
        period: which is shown, also where nothing was observed.
        is_now: the last hour, which moves on.
        zone: the selected one; None for all.
        zone_names: of the period.
        history: from the first to the last observed moment; None for an empty history.
        compared: zones whose curves are drawn beside that of the selected one, chosen by a person.
        curves: how long visits last, of the selected zone and those beside it.
        measure: what is shown by hour and weekday.
        needed_s: how long a visitor needs for what there is in a zone, where somebody has said.
    """

    phase: Phase = Phase.NO_VENUE
    view: DwellView | None = None
    period: Period | None = None
    is_now: bool = False
    zone: str | None = None
    zone_names: tuple[str, ...] = ()
    history: Period | None = None
    time_zone: str = "UTC"
    fault: ErrorReport | None = None
    compared: tuple[str, ...] = ()
    curves: tuple[ZoneCurve, ...] = ()
    measure: Measure = Measure.MEAN_DWELL
    needed_s: Mapping[str, float] = field(default_factory=dict)


class DwellDashboardViewModel(AutoRefresh[DwellState]):
    """Computes in the background what the page shows, while the page is looked at."""

    _current_known = Signal(object, object)
    """From a worker: the period's figures (a ``DwellAnalysis``) before it is compared, and for which call."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor | None = None,
        clock: Clock | None = None,
        pace: RefreshPace | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(app_state=app_state, job_runner=job_runner, clock=clock, pace=pace, parent=parent)
        del monitor  # pages are made alike; the figures come from the history
        self.needed_times = DwellTargetsViewModel(app_state=app_state, job_runner=job_runner, parent=self)
        self.visit_list = VisitListViewModel(app_state=app_state, job_runner=job_runner, parent=self)
        self._analysis: DwellAnalysis | None = None
        self._awaited: object = None
        self._state = DwellState()
        self._current_known.connect(self._on_current_known, Qt.ConnectionType.QueuedConnection)
        app_state.period_changed.connect(self._on_period_changed)
        app_state.zone_selection_changed.connect(self._on_zone_selected)
        self._on_venue_opened()

    def select_zone(self, name: str | None) -> None:
        """Show one zone, or all."""
        self._app_state.select_zone(name)

    def compare_zones(self, names: Sequence[str]) -> None:
        """Draw these zones' curves beside that of the selected one."""
        self._replace_state(compared=tuple(names), curves=self._select_curves(tuple(names)))

    def set_measure(self, measure: Measure) -> None:
        """Show another figure by hour and weekday."""
        self._replace_state(measure=measure)

    def compute(self) -> None:
        """Compute the figures again, in the background."""
        venue = self._app_state.venue
        if venue is None:
            return
        period = self.find_period()
        self._is_stale = False
        self._awaited = awaited = object()
        self._pace.begin()

        def work(job: JobContext) -> DwellAnalysis:
            # pandas takes longer to load than the window to appear
            from app.dwell.dwell_view import analyse_dwell

            return analyse_dwell(
                venue=venue,
                period=period,
                job=job,
                on_current=lambda current: self._current_known.emit(current, awaited),
            )

        self._replace_state(
            phase=Phase.COMPUTING,
            period=period,
            is_now=self._app_state.period is None,
            time_zone=venue.exhibition.time_zone,
            fault=None,
        )
        self._job = self._job_runner.run_latest(
            "dwell",
            lambda: tr("Computing dwell times"),
            work,
            on_done=self._on_analysed,
            on_failed=self._on_failed,
        )

    def _on_current_known(self, analysis: DwellAnalysis, awaited: object) -> None:
        if awaited is self._awaited and self._state.view is None:
            self._analysis = analysis
            self._show_selected()

    def _on_analysed(self, analysis: DwellAnalysis) -> None:
        self._awaited = None
        self._pace.end()
        self._analysis = analysis
        self._app_state.set_history(analysis.history)
        self._show_selected()
        self._compute_if_stale()

    def _show_selected(self) -> None:
        analysis, zone = self._analysis, self._app_state.zone_selected
        if analysis is None:
            return
        current = analysis.current
        view = select_view(analysis, zone)
        if current is None:
            phase = Phase.NOTHING_OBSERVED
        else:
            phase = Phase.NO_SUCH_ZONE if view is None else Phase.READY
        self._replace_state(
            phase=phase,
            view=view,
            zone=zone,
            zone_names=() if current is None else tuple(entry.name for entry in current.zones),
            history=analysis.history,
            needed_s=self._read_needed(),
            curves=self._select_curves(self._state.compared),
        )

    def _select_curves(self, compared: tuple[str, ...]) -> tuple[ZoneCurve, ...]:
        """Of the selected zone and of those beside it."""
        analysis, zone = self._analysis, self._app_state.zone_selected
        names = [name for name in (zone, *compared) if name is not None]
        return () if analysis is None else select_curves(analysis, tuple(dict.fromkeys(names)))

    def _read_needed(self) -> dict[str, float]:
        venue = self._app_state.venue
        known = () if venue is None else venue.targets
        return {str(targets.zone): targets.needed_s for targets in known if targets.needed_s is not None}

    def _on_failed(self, fault: ErrorReport) -> None:
        self._awaited = self._analysis = None
        self._replace_state(phase=Phase.FAILED, view=None, fault=fault, curves=())

    def _start_anew(self) -> DwellState:
        self._awaited = self._analysis = None
        return DwellState(measure=self._state.measure, needed_s=self._read_needed())

    def _on_period_changed(self) -> None:
        self._awaited = self._analysis = None
        self._replace_state(view=None, curves=())
        self._invalidate()

    def _on_zone_selected(self) -> None:
        if self._analysis is None or self._state.phase is Phase.COMPUTING:
            self._replace_state(zone=self._app_state.zone_selected)
        else:
            # all at once: each state that is shown is drawn
            self._show_selected()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.targets:
            self._replace_state(needed_s=self._read_needed())
        super()._on_changed(changes, _initiator)
