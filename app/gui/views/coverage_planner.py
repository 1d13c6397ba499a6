"""The page on which it is seen what cameras see, and where others are planned."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.units import current_units
from app.gui.viewmodels.coverage_planner import CoveragePlannerViewModel
from app.gui.viewmodels.coverage_planner_state import CoveragePlannerState
from app.gui.viewmodels.coverage_words import name_layers
from app.gui.views.coverage_advice import CoverageAdvice
from app.gui.views.coverage_planned_camera import CoverageCameras
from app.gui.widgets.coverage_canvas import CoverageCanvas
from app.gui.widgets.coverage_layer import CoverageLegend
from app.gui.widgets.plan_picture import PlanPicture, read_plan_picture
from app.gui.widgets.side_panels import SidePanels
from app.gui.widgets.zoomed_view import ZOOM_STEP
from app.operations.coverage_map import CoverageLayer


class CoveragePlannerView(QWidget):
    """Renders a `CoveragePlannerState`; asks its view-model for every edit."""

    install_asked = Signal(str)
    """Name of the planned camera that is to be added to the venue."""

    def __init__(self, viewmodel: CoveragePlannerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = CoveragePlannerState()
        self.canvas, self.legend = CoverageCanvas(), CoverageLegend()
        self.cameras, self.advice = CoverageCameras(viewmodel), CoverageAdvice(viewmodel)
        self.side = SidePanels()
        self.layers = {layer: QToolButton() for layer in CoverageLayer}
        self._layer_group = QButtonGroup(self)
        self.add, self.undo, self.redo = (QToolButton() for _ in range(3))
        self._zoom_in, self._zoom_out, self._fit = (QToolButton() for _ in range(3))
        self.message, self.summary, self.place = (QLabel() for _ in range(3))
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language and units."""
        for layer, text, name in name_layers():
            self.layers[layer].setText(text)
            self.layers[layer].setToolTip(name)
            self.layers[layer].setAccessibleName(name)
        for button, text, name in (
            (self.add, tr("Plan a camera"), tr("Put a camera on the plan that is not there yet (A)")),
            (self._zoom_in, "+", tr("Zoom in (+)")),
            (self._zoom_out, "−", tr("Zoom out (-)")),
            (self._fit, tr("Fit"), tr("Show the whole floor (0)")),
        ):
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.undo.setText(tr("Undo"))
        self.redo.setText(tr("Redo"))
        self.canvas.setAccessibleName(tr("What the cameras see"))
        self.canvas.setAccessibleDescription(
            tr(
                "N and P choose a camera; the arrow keys move a planned one by 0.1 m, with Shift by 1 m, and "
                "with Ctrl turn it by 1 degree, with Shift by 10"
            )
        )
        self.side.name_buttons()
        self._viewmodel.retranslate()
        self._render()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102
        super().showEvent(event)
        self._viewmodel.set_active(True)
        self._render()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102
        super().hideEvent(event)
        self._viewmodel.set_active(False)

    def _build(self) -> None:
        theme = current_theme()
        page = QHBoxLayout(self)
        page.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_l)
        page.setSpacing(theme.space_m)
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        layers, tools = QHBoxLayout(), QHBoxLayout()
        for row in (layers, tools):
            row.setSpacing(theme.space_xs)
            column.addLayout(row)
        for button in self.layers.values():
            button.setCheckable(True)
            button.setProperty("role", "layer")
            self._layer_group.addButton(button)
            layers.addWidget(button)
        layers.addStretch(1)
        for button in (self.add, self.undo, self.redo):
            tools.addWidget(button)
        tools.addStretch(1)
        for button in (self._zoom_out, self._zoom_in, self._fit):
            tools.addWidget(button)
        self.add.setCheckable(True)
        for button in self._buttons():
            button.setProperty("role", "button")
        for button in (*self.layers.values(), *self._buttons()):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.message.setProperty("role", "banner")
        self.message.setProperty("tone", "bad")
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.message.setMargin(theme.space_s)
        for label in (self.summary, self.place):
            label.setProperty("role", "small")
        self.summary.setWordWrap(True)
        column.addWidget(self.message)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.legend)
        below = QHBoxLayout()
        below.addWidget(self.summary, 1)
        below.addWidget(self.place)
        column.addLayout(below)
        page.addWidget(card, 1)
        self._bind_keys(card)
        self.side.add_panel(self.cameras, lambda: (tr("Cameras"), tr("Installed and planned cameras")))
        self.side.add_panel(self.advice, self.advice.describe_title)
        self.side.setFixedWidth(384)
        page.addWidget(self.side)

    def _bind_keys(self, card: QWidget) -> None:
        for keys, act, place in (
            ("A", self.add.click, card),
            ("Ctrl+Z", self.undo.click, self),
            ("Ctrl+Shift+Z", self.redo.click, self),
            ("Ctrl+D", self._viewmodel.duplicate, self),
        ):
            shortcut = QShortcut(QKeySequence(keys), place)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _buttons(self) -> tuple[QToolButton, ...]:
        return (self.add, self.undo, self.redo, self._zoom_out, self._zoom_in, self._fit)

    def _bind(self) -> None:
        model, canvas = self._viewmodel, self.canvas
        model.state_changed.connect(self._render)
        for layer, button in self.layers.items():
            button.clicked.connect(lambda _on, layer=layer: model.choose_layer(layer))
        self.add.clicked.connect(self._on_add_clicked)
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self._zoom_in.clicked.connect(lambda: canvas.zoom_by(ZOOM_STEP))
        self._zoom_out.clicked.connect(lambda: canvas.zoom_by(1 / ZOOM_STEP))
        self._fit.clicked.connect(canvas.fit)
        canvas.camera_chosen.connect(self._on_camera_chosen)
        canvas.dragged.connect(lambda name, place: model.drag(name, to_m=place))
        canvas.turned.connect(lambda name, heading: model.drag(name, heading_deg=heading))
        canvas.dropped.connect(lambda is_kept: model.drop(is_kept=is_kept))
        canvas.nudged.connect(lambda right, up, turn: model.nudge(right_m=right, up_m=up, turn_deg=turn))
        canvas.remove_asked.connect(model.remove)
        canvas.placed.connect(model.add)
        canvas.placing_ended.connect(lambda: self.add.setChecked(False))
        canvas.hovered.connect(self._on_hovered)
        self.cameras.install_asked.connect(self.install_asked)

    def _render(self) -> None:
        # somebody who looks at another page must not wait for this one
        if not self.isVisible():
            return
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        if state.scene is not was.scene:
            self.canvas.show_scene(state.scene)
            self._viewmodel.read_picture(read_plan_picture, self._show_picture)
        if state.shown is not was.shown or state.scene is not was.scene:
            self.canvas.show_layer_of(state.shown)
        self.canvas.show_glyphs(state.glyphs)
        self.layers[state.layer].setChecked(True)
        legend = state.legend
        self.legend.show_scale(
            legend.title,
            (legend.bad, legend.middle, legend.good),
            unseen=tr("no camera sees it"),
            is_count=legend.is_count,
        )
        self.cameras.show_state(state)
        self.advice.show_state(state)
        if len(state.advice) != len(was.advice):
            self.side.name_buttons()
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        self.summary.setText(state.summary)
        for button, text, is_possible in (
            (self.undo, state.undo_text, state.can_undo),
            (self.redo, state.redo_text, state.can_redo),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.setEnabled(is_possible)
        for button in (self.add, *self.layers.values()):
            button.setEnabled(state.has_venue)

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self.canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)

    def _on_add_clicked(self, is_on: bool) -> None:
        self.canvas.set_placing(is_on)
        self.canvas.setFocus()

    def _on_camera_chosen(self, name: str) -> None:
        self._viewmodel.select(name)
        if name:
            self.side.show_panel(self.cameras)

    def _on_hovered(self, point: tuple[float, float] | None) -> None:
        if point is None:
            self.place.setText("")
            return
        units = current_units()
        x, y = (units.from_metres(value) for value in point)
        words = tr("x {x:.2f} {unit}, y {y:.2f} {unit}", x=x, y=y, unit=units.symbol)
        told = self._viewmodel.describe_place(point)
        self.place.setText(f"{words} · {told}" if told else words)
