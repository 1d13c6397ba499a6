"""View-model of the overview: the first page of a period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.domain.arrays import Interval
from analytics.domain.exhibition import find_time_zone
from app.core.job import JobContext
from app.core.view_link import LinkTarget
from app.error_reporting import ErrorReport
from app.gui.overview.text import AttentionRow, describe_quality, list_attention
from app.gui.session.period_figures import AutoRefresh, PeriodPhase
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import current_language, tr
from app.gui.session.view_model import VenueParts, WatchTimer
from app.gui.widgets.figure_list import LiveFigure
from app.overview.overview_figures import Attention, OverviewFigures, describe_period_in_sentences
from app.reports.report_text import ReportText

LIVE_EVERY_MS = 10_000


@dataclass(frozen=True, slots=True)
class OverviewState:
    """State of the overview.

    Attributes:
        figures: kept while newer ones are computed.
        sentences: what stood out.
        quality: who is missed; None while it is computed.
        attention: what needs somebody; None while it is searched for.
        live: figures of this moment; empty while nothing is recorded.
        history: first to last observation of the venue.
        days_back: how many days earlier the compared period lies; None for the period before.
    """

    phase: PeriodPhase = PeriodPhase.NO_VENUE
    figures: OverviewFigures | None = None
    sentences: tuple[str, ...] = ()
    quality: AttentionRow | None = None
    attention: tuple[AttentionRow, ...] | None = None
    live: tuple[LiveFigure, ...] = ()
    period: Interval | None = None
    time_zone: str = "UTC"
    progress: float = 0.0
    history: Interval | None = None
    fault: ErrorReport | None = None
    days_back: int | None = None
    pending: dict[LinkTarget, int] = field(default_factory=dict)


class OverviewViewModel(AutoRefresh[OverviewState]):
    """View-model of the overview; computes while visible, then searches for what needs attention."""

    live_requested = Signal()
    """Emitted every ten seconds while the page is visible during a recording."""

    def __init__(self, *, monitor: PipelineMonitor, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._monitor = monitor
        self._state = OverviewState()
        self._attention: Attention | None = None
        self._live_timer = WatchTimer(self._on_live_due, every_ms=LIVE_EVERY_MS, parent=self)
        self._app_state.period_changed.connect(self._on_period_changed)
        monitor.started.connect(self._on_recording_changed)
        monitor.stopped.connect(self._on_recording_changed)
        self._on_venue_opened()

    def set_page_visible(self, is_visible: bool) -> None:
        was_stale = self._is_stale
        super().set_page_visible(is_visible)
        if is_visible and not was_stale and self._attention is not None:
            self._search_attention()
        self._live_timer.set_active(is_visible)

    def compute(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        period_s, publish, days_back = self.find_period(), self._make_publisher(), self._state.days_back

        def work(context: JobContext) -> tuple[OverviewFigures | None, Interval | None]:
            # imported here because pandas is slow to load
            from app.facts.history_extent import read_history_extent
            from app.overview.overview_analysis import compute_overview

            figures = compute_overview(
                venue=venue, period_s=period_s, days_back=days_back, context=context, on_current=publish
            )
            return figures, read_history_extent(venue)

        self._replace_state(
            phase=PeriodPhase.COMPUTING,
            period=period_s,
            time_zone=venue.exhibition.time_zone,
            progress=0.0,
            fault=None,
        )
        job = self._run("overview", lambda: tr("Computing the overview"), work, self._on_done)
        job.progress.connect(self._on_progress)

    def set_days_back(self, days_back: int | None) -> None:
        """Compare with a period some days earlier, or with the one before."""
        if days_back != self._state.days_back:
            self._replace_state(days_back=days_back)
            self._invalidate()

    def select_zone(self, name: str) -> None:
        self._app_state.select_zone(name)

    def set_pending(self, target: LinkTarget, count: int) -> None:
        """Set how many items on another page wait for a decision."""
        if self._state.pending.get(target, 0) != count:
            self._set_fields(pending={**self._state.pending, target: count})
            self.refresh()

    def show_live(self, figures: tuple[LiveFigure, ...]) -> None:
        """Show figures of this moment while recording."""
        live = figures if self._monitor.is_active else ()
        if live != self._state.live:
            self._replace_state(live=live)

    def refresh(self) -> None:
        venue, figures = self._app_state.venue, self._state.figures
        if venue is None:
            self.state_changed.emit()
            return
        sentences: tuple[str, ...] = ()
        if figures is not None:
            sentences = describe_period_in_sentences(figures, ReportText.of(venue, current_language()))
        self._replace_state(
            sentences=sentences,
            quality=None if figures is None or figures.quality is None else describe_quality(figures.quality),
            attention=None
            if self._attention is None
            else list_attention(
                self._attention,
                time_zone=self._state.time_zone,
                pending=self._state.pending,
                unseen=[] if figures is None else figures.list_unseen(),
                is_unrecorded=self._is_open_now() and not self._monitor.is_active,
            ),
        )

    def _is_open_now(self) -> bool:
        venue, now_utc_s = self._app_state.venue, self._clock.now_utc_s()
        if venue is None:
            return False
        day = datetime.fromtimestamp(now_utc_s, find_time_zone(venue.exhibition.time_zone)).date()
        return any(start <= now_utc_s < end for start, end in venue.exhibition.opening_intervals_utc(day))

    def _search_attention(self) -> None:
        venue, period_s = self._app_state.venue, self._state.period
        if venue is None or period_s is None:
            return

        def work(context: JobContext) -> Attention:
            from app.overview.overview_analysis import search_attention

            return search_attention(venue=venue, period_s=period_s, context=context, clock=self._clock)

        def show(found: Attention) -> None:
            self._attention = found
            self.refresh()

        # a failure is shown on the page of findings, which makes the same search
        self._job_runner.run_latest(
            "overview: attention",
            lambda: tr("Searching for findings"),
            work,
            on_done=show,
            on_failed=lambda _fault: show(Attention(())),
        )

    def _on_live_due(self) -> None:
        if self._monitor.is_active:
            self.live_requested.emit()

    def _on_recording_changed(self) -> None:
        if not self._monitor.is_active:
            self._set_fields(live=())
        self.refresh()

    def _show_partial(self, figures: OverviewFigures) -> None:
        self._set_fields(figures=figures)
        self.refresh()

    def _on_done(self, found: tuple[OverviewFigures | None, Interval | None]) -> None:
        figures, history = found
        self._app_state.set_history(history)
        phase = PeriodPhase.NOTHING_OBSERVED if figures is None else PeriodPhase.READY
        self._set_fields(phase=phase, figures=figures, history=history)
        self.refresh()
        if figures is not None:
            self._search_attention()

    def _on_failed(self, fault: ErrorReport) -> None:
        self._replace_state(phase=PeriodPhase.FAILED, figures=None, sentences=(), quality=None, fault=fault)

    def _discard_results(self) -> OverviewState:
        self._attention = None
        has_venue = self._app_state.venue is not None
        phase = PeriodPhase.COMPUTING if has_venue else PeriodPhase.NO_VENUE
        return OverviewState(phase, days_back=self._state.days_back)

    def _on_period_changed(self) -> None:
        # figures of another period must not be shown under this one's name
        self._attention = None
        self._replace_state(figures=None, sentences=(), quality=None, attention=None)
        self._invalidate()
