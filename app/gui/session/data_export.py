"""Export of the period's data sets as files for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.domain.arrays import Interval
from analytics.results.data_sets import DataSet, RowFormat, Step
from app.core.job import JobContext
from app.core.periods import find_elapsed
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.reports.export_data import DataOrder, ExportedData, export_data


@dataclass(frozen=True, slots=True)
class DataExportState:
    """The state of the export card.

    Attributes:
        period_s: that would be exported, seconds since the epoch; None without a venue.
        zones: those of the period's end.
        progress: 0 to 1; 0 while it is unknown.
    """

    period_s: Interval | None = None
    time_zone: str = "UTC"
    zones: tuple[str, ...] = ()
    is_writing: bool = False
    progress: float = 0.0


class DataExportViewModel(VenueViewModel[DataExportState]):
    """Writes exports in the background, one at a time."""

    written = Signal(object)
    """`ExportedData`."""
    failed = Signal(object)
    """``ErrorReport``."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(DataExportState(), **parts)
        self._job: JobHandle | None = None
        self._job_runner.job_finished.connect(self._on_job_finished)

    def refresh(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            self._change_state(period_s=None, zones=())
            return
        period_s = find_elapsed(self._app_state.period, now_utc_s=self._clock.now_utc_s())
        zones = tuple(str(zone.name) for zone in venue.geometry_at(period_s[1]).zones)
        self._change_state(period_s=period_s, time_zone=venue.exhibition.time_zone, zones=zones)

    def write(
        self,
        folder: Path,
        data_sets: tuple[DataSet, ...],
        row_format: RowFormat,
        step: Step,
        zones: tuple[str, ...],
        *,
        may_be_personal: bool,
    ) -> None:
        venue, period_s = self._app_state.venue, self._state.period_s
        if venue is None or period_s is None or self._state.is_writing:
            return
        order = DataOrder(data_sets, period_s, step, zones, may_be_personal)

        def work(context: JobContext) -> ExportedData:
            return export_data(
                venue, order, out_folder=folder, row_format=row_format, context=context, clock=self._clock
            )

        self._change_state(is_writing=True, progress=0.0)
        self._job = self._job_runner.run(
            lambda: tr("Exporting"), work, on_done=self.written.emit, on_failed=self.failed.emit
        )
        self._job.progress.connect(self._on_progress)
        if self._job.is_finished:
            self._change_state(is_writing=False)

    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_progress(self, done: float, total: float) -> None:
        self._change_state(progress=done / total if total else 0.0)

    def _on_job_finished(self, job: JobHandle) -> None:
        if job is self._job:
            self._change_state(is_writing=False)
