"""Provide the view-model of the timeline: people, events, notes, effects and external counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Exhibition
from analytics.domain.external_count import CountKind
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent, TimedNote
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.core.number_words import join_list
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import JobHandle
from app.gui.session.period_figures import PeriodFiguresViewModel
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts
from app.timeline import edit_timeline
from app.timeline.counts_file import CountColumns, CountsPreview, CountsReading
from app.timeline.edit_timeline import TimelineEdit
from app.timeline.timeline_figures import EventEffects, TimelineFigures


@dataclass(frozen=True, slots=True)
class TimelineState:
    """The state of the page.

    Attributes:
        chosen: selected event, whose effects are shown.
        can_undo, can_redo: whether an edit can be undone or redone.
        told: translatable sentences about the last import.
    """

    has_venue: bool = False
    exhibition: Exhibition | None = None
    figures: TimelineFigures | None = None
    chosen: TimedEvent | None = None
    is_computing: bool = False
    progress: float = 0.0
    can_undo: bool = False
    can_redo: bool = False
    import_report: tuple[Phrase, ...] = ()
    fault: ErrorReport | None = None

    @property
    def effects(self) -> EventEffects | None:
        found = () if self.figures is None else self.figures.effects
        return next((one for one in found if one.event == self.chosen), None)


class TimelineViewModel(PeriodFiguresViewModel[TimelineState]):
    """The view-model of the timeline; it computes while visible, and every edit is saved at once."""

    failed = Signal(object)
    """An `ErrorReport` of a failed change, import or export."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._done: list[TimelineEdit] = []
        self._undone: list[TimelineEdit] = []
        self._app_state.period_changed.connect(self._invalidate)
        self._app_state.zone_selection_changed.connect(self._invalidate)
        self._on_venue_opened()

    def compute(self) -> None:
        venue, zone = self._app_state.venue, self._app_state.zone_selected
        if venue is None:
            return
        period_s = self.find_period()

        def work(context: JobContext) -> TimelineFigures:
            # importing pandas takes longer than opening the window
            from app.timeline.timeline_view import compute_timeline

            return compute_timeline(venue=venue, period_s=period_s, zone=zone, context=context)

        self._replace_state(is_computing=True, progress=0.0, exhibition=venue.exhibition, fault=None)
        job = self._run("timeline", lambda: tr("Computing the timeline"), work, self._on_done)
        job.progress.connect(self._on_progress)

    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._is_stale = True
        self._replace_state(is_computing=False)

    def choose_event(self, event: TimedEvent | None) -> None:
        self._replace_state(chosen=event)

    def find_period(self) -> Interval:
        """Return the selected period including its future, because events are planned; the last hour for
        now.
        """
        return self._app_state.period or super().find_period()

    def save_event(self, event: TimedEvent, *, former: TimedEvent | None) -> JobHandle | None:
        if former is None:
            return self._edit(lambda folder: edit_timeline.add_event(folder, event), chosen=event)
        return self._edit(lambda folder: edit_timeline.replace_event(folder, former, event), chosen=event)

    def remove_event(self, event: TimedEvent) -> None:
        self._edit(lambda folder: edit_timeline.remove_event(folder, event), chosen=None)

    def add_note(self, note: TimedNote) -> JobHandle | None:
        return self._edit(lambda folder: edit_timeline.add_note(folder, note), chosen=self._state.chosen)

    def remove_note(self, note: TimedNote) -> None:
        self._edit(lambda folder: edit_timeline.remove_note(folder, note), chosen=self._state.chosen)

    def save_shifts(self, shifts: Sequence[StaffShift], *, former: StaffShift | None) -> JobHandle | None:
        return self._edit(
            lambda folder: edit_timeline.save_shifts(folder, shifts, former=former), chosen=self._state.chosen
        )

    def remove_shift(self, shift: StaffShift) -> None:
        self._edit(lambda folder: edit_timeline.remove_shift(folder, shift), chosen=self._state.chosen)

    def undo(self) -> None:
        if self._done:
            edit = self._done[-1]
            self._restore(edit, is_undo=True)

    def redo(self) -> None:
        if self._undone:
            edit = self._undone[-1]
            self._restore(edit, is_undo=False)

    def preview_counts(self, path: Path, on_read: Callable[[CountsPreview], None]) -> None:
        def work(_job: JobContext) -> CountsPreview:
            from app.timeline.counts_file import preview_counts

            return preview_counts(path)

        self._job_runner.run(
            tr("Reading {name}", name=path.name), work, on_done=on_read, on_failed=self.failed.emit
        )

    def import_counts(
        self, path: Path, columns: CountColumns, *, name: str, kind: CountKind
    ) -> JobHandle | None:
        venue = self._app_state.venue
        if venue is None:
            return None
        zones = tuple(str(zone.name) for zone in venue.geometry_at(None).zones)

        def work(_job: JobContext) -> CountsReading:
            from app.timeline.counts_file import read_counts
            from app.timeline.counts_store import CountSource, store_counts

            reading = read_counts(path, columns, time_zone=venue.exhibition.time_zone, zones=zones)
            store_counts(venue.folder, CountSource(name, kind, reading.counts))
            return reading

        return self._job_runner.run(
            tr("Reading {name}", name=path.name),
            work,
            on_done=lambda reading: (
                self._on_counts_imported(reading) if self._is_open(venue.folder) else None
            ),
            on_failed=self.failed.emit,
        )

    def remove_source(self, name: str) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def work(_job: JobContext) -> None:
            from app.timeline.counts_store import delete_counts

            delete_counts(venue.folder, name)

        self._job_runner.run(
            tr("Writing {name}", name=name),
            work,
            on_done=lambda _nothing: self._invalidate(),
            on_failed=self.failed.emit,
        )

    def _edit(self, change: Callable[[Path], TimelineEdit], *, chosen: TimedEvent | None) -> JobHandle | None:
        venue = self._app_state.venue
        if venue is None:
            return None
        folder = venue.folder

        def on_done(edit: TimelineEdit) -> None:
            if self._is_open(folder):
                self._remember(edit)
                self._after_edit(chosen)

        return self._job_runner.run(
            tr("Writing the timeline"),
            lambda _job: change(folder),
            on_done=on_done,
            on_failed=self.failed.emit,
        )

    def _restore(self, edit: TimelineEdit, *, is_undo: bool) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        folder = venue.folder
        target, there = (edit.before, edit.after) if is_undo else (edit.after, edit.before)

        def on_done(_edit: TimelineEdit) -> None:
            if not self._is_open(folder):
                return
            source, destination = (self._done, self._undone) if is_undo else (self._undone, self._done)
            if edit in source:
                source.remove(edit)
            destination.append(edit)
            self._after_edit(None)

        self._job_runner.run(
            tr("Writing the timeline"),
            lambda _job: edit_timeline.restore_timeline(folder, target, expected=there),
            on_done=on_done,
            on_failed=self.failed.emit,
        )

    def _is_open(self, folder: Path) -> bool:
        """Return whether a venue is still open; edits of another venue cannot be undone here."""
        venue = self._app_state.venue
        return venue is not None and venue.folder == folder

    def _remember(self, edit: TimelineEdit) -> None:
        if edit.before != edit.after:
            self._done.append(edit)
            self._undone.clear()

    def _after_edit(self, chosen: TimedEvent | None) -> None:
        self._replace_state(
            chosen=chosen, can_undo=bool(self._done), can_redo=bool(self._undone), import_report=()
        )
        self._invalidate()

    def _on_counts_imported(self, reading: CountsReading) -> None:
        import_report = [
            Phrase(
                "Rows imported: {count}. Skipped: {refused}.",
                {"count": len(reading.counts), "refused": reading.refused_rows},
            )
        ]
        if reading.unknown_zones:
            import_report.append(
                Phrase(
                    "There are no zones with these names: {names}.",
                    {"names": join_list(reading.unknown_zones)},
                )
            )
        self._replace_state(import_report=(*import_report, *reading.refused[:5]))
        self._invalidate()

    def _on_done(self, figures: TimelineFigures) -> None:
        chosen = self._state.chosen if self._state.chosen in figures.events else None
        self._replace_state(is_computing=False, figures=figures, chosen=chosen)

    def _on_failed(self, fault: ErrorReport) -> None:
        self._replace_state(is_computing=False, figures=None, fault=fault)

    def _discard_results(self) -> TimelineState:
        self._done, self._undone = [], []
        return TimelineState(has_venue=self._app_state.venue is not None)

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        is_busy = self._is_busy()
        has_changed = changes.zones or changes.cameras or changes.corrections or changes.plan
        if has_changed or changes.concerns(self._app_state.period):
            self._is_stale = True
            if self._is_visible and (has_changed or not is_busy):
                self.compute()
