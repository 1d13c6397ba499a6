"""View-model of the exhibition page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.domain.arrays import Interval
from analytics.domain.zone_targets import ZoneTargets
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.exhibition.exhibition_figures import ExhibitionFigures, ValueBasis
from app.exhibition.stand_import import (
    StandField,
    StandImport,
    preview_stands,
    read_stand_file,
    read_value,
    split_cells,
)
from app.gui.session.period_figures import PeriodFiguresViewModel, PeriodPhase
from app.gui.session.plan_editor_history import describe_redo, describe_undo
from app.gui.session.plan_editor_writer import EditTask, PlanEditWriter
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import VenueParts
from app.plan.edit_plan import SetStands
from app.plan.saved_edits import SavedEdit


@dataclass(frozen=True, slots=True)
class ExhibitionState:
    """State of the exhibition page.

    Attributes:
        figures: kept while newer ones are computed.
        basis: basis of valuation.
        undo_text, redo_text: edits to undo and redo; empty for none.
        fault: why the computation failed or the last edit was rejected.
        history: first to last observation, where nothing was observed in the period.
    """

    phase: PeriodPhase = PeriodPhase.NO_VENUE
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

    import_previewed = Signal(object)
    """A `StandImport`."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        app_state = self._app_state
        self._writer = PlanEditWriter(app_state=app_state, job_runner=self._job_runner, parent=self)
        self._writer.written.connect(self._on_written)
        self._writer.failed.connect(self._on_edit_failed)
        self._state = ExhibitionState()
        app_state.period_changed.connect(self._on_period_changed)
        app_state.zone_selection_changed.connect(lambda: self._replace_state(zone=app_state.zone_selected))
        self._on_venue_opened()

    def compute(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        period_s, publish = self.find_period(), self._make_publisher()

        def work(context: JobContext) -> tuple[ExhibitionFigures | None, Interval | None]:
            # imported here because pandas is slow to load
            from app.exhibition.exhibition_analysis import analyse_exhibition
            from app.facts.history_extent import read_history_extent

            figures = analyse_exhibition(venue=venue, period_s=period_s, context=context, on_current=publish)
            return figures, read_history_extent(venue) if figures is None else None

        self._replace_state(
            phase=PeriodPhase.COMPUTING,
            period=period_s,
            time_zone=venue.exhibition.time_zone,
            progress=0.0,
            fault=None,
        )
        job = self._run("exhibition", lambda: tr("Computing the figures of the stands"), work, self._on_done)
        job.progress.connect(self._on_progress)

    def cancel(self) -> None:
        """Cancel the computation; the shown figures stay."""
        if self._job is not None:
            self._job.cancel()
        self._is_stale, self._awaited = True, None
        if self._state.phase is PeriodPhase.COMPUTING:
            has_figures = self._state.figures is not None
            self._replace_state(phase=PeriodPhase.READY if has_figures else PeriodPhase.CANCELLED)

    def choose_basis(self, basis: ValueBasis) -> None:
        self._replace_state(basis=basis)

    def select_zone(self, zone: str | None) -> None:
        self._app_state.select_zone(zone)

    def list_stands(self) -> tuple[list[tuple[ZoneTargets, int]], str]:
        venue = self._app_state.venue
        if venue is None:
            return [], ""
        zones = venue.geometry_at(None).zones
        stands = [(venue.targets_of(str(zone.name)), at) for at, zone in enumerate(zones) if zone.is_stand]
        return stands, venue.targets_of("").currency

    def set_value(self, zone: str, field: StandField, text: str) -> None:
        """Set a stand's exhibitor, rent, target or sponsor as typed; an empty text clears it."""
        self._writer.push(
            EditTask(lambda venue: SetStands((read_value(field, text, venue.targets_of(zone)),)))
        )

    def set_currency(self, currency: str) -> None:
        self._writer.push(EditTask(lambda _venue: SetStands(currency=currency)))

    def preview_paste(self, text: str, *, order: Sequence[str], field: StandField) -> None:
        """Find out what pasted cells would change; ``order`` and ``field`` say where they begin."""
        self._preview(
            tr("Reading the pasted cells"),
            lambda venue: preview_stands(
                split_cells(text), venue, order=order, field=field, display=display_name
            ),
        )

    def preview_file(self, file: Path) -> None:
        """Find out what a CSV or XLSX file would change."""
        self._preview(
            tr("Reading {name}", name=file.name),
            lambda venue: preview_stands(read_stand_file(file), venue, display=display_name),
        )

    def apply_import(self, found: StandImport) -> None:
        """Write an import in one step that can be undone."""
        self._writer.push(EditTask(lambda _venue: found.edit))

    def undo(self) -> None:
        self._writer.push(EditTask(is_undo=True))

    def redo(self) -> None:
        self._writer.push(EditTask())

    def _preview(self, title: str, read: Callable[[Venue], StandImport]) -> None:
        venue = self._app_state.venue
        if venue is not None:
            self._job_runner.run(
                title,
                lambda _context: read(venue),
                on_done=self.import_previewed.emit,
                on_failed=self._on_edit_failed,
            )

    def _show_partial(self, figures: ExhibitionFigures) -> None:
        self._replace_state(figures=figures)

    def _on_done(self, found: tuple[ExhibitionFigures | None, Interval | None]) -> None:
        figures, history = found
        if figures is None:
            self._app_state.set_history(history)
        phase = PeriodPhase.NOTHING_OBSERVED if figures is None else PeriodPhase.READY
        self._replace_state(phase=phase, figures=figures, history=history)

    def _on_failed(self, fault: ErrorReport) -> None:
        self._replace_state(phase=PeriodPhase.FAILED, figures=None, fault=fault)

    def _discard_results(self) -> ExhibitionState:
        self._writer.forget()
        has_venue = self._app_state.venue is not None
        phase = PeriodPhase.COMPUTING if has_venue else PeriodPhase.NO_VENUE
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
            # the figures follow later
            self.state_changed.emit()

    def _on_edit_failed(self, report: ErrorReport) -> None:
        self._replace_state(fault=report)
