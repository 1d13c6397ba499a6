"""What is chosen above the floor plan: its layer, what is shown on it, and its zoom."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.floor_plan_words import define_layer, name_layers
from app.gui.widgets.floor_plan_canvas import HIDDEN_AT_FIRST, FloorPlanCanvas, PlanLayer
from app.gui.widgets.shrinking_list import ShrinkingList
from app.gui.widgets.staying_menu import StayingMenu
from app.gui.widgets.wrapping_row import WrappingRow
from app.gui.widgets.zoomed_view import ZOOM_STEP
from app.operations.floor_map import FloorLayer


class FloorTools(QWidget):
    """Controls in as many rows as they need; each acts on the canvas or says what was chosen."""

    layer_chosen = Signal(object)
    """A ``FloorLayer``."""
    shown_changed = Signal()
    """Something is shown or hidden."""

    def __init__(self, canvas: FloorPlanCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers = ShrinkingList()
        self.shown = QToolButton()
        self._menu = StayingMenu(self)
        self.actions_of = {layer: QAction(self) for layer in PlanLayer}
        self._zoom_in, self._zoom_out, self._fit = QToolButton(), QToolButton(), QToolButton()
        self.row = WrappingRow(self)
        self._build(canvas)
        # Qt hands strings back for members of an enumeration of strings
        self.layers.activated.connect(
            lambda index: self.layer_chosen.emit(FloorLayer(self.layers.itemData(index)))
        )

    def is_shown(self, *layers: PlanLayer) -> bool:
        """Whether any of these is shown."""
        return any(self.actions_of[layer].isChecked() for layer in layers)

    def add_choice(self, widget: QWidget) -> None:
        """Add what is chosen of a period, before the zoom."""
        self.row.insert_before_last(widget)

    def show_layer(self, layer: FloorLayer) -> None:
        """Show which layer is chosen."""
        self.layers.setCurrentIndex(self.layers.findData(layer))
        self.layers.setToolTip(define_layer(layer))

    def retranslate(self) -> None:
        """Take the window's language."""
        with QSignalBlocker(self.layers):
            chosen = self.layers.currentData()
            self.layers.clear()
            for layer, name in name_layers().items():
                self.layers.addItem(name, layer)
                self.layers.setItemData(
                    self.layers.count() - 1, define_layer(layer), Qt.ItemDataRole.ToolTipRole
                )
            self.layers.setCurrentIndex(max(0, self.layers.findData(chosen)))
        self.layers.setAccessibleName(tr("What the colours say"))
        self.layers.view().setAccessibleName(self.layers.accessibleName())
        self.shown.setText(tr("Show"))
        self.shown.setAccessibleName(tr("What is shown on the plan"))
        self.shown.setToolTip(self.shown.accessibleName())
        names = {
            PlanLayer.HEAT: tr("Heatmap"),
            PlanLayer.UNOBSERVED: tr("Unobserved"),
            PlanLayer.ZONES: tr("Zones"),
            PlanLayer.CAMERAS: tr("Cameras"),
            PlanLayer.PEOPLE: tr("People"),
            PlanLayer.DIRECTIONS: tr("Directions"),
            PlanLayer.ROUTES: tr("Common routes"),
            PlanLayer.PATHS: tr("Paths"),
        }
        for shown, text in names.items():
            self.actions_of[shown].setText(text)
        for button, text, name in (
            (self._zoom_in, "+", tr("Zoom in (+)")),
            (self._zoom_out, "−", tr("Zoom out (-)")),
            (self._fit, tr("Fit"), tr("Show the whole floor (0)")),
        ):
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)

    def _build(self, canvas: FloorPlanCanvas) -> None:
        self.row.setSpacing(current_theme().space_xs)
        self.shown.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.shown.setMenu(self._menu)
        for layer, action in self.actions_of.items():
            action.setCheckable(True)
            action.setChecked(canvas.is_layer_shown(layer))
            action.toggled.connect(lambda on, layer=layer: canvas.show_layer(layer, on))
            action.toggled.connect(lambda _on: self.shown_changed.emit())
            if layer in HIDDEN_AT_FIRST and self._menu.actions()[-1].data() is None:
                self._menu.addSeparator().setData("ways")
            self._menu.addAction(action)
        self.row.addWidget(self.layers)
        self.row.addWidget(self.shown)
        for button in (self.shown, self._zoom_out, self._zoom_in, self._fit):
            button.setProperty("role", "button")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        zoom = QWidget(self)
        buttons = QHBoxLayout(zoom)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(current_theme().space_xs)
        for button in (self._zoom_out, self._zoom_in, self._fit):
            buttons.addWidget(button)
        self.row.addWidget(zoom)
        self._zoom_in.clicked.connect(lambda: canvas.zoom_by(ZOOM_STEP))
        self._zoom_out.clicked.connect(lambda: canvas.zoom_by(1 / ZOOM_STEP))
        self._fit.clicked.connect(canvas.fit)
