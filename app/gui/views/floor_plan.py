"""The floor plan page: the plan with its layers, and the zones beside it."""

from __future__ import annotations

import dataclasses

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.floor_plan import FloorPlanViewModel
from app.gui.viewmodels.floor_plan_state import FloorPlanState, HeatPicture
from app.gui.views.floor_playback_bar import FloorPlaybackBar
from app.gui.views.floor_tools import FloorTools
from app.gui.widgets.floor_plan_canvas import HIDDEN_AT_FIRST, FloorPlanCanvas, PlanLayer
from app.gui.widgets.floor_zone_panel import FloorZonePanel
from app.gui.widgets.heatmap_layer import FloatArray, HeatLegend, HeatSwatch
from app.gui.widgets.plan_picture import PlanPicture, read_plan_picture
from app.gui.widgets.side_panels import SidePanels
from app.operations.floor_map import FloorLayer
from app.operations.floor_scene import FloorScene, LiveDot
from app.operations.floor_ways import FloorWays


class FloorPlanView(QWidget):
    """Renders a `FloorPlanState`; asks its view-model for everything else."""

    zone_opened = Signal(str)
    """A person wants to see the dwell times of this zone."""

    def __init__(self, viewmodel: FloorPlanViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = FloorPlanState()
        self._picture: PlanPicture | None = None
        self.canvas = FloorPlanCanvas()
        self.legend = HeatLegend()
        self.zones, self.side = FloorZonePanel(), SidePanels()
        self.tools, self.playback = FloorTools(self.canvas), FloorPlaybackBar(viewmodel.playback)
        self.played = QToolButton()
        self._shown_heat: HeatPicture | None = None
        self._shown_dots: tuple[LiveDot, ...] = ()
        self.per_hour, self.lock = QCheckBox(), QCheckBox()
        self._progress = QProgressBar()
        self.message = QLabel()
        self.hover_label = QLabel(self.canvas.viewport())
        self._period_text, self._note, self._unobserved = QLabel(), QLabel(), QLabel()
        self._shown_ways: FloorWays | None = None
        self._ways_note = QLabel()
        self._swatch = HeatSwatch()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language."""
        self.tools.retranslate()
        self.playback.retranslate()
        self.played.setText(tr("Playback"))
        self.played.setAccessibleName(tr("Play the period: who was where at each moment"))
        self.played.setToolTip(self.played.accessibleName())
        self.per_hour.setText(tr("Per hour"))
        self.per_hour.setToolTip(tr("Divide by the time in which cameras were analysed"))
        self.lock.setText(tr("Keep scale"))
        self.lock.setToolTip(tr("Use the same colours for the periods to come, to compare them"))
        for box in (self.per_hour, self.lock):
            box.setAccessibleName(box.text())
        self.canvas.setAccessibleName(tr("Floor plan"))
        self.canvas.setAccessibleDescription(
            tr("Zoom with + and -, move with the arrow keys, fit with 0; choose zones in the list beside it")
        )
        self.legend.setAccessibleName(tr("Scale of the heatmap"))
        self._progress.setAccessibleName(tr("Computing the floor plan"))
        self._unobserved.setText(tr("not observed"))
        self.zones.retranslate()
        self.side.name_buttons()
        self._viewmodel.retranslate()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102
        super().showEvent(event)
        self._viewmodel.set_active(True)
        self._render()
        self._render_ways()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102
        super().hideEvent(event)
        self._viewmodel.set_active(False)

    def _build(self) -> None:
        theme = current_theme()
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_l)
        page.setSpacing(theme.space_m)
        body = QHBoxLayout()
        body.setSpacing(theme.space_m)
        body.addWidget(self._build_plan(), 1)
        self.side.add_panel(self.zones, lambda: (tr("Zones"), tr("Zones")))
        body.addWidget(self.side)
        page.addLayout(body, 1)

    def _build_plan(self) -> QWidget:
        theme = current_theme()
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        self.played.setCheckable(True)
        self.played.setProperty("role", "layer")
        self.played.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.tools.add_choice(self.played)
        column.addWidget(self.tools)
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
        self._progress.setMaximumHeight(4)
        column.addWidget(self._progress)
        self.message.setProperty("role", "banner")
        self.message.setWordWrap(True)
        self.message.setMargin(theme.space_s)
        column.addWidget(self.message)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.playback)
        column.addLayout(self._build_scale())
        self.hover_label.setProperty("role", "banner")
        self.hover_label.setMargin(theme.space_xs)
        self.hover_label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hover_label.hide()
        return card

    def _build_scale(self) -> QGridLayout:
        theme = current_theme()
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space_m)
        grid.setVerticalSpacing(theme.space_xs)
        grid.addWidget(self.legend, 0, 0, 2, 1)
        grid.addWidget(self._swatch, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._unobserved, 0, 2)
        for label in (self._unobserved, self._period_text, self._note, self._ways_note):
            label.setProperty("role", "small")
        options = QHBoxLayout()
        options.setSpacing(theme.space_l)
        options.addWidget(self.per_hour)
        options.addWidget(self.lock)
        grid.addLayout(options, 1, 1, 1, 2)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._note.setWordWrap(True)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        words = QHBoxLayout()
        words.setSpacing(theme.space_m)
        words.addWidget(self._period_text, 0, Qt.AlignmentFlag.AlignTop)
        words.addWidget(self._ways_note, 0, Qt.AlignmentFlag.AlignTop)
        words.addWidget(self._note, 1)
        grid.addLayout(words, 2, 0, 1, 4)
        grid.setColumnStretch(3, 1)
        return grid

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        self.tools.layer_chosen.connect(model.set_layer)
        self.tools.shown_changed.connect(self._on_shown_changed)
        model.ways.state_changed.connect(self._render_ways)
        model.playback.state_changed.connect(self._render_playback)
        self.played.toggled.connect(model.playback.set_on)
        self.canvas.space_pressed.connect(self.playback.toggle)
        self.per_hour.toggled.connect(model.set_per_hour)
        self.lock.toggled.connect(model.set_scale_locked)
        self.canvas.hovered.connect(self._on_hovered)
        self.canvas.zone_clicked.connect(model.select_zone)
        self.canvas.zone_activated.connect(self._on_zone_activated)
        self.zones.zone_chosen.connect(model.select_zone)
        self.zones.zone_activated.connect(self._on_zone_activated)

    def show_routes(self) -> None:
        """Draw the common routes, as if they had been ticked."""
        self.tools.actions_of[PlanLayer.ROUTES].setChecked(True)

    def _render(self) -> None:
        # hundreds of zones take a while to draw: who edits them on another page does not wait for that
        if not self.isVisible():
            return
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        if state.scene is not was.scene:
            self._render_scene(state.scene)
        self._render_moment(state)
        if state.selected != was.selected or state.scene is not was.scene:
            self.canvas.show_selected(state.selected)
        self.zones.show_rows(
            state.rows, selected=state.selected, people_now=state.people_now, delay=state.delay
        )
        message = state.message or self._viewmodel.playback.state.problem
        self.message.setText(message)
        self.message.setVisible(bool(message))
        self._progress.setVisible(state.progress is not None)
        self._progress.setValue(round(1000 * (state.progress or 0.0)))
        self._period_text.setText(state.period_text)
        self._note.setText(state.note)
        self.tools.show_layer(state.layer)
        for box, is_on in ((self.per_hour, state.is_per_hour), (self.lock, state.is_scale_locked)):
            with QSignalBlocker(box):
                box.setChecked(is_on)

    def _render_scene(self, scene: FloorScene | None) -> None:
        self.canvas.show_scene(scene)
        self._shown_dots = ()
        if self._picture is not None:
            # most likely only zones have changed: the old picture until the file is read again
            self._show_picture(self._picture)
        self.canvas.show_ways(self._shown_ways)
        self._viewmodel.read_picture(read_plan_picture, self._show_picture)

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self._picture = picture
            self.canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)

    def _render_playback(self) -> None:
        if self.isVisible():
            self._render_moment(self._viewmodel.state)

    def _render_moment(self, state: FloorPlanState) -> None:
        """The period's heat and the people of now, or those of the moment that is played."""
        playback = self._viewmodel.playback.state
        self.playback.render_state()
        with QSignalBlocker(self.played):
            self.played.setChecked(playback.is_on)
        self.played.setEnabled(self._viewmodel.playback.can_play)
        heat = playback.heat if playback.is_on else state.heat
        dots = playback.dots if playback.is_on else state.dots
        if heat is not self._shown_heat or heat is None:
            self._shown_heat = heat
            unobserved = () if state.heat is None else state.heat.unobserved
            if playback.is_observed is False and state.scene is not None:
                unobserved = (np.array(state.scene.outline),)
            self._render_heat(heat, unobserved)
        if dots is not self._shown_dots:
            self._shown_dots = dots
            self.canvas.show_dots(dots)
        self._render_scale(state, heat)

    def _render_heat(self, heat: HeatPicture | None, unobserved: tuple[FloatArray, ...]) -> None:
        if heat is None:
            self.canvas.show_heat(None, QRectF(), top=0.0)
        else:
            self.canvas.show_heat(heat.values, QRectF(*heat.rect), top=heat.top, fades=heat.fades)
        self.canvas.show_unobserved(unobserved)

    def _render_scale(self, state: FloorPlanState, heat: HeatPicture | None) -> None:
        is_played = self._viewmodel.playback.state.is_on
        unit, labels = (
            self._viewmodel.playback.describe_scale() if is_played else (state.unit, state.scale_labels)
        )
        self.legend.set_scale(unit=unit, labels=labels, fades=heat is None or heat.fades)
        for widget in (self.legend, self._swatch, self._unobserved):
            widget.setVisible(heat is not None or is_played)
        self.per_hour.setVisible(state.layer is FloorLayer.PRESENCE and not is_played)
        self.lock.setVisible(not is_played)

    def _render_ways(self) -> None:
        if not self.isVisible():
            return
        ways = self._viewmodel.ways.state
        if ways.ways is not self._shown_ways:
            self._shown_ways = ways.ways
            self.canvas.show_ways(ways.ways)
        has_paths = self.tools.is_shown(PlanLayer.PATHS)
        words = ways.problem or (self._viewmodel.ways.describe_paths() if has_paths else "")
        self._ways_note.setText(words)
        self._ways_note.setVisible(bool(words))

    def _on_shown_changed(self) -> None:
        self._viewmodel.ways.set_wanted(self.tools.is_shown(*HIDDEN_AT_FIRST))
        self._render_ways()

    def _on_zone_activated(self, name: str) -> None:
        self._viewmodel.select_zone(name)
        self.zone_opened.emit(name)

    def _on_hovered(self, place: tuple[float, float] | None) -> None:
        if place is None or self._viewmodel.state.scene is None:
            self.hover_label.hide()
            return
        reading = self._viewmodel.read_at(*place)
        if self._viewmodel.playback.state.is_on:
            reading = dataclasses.replace(reading, value=None, coverage=None)
        route = self.canvas.route_at(*place)
        lines = [] if route is None else [self._viewmodel.ways.describe_route(route)]
        self.hover_label.setText("\n".join([*lines, self._viewmodel.describe_reading(reading)]))
        self.hover_label.adjustSize()
        viewport = self.canvas.viewport()
        at = self.canvas.mapFromScene(*place)
        free = viewport.rect().size() - self.hover_label.size()
        self.hover_label.move(max(0, min(at.x() + 18, free.width())), max(0, min(at.y() + 18, free.height())))
        self.hover_label.show()
