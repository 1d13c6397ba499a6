"""The window with a camera's picture, on which masks, zones and lines are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QDialog, QLabel, QPushButton, QToolButton, QWidget

from app.cameras.pictured_shapes import PicturedKind, PicturedRef, PicturedShape
from app.gui.canvas.camera_picture_items import (
    HANDLE_PX,
    PictureCanvas,
    PicturedShapesItem,
    PictureHandlesItem,
    PictureItem,
    list_middles,
)
from app.gui.canvas.plan_editor_items import Draft, EditorTool, Grip
from app.gui.canvas.zoomed_view import ARROWS_Y_DOWN, ZoomButtons
from app.gui.plan.camera_picture_model import CameraPictureState, CameraPictureViewModel
from app.gui.session.calibration_picture import CameraPicture
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.gui.widgets.choice_list import ChoiceList
from app.gui.widgets.failure_note import FailureNote, FloatingMessage
from app.gui.widgets.layouts import (
    fill,
    make_column,
    make_row,
    name_tools,
    show_steps,
    show_text,
    style_labels,
    style_tools,
)
from app.gui.widgets.work_row import JobRow
from app.plan.floor_scene import Point
from app.plan.snapping import Snap, SnapKind

STEP_PX, LONG_STEP_PX = 1.0, 20.0
"""Pixels of the picture per arrow key, alone and with Shift."""
_GRIP_PX = HANDLE_PX + 3
_NEAR_PX = 9.0
_CLICK_PX = 5.0


class CameraPictureCanvas(PictureCanvas):
    """The picture canvas; requests edits by signals."""

    shape_selected = Signal(object)
    """A `PicturedRef`, or None."""
    corner_moved = Signal(int, object)
    corner_inserted = Signal(int, object)
    """(corner before it, place)"""
    nudged = Signal(object, object)
    """(corner or None, by how much)"""
    remove_requested = Signal(object)
    """The number of a corner, or None for the whole shape."""
    drawn = Signal(object, object)
    """(`PicturedKind`, corners); answered by `finish_draft`."""
    tool_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._shapes, self._handles = PicturedShapesItem(), PictureHandlesItem()
        super().__init__(PictureItem(), [self._shapes, self._handles], parent)
        self._tool: PicturedKind | None = None
        self._draft = Draft(EditorTool.SELECT)
        self._selected: PicturedShape | None = None
        self._corners: tuple[Point | None, ...] = ()
        self._corner: int | None = None
        self._grip, self._gripped = Grip.NOTHING, 0
        self._moved: tuple[Point | None, ...] | None = None
        self._pressed_at: QPointF | None = None
        self._has_moved = False

    @property
    def tool(self) -> PicturedKind | None:
        """Kind of object that clicks draw; None selects."""
        return self._tool

    @property
    def corner(self) -> int | None:
        return self._corner

    @property
    def draft_points(self) -> tuple[Point, ...]:
        return self._draft.points

    def set_tool(self, tool: PicturedKind | None) -> None:
        """Set the kind of object that clicks draw; an unfinished one is dropped."""
        self._tool, self._draft = tool, Draft(_DRAFTS.get(tool, EditorTool.POLYGON))
        self._show_draft()
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor if tool is None else Qt.CursorShape.CrossCursor)
        self.tool_changed.emit(tool)

    def show_shapes(
        self, shapes: Sequence[PicturedShape], selected: PicturedRef | None, corners: Sequence[Point | None]
    ) -> None:
        """Show the saved objects; ``corners`` are the latest ones of the selected object."""
        self._moved = None
        self._selected = next((f for f in shapes if f.ref == selected and selected is not None), None)
        self._corners = tuple(corners)
        if self._corner is not None and self._corner >= len(self._corners):
            self._corner = None
        self._shapes.set_shapes(shapes, selected, self.content_rect)
        self._show_corners()

    def choose_corner(self, corner: int | None) -> None:
        self._corner = corner
        self._show_corners()

    def finish_draft(self, *, is_taken: bool) -> None:
        """Remove the finished draft, or keep it for correction if it was refused."""
        if is_taken:
            self.set_tool(None)
        else:
            self._draft.reopen()
            self._show_draft()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pressed_at, self._has_moved = event.position(), False
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        place = self._place(event)
        if self._tool is not None:
            # what is finished by the press is not chosen again by the release
            self._pressed_at = None
            self._press_draft(place)
            return
        self._grip, self._gripped = self._find_grip(place)
        if self._grip is Grip.VERTEX:
            self.choose_corner(self._gripped)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._place(event)
        if self._tool is not None and not event.buttons() & Qt.MouseButton.MiddleButton:
            self._draft.point_at(Snap(place, SnapKind.NONE))
            self._show_draft()
            return
        if self._pressed_at is None:
            is_over = self._find_grip(place)[0] is not Grip.NOTHING
            self.viewport().setCursor(Qt.CursorShape.SizeAllCursor if is_over else Qt.CursorShape.ArrowCursor)
            return
        moved = event.position() - self._pressed_at
        self._has_moved = self._has_moved or moved.manhattanLength() > _CLICK_PX
        if not self._has_moved:
            return
        if self._grip is not Grip.NOTHING:
            self._drag(place)
        elif not self.is_fitted:
            self.pan_by(-moved.x(), -moved.y())
            self._pressed_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        was_click = self._pressed_at is not None and not self._has_moved
        self._pressed_at = None
        if self._tool is not None or event.button() is not Qt.MouseButton.LeftButton:
            return
        grip, self._grip = self._grip, Grip.NOTHING
        if self._moved is not None:
            self._drop(grip, self._moved)
        elif grip is Grip.NOTHING and was_click:
            self._corner = None
            reach = _NEAR_PX / self._scale()
            self.shape_selected.emit(self._shapes.shape_at(self._place(event), reach=reach))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._tool is None:
            self.mousePressEvent(event)
        elif self._draft.can_finish:
            self._submit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        is_drawing = self._tool is not None
        is_used = self._press_drawing_key(event) if is_drawing else self._press_selecting_key(event)
        if is_used or self.press_zoom_key(event):
            event.accept()
        else:
            event.ignore()

    def _press_selecting_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if self._selected is None:
            return False
        if key in ARROWS_Y_DOWN:
            self.nudged.emit(self._corner, _make_step(event))
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self._choose_next(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit(self._corner)
        elif key == Qt.Key.Key_Insert:
            middles = list_middles(self._corners, is_closed=self._selected.is_closed)
            side = min(self._corner or 0, len(middles) - 1)
            if middles[side] is not None:
                self.corner_inserted.emit(side, middles[side])
        elif key == Qt.Key.Key_Escape:
            self._escape()
        else:
            return False
        return True

    def _escape(self) -> None:
        if self._moved is not None:
            self._grip, self._moved = Grip.NOTHING, None
            self._show_corners()
        elif self._corner is not None:
            self.choose_corner(None)
        else:
            self.shape_selected.emit(None)

    def _choose_next(self, by: int) -> None:
        seen = [number for number, corner in enumerate(self._corners) if corner is not None]
        if seen:
            at = seen.index(self._corner) if self._corner in seen else (-1 if by > 0 else 0)
            self.choose_corner(seen[(at + by) % len(seen)])

    def _press_drawing_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in ARROWS_Y_DOWN:
            middle = self.content_rect.center()
            start = self._draft.pointer or (middle.x(), middle.y())
            right, down = _make_step(event)
            self._draft.point_at(Snap(self._limit((start[0] + right, start[1] + down)), SnapKind.NONE))
        elif key == Qt.Key.Key_Space and self._draft.pointer is not None:
            self._press_draft(self._draft.pointer, by_key=True)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._draft.can_finish:
                self._submit()
        elif key == Qt.Key.Key_Backspace:
            self._draft.remove_last()
        elif key == Qt.Key.Key_Escape:
            self.set_tool(self._tool if self._draft.points else None)
        else:
            return False
        self._show_draft()
        return True

    def _press_draft(self, place: Point, *, by_key: bool = False) -> None:
        tolerance = _NEAR_PX / self._scale()
        if self._draft.press(Snap(place, SnapKind.NONE), tolerance_m=tolerance, by_key=by_key):
            self._submit()
        self._show_draft()

    def _submit(self) -> None:
        self.drawn.emit(self._tool, self._draft.finish())

    def _drag(self, place: Point) -> None:
        corners = list(self._corners)
        if self._grip is Grip.SIDE:
            corners.insert(self._gripped + 1, place)
        else:
            corners[self._gripped] = place
        self._moved = tuple(corners)
        self._show_corners()

    def _drop(self, grip: Grip, moved: tuple[Point | None, ...]) -> None:
        self._moved = None
        if grip is Grip.SIDE:
            self.corner_inserted.emit(self._gripped, moved[self._gripped + 1])
        else:
            self.corner_moved.emit(self._gripped, moved[self._gripped])

    def _find_grip(self, place: Point) -> tuple[Grip, int]:
        if self._selected is None:
            return Grip.NOTHING, 0
        reach = _GRIP_PX / self._scale()
        middles = list_middles(self._corners, is_closed=self._selected.is_closed)
        for grip, places in ((Grip.VERTEX, self._corners), (Grip.SIDE, middles)):
            near = [(math.dist(p, place), number) for number, p in enumerate(places) if p is not None]
            if near and min(near)[0] <= reach:
                return grip, min(near)[1]
        return Grip.NOTHING, 0

    def _show_corners(self) -> None:
        self._handles.set_corners(
            self._corners if self._moved is None else self._moved,
            is_closed=self._selected is None or self._selected.is_closed,
            corner=self._corner,
            shows_path=self._moved is not None,
            bounds=self.sceneRect(),
        )

    def _show_draft(self) -> None:
        self._handles.set_draft(self._draft.outline, closes=self._draft.closes)

    def _place(self, event: QMouseEvent) -> Point:
        at = self.map_to_content(event.position())
        return self._limit((at.x(), at.y()))

    def _limit(self, place: Point) -> Point:
        rect = self.content_rect
        return min(max(place[0], rect.left()), rect.right()), min(max(place[1], rect.top()), rect.bottom())

    def _scale(self) -> float:
        return abs(self.transform().m11()) or 1.0


_DRAFTS = {None: EditorTool.SELECT, PicturedKind.LINE: EditorTool.LINE}
"""Draft shape by kind; all others are areas."""


def _make_step(event: QKeyEvent) -> Point:
    right, down = ARROWS_Y_DOWN[event.key()]
    length = LONG_STEP_PX if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP_PX
    return right * length, down * length


_SIZE_WH = (1300, 700)
"""Window size that fits a screen of 1366x768 beside the task bar."""
_SIDE_PX = 268
_TOOL_KEYS: dict[PicturedKind | None, str] = {
    None: "S",
    PicturedKind.PRIVACY: "P",
    PicturedKind.IGNORE: "I",
    PicturedKind.ZONE: "Z",
    PicturedKind.LINE: "L",
}
_ON_FLOOR = (PicturedKind.ZONE, PicturedKind.LINE)


class CameraPictureDialog(QDialog):
    """The camera picture dialog, which owns its view-model; edits are saved at once and can be undone."""

    def __init__(self, viewmodel: CameraPictureViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._shown: tuple[CameraPicture | None, tuple[int, int] | None, str] | None = None
        self.setWindowTitle(tr("Picture of {camera}", camera=display_name(viewmodel.state.camera)))
        self.resize(*_SIZE_WH)
        self.canvas = CameraPictureCanvas(self)
        self.tools = {tool: QToolButton(self) for tool in _TOOL_KEYS}
        self._tool_group = QButtonGroup(self)
        self.undo, self.redo = QToolButton(self), QToolButton(self)
        self._zoom = ZoomButtons(self.canvas, self)
        self.shapes = ChoiceList(self)
        self.remove, self.fetch = QPushButton(tr("Remove"), self), QPushButton(tr("New picture"), self)
        self.may_be_dark = QCheckBox(tr("This camera may be dark"), self)
        self._close = QPushButton(tr("Close"), self)
        self.message = FloatingMessage(self.canvas)
        self.hint, self.note, self._listed = (QLabel(self) for _ in range(3))
        self.failure = FailureNote(self)
        self._work = JobRow(self)
        self._name_tools()
        self._build()
        self._bind()
        self._show_hint()
        self._render()
        viewmodel.open()
        self.canvas.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape and self.canvas.tool is not None:
            self.canvas.set_tool(None)
        elif event.key() == Qt.Key.Key_Escape and self._viewmodel.state.selected is not None:
            self._viewmodel.select(None)
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Close; there is nothing to save."""
        self._viewmodel.close()
        super().reject()

    def _name_tools(self) -> None:
        names = {
            None: (tr("Select"), tr("Select and move masks, zones and lines")),
            PicturedKind.PRIVACY: (
                tr("Privacy mask"),
                tr("Black out a part of the picture before anyone sees it; no people are detected there"),
            ),
            PicturedKind.IGNORE: (
                tr("Ignore mask"),
                tr("People whose feet are inside are not counted; the picture is unchanged"),
            ),
            PicturedKind.ZONE: (tr("Zone"), tr("Draw a zone corner by corner, on the floor of the picture")),
            PicturedKind.LINE: (
                tr("Counting line"),
                tr("Draw a line on the floor of the picture that counts people who cross it"),
            ),
        }
        name_tools(self.tools, names, _TOOL_KEYS)
        style_tools("button", self.undo, self.redo)
        self.undo.setText(tr("Undo"))
        self.redo.setText(tr("Redo"))
        self._zoom.show_names(tr("Show the whole picture (0)"))
        self.canvas.setAccessibleName(tr("Picture of the camera"))
        self.canvas.setAccessibleDescription(
            tr(
                "Page keys select a corner, arrow keys move it by a pixel, with Shift by 20; Insert "
                "adds one, Delete removes it; when drawing, the arrow keys move the pointer, Space "
                "sets a corner, Enter finishes"
            )
        )
        self.shapes.setAccessibleName(tr("Masks, zones and lines in this picture"))
        for push in (self.remove, self.fetch, self._close):
            push.setAccessibleName(push.text())
            push.setAutoDefault(False)
        self._listed.setText(tr("In this picture"))
        self.may_be_dark.setToolTip(
            tr(
                "For places that are dark at night: black pictures count as observed; otherwise they "
                "are a gap."
            )
        )
        self.may_be_dark.setAccessibleName(self.may_be_dark.text())
        self.may_be_dark.setAccessibleDescription(self.may_be_dark.toolTip())

    def _build(self) -> None:
        theme = current_theme()
        tools = make_row(spacing=theme.space_xs)
        style_tools("layer", *self.tools.values())
        for tool in self.tools.values():
            self._tool_group.addButton(tool)
        self.tools[None].setChecked(True)
        fill(tools, *self.tools.values(), 1, self.undo, self.redo, self._zoom)
        style_labels("", self.hint, self.note)
        self.hint.setProperty("role", "small")
        self.note.setProperty("role", "warning")
        self._listed.setProperty("role", "muted")
        side = make_column(spacing=theme.space_s)
        for widget in (self._listed, self.shapes, self.remove, self.note, self.may_be_dark, self.fetch):
            side.addWidget(widget, 1 if widget is self.shapes else 0)
            widget.setFixedWidth(_SIDE_PX)
        middle = fill(make_row(spacing=theme.space_m), (self.canvas, 1), side)
        last = fill(make_row(spacing=theme.space_m), self._close, (self.hint, 2), (self._work, 1))
        column = make_column(self, margins=theme.space_m, spacing=theme.space_s)
        fill(column, tools, (middle, 1), self.failure, last)

    def _bind(self) -> None:
        model, canvas = self._viewmodel, self.canvas
        model.state_changed.connect(self._render)
        for tool, button in self.tools.items():
            button.clicked.connect(lambda _on, tool=tool: self._on_tool_chosen(tool))
        canvas.tool_changed.connect(self._on_tool_changed)
        canvas.shape_selected.connect(model.select)
        canvas.drawn.connect(self._on_draft_finished)
        canvas.corner_moved.connect(self._on_corner_moved)
        canvas.corner_inserted.connect(self._on_corner_inserted)
        canvas.nudged.connect(model.nudge)
        canvas.remove_requested.connect(self._on_remove_requested)
        self.shapes.chosen.connect(self._on_row_chosen)
        self.remove.clicked.connect(model.remove_selected)
        self.fetch.clicked.connect(model.fetch_picture)
        self.may_be_dark.clicked.connect(model.set_may_be_dark)
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self._close.clicked.connect(self.reject)
        self._work.stop_requested.connect(model.stop)
        for tool, key in _TOOL_KEYS.items():
            shortcut = QShortcut(QKeySequence(key), canvas)
            # letters choose entries in the list
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.tools[tool].click)
        for keys, act in (
            (QKeySequence.StandardKey.Undo, model.undo),
            (QKeySequence.StandardKey.Redo, model.redo),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _render(self) -> None:
        state = self._viewmodel.state
        self._render_picture(state)
        self.canvas.show_shapes(state.shapes, state.selected, state.corners)
        self._render_list(state)
        show_text(self.message, state.message)
        show_text(self.note, state.note)
        self.failure.show_failure(state.problem, state.remedy, "")
        self._work.show_job(state.busy, done=0, total=0, can_stop=True)
        for tool, button in self.tools.items():
            button.setEnabled(state.can_draw_floor if tool in _ON_FLOOR else state.can_draw)
        show_steps(self.undo, self.redo, state.steps)
        self.remove.setEnabled(state.selected is not None)
        self.may_be_dark.setChecked(state.may_be_dark)
        self.fetch.setEnabled(not state.busy)

    def _render_picture(self, state: CameraPictureState) -> None:
        picture, frame_wh = state.picture, state.frame_wh or (16, 9)
        words = "" if picture is not None else state.busy or tr("No picture")
        if (picture, frame_wh, words) == self._shown:
            return
        self._shown = (picture, frame_wh, words)
        if picture is None:
            self.canvas.show_picture(b"", (0, 0), frame_wh=frame_wh, words=words)
        else:
            self.canvas.show_picture(picture.rgb, picture.size_wh, frame_wh=frame_wh, words="")

    def _render_list(self, state: CameraPictureState) -> None:
        chosen = next((n for n, row in enumerate(state.rows) if row.ref == state.selected), None)
        choices = tuple((str(number), row.text) for number, row in enumerate(state.rows))
        self.shapes.show_choices(choices, "" if chosen is None else str(chosen))
        if chosen is None:
            self.shapes.setCurrentRow(-1)

    def _show_hint(self) -> None:
        finish = tr("Click corner by corner; Enter or double-click to finish, Esc to cancel.")
        self.hint.setText(
            {
                None: tr("Click a mask, zone or line; drag its corners, or the middle of a side."),
                PicturedKind.PRIVACY: finish
                + " "
                + tr(
                    "The hidden part is black for everyone from the next picture on, also in the recording."
                ),
                PicturedKind.LINE: tr(
                    "Click point by point; Enter or double-click to finish. 'In' is to the right of its "
                    "direction."
                ),
            }.get(self.canvas.tool, finish)
        )

    def _on_tool_chosen(self, tool: PicturedKind | None) -> None:
        if tool is not None:
            self._viewmodel.select(None)
        self.canvas.set_tool(tool)
        self.canvas.setFocus()

    def _on_tool_changed(self, tool: PicturedKind | None) -> None:
        self.tools[tool].setChecked(True)
        self._show_hint()

    def _on_draft_finished(self, tool: PicturedKind, corners: tuple[Point, ...]) -> None:
        self.canvas.finish_draft(is_taken=self._viewmodel.draw(tool, corners))

    def _on_corner_moved(self, corner: int, place: Point) -> None:
        if not self._viewmodel.move_corner(corner, place):
            self._render()

    def _on_corner_inserted(self, after: int, place: Point) -> None:
        if self._viewmodel.insert_corner(after, place):
            self.canvas.choose_corner(after + 1)
        else:
            self._render()

    def _on_remove_requested(self, corner: int | None) -> None:
        if corner is None:
            self._viewmodel.remove_selected()
        elif self._viewmodel.remove_corner(corner):
            self.canvas.choose_corner(None)

    def _on_row_chosen(self, number: str) -> None:
        rows = self._viewmodel.state.rows
        if int(number) < len(rows):
            self._viewmodel.select(rows[int(number)].ref)
