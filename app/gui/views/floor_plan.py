"""The floor plan page: the plan with its layers, and the zones beside it."""

from __future__ import annotations

from functools import partial

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
from app.gui.viewmodels.floor_shown import ShownFloor, choose_shown, describe_place
from app.gui.viewmodels.floor_studies import FloorStudies
from app.gui.views.floor_comparison_bar import FloorComparisonBar
from app.gui.views.floor_playback_bar import FloorPlaybackBar
from app.gui.views.floor_tools import FloorTools
from app.gui.widgets.floor_plan_canvas import HIDDEN_AT_FIRST, FloorPlanCanvas, PlanLayer
from app.gui.widgets.floor_zone_panel import FloorZonePanel
from app.gui.widgets.heatmap_layer import FloatArray, HeatLegend, HeatSwatch
from app.gui.widgets.hover_note import HoverNote
from app.gui.widgets.linked_plans import LinkedPlans
from app.gui.widgets.plan_picture import PlanPicture, read_plan_picture
from app.gui.widgets.side_panels import SidePanels
from app.operations.floor_map import FloorLayer
from app.operations.floor_scene import FloorScene
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
        self.tools, self.playback = FloorTools(self.canvas), FloorPlaybackBar(viewmodel.studies.playback)
        self.played = QToolButton()
        self.other = FloorPlanCanvas()
        self.plans = LinkedPlans(self.canvas, self.other)
        self.comparison = FloorComparisonBar(viewmodel.studies.comparison)
        self._shown: ShownFloor | None = None
        self.per_hour, self.lock = QCheckBox(), QCheckBox()
        self._progress = QProgressBar()
        self.message = QLabel()
        self.hover_label, self._other_note = HoverNote(self.canvas), HoverNote(self.other)
        self._period_text, self._note, self._unobserved = QLabel(), QLabel(), QLabel()
        self._shown_ways: FloorWays | None = None
        self._ways_note = QLabel()
        self._swatch = HeatSwatch()
        self._build()
        self._bind()
        self.retranslate()

    @property
    def studies(self) -> FloorStudies:
        """What can be asked besides the heat."""
        return self._viewmodel.studies

    def retranslate(self) -> None:
        """Take the window's language."""
        self.tools.retranslate()
        self.playback.retranslate()
        self.comparison.retranslate()
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
        self.other.setAccessibleName(tr("Floor plan of the other period"))
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
        self.tools.add_choice(self.comparison.choices)
        self.tools.add_choice(self.played)
        column.addWidget(self.tools)
        column.addWidget(self.comparison)
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
        column.addWidget(self.plans, 1)
        column.addWidget(self.playback)
        column.addLayout(self._build_scale())
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
        for layer, action in self.tools.actions_of.items():
            action.toggled.connect(partial(self.other.show_layer, layer))
        model.studies.ways.state_changed.connect(self._render_ways)
        model.studies.playback.state_changed.connect(self._render_studies)
        model.studies.comparison.state_changed.connect(self._render_studies)
        self.played.toggled.connect(model.studies.playback.set_on)
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
        self._render_shown(state)
        if state.selected != was.selected or state.scene is not was.scene:
            self.canvas.show_selected(state.selected)
            self.other.show_selected(state.selected)
        self.zones.show_rows(
            state.rows, selected=state.selected, people_now=state.people_now, delay=state.delay
        )
        message = state.message or self._viewmodel.studies.playback.state.problem
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
        if self._picture is not None:
            # most likely only zones have changed: the old picture until the file is read again
            self._show_picture(self._picture)
        self.canvas.show_ways(self._shown_ways)
        self._viewmodel.read_picture(read_plan_picture, self._show_picture)

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self._picture = picture
            for canvas in (self.canvas, self.other):
                canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)

    def _render_studies(self) -> None:
        if self.isVisible():
            self._render_shown(self._viewmodel.state)

    def _render_shown(self, state: FloorPlanState) -> None:
        """The period's heat and the people of now, those of a moment that is played, or two periods."""
        studies = self._viewmodel.studies
        self.playback.render_state()
        self.comparison.render_state()
        with QSignalBlocker(self.played):
            self.played.setChecked(studies.playback.state.is_on)
        self.played.setEnabled(studies.playback.can_play)
        shown, was = choose_shown(self._viewmodel), self._shown
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
            is_difference=shown.heat is not None and shown.heat.is_difference,
        )
        for widget in (self.legend, self._swatch, self._unobserved):
            widget.setVisible(shown.has_scale)
        self.per_hour.setVisible(shown.is_period and state.layer is FloorLayer.PRESENCE)
        self.lock.setVisible(shown.is_period)

    def _render_other(self, shown: ShownFloor) -> None:
        comparison = self._viewmodel.studies.comparison
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
        for caption, words in zip(self.plans.captions, comparison.describe_periods(), strict=True):
            caption.setText(words)

    def _render_ways(self) -> None:
        if not self.isVisible():
            return
        ways = self._viewmodel.studies.ways.state
        if ways.ways is not self._shown_ways:
            self._shown_ways = ways.ways
            self.canvas.show_ways(ways.ways)
        has_paths = self.tools.is_shown(PlanLayer.PATHS)
        words = ways.problem or (self._viewmodel.studies.ways.describe_paths() if has_paths else "")
        self._ways_note.setText(words)
        self._ways_note.setVisible(bool(words))

    def _on_shown_changed(self) -> None:
        self._viewmodel.studies.ways.set_wanted(self.tools.is_shown(*HIDDEN_AT_FIRST))
        self._render_ways()

    def _on_zone_activated(self, name: str) -> None:
        self._viewmodel.select_zone(name)
        self.zone_opened.emit(name)

    def _on_hovered(
        self, note: HoverNote, canvas: FloorPlanCanvas, place: tuple[float, float] | None
    ) -> None:
        if place is None or self._viewmodel.state.scene is None:
            note.hide()
            return
        words = describe_place(
            self._viewmodel, *place, route=canvas.route_at(*place), is_other=canvas is self.other
        )
        note.show_at(place, words)


def _show_heat(canvas: FloorPlanCanvas, heat: HeatPicture | None, unobserved: tuple[FloatArray, ...]) -> None:
    if heat is None:
        canvas.show_heat(None, QRectF(), top=0.0)
    else:
        canvas.show_heat(
            heat.values,
            QRectF(*heat.rect),
            top=heat.top,
            fades=heat.fades,
            is_difference=heat.is_difference,
        )
    canvas.show_unobserved(unobserved)
