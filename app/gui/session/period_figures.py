"""Compute the figures of the window's period in the background while they are looked at; export tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import QTimer, Signal

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.exhibition import Interval
from app.access.guard import export_csv_file, write_csv_file
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.core.periods import find_elapsed, is_growing
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import State, VenueParts, ViewModel


class TableSource(ViewModel[State]):
    """A view-model of a page with tables: any of them can be written as it is shown."""

    exported = Signal(str)
    """A table was written; the file's path."""
    export_failed = Signal(object)
    """``ErrorReport`` of a file that could not be written."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(parts.get("parent"))
        self._app_state, self._job_runner = parts["app_state"], parts["job_runner"]
        self._clock: Clock = parts.get("clock") or SystemClock()

    def set_watched(self, is_watched: bool) -> None:
        """The page came into sight or left it."""
        raise NotImplementedError

    def export_table(self, path: Path, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table as CSV; with a venue open, whoever may not take anything out of it is refused."""
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


RESTS = 4.0
"""Rest for so many times as long as the last computation took: it gets a fifth of one core at most."""


class RefreshPace:
    """Measures computations and tells whether the next one by itself is due; what a person asks for is."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._begun_s = self._ended_s = float("-inf")
        self._took_s = 0.0

    def begin(self) -> None:
        """A computation begins."""
        self._begun_s = self._monotonic_s()

    def end(self) -> None:
        """It is done."""
        self._ended_s = self._monotonic_s()
        self._took_s = max(0.0, self._ended_s - self._begun_s)

    def is_due(self) -> bool:
        """Whether there was enough rest since the last one."""
        return self._monotonic_s() - self._ended_s >= RESTS * self._took_s


REFRESH_MS = 60_000
"""How often the figures of a period that is not over are computed again while they are looked at."""


class PeriodFiguresViewModel(TableSource[State]):
    """What is stale is computed when it is looked at, and nothing for a page that nobody sees."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._job: JobHandle | None = None
        self._is_watched, self._is_stale = False, True
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)

    def compute(self) -> None:
        """Compute the figures again, in the background."""
        raise NotImplementedError

    def _start_anew(self) -> State:
        """Forget what was found out of another venue.

        Returns:
            The state to show first.
        """
        raise NotImplementedError

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        """Compute again what a change of the venue concerns."""
        raise NotImplementedError

    def _on_venue_opened(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._state = self._start_anew()
        self.state_changed.emit()
        self._invalidate()

    def set_watched(self, is_watched: bool) -> None:
        """The page came into sight or left it."""
        self._is_watched = is_watched
        if is_watched and self._is_stale:
            self.compute()

    def find_period(self) -> Interval:
        """What is looked at, as far as it has come; the last hour for now."""
        return find_elapsed(self._app_state.period, now_utc_s=self._clock.now_utc_s())

    def show_last_observed_day(self) -> None:
        """Look at the day of the last observed moment, in the venue's own time."""
        self._app_state.show_last_observed_day()

    def _is_busy(self) -> bool:
        return self._job is not None and not self._job.is_finished

    def _invalidate(self) -> None:
        self._is_stale = True
        if self._is_watched:
            self.compute()


class AutoRefresh(PeriodFiguresViewModel[State]):
    """Computed again every minute while the period goes on, and at most a fifth of the time."""

    def __init__(self, *, pace: RefreshPace | None = None, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._pace = pace or RefreshPace()
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._on_refresh_due)

    def set_watched(self, is_watched: bool) -> None:
        """The page came into sight or left it."""
        super().set_watched(is_watched)
        self._keep_refreshing()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        """Compute again what a change concerns, now or when there was enough rest."""
        has_changed = changes.cameras or changes.zones or changes.plan or changes.corrections
        if not has_changed and not changes.concerns(self._app_state.period):
            return
        if has_changed or (not self._is_busy() and self._pace.is_due()):
            self._invalidate()
        else:
            # a history that grows faster than it is computed must not keep anything from being shown
            self._is_stale = True

    def _compute_if_stale(self) -> None:
        """After a computation during which something else has changed; a period that grows waits its time."""
        if self._is_stale and self._is_watched and not self._is_growing():
            self.compute()

    def _on_refresh_due(self) -> None:
        if not self._is_busy() and self._pace.is_due():
            self.compute()
        self._keep_refreshing()

    def _invalidate(self) -> None:
        super()._invalidate()
        self._keep_refreshing()

    def _keep_refreshing(self) -> None:
        is_due = self._is_watched and self._app_state.venue is not None and self._is_growing()
        if is_due and not self._refresh.isActive():
            self._refresh.start()
        elif not is_due:
            self._refresh.stop()

    def _is_growing(self) -> bool:
        return is_growing(self._app_state.period, now_utc_s=self._clock.now_utc_s())
