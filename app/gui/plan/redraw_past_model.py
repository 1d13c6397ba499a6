"""Redrawing a zone or line in the past, too: what it would change is said first, then it is done."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from analytics.domain.errors import ExpoFlowError
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.gui.plan.model import PlanEditorViewModel
from app.gui.plan.text import name_shape, say_count
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_moment, format_period
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.translation import tr, trn
from app.gui.session.view_model import ViewModel
from app.plan.edit_versions import RedrawPast
from app.plan.geometry_change import Part
from app.plan.past_redrawing import PastVersion, count_past, list_past
from app.plan.plan_shapes import Shape

COUNT_KEY = "count the past"


@dataclass(frozen=True, slots=True)
class PastRow:
    """One earlier version: when it held, which stretch of it was counted, and what it counts."""

    period: str
    counted: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RedrawPastState:
    """All that the dialog shows, translated.

    Attributes:
        shape: what is to be redrawn; None while no dialog asks.
        text: what redrawing means, and for what it is not.
        is_counting: the rows have no counts yet; ``share`` of them is done, 0 to 1.
        can_redraw: there is something to redraw.
        problem: why it could not be counted.
    """

    shape: Shape | None = None
    title: str = ""
    text: str = ""
    rows: tuple[PastRow, ...] = ()
    is_counting: bool = False
    share: float | None = None
    can_redraw: bool = False
    problem: str = ""


class RedrawPastViewModel(ViewModel[RedrawPastState]):
    """Counts while somebody decides; the edit itself is one of the editor's, and undone like each."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        editor: PlanEditorViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner, self._editor = app_state, job_runner, editor
        self._shape: Shape | None = None
        self._past: tuple[PastVersion, ...] = ()
        self._job: JobHandle | None = None
        self._share: float | None = None
        self._failure: ErrorReport | None = None
        self._state = RedrawPastState()

    def has_past(self) -> bool:
        """Whether the chosen zone or line was drawn otherwise in an earlier version."""
        venue, shape = self._app_state.venue, self._editor.state.selected
        return venue is not None and bool(_find_past(venue, shape))

    def ask(self) -> None:
        """Say of the chosen zone or line what redrawing it would change, and count it."""
        venue, shape = self._app_state.venue, self._editor.state.selected
        self.leave()
        if venue is None or shape is None:
            return
        self._shape, self._past, self._failure = shape, _find_past(venue, shape), None
        if self._past:
            self._job = self._job_runner.run_latest(
                COUNT_KEY,
                lambda: tr("Counting the past by the redrawn zone"),
                lambda context: count_past(venue, shape, context),
                on_done=self._on_counted,
                on_failed=self._on_failed,
            )
            if self._job.is_finished:
                self._job = None
            else:
                self._job.progress.connect(self._on_progress)
        self._show()

    def leave(self) -> None:
        """Stop counting; nothing is changed."""
        if self._job is not None:
            self._job.cancel()
        self._job, self._shape, self._past, self._share = None, None, (), None
        self._show()

    def redraw(self) -> bool:
        """Redraw it in the past, too; the editor's undo takes it back."""
        shape = self._shape
        self.leave()
        return shape is not None and self._editor.edit(RedrawPast(shape))

    def _on_counted(self, past: tuple[PastVersion, ...]) -> None:
        self._job, self._past = None, past
        self._show()

    def _on_failed(self, report: ErrorReport) -> None:
        self._job, self._failure = None, report
        self._show()

    def _on_progress(self, done: float, total: float) -> None:
        self._share = done / total if total > 0 else None
        self._show()

    def _show(self) -> None:
        venue, shape = self._app_state.venue, self._shape
        state = RedrawPastState()
        if venue is not None and shape is not None:
            told = None if self._failure is None else self._failure.tell_again(tr)
            state = RedrawPastState(
                shape=shape,
                title=tr("{what} in the past", what=name_shape(shape)),
                text=_describe(len(self._past)),
                rows=tuple(_make_row(venue, version) for version in self._past),
                is_counting=self._job is not None,
                share=self._share,
                can_redraw=bool(self._past),
                problem="" if told is None else f"{told.problem} {told.remedy}".strip(),
            )
        if state != self._state:
            self._state = state
            self.state_changed.emit()


def _find_past(venue: Venue, shape: Shape | None) -> tuple[PastVersion, ...]:
    if shape is None or shape.part not in (Part.ZONES, Part.LINES):
        return ()
    try:
        return list_past(venue, shape)
    except ExpoFlowError:
        # it was removed meanwhile; the editor chooses nothing then
        return ()


def _describe(versions: int) -> str:
    if not versions:
        return tr("It was never drawn otherwise.")
    return trn(
        "It was drawn otherwise in {n} earlier version of the zones. Redrawn there, too, the history of that "
        "time is counted by its present outline. This is for a zone that was drawn wrongly, not for a stand "
        "that was moved. Undo takes it back.",
        "It was drawn otherwise in {n} earlier versions of the zones. Redrawn there, too, the history of "
        "that time is counted by its present outline. This is for a zone that was drawn wrongly, not for a "
        "stand that was moved. Undo takes it back.",
        versions,
    )


def _make_row(venue: Venue, version: PastVersion) -> PastRow:
    zone = venue.exhibition.time_zone
    end = format_moment(version.end_utc_s, time_zone=zone)
    if version.start_utc_s is None:
        period = tr("Until {end}", end=end)
    else:
        period = f"{format_moment(version.start_utc_s, time_zone=zone)} – {end}"
    if version.counted_utc_s is None:
        return PastRow(period, "–", "–", "–")
    return PastRow(
        period,
        format_period(*version.counted_utc_s, time_zone=zone),
        say_count(version.before),
        say_count(version.after),
    )
