"""The floor plan page: the plan with its layers, and the zones beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QBrush,
    QColor,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from analytics.domain.arrays import FloatArray
from analytics.metrics.estimate import Estimate
from app.exhibition.exhibition_figures import PlaceVerdict, judge_place, scale_place
from app.floor_plan.floor_comparison import ComparedWith
from app.floor_plan.floor_map import PLACE_LAYERS, FloorLayer, FloorMovement
from app.gui.canvas.floor_plan_canvas import INITIALLY_HIDDEN, FloorPlanCanvas, PlanLayer
from app.gui.canvas.floor_plan_items import PlanPicture, read_plan_picture
from app.gui.canvas.heatmap_layer import HeatLegend, HeatSwatch, interpolate_difference
from app.gui.canvas.zoomed_view import ZOOM_STEP, HoverNote
from app.gui.charts.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.floor_plan.floor_comparison import FloorComparisonViewModel
from app.gui.floor_plan.floor_heat import FloorPlanState, HeatPicture
from app.gui.floor_plan.floor_playback import FloorPlaybackViewModel, Pace
from app.gui.floor_plan.floor_zone_panel import FloorZonePanel
from app.gui.floor_plan.model import (
    FloorContent,
    FloorOverlays,
    FloorPlanViewModel,
    choose_content,
    describe_place,
)
from app.gui.floor_plan.text import define_layer, format_of_place, name_choices, name_layers
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.choice_list import CheckableMenu, ShrinkableComboBox
from app.gui.widgets.date_time_field import DateTimeField
from app.gui.widgets.export_menu import PERIOD
from app.gui.widgets.layouts import (
    fill,
    fill_combo_box_values,
    make_column,
    make_open_card,
    make_row,
    name_buttons,
    show_choice,
    style_tools,
)
from app.gui.widgets.work_row import ProgressBar
from app.gui.widgets.wrapping_row import WrappingRow
from app.plan.floor_scene import FloorScene

_BAND_PX = 4.0
_HEIGHT_PX = 30
"""Height of the band below the handle."""


class ObservedSlider(QSlider):
    """Slider in seconds from the start of the period; unobserved times are hatched on the band below."""

    space_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._observed: tuple[tuple[float, float], ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(_HEIGHT_PX)

    def set_observed(self, observed: Sequence[tuple[float, float]]) -> None:
        """Set the observed intervals, seconds from the start of the period."""
        if tuple(observed) != self._observed:
            self._observed = tuple(observed)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space:
            self.space_pressed.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        length = self.maximum() - self.minimum()
        if length <= 0:
            return
        theme = current_theme()
        painter = QPainter(self)
        edge = 6.0
        width = self.width() - 2 * edge
        top = self.height() - _BAND_PX
        painter.fillRect(
            QRectF(edge, top, width, _BAND_PX),
            QBrush(QColor(theme.text_muted), Qt.BrushStyle.BDiagPattern),
        )
        for start_s, end_s in self._observed:
            left, right = (edge + width * (at_s - self.minimum()) / length for at_s in (start_s, end_s))
            painter.fillRect(QRectF(left, top, max(1.0, right - left), _BAND_PX), QColor(theme.accent))
        painter.end()


class FloorTools(QWidget):
    """Tools of the plan, wrapped into as many rows as needed."""

    layer_chosen = Signal(object)
    """A ``FloorLayer``."""
    shown_changed = Signal()
    """A layer was shown or hidden."""

    def __init__(self, canvas: FloorPlanCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers = ShrinkableComboBox()
        self.shown = QToolButton()
        self._menu = CheckableMenu(self)
        self.actions_of = {layer: QAction(self) for layer in PlanLayer}
        self._zoom_in, self._zoom_out, self._fit = QToolButton(), QToolButton(), QToolButton()
        self.row = WrappingRow(self)
        self._build(canvas)
        # Qt returns strings for members of a string enumeration
        self.layers.activated.connect(
            lambda index: self.layer_chosen.emit(FloorLayer(self.layers.itemData(index)))
        )

    def is_shown(self, *layers: PlanLayer) -> bool:
        return any(self.actions_of[layer].isChecked() for layer in layers)

    def add_choice(self, widget: QWidget) -> None:
        """Add a choice for the period, before the zoom."""
        self.row.insert_before_last(widget)

    def show_layer(self, layer: FloorLayer) -> None:
        self.layers.setCurrentIndex(self.layers.findData(layer))
        self.layers.setToolTip(define_layer(layer))

    def retranslate(self) -> None:
        fill_combo_box_values(self.layers, name_layers().items())
        for row, layer in enumerate(name_layers()):
            self.layers.setItemData(row, define_layer(layer), Qt.ItemDataRole.ToolTipRole)
        self.layers.setAccessibleName(tr("Colour layer"))
        self.layers.view().setAccessibleName(self.layers.accessibleName())
        self.shown.setText(tr("Show"))
        self.shown.setAccessibleName(tr("Layers on the plan"))
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
        name_buttons(
            (self._zoom_in, "+", tr("Zoom in (+)")),
            (self._zoom_out, "−", tr("Zoom out (-)")),
            (self._fit, tr("Fit"), tr("Show the whole floor (0)")),
        )

    def _build(self, canvas: FloorPlanCanvas) -> None:
        self.row.setSpacing(current_theme().space_xs)
        self.shown.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.shown.setMenu(self._menu)
        for layer, action in self.actions_of.items():
            action.setCheckable(True)
            action.setChecked(canvas.is_layer_shown(layer))
            action.toggled.connect(lambda on, layer=layer: canvas.show_layer(layer, on))
            action.toggled.connect(lambda _on: self.shown_changed.emit())
            if layer in INITIALLY_HIDDEN and self._menu.actions()[-1].data() is None:
                self._menu.addSeparator().setData("ways")
            self._menu.addAction(action)
        for box in (self.layers, self.shown):
            self.row.addWidget(box)
        style_tools("button", self.shown, self._zoom_out, self._zoom_in, self._fit)
        zoom = QWidget(self)
        steps = (self._zoom_out, self._zoom_in, self._fit)
        fill(make_row(zoom, margins=0, spacing=current_theme().space_xs), *steps)
        self.row.addWidget(zoom)
        self._zoom_in.clicked.connect(lambda: canvas.zoom_by(ZOOM_STEP))
        self._zoom_out.clicked.connect(lambda: canvas.zoom_by(1 / ZOOM_STEP))
        self._fit.clicked.connect(canvas.fit)


class FloorComparisonBar(QWidget):
    """Row of the comparison's choices; ``choices`` is placed among the plan's tools."""

    def __init__(self, viewmodel: FloorComparisonViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.choices, self.own_start = ShrinkableComboBox(), DateTimeField()
        self.difference, self.beside = QToolButton(), QToolButton()
        self.description = QLabel()
        self._build()
        self.choices.activated.connect(
            lambda index: viewmodel.set_compared_with(ComparedWith(self.choices.itemData(index)))
        )
        self.beside.toggled.connect(viewmodel.set_beside)
        self.own_start.time_chosen.connect(viewmodel.set_own_start)

    def retranslate(self) -> None:
        fill_combo_box_values(self.choices, name_choices().items())
        self.choices.setAccessibleName(tr("Compare the period with another one"))
        self.choices.setToolTip(self.choices.accessibleName())
        self.choices.view().setAccessibleName(self.choices.accessibleName())
        self.difference.setText(tr("Difference"))
        self.difference.setToolTip(tr("Change at each place, independent of the number of visitors"))
        self.beside.setText(tr("Side by side"))
        self.beside.setToolTip(tr("Both periods on one scale, zoomed and moved together"))
        self.own_start.setAccessibleName(tr("Start of the other period"))
        for button in (self.difference, self.beside):
            button.setAccessibleName(button.text())
        self.render_state()

    def render_state(self) -> None:
        state = self._viewmodel.state
        self.setVisible(state.is_on)
        show_choice(self.choices, state.compared_with)
        self.difference.setEnabled(state.can_differ)
        for button, is_on in ((self.difference, not state.shows_other), (self.beside, state.shows_other)):
            with QSignalBlocker(button):
                button.setChecked(is_on)
        is_own = state.compared_with is ComparedWith.OWN
        self.own_start.setVisible(is_own)
        exhibition = self._viewmodel.exhibition
        if is_own and state.own_start_s is not None and exhibition is not None:
            self.own_start.show_time(state.own_start_s, exhibition)
        description = state.description
        if state.progress is not None:
            description = tr("Comparing two periods")
        self.description.setText(description)
        self.description.setToolTip(description)

    def _build(self) -> None:
        row = make_row(self, margins=0, spacing=current_theme().space_xs)
        group = QButtonGroup(self)
        for button in (self.difference, self.beside):
            style_tools("layer", button)
            group.addButton(button)
            row.addWidget(button)
        row.addWidget(self.own_start)
        self.description.setProperty("role", "small")
        self.description.setWordWrap(True)
        self.description.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self.description, 1)


STEP_S = 60
PAGE_S = 900


class FloorPlaybackBar(QWidget):
    """Row of playback controls; Space plays and pauses, the arrow keys move by a minute."""

    def __init__(self, viewmodel: FloorPlaybackViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.play, self.slider = QToolButton(), ObservedSlider()
        self.pace = ShrinkableComboBox()
        self.moment, self.note = QLabel(), QLabel()
        row = make_row(self, margins=0, spacing=current_theme().space_s)
        style_tools("button", self.play)
        self.slider.setSingleStep(STEP_S)
        self.slider.setPageStep(PAGE_S)
        self.note.setProperty("role", "small")
        for widget, stretch in (
            (self.play, 0),
            (self.slider, 1),
            (self.moment, 0),
            (self.note, 0),
            (self.pace, 0),
        ):
            row.addWidget(widget, stretch)
        self.play.clicked.connect(self.toggle)
        self.slider.space_pressed.connect(self.toggle)
        self.slider.valueChanged.connect(self._on_moved)
        self.pace.activated.connect(lambda index: viewmodel.set_pace(Pace(self.pace.itemData(index))))

    def toggle(self) -> None:
        self._viewmodel.set_playing(not self._viewmodel.state.is_playing)

    def retranslate(self) -> None:
        paces = ((int(Pace.MINUTE), tr("1 min per second")), (int(Pace.TEN_MINUTES), tr("10 min per second")))
        fill_combo_box_values(self.pace, paces)
        self.pace.setAccessibleName(tr("Playback speed"))
        self.pace.view().setAccessibleName(self.pace.accessibleName())
        self.slider.setAccessibleName(tr("Displayed time"))
        self.slider.setToolTip(tr("Space plays and pauses; arrow keys move by 1 minute, page keys by 15"))
        self.render_state()

    def render_state(self) -> None:
        state = self._viewmodel.state
        self.setVisible(state.is_on)
        self.play.setText(tr("Pause") if state.is_playing else tr("Play"))
        self.play.setAccessibleName(self.play.text())
        if not state.is_on:
            return
        start_s, end_s = state.bounds_s
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, round(end_s - start_s))
            self.slider.setValue(round(state.at_s - start_s))
        self.slider.set_observed([(a - start_s, b - start_s) for a, b in state.observed])
        self.moment.setText(state.description)
        self.note.setText(state.note)
        show_choice(self.pace, int(state.pace))

    def _on_moved(self, value: int) -> None:
        self._viewmodel.move_to(self._viewmodel.state.bounds_s[0] + value)


class FloorPlanView(Translated, QWidget):
    """The floor plan page; renders a `FloorPlanState`."""

    zone_opened = Signal(str)
    """Request for the dwell times of a zone, by name."""

    def __init__(self, viewmodel: FloorPlanViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = FloorPlanState()
        self._picture: PlanPicture | None = None
        self.canvas = FloorPlanCanvas()
        self.legend = HeatLegend()
        self.zones = FloorZonePanel()
        self.tools, self.playback = FloorTools(self.canvas), FloorPlaybackBar(viewmodel.overlays.playback)
        self.played = QToolButton()
        self.other = FloorPlanCanvas()
        self.plans = LinkedPlans(self.canvas, self.other)
        self.comparison = FloorComparisonBar(viewmodel.overlays.comparison)
        self._shown: FloorContent | None = None
        self.per_hour, self.lock = QCheckBox(), QCheckBox()
        self._progress = ProgressBar()
        self.message = QLabel()
        self.hover_label, self._other_note = HoverNote(self.canvas), HoverNote(self.other)
        self._period_text, self._note, self._unobserved = QLabel(), QLabel(), QLabel()
        self._shown_movement: FloorMovement | None = None
        self._movement_note = QLabel()
        self._swatch = HeatSwatch()
        self.places_legend = ChartLegend(self)
        self._build()
        self._bind()
        self.retranslate()

    @property
    def overlays(self) -> FloorOverlays:
        return self._viewmodel.overlays

    def retranslate(self) -> None:
        self.tools.retranslate()
        self.playback.retranslate()
        self.comparison.retranslate()
        self.played.setText(tr("Playback"))
        self.played.setAccessibleName(tr("Play back positions over the period"))
        self.played.setToolTip(self.played.accessibleName())
        self.per_hour.setText(tr("Per hour"))
        self.per_hour.setToolTip(tr("Divide by the observed time"))
        self.lock.setText(tr("Keep scale"))
        self.lock.setToolTip(tr("Keep the colours of the scale for other periods, to compare them"))
        for box in (self.per_hour, self.lock):
            box.setAccessibleName(box.text())
        self.canvas.setAccessibleName(tr("Floor plan"))
        self.canvas.setAccessibleDescription(
            tr("Zoom with + and -, move with the arrow keys, fit with 0; choose zones in the list")
        )
        self.other.setAccessibleName(tr("Floor plan of the other period"))
        self.legend.setAccessibleName(tr("Scale of the heatmap"))
        self._progress.setAccessibleName(tr("Computing the floor plan"))
        self._unobserved.setText(tr("not observed"))
        self.zones.retranslate()
        self._viewmodel.retranslate()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.set_active(True)
        self._render()
        self._render_movement()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._viewmodel.set_active(False)

    def _recolour(self) -> None:
        if self._shown is not None:
            self._show_places(self._shown.of_place)

    def _build(self) -> None:
        theme = current_theme()
        page = make_column(
            self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_l), spacing=theme.space_m
        )
        body = fill(make_row(spacing=theme.space_m), (self._build_plan(), 1))
        body.addWidget(self.zones)
        page.addLayout(body, 1)

    def _build_plan(self) -> QWidget:
        theme = current_theme()
        card, column = make_open_card(theme.space_m)
        style_tools("layer", self.played)
        self.tools.add_choice(self.comparison.choices)
        self.tools.add_choice(self.played)
        fill(column, self.tools, self.comparison)
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
        fill(column, self.message, (self.plans, 1), self.playback, self._build_scale())
        return card

    def _build_scale(self) -> QGridLayout:
        theme = current_theme()
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space_m)
        grid.setVerticalSpacing(theme.space_xs)
        grid.addWidget(self.legend, 0, 0, 2, 1)
        grid.addWidget(self._swatch, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._unobserved, 0, 2)
        self.places_legend.hide()
        grid.addWidget(self.places_legend, 0, 3, 2, 1)
        self._period_text.setObjectName(PERIOD)
        for label in (self._unobserved, self._period_text, self._note, self._movement_note):
            label.setProperty("role", "small")
        options = fill(make_row(spacing=theme.space_l), self.per_hour, self.lock)
        grid.addLayout(options, 1, 1, 1, 2)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._note.setWordWrap(True)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        description = make_row(spacing=theme.space_m)
        description.addWidget(self._period_text, 0, Qt.AlignmentFlag.AlignTop)
        description.addWidget(self._movement_note, 0, Qt.AlignmentFlag.AlignTop)
        description.addWidget(self._note, 1)
        grid.addLayout(description, 2, 0, 1, 4)
        grid.setColumnStretch(3, 1)
        return grid

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        self.tools.layer_chosen.connect(model.set_layer)
        self.tools.shown_changed.connect(self._on_shown_changed)
        for layer, action in self.tools.actions_of.items():
            action.toggled.connect(partial(self.other.show_layer, layer))
        model.overlays.movement.state_changed.connect(self._render_movement)
        model.overlays.playback.state_changed.connect(self._render_overlays)
        model.overlays.comparison.state_changed.connect(self._render_overlays)
        self.played.toggled.connect(model.overlays.playback.set_on)
        self.canvas.export_menu.list_table = model.list_cells
        self.canvas.space_pressed.connect(self.playback.toggle)
        self.per_hour.toggled.connect(model.set_per_hour)
        self.lock.toggled.connect(model.set_scale_locked)
        for note, canvas in ((self.hover_label, self.canvas), (self._other_note, self.other)):
            canvas.hovered.connect(partial(self._on_hovered, note, canvas))
            canvas.zone_clicked.connect(model.select_zone)
            canvas.zone_activated.connect(self._on_zone_activated)
        self.zones.zone_chosen.connect(model.select_zone)
        self.zones.zone_activated.connect(self._on_zone_activated)

    def show_routes(self) -> None:
        self.tools.actions_of[PlanLayer.ROUTES].setChecked(True)

    def _render(self) -> None:
        # hundreds of zones are slow to draw, which must not delay editing them on another page
        if not self.isVisible():
            return
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        if state.scene is not was.scene:
            self._render_scene(state.scene)
        self._render_shown(state)
        if state.selected != was.selected or state.scene is not was.scene:
            self.canvas.show_selected(state.selected)
            self.other.show_selected(state.selected)
        self.zones.show_layer(state.layer)
        self.zones.show_rows(
            state.rows, selected=state.selected, people_now=state.people_now, delay=state.delay
        )
        message = state.message or self._viewmodel.overlays.playback.state.problem
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
        self._shown = None
        self._show_places(None)
        if self._picture is not None:
            # usually only zones have changed: keep the old picture until the file is read again
            self._show_picture(self._picture)
        self.canvas.update_route_layers(self._shown_movement)
        self._viewmodel.read_picture(read_plan_picture, self._show_picture)

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self._picture = picture
            for canvas in (self.canvas, self.other):
                canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)

    def _render_overlays(self) -> None:
        if self.isVisible():
            self._render_shown(self._viewmodel.state)

    def _render_shown(self, state: FloorPlanState) -> None:
        """Show the period with people now, a played moment, or two periods."""
        overlays = self._viewmodel.overlays
        self.playback.render_state()
        self.comparison.render_state()
        with QSignalBlocker(self.played):
            self.played.setChecked(overlays.playback.state.is_on)
        self.played.setEnabled(overlays.playback.can_play)
        shown, was = choose_content(self._viewmodel), self._shown
        self._shown = shown
        if was is None or shown.heat is not was.heat or shown.unobserved is not was.unobserved:
            _show_heat(self.canvas, shown.heat, shown.unobserved)
        if was is None or shown.dots is not was.dots:
            self.canvas.show_dots(shown.dots)
        self._render_other(shown)
        self.legend.set_scale(
            unit=shown.unit,
            labels=shown.labels,
            fades=shown.heat is None or shown.heat.fades,
            is_difference=shown.of_place is not None or (shown.heat is not None and shown.heat.is_difference),
        )
        self.legend.setVisible(shown.has_scale)
        for widget in (self._swatch, self._unobserved):
            widget.setVisible(shown.has_scale and shown.of_place is None)
        if was is None or shown.of_place is not was.of_place:
            self._show_places(shown.of_place)
        self.per_hour.setVisible(shown.is_period and state.layer is FloorLayer.PRESENCE)
        self.lock.setVisible(shown.is_period and shown.of_place is None)
        self.comparison.choices.setEnabled(state.layer not in PLACE_LAYERS)

    def _show_places(self, of_place: Mapping[str, Estimate] | None) -> None:
        """Colour the stands by a layer of ``PLACE_LAYERS``, or as usual."""
        self.places_legend.setVisible(of_place is not None)
        scene = self._viewmodel.state.scene
        if of_place is None or scene is None:
            self.canvas.show_notes({}, {})
            return
        theme = current_theme()
        fills, unsure = {zone.name: theme.border for zone in scene.zones}, set()
        for name, one in of_place.items():
            if one.value is not None:
                colour = interpolate_difference(theme, scale_place(one.value))
                fills[name] = colour.name(QColor.NameFormat.HexArgb)
            if judge_place(one) is PlaceVerdict.NOT_PROVEN:
                unsure.add(name)
        notes = {name: format_of_place(one) for name, one in of_place.items()}
        self.canvas.show_notes(fills, notes, unsure=unsure)
        self.places_legend.show_entries(
            (
                LegendEntry(tr("▲ ▼ difference proven (95 %)"), theme.text, SwatchKind.LINE),
                LegendEntry(tr("not proven"), theme.text, SwatchKind.DASHED),
                LegendEntry(tr("not compared"), theme.border),
            )
        )

    def _render_other(self, shown: FloorContent) -> None:
        comparison = self._viewmodel.overlays.comparison
        shows_other = comparison.state.shows_other and shown.is_period
        scene = comparison.state.scene or self.canvas.scene_shape
        if shows_other and self.other.scene_shape is not scene:
            self.other.show_scene(scene)
            self.other.show_selected(self._viewmodel.state.selected)
            if self._picture is not None:
                self._show_picture(self._picture)
        self.plans.show_both(shows_other)
        if not shows_other:
            return
        _show_heat(self.other, shown.other, () if shown.other is None else shown.other.unobserved)
        for caption, description in zip(self.plans.captions, comparison.describe_periods(), strict=True):
            caption.setText(description)

    def _render_movement(self) -> None:
        if not self.isVisible():
            return
        viewmodel = self._viewmodel.overlays.movement
        movement = viewmodel.state
        if movement.movement is not self._shown_movement:
            self._shown_movement = movement.movement
            self.canvas.update_route_layers(movement.movement)
        has_paths = self.tools.is_shown(PlanLayer.PATHS)
        description = movement.problem or (viewmodel.describe_paths() if has_paths else "")
        self._movement_note.setText(description)
        self._movement_note.setVisible(bool(description))

    def _on_shown_changed(self) -> None:
        self._viewmodel.overlays.movement.set_shown(self.tools.is_shown(*INITIALLY_HIDDEN))
        self._render_movement()

    def _on_zone_activated(self, name: str) -> None:
        self._viewmodel.select_zone(name)
        self.zone_opened.emit(name)

    def _on_hovered(
        self, note: HoverNote, canvas: FloorPlanCanvas, place: tuple[float, float] | None
    ) -> None:
        if place is None or self._viewmodel.state.scene is None:
            note.hide()
            return
        description = describe_place(
            self._viewmodel, *place, route=canvas.route_at(*place), is_other=canvas is self.other
        )
        note.show_at(place, description)


def _show_heat(canvas: FloorPlanCanvas, heat: HeatPicture | None, unobserved: tuple[FloatArray, ...]) -> None:
    if heat is None:
        canvas.show_heat(None, QRectF(), top=0.0)
    else:
        canvas.show_heat(
            heat.values, QRectF(*heat.rect), top=heat.top, fades=heat.fades, is_difference=heat.is_difference
        )
    canvas.show_unobserved(unobserved)


class LinkedPlans(QWidget):
    """Two plans with linked zoom; the second, beside or below, is present only while both are shown."""

    def __init__(
        self, first: FloorPlanCanvas, second: FloorPlanCanvas, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.first, self.second = first, second
        self.captions = (QLabel(), QLabel())
        self._sides = (QWidget(), QWidget())
        self._is_following = False
        self._row = make_row(self, margins=0, spacing=current_theme().space_s)
        for side, caption, canvas in zip(self._sides, self.captions, (first, second), strict=True):
            column = make_column(side, margins=0, spacing=current_theme().space_xs)
            caption.setProperty("role", "small")
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            fill(column, caption, (canvas, 1))
            self._row.addWidget(side, 1)
        first.view_moved.connect(lambda: self._follow(first, second))
        second.view_moved.connect(lambda: self._follow(second, first))
        self.show_both(False)

    @property
    def shows_both(self) -> bool:
        return not self._sides[1].isHidden()

    def show_both(self, is_both: bool) -> None:
        self._sides[1].setVisible(is_both)
        for caption in self.captions:
            caption.setVisible(is_both)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the plans beside or above each other, whichever shows them larger."""
        hall = self.first.content_rect
        width, height = max(hall.width(), 1e-6), max(hall.height(), 1e-6)
        beside = min(self.width() / 2 / width, self.height() / height)
        above = min(self.width() / width, self.height() / 2 / height)
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.TopToBottom if above > beside else ways.LeftToRight)

    def _follow(self, moved: FloorPlanCanvas, other: FloorPlanCanvas) -> None:
        if self._is_following or not self.shows_both or not self.isVisible():
            return
        self._is_following = True
        if moved.is_fitted:
            other.fit()
        else:
            middle = moved.map_to_content(QPointF(moved.viewport().rect().center()))
            other.show_part(moved.transform(), middle)
        self._is_following = False
