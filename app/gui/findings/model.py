"""View-model of the findings page."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal

from analytics.domain.arrays import Interval
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.findings.finding_decisions import FindingDecision, FindingState, decide_finding
from app.findings.findings_figures import FindingsResults
from app.gui.session.period_figures import PeriodFiguresViewModel, PeriodPhase
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts


@dataclass(frozen=True, slots=True)
class FindingsState:
    """State of the findings page.

    Attributes:
        found: kept while newer findings are computed.
        kind: chosen kind; None for all.
        progress: 0 to 1; None while unknown.
    """

    phase: PeriodPhase = PeriodPhase.NO_VENUE
    found: FindingsResults | None = None
    kind: str | None = None
    period: Interval | None = None
    time_zone: str = "UTC"
    progress: float | None = None
    fault: ErrorReport | None = None


class FindingsViewModel(PeriodFiguresViewModel[FindingsState]):
    """View-model of the findings page; searches while visible, and stores decisions."""

    failed = Signal(object)
    """``ErrorReport`` of a decision that could not be stored."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._app_state.period_changed.connect(self._on_period_changed)
        self._on_venue_opened()

    def compute(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        period_s = self.find_period()

        def work(context: JobContext) -> FindingsResults:
            # imported here because pandas is slow to load
            from app.findings.layout_findings import search_venue

            return search_venue(venue=venue, period_s=period_s, context=context)

        self._replace_state(
            phase=PeriodPhase.COMPUTING,
            period=period_s,
            time_zone=venue.exhibition.time_zone,
            progress=None,
            fault=None,
        )
        job = self._run("findings", lambda: tr("Searching for findings"), work, self._on_found)
        job.progress.connect(self._on_progress)

    def cancel(self) -> None:
        """Cancel the search; earlier results stay."""
        if self._job is not None and not self._job.is_finished:
            self._job.cancel()
            self._is_stale = True
            phase = PeriodPhase.CANCELLED if self._state.found is None else PeriodPhase.READY
            self._replace_state(phase=phase, progress=None)

    def select_kind(self, kind: str | None) -> None:
        self._replace_state(kind=kind)

    def read_venue_time(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now_utc_s(), ZoneInfo(self._state.time_zone))

    def decide(self, decision: FindingDecision) -> None:
        """Store a decision about a finding; an empty one removes it."""
        venue = self._app_state.venue
        if venue is None:
            return

        def done(decisions: tuple[FindingDecision, ...]) -> None:
            if self._state.found is not None:
                self._replace_state(found=dataclasses.replace(self._state.found, decisions=decisions))
                if decision.changed_on is not None:
                    # the effect of the change is measured with the findings
                    self.compute()

        self._job_runner.run(
            lambda: tr("Saving the decision"),
            lambda _context: decide_finding(venue.folder, decision, self._clock),
            on_done=done,
            on_failed=self.failed.emit,
        )

    def restore(self, decision: FindingDecision) -> None:
        """Open a rejected finding again; its owner, note and dates stay."""
        self.decide(dataclasses.replace(decision, state=FindingState.OPEN, reason=""))

    def _on_progress(self, done: float, total: float) -> None:
        if self._state.phase is PeriodPhase.COMPUTING:
            self._replace_state(progress=done / total if total > 0 else None)

    def _on_found(self, found: FindingsResults) -> None:
        self._app_state.set_history(found.history_s)
        phase = PeriodPhase.READY if found.outcomes else PeriodPhase.NOTHING_OBSERVED
        self._replace_state(phase=phase, found=found, progress=None)

    def _on_failed(self, fault: ErrorReport) -> None:
        self._replace_state(phase=PeriodPhase.FAILED, found=None, fault=fault, progress=None)

    def _discard_results(self) -> FindingsState:
        return FindingsState()

    def _on_period_changed(self) -> None:
        self._replace_state(found=None)
        self._invalidate()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        has_changed = (
            changes.cameras or changes.zones or changes.plan or changes.corrections or changes.targets
        )
        if has_changed:
            self._invalidate()
        elif changes.concerns(self._app_state.period):
            # a growing history is searched again when the page is next shown
            self._is_stale = True
