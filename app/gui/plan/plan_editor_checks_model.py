"""What is wrong with the plan that is being edited, and what it would have counted in the last minutes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.findings import GeometryFinding
from app.error_reporting import ErrorReport
from app.gui.plan.plan_editor_tables import CountedTwice
from app.gui.plan.text import (
    FindingRow,
    describe_findings,
    describe_replay,
)
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_period
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr, trn
from app.gui.session.view_model import ViewModel
from app.plan.geometry_check import check_geometry
from app.plan.geometry_replay import Replay, replay_geometry
from app.plan.recent_tracks import read_recent_tracks

CHECK_KEY, REPLAY_KEY = "plan check", "plan replay"
WAIT_MS = 300
"""Whoever moves a corner step by step is not told after each."""
WATCHED_S = 600.0
"""The last ten minutes: enough to see where people stand, and read within a second."""
REPLAY_MINUTES = (1, 5, 15)


@dataclass(frozen=True, slots=True)
class PlanChecksState:
    """All that the panel shows.

    Attributes:
        summary: how much was found, in a sentence.
        replay_text: which minutes were counted, or why none were.
    """

    has_venue: bool = False
    findings: tuple[FindingRow, ...] = ()
    summary: str = ""
    is_checking: bool = False
    replay: tuple[CountedTwice, ...] = ()
    replay_text: str = ""
    is_replaying: bool = False


class PlanChecksViewModel(ViewModel[PlanChecksState]):
    """Checks again after every edit while somebody looks; counts again when asked."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._is_active, self._is_due = False, True
        self._opened: Venue | None = None
        self._findings: tuple[GeometryFinding, ...] | None = None
        self._replay: Replay | None = None
        self._has_replayed = self._is_replaying = False
        self._failure: ErrorReport | None = None
        self._state = PlanChecksState()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._check)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Say whether anybody looks; nothing is checked otherwise."""
        self._is_active = is_active
        if is_active and self._is_due:
            self._timer.start()

    def replay(self, minutes: int) -> None:
        """Count the last minutes by the zones as they were when the venue was opened, and as they are."""
        venue, opened = self._app_state.venue, self._opened
        if venue is None or opened is None:
            return
        before = dataclasses.replace(venue, geometry_versions=opened.geometry_versions)

        def work(_context: object) -> Replay | None:
            recent = read_recent_tracks(venue, last_s=60.0 * minutes)
            if recent is None:
                return None
            return replay_geometry(before, changed=venue.geometry_at(None), recent=recent)

        self._is_replaying = True
        self._show()
        self._job_runner.run_latest(
            REPLAY_KEY,
            lambda: tr("Counting the last minutes again"),
            work,
            on_done=self._on_replayed,
            on_failed=self._on_failed,
        )

    def retranslate(self) -> None:
        """Make every text again, in the window's language."""
        self._show()

    def _check(self) -> None:
        venue = self._app_state.venue
        if venue is None or not self._is_active:
            return
        self._is_due = False

        def work(_context: object) -> tuple[Venue, tuple[GeometryFinding, ...]]:
            recent = read_recent_tracks(venue, last_s=WATCHED_S)
            watched = None if recent is None else recent.watch(venue, venue.geometry_at(None).zones)
            return venue, tuple(check_geometry(venue, watched=watched))

        self._job_runner.run_latest(
            CHECK_KEY,
            lambda: tr("Checking the plan"),
            work,
            on_done=self._on_checked,
            on_failed=self._on_failed,
        )

    def _on_checked(self, result: tuple[Venue, tuple[GeometryFinding, ...]]) -> None:
        venue, findings = result
        if venue is self._app_state.venue:
            self._findings = findings
            self._show()

    def _on_replayed(self, replay: Replay | None) -> None:
        self._is_replaying, self._has_replayed, self._replay, self._failure = False, True, replay, None
        self._show()

    def _on_failed(self, report: ErrorReport) -> None:
        self._is_replaying, self._failure = False, report
        self._show()

    def _on_venue_opened(self) -> None:
        self._opened = self._app_state.venue
        self._findings, self._replay, self._failure = None, None, None
        self._has_replayed = self._is_replaying = False
        self._is_due = True
        self._show()
        if self._is_active:
            self._timer.start()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if not (changes.plan or changes.zones or changes.cameras):
            return
        # what was counted by other zones than those on the plan would be taken for theirs
        self._replay, self._has_replayed, self._is_due = None, False, True
        self._show()
        if self._is_active:
            self._timer.start()

    def _show(self) -> None:
        venue = self._app_state.venue
        state = PlanChecksState()
        if venue is not None:
            findings = () if self._findings is None else describe_findings(venue, self._findings)
            state = PlanChecksState(
                has_venue=True,
                findings=findings,
                summary=self._summarise(findings),
                is_checking=self._findings is None,
                replay=() if self._replay is None else describe_replay(self._replay),
                replay_text=self._describe_replay(venue),
                is_replaying=self._is_replaying,
            )
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def _summarise(self, findings: tuple[FindingRow, ...]) -> str:
        if self._findings is None:
            return tr("One moment")
        if not findings:
            return tr("Nothing is wrong with the plan, its zones and its lines.")
        return trn("{n} thing to look at", "{n} things to look at", len(findings))

    def _describe_replay(self, venue: Venue) -> str:
        if self._is_replaying:
            return tr("One moment")
        if self._failure is not None:
            told = self._failure.tell_again(tr)
            return f"{told.problem} {told.remedy}".strip()
        if not self._has_replayed:
            return tr("Counts the last recorded minutes by the zones before and after what you changed.")
        if self._replay is None:
            return tr("Nothing was recorded in this venue yet.")
        period = format_period(*self._replay.period_s, time_zone=venue.exhibition.time_zone)
        people = trn("{n} person", "{n} people", self._replay.people)
        return tr("{period}, {people}", period=period, people=people)
