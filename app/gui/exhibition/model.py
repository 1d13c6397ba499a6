"""View-model of the exhibition page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Qt, Signal

from analytics.domain.clock import Clock
from analytics.domain.exhibition import Interval
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.exhibition.exhibition_figures import ExhibitionFigures, ValueBasis
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.period_figures import PeriodFiguresViewModel
from app.gui.session.plan_editor_history import describe_redo, describe_undo
from app.gui.session.plan_editor_writer import EditTask, PlanEditWriter
from app.gui.session.translation import display_name, tr
from app.plan.edit_plan import PasteRents, SetCurrency, SetRentAndTargets
from app.plan.plan_shapes import GeometryEdit
from app.plan.saved_edits import SavedEdit


class ExhibitionPhase(Enum):
    """Phase of the page."""

    NO_VENUE = "no venue"
    COMPUTING = "computing"
    READY = "ready"
    NOTHING_OBSERVED = "nothing observed"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExhibitionState:
    """State of the exhibition page.

    Attributes:
        figures: kept while newer ones are computed.
        basis: basis of valuation.
        zone: selected zone.
        undo_text, redo_text: edits to undo and redo; empty for none.
        fault: why the computation failed or the last edit was rejected.
        history: first to last observation, where nothing was observed in the period.
    """

    phase: ExhibitionPhase = ExhibitionPhase.NO_VENUE
    figures: ExhibitionFigures | None = None
    period: Interval | None = None
    time_zone: str = "UTC"
    basis: ValueBasis = ValueBasis.EXPOSED
    zone: str | None = None
    progress: float = 0.0
    undo_text: str = ""
    redo_text: str = ""
    fault: ErrorReport | None = None
    history: Interval | None = None


class ExhibitionViewModel(PeriodFiguresViewModel[ExhibitionState]):
    """View-model of the exhibition page; computes while visible, and writes rents and targets."""

    _current_known = Signal(object, object)
    """Emitted from a worker: figures before their comparison, and the number of the call."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(app_state=app_state, job_runner=job_runner, clock=clock, parent=parent)
        self._writer = PlanEditWriter(app_state=app_state, job_runner=job_runner, parent=self)
        self._writer.written.connect(self._on_written)
        self._writer.failed.connect(self._on_edit_failed)
        self._awaited: object = None
        self._state = ExhibitionState()
        self._current_known.connect(self._on_current_known, Qt.ConnectionType.QueuedConnection)
        app_state.period_changed.connect(self._on_period_changed)
        app_state.zone_selection_changed.connect(lambda: self._replace_state(zone=app_state.zone_selected))
        self._on_venue_opened()

    def compute(self) -> None:
        """Compute the figures again in the background."""
        venue = self._app_state.venue
        if venue is None:
            return
        period_s, self._is_stale = self.find_period(), False
        self._awaited = awaited = object()

        def work(context: JobContext) -> tuple[ExhibitionFigures | None, Interval | None]:
            # imported here because pandas is slow to load
            from app.exhibition.exhibition_analysis import analyse_exhibition
            from app.facts.history_extent import read_history_extent

            figures = analyse_exhibition(
                venue=venue,
                period_s=period_s,
                context=context,
                on_current=lambda current: self._current_known.emit(current, awaited),
            )
            return figures, read_history_extent(venue) if figures is None else None

        self._replace_state(
            phase=ExhibitionPhase.COMPUTING,
            period=period_s,
            time_zone=venue.exhibition.time_zone,
            progress=0.0,
            fault=None,
        )
        self._job = self._job_runner.run_latest(
            "exhibition",
            lambda: tr("Computing the score card"),
            work,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )
        self._job.progress.connect(self._on_progress)

    def cancel(self) -> None:
        """Cancel the computation; the shown figures stay."""
        if self._job is not None:
            self._job.cancel()
        self._is_stale, self._awaited = True, None
        if self._state.phase is ExhibitionPhase.COMPUTING:
            has_figures = self._state.figures is not None
            self._replace_state(phase=ExhibitionPhase.READY if has_figures else ExhibitionPhase.CANCELLED)

    def choose_basis(self, basis: ValueBasis) -> None:
        """Set the basis of valuation."""
        self._replace_state(basis=basis)

    def select_zone(self, zone: str | None) -> None:
        """Select a stand on every page."""
        self._app_state.select_zone(zone)

    def set_rent(self, zone: str, rent: float | None) -> None:
        """Set a stand's rent for the whole show."""
        self._edit_stand(zone, lambda edit: dataclasses.replace(edit, rent=rent))

    def paste_rents(self, zones: Sequence[str], first: int, text: str) -> None:
        """Set rents from a pasted table; ``first`` is the position of the stand that it may begin at."""
        edit = PasteRents(tuple((display_name(zone), zone) for zone in zones), first, text)
        self._writer.push(EditTask(lambda _venue: edit))

    def set_visits_per_day(self, zone: str, visits: float | None) -> None:
        """Set the target of visits on an open day."""
        self._edit_stand(zone, lambda edit: dataclasses.replace(edit, visits_per_day=visits))

    def set_engaged_per_day(self, zone: str, visits: float | None) -> None:
        """Set the target of engaged visits on an open day."""
        self._edit_stand(zone, lambda edit: dataclasses.replace(edit, engaged_per_day=visits))

    def set_sponsor(self, zone: str, is_sponsor: bool) -> None:
        """Set whether popular routes should pass a stand."""
        self._edit_stand(zone, lambda edit: dataclasses.replace(edit, is_sponsor=is_sponsor))

    def set_currency(self, currency: str) -> None:
        """Set the currency of all rents."""
        self._writer.push(EditTask(lambda _venue: SetCurrency(currency)))

    def undo(self) -> None:
        """Undo the last edit."""
        self._writer.push(EditTask(is_undo=True))

    def redo(self) -> None:
        """Redo the last undone edit."""
        self._writer.push(EditTask())

    def _edit_stand(self, zone: str, change: Callable[[SetRentAndTargets], SetRentAndTargets]) -> None:
        def make(venue: Venue) -> GeometryEdit:
            targets = venue.targets_of(zone)
            return change(
                SetRentAndTargets(
                    zone, targets.rent, targets.visits_per_day, targets.engaged_per_day, targets.is_sponsor
                )
            )

        self._writer.push(EditTask(make))

    def _on_current_known(self, figures: ExhibitionFigures, awaited: object) -> None:
        if awaited is self._awaited:
            self._replace_state(figures=figures)

    def _on_progress(self, done: float, total: float) -> None:
        self._replace_state(progress=done / total if total > 0 else 0.0)

    def _on_done(self, found: tuple[ExhibitionFigures | None, Interval | None]) -> None:
        self._awaited = None
        figures, history = found
        if figures is None:
            self._app_state.set_history(history)
        phase = ExhibitionPhase.NOTHING_OBSERVED if figures is None else ExhibitionPhase.READY
        self._replace_state(phase=phase, figures=figures, history=history)

    def _on_failed(self, fault: ErrorReport) -> None:
        self._awaited = None
        self._replace_state(phase=ExhibitionPhase.FAILED, figures=None, fault=fault)

    def _discard_results(self) -> ExhibitionState:
        self._awaited = None
        self._writer.forget()
        has_venue = self._app_state.venue is not None
        phase = ExhibitionPhase.COMPUTING if has_venue else ExhibitionPhase.NO_VENUE
        return ExhibitionState(phase=phase, basis=self._state.basis)

    def _on_period_changed(self) -> None:
        # figures of another period must not be shown under this one's name
        self._replace_state(figures=None)
        self._invalidate()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if (
            changes.cameras
            or changes.zones
            or changes.plan
            or changes.corrections
            or changes.targets
            or changes.concerns(self._app_state.period)
        ):
            self._is_stale = True
            is_growing = not (changes.zones or changes.plan or changes.targets or changes.corrections)
            if self._is_visible and not (is_growing and self._is_busy()):
                self.compute()

    def _on_written(self, _task: EditTask, saved: SavedEdit) -> None:
        steps = self._writer.steps
        self._replace_state(
            undo_text="" if steps.undo_title is None else describe_undo(steps.undo_title),
            redo_text="" if steps.redo_title is None else describe_redo(steps.redo_title),
            fault=None,
        )
        if saved.changes:
            self._app_state.replace_venue(saved.venue, saved.changes, initiator=self)

    def _on_edit_failed(self, report: ErrorReport) -> None:
        self._replace_state(fault=report)
