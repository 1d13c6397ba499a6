"""A period that is to be erased: what would go, the word that confirms it, and what went."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from analytics.domain.clock import Clock, SystemClock
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.translation import tr
from app.gui.session.view_model import ViewModel
from app.privacy.erase_period import Erasure, describe_erasure, erase_period, plan_erasure, require_word

Period = tuple[float, float]
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ErasureState:
    """What the window about it shows.

    Attributes:
        camera: whose observations are looked at; empty: those of all.
        cameras: those that can be chosen: the venue's, and what others saw of the period.
        planned: of the period that was looked at last; None while it is looked at.
        sentences: what goes and what stays.
        done, total: how far an erasure is; total 0 while nobody knows.
        problem, remedy: why it could not be looked at or erased.
    """

    period_s: Period = (0.0, 0.0)
    camera: str = ""
    cameras: tuple[str, ...] = ()
    planned: Erasure | None = None
    sentences: tuple[str, ...] = ()
    with_copies: bool = False
    is_erasing: bool = False
    is_erased: bool = False
    done: float = 0.0
    total: float = 0.0
    problem: str = ""
    remedy: str = ""


class ErasureViewModel(ViewModel[ErasureState]):
    """Erases nothing that was not looked at before."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._clock = clock or SystemClock()
        self._job: JobHandle | None = None
        venue = app_state.venue
        self._state = ErasureState(
            period_s=self._propose(),
            cameras=() if venue is None else tuple(str(entry.name) for entry in venue.cameras),
        )
        job_runner.job_finished.connect(self._on_job_finished)

    @property
    def venue(self) -> Venue | None:
        """Whose period it is."""
        return self._app_state.venue

    def choose_camera(self, camera: str) -> None:
        """Erase only what one camera saw; empty: what all saw."""
        if camera != self._state.camera and not self._state.is_erasing:
            self._set_state(replace(self._state, camera=camera))
            self.look(*self._state.period_s)

    def look(self, start_s: float, end_s: float) -> None:
        """See what would go with a period, of the camera that is chosen."""
        venue = self._app_state.venue
        if venue is None or self._state.is_erasing:
            return
        self._set_state(
            replace(
                self._state,
                period_s=(start_s, end_s),
                planned=None,
                sentences=(),
                is_erased=False,
                problem="",
                remedy="",
            )
        )
        camera = self._state.camera or None
        self._job_runner.run_latest(
            "erasure",
            lambda: tr("Looking at what would be erased"),
            lambda _context: plan_erasure(venue, (start_s, end_s), camera=camera),
            on_done=self._show_planned,
            on_failed=self._show_failure,
        )

    def include_copies(self, with_copies: bool) -> None:
        """Delete backups and files put aside as well, or leave them."""
        self._set_state(replace(self._state, with_copies=with_copies))
        if self._state.planned is not None:
            self._show_planned(self._state.planned)

    def is_confirmed_by(self, typed: str) -> bool:
        """Whether somebody typed the venue's name, and there is something to erase."""
        venue, planned = self._app_state.venue, self._state.planned
        if venue is None or planned is None or typed.strip() != venue.name:
            return False
        return bool(planned) or (self._state.with_copies and bool(planned.copies))

    def erase(self, typed: str) -> None:
        """Erase what was looked at, if the venue's name was typed."""
        venue, state = self._app_state.venue, self._state
        if venue is None or not self.is_confirmed_by(typed) or state.is_erasing:
            return
        require_word(venue, typed)
        self._set_state(replace(state, is_erasing=True, problem="", remedy=""))

        def work(context: JobContext) -> Erasure:
            return erase_period(
                venue,
                state.period_s,
                camera=state.camera or None,
                with_copies=state.with_copies,
                context=context,
                clock=self._clock,
            )

        job = self._job_runner.run(
            lambda: tr("Erasing the period"), work, on_done=self._show_erased, on_failed=self._show_failure
        )
        if self._state.is_erasing:
            self._job = job
            job.progress.connect(self._show_progress)

    def _propose(self) -> Period:
        """The period that the window looks at, or the last day that was observed, or the one up to now."""
        venue, history = self._app_state.venue, self._app_state.history
        if self._app_state.period is not None:
            return self._app_state.period
        if venue is not None and history is not None:
            return venue.exhibition.day_interval_utc(venue.exhibition.local_day(history[1] - 1.0))
        now_s = self._clock.now_utc_s()
        return now_s - DAY_S, now_s

    def _show_planned(self, planned: Erasure) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        sentences = describe_erasure(venue, planned, has_copies_deleted=self._state.with_copies, tr=tr)
        # also cameras that the venue has no more
        others = [name for name in planned.part.cameras if name not in self._state.cameras]
        cameras = (*self._state.cameras, *others)
        self._set_state(replace(self._state, planned=planned, sentences=tuple(sentences), cameras=cameras))

    def _show_progress(self, done: float, total: float) -> None:
        if self._state.is_erasing:
            self._set_state(replace(self._state, done=done, total=total))

    def _on_job_finished(self, job: JobHandle) -> None:
        """Somebody stopped it elsewhere in the window: look what is still there."""
        if job is self._job and job.is_cancelled:
            self._job = None
            self._set_state(replace(self._state, is_erasing=False))
            self.look(*self._state.period_s)
            self._app_state.announce(ChangeSet(events=True), initiator=self)

    def _show_erased(self, erased: Erasure) -> None:
        words = tr("The period was erased: {points} track points are gone.", points=erased.part.points)
        sentences = [words]
        if erased.copies:
            sentences.append(
                tr("{count} files that may hold a copy were left where they are.", count=len(erased.copies))
            )
        self._job = None
        self._set_state(
            replace(self._state, planned=None, sentences=tuple(sentences), is_erasing=False, is_erased=True)
        )
        self._app_state.announce(ChangeSet(events=True), initiator=self)

    def _show_failure(self, report: ErrorReport) -> None:
        self._job = None
        told = report.tell_again(tr)
        self._set_state(replace(self._state, is_erasing=False, problem=told.problem, remedy=told.remedy))

    def _set_state(self, state: ErasureState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit()
