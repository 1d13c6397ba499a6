"""View-models that compute the figures of the window's period in the background and export tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, NotRequired, TypeVar, Unpack

from PySide6.QtCore import Qt, QTimer, Signal

from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock
from app.access.guard import export_csv_file
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.core.periods import find_elapsed, is_growing
from app.core.table_file import write_csv_file
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import JobHandle, Title
from app.gui.session.translation import tr
from app.gui.session.view_model import State, VenueParts, ViewModel


class TableSource(ViewModel[State]):
    """View-model of a page whose tables can be exported."""

    exported = Signal(str)
    """Path of the table that was written."""
    export_failed = Signal(object)
    """``ErrorReport`` of a file that could not be written."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(parts.get("parent"))
        self._app_state, self._job_runner = parts["app_state"], parts["job_runner"]
        self._clock: Clock = parts.get("clock") or SystemClock()

    def set_page_visible(self, is_visible: bool) -> None:
        raise NotImplementedError

    def export_table(self, path: Path, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table as CSV; with a venue open, the user needs the permission to export."""
        venue = self._app_state.venue

        def write(_job: JobContext) -> Path:
            if venue is None:
                write_csv_file(path=path, titles=titles, rows=rows)
            else:
                export_csv_file(venue.folder, path=path, titles=titles, rows=rows)
            return path

        self._job_runner.run(
            tr("Writing {name}", name=path.name),
            write,
            on_done=lambda written: self.exported.emit(str(written)),
            on_failed=self.export_failed.emit,
        )


REST_FACTOR = 4.0
"""Rest between computations as a multiple of the last one's duration: at most a fifth of one core."""


class RefreshPace:
    """Measures computations and limits automatic refreshes; requests by the user are not limited."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._started_s = self._ended_s = float("-inf")
        self._duration_s = 0.0

    def begin(self) -> None:
        self._started_s = self._monotonic_s()

    def end(self) -> None:
        self._ended_s = self._monotonic_s()
        self._duration_s = max(0.0, self._ended_s - self._started_s)

    def is_due(self) -> bool:
        """Return whether the rest since the last computation is over."""
        return self._monotonic_s() - self._ended_s >= REST_FACTOR * self._duration_s


REFRESH_MS = 60_000
"""Interval of automatic refreshes while the period is not over."""
T = TypeVar("T")


class PeriodPhase(Enum):
    NO_VENUE = "no venue"
    COMPUTING = "computing"
    READY = "ready"
    NOTHING_OBSERVED = "nothing observed"
    NO_SUCH_ZONE = "no such zone"
    CANCELLED = "cancelled"
    FAILED = "failed"


class PeriodFiguresViewModel(TableSource[State]):
    """Computes outdated figures when the page is shown, and none while it is hidden."""

    _partial_known = Signal(object, object)
    """Emitted from a worker: figures before the computation is over, and the number of the call."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._job: JobHandle | None = None
        self._awaited: object = None
        self._computed: object = None
        self._is_visible, self._is_stale = False, True
        self._partial_known.connect(self._on_partial_known, Qt.ConnectionType.QueuedConnection)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)

    def compute(self) -> None:
        raise NotImplementedError

    def _discard_results(self) -> State:
        """Discard the results of another venue.

        Returns:
            The state to show first.
        """
        raise NotImplementedError

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        """Recompute if a change concerns the figures."""
        raise NotImplementedError

    def _run(
        self, key: str, title: Title, work: Callable[[JobContext], T], on_done: Callable[[T], object]
    ) -> JobHandle:
        """Run a computation in the background instead of an earlier one with this key."""
        self._is_stale, awaited = False, self._awaited

        def compute(context: JobContext) -> T:
            result = work(context)
            self._computed = awaited
            return result

        def end(result: T) -> None:
            self._on_ended()
            on_done(result)

        def fail(fault: ErrorReport) -> None:
            # somebody who cancelled it outside of the page may want it when the page is shown again
            self._is_stale = self._is_stale or (self._job is not None and self._job.is_told)
            self._on_ended()
            self._on_failed(fault)

        self._job = self._job_runner.run_latest(key, title, compute, on_done=end, on_failed=fail)
        return self._job

    def _on_ended(self) -> None:
        self._awaited = None

    def _on_failed(self, fault: ErrorReport) -> None:
        raise NotImplementedError

    def _on_progress(self, done: float, total: float) -> None:
        self._replace_state(progress=done / total if total > 0 else 0.0)

    def _make_publisher(self) -> Callable[[object], None]:
        """Return a function with which the next computation shows figures before it is over."""
        self._awaited = awaited = object()
        return lambda figures: self._partial_known.emit(figures, awaited)

    def _on_partial_known(self, figures: Any, awaited: object) -> None:
        # where all of them are computed by now, they are drawn once
        if awaited is self._awaited is not self._computed:
            self._show_partial(figures)

    def _show_partial(self, figures: Any) -> None:
        """Show figures of a computation that is not over."""
        raise NotImplementedError

    def _on_venue_opened(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._awaited = None
        self._state = self._discard_results()
        self.state_changed.emit()
        self._invalidate()

    def set_page_visible(self, is_visible: bool) -> None:
        self._is_visible = is_visible
        if is_visible and self._is_stale:
            self.compute()

    def find_period(self) -> Interval:
        """Return the elapsed part of the window's period; the last hour for now."""
        return find_elapsed(self._app_state.period, now_utc_s=self._clock.now_utc_s())

    def show_last_observed_day(self) -> None:
        self._app_state.show_last_observed_day()

    def _is_busy(self) -> bool:
        return self._job is not None and not self._job.is_finished

    def _invalidate(self) -> None:
        self._is_stale = True
        if self._is_visible:
            self.compute()


class RefreshParts(VenueParts):
    """Arguments of a view-model that refreshes itself."""

    pace: NotRequired[RefreshPace | None]


class AutoRefresh(PeriodFiguresViewModel[State]):
    """Recomputes every minute while the period goes on, at most a fifth of the time."""

    def __init__(self, *, pace: RefreshPace | None = None, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._pace = pace or RefreshPace()
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._on_refresh_due)

    def set_page_visible(self, is_visible: bool) -> None:
        super().set_page_visible(is_visible)
        self._keep_refreshing()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        has_changed = changes.cameras or changes.zones or changes.plan or changes.corrections
        if not has_changed and not changes.concerns(self._app_state.period):
            return
        if has_changed or (not self._is_busy() and self._pace.is_due()):
            self._invalidate()
        else:
            # show results even if the history grows faster than they are computed
            self._is_stale = True

    def _run(
        self, key: str, title: Title, work: Callable[[JobContext], T], on_done: Callable[[T], object]
    ) -> JobHandle:
        self._pace.begin()

        def end(result: T) -> None:
            on_done(result)
            # something changed during the computation; a growing period waits for the rest
            if self._is_stale and self._is_visible and not self._is_growing():
                self.compute()

        return super()._run(key, title, work, end)

    def _on_ended(self) -> None:
        super()._on_ended()
        self._pace.end()

    def _on_refresh_due(self) -> None:
        if not self._is_busy() and self._pace.is_due():
            self.compute()
        self._keep_refreshing()

    def _invalidate(self) -> None:
        super()._invalidate()
        self._keep_refreshing()

    def _keep_refreshing(self) -> None:
        is_due = self._is_visible and self._app_state.venue is not None and self._is_growing()
        if is_due and not self._refresh.isActive():
            self._refresh.start()
        elif not is_due:
            self._refresh.stop()

    def _is_growing(self) -> bool:
        return is_growing(self._app_state.period, now_utc_s=self._clock.now_utc_s())
