"""The window with a camera's picture: masks, zones and lines are drawn where they are seen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.gui.viewmodels.calibration_picture import CameraPicture
from app.gui.viewmodels.camera_picture import CameraPictureViewModel
from app.gui.viewmodels.camera_picture_state import CameraPictureState
from app.gui.widgets.camera_picture_canvas import CameraPictureCanvas
from app.gui.widgets.choice_list import ChoiceList
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.work_row import WorkRow
from app.gui.widgets.zoomed_view import ZOOM_STEP
from app.operations.floor_scene import Point
from app.operations.pictured_figures import FigureKind

_SIZE_WH = (1300, 700)
"""Fits beside the task bar of a screen of 1366x768."""
_SIDE_PX = 268
_TOOL_KEYS: dict[FigureKind | None, str] = {
    None: "S",
    FigureKind.PRIVACY: "P",
    FigureKind.IGNORE: "I",
    FigureKind.ZONE: "Z",
    FigureKind.LINE: "L",
}
_ON_FLOOR = (FigureKind.ZONE, FigureKind.LINE)


class CameraPictureDialog(QDialog):
    """Open it with ``open``; it owns its view-model. Every edit is on disk at once, and can be undone."""

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
        self.undo, self.redo = self._add_tool(tr("Undo")), self._add_tool(tr("Redo"))
        self._zoom_out, self._zoom_in = self._add_tool("−"), self._add_tool("+")
        self._fit = self._add_tool(tr("Fit"))
        self.figures = ChoiceList(self)
        self.remove, self.fetch = QPushButton(tr("Remove"), self), QPushButton(tr("New picture"), self)
        self.may_be_dark = QCheckBox(tr("This camera may be dark"), self)
        self._close = QPushButton(tr("Close"), self)
        self.message, self.hint, self.note, self._listed = (QLabel(self) for _ in range(4))
        self.failure = FailureNote(self)
        self._work = WorkRow(self)
        self._name_tools()
        self._build()
        self._bind()
        self._show_hint()
        self._render()
        viewmodel.open()
        self.canvas.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape leaves what is drawn or chosen first."""
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

    def _add_tool(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setProperty("role", "button")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _name_tools(self) -> None:
        names = {
            None: (tr("Select"), tr("Choose and move masks, zones and lines")),
            FigureKind.PRIVACY: (
                tr("Privacy mask"),
                tr("Blacken a part of the picture before anybody sees it; nothing is found there"),
            ),
            FigureKind.IGNORE: (
                tr("Ignore mask"),
                tr("People whose feet are in it do not count; the picture stays as it is"),
            ),
            FigureKind.ZONE: (tr("Zone"), tr("Draw a zone corner by corner, on the floor of the picture")),
            FigureKind.LINE: (
                tr("Counting line"),
                tr("Draw a line across which people are counted, on the floor of the picture"),
            ),
        }
        for tool, (text, name) in names.items():
            self.tools[tool].setText(text)
            self.tools[tool].setToolTip(f"{name} ({_TOOL_KEYS[tool]})")
            self.tools[tool].setAccessibleName(name)
        for button, name in (
            (self._zoom_in, tr("Zoom in (+)")),
            (self._zoom_out, tr("Zoom out (-)")),
            (self._fit, tr("Show the whole picture (0)")),
        ):
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.canvas.setAccessibleName(tr("Picture of the camera"))
        self.canvas.setAccessibleDescription(
            tr(
                "Page keys choose a corner, arrow keys move it by a pixel, with Shift by 20; Insert adds "
                "one, Delete removes it; when drawing, the arrow keys move the pointer, Space sets a corner, "
                "Enter finishes"
            )
        )
        self.figures.setAccessibleName(tr("Masks, zones and lines in this picture"))
        for push in (self.remove, self.fetch, self._close):
            push.setAccessibleName(push.text())
            push.setAutoDefault(False)
        self._listed.setText(tr("In this picture"))
        self.may_be_dark.setToolTip(
            tr("Where the lights are out at night: black pictures count as observed; else they are a gap.")
        )
        self.may_be_dark.setAccessibleName(self.may_be_dark.text())
        self.may_be_dark.setAccessibleDescription(self.may_be_dark.toolTip())

    def _build(self) -> None:
        theme = current_theme()
        tools = QHBoxLayout()
        tools.setSpacing(theme.space_xs)
        for tool in self.tools.values():
            tool.setCheckable(True)
            tool.setProperty("role", "layer")
            tool.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._tool_group.addButton(tool)
            tools.addWidget(tool)
        self.tools[None].setChecked(True)
        tools.addStretch(1)
        for button in (self.undo, self.redo, self._zoom_out, self._zoom_in, self._fit):
            tools.addWidget(button)
        for label in (self.message, self.hint, self.note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setProperty("role", "banner")
        self.message.setProperty("tone", "bad")
        self.message.setMargin(theme.space_s)
        self.hint.setProperty("role", "small")
        self.note.setProperty("role", "warning")
        self._listed.setProperty("role", "muted")
        side = QVBoxLayout()
        side.setSpacing(theme.space_s)
        for widget in (self._listed, self.figures, self.remove, self.note, self.may_be_dark, self.fetch):
            side.addWidget(widget, 1 if widget is self.figures else 0)
            widget.setFixedWidth(_SIDE_PX)
        middle = QHBoxLayout()
        middle.setSpacing(theme.space_m)
        middle.addWidget(self.canvas, 1)
        middle.addLayout(side)
        last = QHBoxLayout()
        last.setSpacing(theme.space_m)
        last.addWidget(self._close)
        last.addWidget(self.hint, 2)
        last.addWidget(self._work, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        column.addLayout(tools)
        column.addWidget(self.message)
        column.addLayout(middle, 1)
        column.addWidget(self.failure)
        column.addLayout(last)

    def _bind(self) -> None:
        model, canvas = self._viewmodel, self.canvas
        model.state_changed.connect(self._render)
        for tool, button in self.tools.items():
            button.clicked.connect(lambda _on, tool=tool: self._on_tool_chosen(tool))
        canvas.tool_changed.connect(self._on_tool_changed)
        canvas.figure_chosen.connect(model.select)
        canvas.drawn.connect(self._on_drawn)
        canvas.corner_moved.connect(self._on_corner_moved)
        canvas.corner_inserted.connect(self._on_corner_inserted)
        canvas.nudged.connect(model.nudge)
        canvas.remove_asked.connect(self._on_remove_asked)
        self.figures.chosen.connect(self._on_row_chosen)
        self.remove.clicked.connect(model.remove_selected)
        self.fetch.clicked.connect(model.fetch_picture)
        self.may_be_dark.clicked.connect(model.set_may_be_dark)
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self._zoom_in.clicked.connect(lambda: canvas.zoom_by(ZOOM_STEP))
        self._zoom_out.clicked.connect(lambda: canvas.zoom_by(1 / ZOOM_STEP))
        self._fit.clicked.connect(canvas.fit)
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
        self.canvas.show_figures(state.figures, state.selected, state.corners)
        self._render_list(state)
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        self.note.setText(state.note)
        self.note.setVisible(bool(state.note))
        self.failure.show_failure(state.problem, state.remedy, "")
        self._work.show_work(state.busy, done=0, total=0, can_stop=True)
        for tool, button in self.tools.items():
            button.setEnabled(state.can_draw_floor if tool in _ON_FLOOR else state.can_draw)
        for button, text, is_possible in (
            (self.undo, state.undo_text, state.can_undo),
            (self.redo, state.redo_text, state.can_redo),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.setEnabled(is_possible)
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
        self.figures.show_choices(choices, "" if chosen is None else str(chosen))
        if chosen is None:
            self.figures.setCurrentRow(-1)

    def _show_hint(self) -> None:
        finish = tr("Click corner by corner; Enter or a double click finishes, Esc drops it.")
        self.hint.setText(
            {
                None: tr("Click a mask, zone or line; drag its corners, or the middle of a side."),
                FigureKind.PRIVACY: finish
                + " "
                + tr("What it hides is black for everybody from the next picture on, also in the recording."),
                FigureKind.LINE: tr(
                    "Click point by point; Enter or a double click finishes. In is to the right of its way."
                ),
            }.get(self.canvas.tool, finish)
        )

    def _on_tool_chosen(self, tool: FigureKind | None) -> None:
        if tool is not None:
            self._viewmodel.select(None)
        self.canvas.set_tool(tool)
        self.canvas.setFocus()

    def _on_tool_changed(self, tool: FigureKind | None) -> None:
        self.tools[tool].setChecked(True)
        self._show_hint()

    def _on_drawn(self, tool: FigureKind, corners: tuple[Point, ...]) -> None:
        self.canvas.finish_draft(is_taken=self._viewmodel.draw(tool, corners))

    def _on_corner_moved(self, corner: int, place: Point) -> None:
        if not self._viewmodel.move_corner(corner, place):
            self._render()

    def _on_corner_inserted(self, after: int, place: Point) -> None:
        if self._viewmodel.insert_corner(after, place):
            self.canvas.choose_corner(after + 1)
        else:
            self._render()

    def _on_remove_asked(self, corner: int | None) -> None:
        if corner is None:
            self._viewmodel.remove_selected()
        elif self._viewmodel.remove_corner(corner):
            self.canvas.choose_corner(None)

    def _on_row_chosen(self, number: str) -> None:
        rows = self._viewmodel.state.rows
        if int(number) < len(rows):
            self._viewmodel.select(rows[int(number)].ref)
