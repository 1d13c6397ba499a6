"""A grid of stands before it is made, and names out of a spreadsheet before they are given."""

from __future__ import annotations

from PySide6.QtCore import QObject

from analytics.domain.errors import ExpoFlowError
from app.core.document import Venue
from app.error_reporting import ErrorReport, describe_error
from app.gui.plan.model import PlanEditorViewModel
from app.gui.plan.plan_editor_state import PlanEditorState, StandsPreview
from app.gui.session.app_state import AppState
from app.gui.session.translation import tr, trn
from app.plan.edit_step import plan_step
from app.plan.editable_figures import EditableFigure, newest_version_utc_s
from app.plan.geometry_change import Part
from app.plan.pasted_names import PasteNames
from app.plan.plan_shapes import Shape
from app.plan.stand_grid import MakeStandGrid, StandGrid


class PlanStandsViewModel(QObject):
    """Tries an edit without writing it; the editor writes it when it is wanted."""

    def __init__(
        self, *, app_state: AppState, editor: PlanEditorViewModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_state, self._editor = app_state, editor

    @property
    def state(self) -> PlanEditorState:
        """The editor's."""
        return self._editor.state

    def preview_stands(self, grid: StandGrid, *, is_closed: bool) -> StandsPreview:
        """What a grid of stands would look like among what is there, or why it cannot be."""
        venue, figures = self._app_state.venue, self._editor.state.figures
        if venue is None:
            return StandsPreview()
        try:
            stands = grid.lay_out()
            edit = _make_edit(venue, grid, is_closed=is_closed)
            drawn = tuple(
                EditableFigure(Shape(Part.ZONES, name), outline.points, number=number)
                for number, (name, outline) in enumerate(stands)
            )
            plan_step(venue, edit)
        except ExpoFlowError as error:
            return StandsPreview(figures, _tell(describe_error(error, translate=tr)))
        text = tr(
            "{stands}: {first} to {last}",
            stands=trn("{n} stand", "{n} stands", len(stands)),
            first=stands[0][0],
            last=stands[-1][0],
        )
        return StandsPreview((*figures, *drawn), text, is_possible=True)

    def make_stands(self, grid: StandGrid, *, is_closed: bool) -> bool:
        """Make a zone of every stand, and an obstacle where nobody walks through."""
        venue = self._app_state.venue
        return venue is not None and self._editor.edit(_make_edit(venue, grid, is_closed=is_closed))

    def check_names(self, shapes: tuple[Shape, ...], text: str) -> str:
        """Why a pasted table cannot name these zones and lines; empty where it can."""
        venue = self._app_state.venue
        if venue is None or not text.strip():
            return tr("Copy the cells with the names in the spreadsheet, and paste them here.")
        try:
            plan_step(venue, PasteNames(shapes, text))
        except ExpoFlowError as error:
            return _tell(describe_error(error, translate=tr))
        return ""

    def paste_names(self, shapes: tuple[Shape, ...], text: str) -> bool:
        """Give zones and lines the names of a pasted table."""
        self._editor.select(None)
        return self._editor.edit(PasteNames(shapes, text))


def _make_edit(venue: Venue, grid: StandGrid, *, is_closed: bool) -> MakeStandGrid:
    return MakeStandGrid(grid, newest_version_utc_s(venue), with_obstacles=is_closed)


def _tell(report: ErrorReport) -> str:
    return f"{report.problem} {report.remedy}".strip()
