"""The line about missing data below the pages of a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from analytics.domain.errors import fill_template
from analytics.domain.gap_causes import describe_cause
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.facts.period_gaps import PeriodGaps
from app.gui.session.cell_text import format_number
from app.gui.session.period import PeriodViewModel
from app.gui.session.period_figures import AutoRefresh, RefreshParts
from app.gui.session.translation import Translated, display_name, join_sentences, tr, trn
from app.gui.widgets.layouts import fill, make_row
from app.gui.widgets.time_range_picker import TimeRangePicker


class PeriodGapsLine(Translated, QLabel):
    """Line about missing data in the status bar, where it moves nothing; hidden if nothing is missing."""

    def __init__(self, viewmodel: PeriodGapsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._is_page_visible = False
        self._line = ""
        self.setProperty("role", "small")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hide()
        viewmodel.state_changed.connect(self.retranslate)

    def set_page_visible(self, is_visible: bool) -> None:
        self._is_page_visible = is_visible
        self._viewmodel.set_page_visible(is_visible)
        self.retranslate()

    def retranslate(self) -> None:
        text = describe_gaps(self._viewmodel.state)
        self._line = text.line
        self.setAccessibleName(text.line)
        self.setToolTip("\n".join(filter(None, (text.line, text.tool_tip))))
        self._elide()
        self.setVisible(self._is_page_visible and bool(text.line))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._line, Qt.TextElideMode.ElideRight, self.width()))


class PeriodBar(QWidget):
    """The choice of a period for all pages, from a `PeriodState`."""

    def __init__(self, viewmodel: PeriodViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.picker = TimeRangePicker(self)
        fill(make_row(self, margins=0), self.picker)
        self.picker.period_chosen.connect(viewmodel.choose)
        viewmodel.state_changed.connect(self._render)
        self._render()

    def _render(self) -> None:
        state = self._viewmodel.state
        self.picker.show_period(state.period_s, exhibition=state.exhibition, history_s=state.history_s)


_S_PER_H, _S_PER_MIN = 3600.0, 60.0
_MAX_REASONS = 8


@dataclass(frozen=True, slots=True)
class GapsText:
    """A line and its tool tip; both empty if nothing is missing."""

    line: str = ""
    tool_tip: str = ""


class PeriodGapsViewModel(AutoRefresh[PeriodGaps | None]):
    """Reads the gaps of the history in the background, while a page of a period is shown."""

    def __init__(self, **parts: Unpack[RefreshParts]) -> None:
        super().__init__(**parts)
        self._state: PeriodGaps | None = None
        self._app_state.period_changed.connect(self._on_venue_opened)

    def compute(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        period_s, clock = self.find_period(), self._clock

        def work(_job: JobContext) -> PeriodGaps | None:
            # imported late: loading pandas takes longer than opening the window
            from app.facts.period_gaps import measure_period_gaps

            return measure_period_gaps(venue=venue, period_s=period_s, clock=clock)

        self._run("period gaps", lambda: tr("Reading observations"), work, self._set_state)

    def _discard_results(self) -> PeriodGaps | None:
        return None

    def _on_failed(self, _fault: ErrorReport) -> None:
        # the page reads the same history and reports its errors
        self._set_state(None)


def describe_gaps(gaps: PeriodGaps | None) -> GapsText:
    if gaps is None:
        return GapsText()
    parts = []
    if gaps.is_reportable:
        lost, wanted = (
            format_number(one / _S_PER_H, decimals=1) for one in (gaps.unobserved_s, gaps.expected_s)
        )
        parts.append(
            tr("Not observed: {lost} h of {wanted} opening hours.", lost=lost, wanted=wanted)
            if gaps.is_open_hours
            else tr(
                "Not observed: {lost} h of the {wanted} h from the first to the last observation.",
                lost=lost,
                wanted=wanted,
            )
        )
    if gaps.cameras:
        parts.append(
            trn(
                "{n} camera was missing for longer.",
                "{n} cameras were missing for longer.",
                len(gaps.cameras),
            )
        )
    if gaps.lost_tracks_s:
        minutes = max(1, round(gaps.lost_tracks_s / _S_PER_MIN))
        parts.append(
            trn(
                "Tracks of {n} minute are lost: that time counts as not observed.",
                "Tracks of {n} minutes are lost: that time counts as not observed.",
                minutes,
            )
        )
    if gaps.expired_days:
        parts.append(
            trn(
                "The tracks of {n} day were deleted after the retention period; only totals include it.",
                "The tracks of {n} days were deleted after the retention period; only totals include them.",
                gaps.expired_days,
            )
        )
    if gaps.unplaced:
        named = tr(", ").join(display_name(name) for name in gaps.unplaced)
        parts.append(
            tr(
                "No camera is calibrated: the whole floor counts as observed while {cameras} recorded.",
                cameras=named,
            )
            if gaps.is_floor_unknown
            else tr(
                "Without a calibration, the floor seen by {cameras} is unknown and counts as not observed.",
                cameras=named,
            )
        )
    if not parts:
        return GapsText()
    tool_tip = [tr("Figures cover only observed time; a gap is never counted as empty.")]
    tool_tip += [
        tr(
            "{camera}: {hours} h missing",
            camera=display_name(name),
            hours=format_number(lost_s / _S_PER_H, decimals=1),
        )
        for name, lost_s in gaps.cameras
    ]
    tool_tip += [
        tr(
            "{camera}: {minutes} min, because {reason}",
            camera=display_name(name),
            minutes=format_number(lost_s / _S_PER_MIN, decimals=0),
            reason=fill_template(reason.template, reason.fields, tr),
        )
        for name, cause, lost_s in gaps.reasons[:_MAX_REASONS]
        for reason in (describe_cause(cause),)
    ]
    return GapsText(join_sentences(parts), "\n".join(tool_tip))
