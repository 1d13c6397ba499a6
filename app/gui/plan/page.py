"""The page of the plan editor: tools, the plan, the selected object, and findings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QColor, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QTableView,
    QToolButton,
    QWidget,
)

from app.gui.canvas.door_question import DoorQuestion
from app.gui.canvas.floor_plan_items import PlanPicture, read_plan_picture
from app.gui.canvas.plan_editor_canvas import PlanEditorCanvas
from app.gui.canvas.plan_editor_items import EditorTool
from app.gui.canvas.zoomed_view import ZoomButtons
from app.gui.plan.model import PlanEditorState
from app.gui.plan.panel_models import (
    REPLAY_MINUTES,
    PlanChecksState,
    PlanChecksViewModel,
    PlanEditorViewModels,
    RedrawPastViewModel,
)
from app.gui.plan.plan_editor_details import PlanEditorDetails, PlanEditorPicture
from app.gui.plan.plan_editor_grid import PasteNamesDialog, StandGridDialog
from app.gui.plan.text import ReplayTable
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr, trn
from app.gui.session.units import current_units
from app.gui.widgets.failure_note import FloatingMessage
from app.gui.widgets.form_dialog import FormDialog, make_text_field
from app.gui.widgets.layouts import (
    bind_key,
    fill,
    make_column,
    make_row,
    name_button,
    name_tools,
    open_dialog,
    show_steps,
    show_text,
    style_labels,
    style_tools,
)
from app.gui.widgets.side_panels import SidePanels
from app.gui.widgets.text_table import TextTable
from app.gui.widgets.work_row import ProgressBar
from app.plan.edit_geometry import InsertVertex, MoveShape, MoveVertex, RemoveVertex
from app.plan.plan_shapes import GeometryEdit, Shape


class PlanEditorChecks(Translated, QFrame):
    """The list of findings, for a `PlanChecksState`."""

    shape_chosen = Signal(object)
    """The `Shape` of a finding."""
    title_changed = Signal()

    def __init__(self, viewmodel: PlanChecksViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered = PlanChecksState()
        self._title, self._replay_title = QLabel(), QLabel()
        self.summary, self.remedy, self.replay_text = QLabel(), QLabel(), QLabel()
        self.findings = QListWidget()
        self.minutes, self.count = QComboBox(), QPushButton()
        self.counted, self.counted_list = ReplayTable(self), QTableView()
        self._build()
        viewmodel.state_changed.connect(self._render)
        self.findings.currentRowChanged.connect(self._on_finding_chosen)
        self.findings.itemClicked.connect(lambda _item: self._on_finding_chosen(self.findings.currentRow()))
        self.count.clicked.connect(lambda: viewmodel.replay(self.minutes.currentData()))
        self.retranslate()

    def describe_title(self) -> tuple[str, str]:
        """Return the text and accessible name of this panel's button, with the number of findings."""
        count = len(self._viewmodel.state.findings)
        if not count:
            return tr("Check"), tr("Problems with the plan")
        things = trn("{n} problem to check", "{n} problems to check", count)
        return tr("{name} ({count})", name=tr("Check"), count=count), tr(
            "{name}: {value}", name=tr("Problems with the plan"), value=things
        )

    def retranslate(self) -> None:
        self._title.setText(tr("Problems with the plan"))
        self.findings.setAccessibleName(tr("Problems with the plan"))
        self._replay_title.setText(tr("Preview"))
        chosen = self.minutes.currentIndex()
        self.minutes.clear()
        for minutes in REPLAY_MINUTES:
            self.minutes.addItem(trn("last minute", "last {n} minutes", minutes), minutes)
        self.minutes.setCurrentIndex(max(chosen, 0))
        self.minutes.setAccessibleName(tr("Period to count again"))
        self.count.setText(tr("Count again"))
        self.count.setAccessibleName(tr("Count the last minutes with the changed zones"))
        self.counted_list.setAccessibleName(tr("Counts before and after"))
        self.counted.retranslate()
        self._viewmodel.retranslate()
        self._render()

    def _recolour(self) -> None:
        self._fill_findings(self._rendered)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._render()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        with QSignalBlocker(self.findings):
            self.findings.setCurrentRow(-1)

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = make_column(self, margins=theme.space_m, spacing=theme.space_s)
        for title in (self._title, self._replay_title):
            title.setProperty("role", "title")
        for label, role in ((self.summary, "muted"), (self.remedy, "banner"), (self.replay_text, "small")):
            label.setProperty("role", role)
            style_labels("", label)
        self.remedy.setMargin(theme.space_s)
        self.findings.setWordWrap(True)
        self.findings.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.findings.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.counted_list.setModel(self.counted)
        self.counted_list.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.counted_list.verticalHeader().hide()
        self.counted_list.setTabKeyNavigation(False)
        self.counted_list.setShowGrid(False)
        header = self.counted_list.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        row = fill(QHBoxLayout(), (self.minutes, 1), self.count)
        fill(column, self._title, self.summary, (self.findings, 3), self.remedy, self._replay_title)
        fill(column, self.replay_text, row, (self.counted_list, 2), 0)

    def _render(self) -> None:
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        self.summary.setText(state.summary)
        if state.findings != was.findings or self.findings.count() != len(state.findings):
            self._fill_findings(state)
        self.findings.setVisible(bool(state.findings))
        self._show_remedy()
        self.replay_text.setText(state.replay_text)
        self.count.setEnabled(state.has_venue and not state.is_replaying)
        self.counted.show(state.replay)
        self.counted_list.setVisible(bool(state.replay))
        if len(state.findings) != len(was.findings):
            self.title_changed.emit()

    def _fill_findings(self, state: PlanChecksState) -> None:
        theme = current_theme()
        row = self.findings.currentRow()
        with QSignalBlocker(self.findings):
            self.findings.clear()
            for finding in state.findings:
                item = QListWidgetItem(finding.text, self.findings)
                item.setForeground(QColor(theme.bad if finding.tone == "bad" else theme.text))
                item.setToolTip(finding.remedy)
                item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, finding.remedy)
            if row < len(state.findings):
                self.findings.setCurrentRow(row)

    def _show_remedy(self) -> None:
        row, findings = self.findings.currentRow(), self._viewmodel.state.findings
        self.remedy.setVisible(0 <= row < len(findings))
        if 0 <= row < len(findings):
            self.remedy.setText(findings[row].remedy)

    def _on_finding_chosen(self, row: int) -> None:
        self._show_remedy()
        findings = self._viewmodel.state.findings
        if 0 <= row < len(findings) and findings[row].shape is not None:
            self.shape_chosen.emit(findings[row].shape)


_SIZE_WH = (760, 380)
_PARTS = 1000
"""Steps of the progress bar, which Qt counts in whole numbers."""


class RedrawPastDialog(QDialog):
    """The dialog for redrawing past versions, for a `RedrawPastState`; closing it changes nothing."""

    def __init__(self, viewmodel: RedrawPastViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.resize(*_SIZE_WH)
        self.text, self.problem = QLabel(self), QLabel(self)
        style_labels("", self.text, self.problem)
        self.problem.setProperty("role", "bad")
        self.rows = TextTable(4, self, stretched=3, is_selectable=False)
        self.progress = ProgressBar(self)
        self.cancel, self.redraw = QPushButton(tr("Cancel"), self), QPushButton(tr("Redraw the past"), self)
        self._build()
        viewmodel.state_changed.connect(self._render)
        self.cancel.clicked.connect(self.reject)
        self.redraw.clicked.connect(self._on_redraw_clicked)
        self._render()

    def reject(self) -> None:
        """Stop counting and close without changes."""
        self._viewmodel.cancel_count()
        super().reject()

    def _build(self) -> None:
        theme = current_theme()
        self.rows.setHorizontalHeaderLabels([tr("Valid"), tr("Counted sample"), tr("Current"), tr("Redrawn")])
        self.rows.setAccessibleName(tr("Effect of redrawing"))
        self.rows.setWordWrap(True)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        self.redraw.setProperty("role", "primary")
        for button in (self.cancel, self.redraw):
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
        last = fill(QHBoxLayout(), 1, self.cancel, self.redraw)
        column = make_column(
            self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_m), spacing=theme.space_m
        )
        for widget in (self.text, self.rows, self.progress, self.problem):
            column.addWidget(widget)
        column.addLayout(last)

    def _render(self) -> None:
        state = self._viewmodel.state
        if state.shape is None:
            return
        self.setWindowTitle(state.title)
        self.text.setText(state.text)
        show_text(self.problem, state.problem)
        self.progress.setVisible(state.is_counting)
        self.progress.setRange(0, 0 if state.share is None else _PARTS)
        self.progress.setValue(round(_PARTS * (state.share or 0.0)))
        self.redraw.setEnabled(state.can_redraw)
        self.rows.show_rows([(row.period, row.counted, row.before, row.after) for row in state.rows])

    def _on_redraw_clicked(self) -> None:
        self._viewmodel.redraw()
        self.accept()


class PlanEditorMenu(QToolButton):
    """The menu button of the editor; Space opens it."""

    template_chosen = Signal(str)
    """A template that is to be placed."""

    def __init__(self, parts: PlanEditorViewModels, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = parts
        self.setProperty("role", "button")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Fusion's arrow hangs in the corner of a button with a border; the text says that more follows
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.grid, self.names, self.keep = (QAction(self) for _ in range(3))
        self._menu.addActions([self.grid, self.names])
        self._menu.addSeparator()
        self._menu.addAction(self.keep)
        self.place, self.forget = QMenu(self), QMenu(self)
        self._menu.addMenu(self.place)
        self._menu.addMenu(self.forget)
        self.grid.triggered.connect(lambda: StandGridDialog(parts.stands, self.window()).open())
        self.names.triggered.connect(lambda: PasteNamesDialog(parts.stands, self.window()).open())
        self.keep.triggered.connect(self._on_keep_triggered)
        parts.templates.names_changed.connect(self._fill)
        self.retranslate()

    def retranslate(self) -> None:
        self.setText(tr("Multiple zones…"))
        self.setAccessibleName(tr("Grid of stands, names, templates"))
        self.setToolTip(self.accessibleName())
        self.grid.setText(tr("Create a numbered grid of stands…"))
        self.names.setText(tr("Paste zone names from a spreadsheet…"))
        self.keep.setText(tr("Save the selection, or all, as a template…"))
        self.place.setTitle(tr("Place a template"))
        self.forget.setTitle(tr("Delete a template"))
        self._fill()

    def _fill(self) -> None:
        names = self._parts.templates.names
        acts: tuple[tuple[QMenu, Callable[[str], object]], ...] = (
            (self.place, self.template_chosen.emit),
            (self.forget, self._parts.templates.delete),
        )
        for menu, act in acts:
            menu.clear()
            menu.setEnabled(bool(names))
            for name in names:
                # an ampersand would be taken for the mark of a key
                menu.addAction(name.replace("&", "&&")).triggered.connect(partial(act, name))

    def _on_keep_triggered(self) -> None:
        dialog = FormDialog(
            tr("Save a template"),
            submit=lambda form: self._parts.templates.save(**form.values),
            parent=self.window(),
        )
        dialog.add("name", tr("Template name"), make_text_field(), is_needed=True)
        open_dialog(dialog)


_TOOL_KEYS = {
    EditorTool.SELECT: "S",
    EditorTool.POLYGON: "Z",
    EditorTool.RECTANGLE: "R",
    EditorTool.LINE: "L",
}


class PlanEditorView(Translated, QWidget):
    """The plan editor page, for a `PlanEditorState`; edits go through its view-models."""

    def __init__(self, parts: PlanEditorViewModels, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts, self._viewmodel, self._checks, self._picture = (
            parts,
            parts.editor,
            parts.checks,
            parts.picture,
        )
        self._viewmodel.setParent(self)
        self._rendered = PlanEditorState()
        self.canvas = PlanEditorCanvas()
        self.details = PlanEditorDetails(parts.editor)
        self.checks, self.picture = PlanEditorChecks(parts.checks), PlanEditorPicture(parts.picture)
        self.side = SidePanels()
        self.tools = {tool: QToolButton() for tool in _TOOL_KEYS}
        self._tool_group = QButtonGroup(self)
        self.undo, self.redo, self.copy, self.paste = (QToolButton() for _ in range(4))
        self.from_now, self.past, self.more = QToolButton(), QToolButton(), PlanEditorMenu(parts)
        self._zoom = ZoomButtons(self.canvas)
        self.message = FloatingMessage(self.canvas)
        self.hint, self.place, self.version = (QLabel() for _ in range(3))
        self.door = DoorQuestion(self.canvas)
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        names = {
            EditorTool.SELECT: (tr("Select"), tr("Select and move zones and lines")),
            EditorTool.POLYGON: (tr("Zone"), tr("Draw a zone corner by corner")),
            EditorTool.RECTANGLE: (tr("Rectangle"), tr("Draw a rectangular zone")),
            EditorTool.LINE: (tr("Counting line"), tr("Draw a line that counts people who cross it")),
        }
        name_tools(self.tools, names, _TOOL_KEYS)
        for button, text, name in (
            (
                self.copy,
                tr("Copy"),
                tr("Copy the selection, or all zones and lines, for this hall or another (Ctrl+C)"),
            ),
            (self.paste, tr("Paste"), tr("Paste the copied zones and lines (Ctrl+V)")),
            (
                self.from_now,
                tr("Apply only from now on"),
                tr("The history keeps the previous zones; your changes apply from now on"),
            ),
            (
                self.past,
                tr("Redraw the past…"),
                tr("Also apply the current outline of the selection to earlier history"),
            ),
        ):
            name_button(button, text, name)
        self._zoom.show_names(tr("Show the whole floor (0)"))
        self.more.retranslate()
        self.undo.setText(tr("Undo"))
        self.redo.setText(tr("Redo"))
        self.canvas.setAccessibleName(tr("Editable plan"))
        self.canvas.setAccessibleDescription(
            tr(
                "N and P select a corner, the arrow keys move it by 0.1 m, with Shift by 1 m; when "
                "drawing, the arrow keys move the pointer, Space sets a corner, Enter finishes"
            )
        )
        self.side.name_buttons()
        self._show_hint()
        self._viewmodel.retranslate()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._checks.set_active(True)
        self._parts.templates.refresh()
        self._render()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._checks.set_active(False)

    def _build(self) -> None:
        theme = current_theme()
        page = make_row(
            self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_l), spacing=theme.space_m
        )
        card = QFrame()
        card.setProperty("role", "card")
        column = make_column(card, margins=theme.space_m, spacing=theme.space_s)
        tools, more = QHBoxLayout(), QHBoxLayout()
        for row in (tools, more):
            row.setSpacing(theme.space_xs)
            column.addLayout(row)
        for button in self.tools.values():
            self._tool_group.addButton(button)
        style_tools("layer", *self.tools.values())
        style_tools(
            "button", self.undo, self.redo, self.copy, self.paste, self.more, self.past, self.from_now
        )
        self.tools[EditorTool.SELECT].setChecked(True)
        fill(tools, *self.tools.values(), 1, self._zoom)
        fill(more, self.undo, self.redo, self.copy, self.paste, self.more, 1)
        column.addWidget(self.canvas, 1)
        below = QHBoxLayout()
        for label in (self.hint, self.place, self.version):
            label.setProperty("role", "small")
        for label in (self.hint, self.version):
            label.setWordWrap(True)
        fill(below, (self.hint, 1), self.place)
        column.addLayout(below)
        since = fill(QHBoxLayout(), (self.version, 1), self.from_now, self.past)
        column.addLayout(since)
        page.addWidget(card, 1)
        self._bind_keys(card)
        self.side.add_panel(self.details, lambda: (tr("Selected"), tr("Selection")))
        self.side.add_panel(self.checks, self.checks.describe_title)
        self.side.add_panel(self.picture, lambda: (tr("Background"), tr("The picture below the plan")))
        self.side.setFixedWidth(364)
        page.addWidget(self.side)

    def _bind_keys(self, card: QWidget) -> None:
        """Bind shortcuts separately, as those of buttons are lost with every new text."""
        for keys, button, place in (
            *((_TOOL_KEYS[tool], button, card) for tool, button in self.tools.items()),
            ("Ctrl+Z", self.undo, self),
            ("Ctrl+Shift+Z", self.redo, self),
            ("Ctrl+C", self.copy, card),
            ("Ctrl+V", self.paste, card),
        ):
            # letters choose tools beside the plan, and entries in the lists
            bind_key(keys, place, button.click)

    def _bind(self) -> None:
        model, canvas = self._viewmodel, self.canvas
        model.state_changed.connect(self._render)
        for tool, button in self.tools.items():
            button.clicked.connect(lambda _on, tool=tool: self._on_tool_chosen(tool))
        canvas.tool_changed.connect(self._on_tool_changed)
        canvas.shape_selected.connect(self._on_shape_chosen)
        canvas.drawn.connect(self._on_draft_finished)
        canvas.vertex_moved.connect(lambda at, to: self._settle(partial(MoveVertex, vertex=at, to_m=to)))
        canvas.vertex_inserted.connect(
            lambda after, at: self._settle(partial(InsertVertex, after=after, at_m=at))
        )
        canvas.shape_moved.connect(lambda by: self._settle(partial(MoveShape, by_m=by)))
        canvas.nudged.connect(model.nudge)
        canvas.remove_requested.connect(self._on_remove_requested)
        canvas.vertex_chosen.connect(self.details.choose_corner)
        canvas.pointed.connect(self._on_pointed)
        self.details.vertex_chosen.connect(canvas.choose_vertex)
        self.details.shape_chosen.connect(self._on_shape_chosen)
        self.picture.tool_requested.connect(self._on_tool_chosen)
        self.checks.shape_chosen.connect(self._on_shape_chosen)
        self._checks.state_changed.connect(self._render)
        self.door.answered.connect(model.answer_door)
        self.door.undo_requested.connect(model.undo)
        self.checks.title_changed.connect(self.side.name_buttons)
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self.copy.clicked.connect(model.copy)
        self.paste.clicked.connect(model.paste)
        self.from_now.clicked.connect(model.start_version)
        self.past.clicked.connect(self._on_redraw_requested)
        self.more.template_chosen.connect(self._on_template_chosen)

    def _render(self) -> None:
        # other pages must not wait for this one
        if not self.isVisible():
            return
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        if state.scene is not was.scene:
            self.canvas.show_scene(state.scene)
            self._picture.set_size(None)
            path = None if state.scene is None else state.scene.picture
            self._viewmodel.read_picture(path, read_plan_picture, self._show_picture)
        self.canvas.show_shapes(state.shapes, state.selected)
        self.door.show_doors(self._checks.state.doors)
        self.details.show_state(state)
        show_text(self.message, state.message)
        self.version.setText(state.version_text)
        show_steps(self.undo, self.redo, state.steps)
        for button in (*self.tools.values(), self.copy, self.more, self.from_now):
            button.setEnabled(state.has_venue)
        self.paste.setEnabled(state.has_venue and state.can_paste)
        self.past.setVisible(self._parts.past.has_past())

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self.canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)
            self._picture.set_size(picture.size_px)

    def _settle(self, make: Callable[[Shape], GeometryEdit]) -> None:
        if not self._viewmodel.edit_selected(make):
            self.canvas.drop_moved()

    def show_background(self) -> None:
        self.side.show_panel(self.picture)
        self.picture.choose.click()

    def draw_rectangle(self) -> None:
        self.side.show_panel(self.details)
        self.tools[EditorTool.RECTANGLE].click()

    def choose_shapes(self) -> None:
        self.tools[EditorTool.SELECT].click()

    def _on_tool_chosen(self, tool: EditorTool) -> None:
        self.canvas.set_tool(tool)
        self.canvas.setFocus()

    def _on_tool_changed(self, tool: EditorTool) -> None:
        if tool in self.tools:
            self.tools[tool].setChecked(True)
        if tool is not EditorTool.SCALE:
            self.picture.clear_span()
        self._show_hint()

    def _show_hint(self) -> None:
        self.hint.setText(
            {
                EditorTool.SELECT: tr("Click a zone or line; drag it, its corners, or the middle of a side."),
                EditorTool.POLYGON: tr(
                    "Click corner by corner; Enter or double-click to finish, Esc to cancel."
                ),
                EditorTool.RECTANGLE: tr("Drag from one corner to the opposite one; Esc to cancel."),
                EditorTool.LINE: tr(
                    "Click point by point; Enter or double-click to finish. 'In' is to the right of its "
                    "direction."
                ),
                EditorTool.SCALE: tr("Click two points of the picture with a known distance; Esc to cancel."),
                EditorTool.CROP: tr("Drag over the part of the picture to show; Esc to cancel."),
            }[self.canvas.tool]
        )

    def _on_redraw_requested(self) -> None:
        self._parts.past.open()
        RedrawPastDialog(self._parts.past, self.window()).open()

    def _on_shape_chosen(self, shape: Shape | None) -> None:
        self.canvas.choose_vertex(None)
        self._viewmodel.select(shape)

    def _on_template_chosen(self, name: str) -> None:
        # in view, to be dragged to its place
        self._parts.templates.place(name, self.canvas.middle_m)

    def _on_draft_finished(self, tool: EditorTool, points: tuple[tuple[float, float], ...]) -> None:
        if tool is EditorTool.SCALE:
            # both points stay to be seen until their distance is known
            self.picture.set_span((points[0], points[1]))
            return
        if tool is EditorTool.CROP:
            self.canvas.finish_draft(is_taken=self._picture.crop(points))
            return
        add = self._viewmodel.add_line if tool is EditorTool.LINE else self._viewmodel.add_polygon
        self.canvas.finish_draft(is_taken=add(points))

    def _on_remove_requested(self, vertex: int | None) -> None:
        if vertex is None:
            self._viewmodel.remove_selected()
        else:
            self._viewmodel.edit_selected(partial(RemoveVertex, vertex=vertex))

    def _on_pointed(self, point: tuple[float, float], length_m: float | None) -> None:
        units = current_units()
        x, y = (units.from_metres(value) for value in point)
        words = tr("x {x:.2f} {unit}, y {y:.2f} {unit}", x=x, y=y, unit=units.symbol)
        if length_m is not None:
            length = units.from_metres(length_m)
            words = tr("{place}, length {length:.2f} {unit}", place=words, length=length, unit=units.symbol)
        self.place.setText(words)
