"""The page of this moment: key figures, the zones on the plan, and the alarms."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSortFilterProxyModel, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from analytics.alarms.alarm import Alarm
from app.gui.app_state import AppState
from app.gui.table_models.cell_text import ABSENT
from app.gui.table_models.now_tables import LEVEL_COLUMN, AlarmRow, NowZoneTable
from app.gui.table_models.record_table import SORT_ROLE
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.alarm_desk import AlarmDeskViewModel
from app.gui.viewmodels.alarm_words import describe_alarm, describe_standing, format_clock
from app.gui.viewmodels.now import NowViewModel
from app.gui.viewmodels.now_state import NowState
from app.gui.widgets.alarm_list import AlarmList
from app.gui.widgets.desktop_notice import DesktopNotice
from app.gui.widgets.floor_plan_canvas import FloorPlanCanvas, PlanLayer
from app.gui.widgets.level_cells import LevelCells
from app.gui.widgets.level_colours import LEVEL_COLOURS, LevelLegend
from app.gui.widgets.plan_picture import PlanPicture, read_plan_picture
from app.gui.widgets.table_copy import copy_table
from app.gui.widgets.wall_tile import WallTile

TILES = 5
BEEP_EVERY_MS = 10_000
LEAST_TABLE_PX, MOST_TABLE_PX = 13, 28
_ROWS_OF_WINDOW = 54
_ROW_PER_TEXT = 1.9
_TITLE_PER_TEXT = 0.8


class NowView(QWidget):
    """Renders a `NowState` and the alarms; asks its view-models for everything else."""

    zone_opened = Signal(str)
    """A person wants to see the dwell times of this zone."""
    rules_asked = Signal()

    def __init__(
        self,
        viewmodel: NowViewModel,
        desk: AlarmDeskViewModel,
        app_state: AppState,
        *,
        beep: Callable[[], object] = QApplication.beep,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewmodel, self._desk, self._app_state = viewmodel, desk, app_state
        for owned in (viewmodel, desk):
            owned.setParent(self)
        self._beep = beep
        self._rendered = NowState()
        self._picture: PlanPicture | None = None
        self.tiles = tuple(WallTile() for _ in range(TILES))
        self.canvas, self.legend = FloorPlanCanvas(), LevelLegend()
        self.table, self.zones = NowZoneTable(self), QTableView()
        self.alarms, self.message = AlarmList(), QLabel()
        self._notice = DesktopNotice(self)
        self._text_px = LEAST_TABLE_PX
        self._beeps = QTimer(self)
        self._beeps.setInterval(BEEP_EVERY_MS)
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language."""
        self.canvas.setAccessibleName(tr("Plan of this moment"))
        self.canvas.setAccessibleDescription(
            tr("Zones in the colours of their level of service, with its letter and the people in them")
        )
        self.zones.setAccessibleName(tr("Zones now"))
        self.table.retranslate()
        self.legend.retranslate()
        self.alarms.retranslate()
        self._viewmodel.retranslate()
        self._fit_columns()
        self._render_alarms()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.StyleChange:
            # a new style sheet takes the tables their fonts
            self._text_px = 0
            QTimer.singleShot(0, self, self._fit_texts)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102
        super().showEvent(event)
        self._viewmodel.set_active(True)
        self._render()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102
        super().resizeEvent(event)
        self._fit_texts()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102
        super().hideEvent(event)
        self._viewmodel.set_active(False)

    def _build(self) -> None:
        theme = current_theme()
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_l)
        page.setSpacing(theme.space_m)
        row = QHBoxLayout()
        row.setSpacing(theme.space_m)
        for tile in self.tiles:
            row.addWidget(tile, 1)
        page.addLayout(row)
        self.message.setProperty("role", "banner")
        self.message.setWordWrap(True)
        self.message.setMargin(theme.space_s)
        page.addWidget(self.message)
        body = QHBoxLayout()
        body.setSpacing(theme.space_m)
        body.addWidget(self._build_plan(), 4)
        body.addLayout(self._build_side(), 5)
        page.addLayout(body, 1)

    def _build_plan(self) -> QWidget:
        theme = current_theme()
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.space_s, theme.space_s, theme.space_s, theme.space_s)
        for layer in (PlanLayer.HEAT, PlanLayer.UNOBSERVED, PlanLayer.CAMERAS):
            self.canvas.show_layer(layer, False)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.legend, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _build_side(self) -> QVBoxLayout:
        theme = current_theme()
        proxy = QSortFilterProxyModel(self)
        proxy.setSourceModel(self.table)
        proxy.setSortRole(SORT_ROLE)
        zones = self.zones
        zones.setModel(proxy)
        zones.setSortingEnabled(True)
        zones.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        zones.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        zones.setShowGrid(False)
        zones.setAlternatingRowColors(True)
        zones.setTabKeyNavigation(False)
        zones.verticalHeader().hide()
        zones.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        zones.setItemDelegateForColumn(LEVEL_COLUMN, LevelCells(zones))
        side = QVBoxLayout()
        side.setSpacing(theme.space_m)
        side.addWidget(zones, 1)
        side.addWidget(self.alarms, 1)
        return side

    def _bind(self) -> None:
        self._viewmodel.state_changed.connect(self._render)
        self._viewmodel.dots_changed.connect(self._render_dots)
        self._desk.state_changed.connect(self._render_alarms)
        self._desk.raised.connect(self._on_raised)
        self._beeps.timeout.connect(self._beep)
        self.alarms.acknowledged.connect(self._desk.acknowledge)
        self.alarms.sound_chosen.connect(self._desk.set_sound)
        self.alarms.rules_asked.connect(self.rules_asked)
        self.canvas.zone_activated.connect(self.zone_opened)
        self.zones.activated.connect(
            lambda index: self.zone_opened.emit(self.table.record(self._find_row(index.row())).name)
        )
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.zones)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(lambda: copy_table(self.zones))

    def _fit_texts(self) -> None:
        """On a large screen the tables are read from far away, too."""
        text_px = max(LEAST_TABLE_PX, min(MOST_TABLE_PX, self.window().height() // _ROWS_OF_WINDOW))
        if text_px == self._text_px:
            return
        self._text_px = text_px
        for table in (self.zones, self.alarms.table):
            font = QFont(self.font())
            font.setPixelSize(text_px)
            table.setFont(font)
            header_px = round(_TITLE_PER_TEXT * text_px)
            # a header that a style sheet paints takes its font from there alone
            table.horizontalHeader().setStyleSheet(f"QHeaderView::section {{ font-size: {header_px}px; }}")
            table.verticalHeader().setDefaultSectionSize(round(_ROW_PER_TEXT * text_px) + 4)
        self._fit_columns()
        self._render_notes()

    def _find_row(self, shown: int) -> int:
        proxy = self.zones.model()
        assert isinstance(proxy, QSortFilterProxyModel)
        return proxy.mapToSource(proxy.index(shown, 0)).row()

    def _render(self) -> None:
        if not self.isVisible():
            return
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        for widget, tile in zip(self.tiles, state.tiles, strict=False):
            widget.show_figure(
                title=tile.title,
                value=tile.value,
                detail=tile.detail,
                change=tile.change,
                tone=tile.tone,
                explanation=tile.explanation,
            )
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        if state.scene is not was.scene:
            self._render_scene(state)
        if state.scene is not was.scene or state.marks is not was.marks:
            self._render_notes()
        if state.zones is not was.zones:
            self.table.show(state.zones)
        is_first = not any(zone.people for zone in was.zones) and any(zone.people for zone in state.zones)
        if is_first or state.recent is not was.recent or state.scene is not was.scene:
            # measuring every cell at every look would take a third of a turn of the loop
            self._fit_columns()
        self._render_dots()

    def _render_notes(self) -> None:
        state = self._viewmodel.state
        # a zone's own colour would be taken for a level
        fills = {} if state.scene is None else dict.fromkeys(
            (shape.name for shape in state.scene.zones), current_theme().border
        )  # fmt: skip
        notes = dict.fromkeys(fills, ABSENT)
        for name, mark in state.marks.items():
            fills[name], notes[name] = LEVEL_COLOURS[mark.level], f"{mark.people} · {mark.level}"
        self.canvas.show_notes(fills, notes, scale_by=max(1.0, self._text_px / LEAST_TABLE_PX))

    def _fit_columns(self) -> None:
        for column in range(1, self.table.columnCount()):
            self.zones.resizeColumnToContents(column)

    def _render_dots(self) -> None:
        if self.isVisible() and self._viewmodel.state.dots is not self.canvas.dots:
            self.canvas.show_dots(self._viewmodel.state.dots)

    def _render_scene(self, state: NowState) -> None:
        self.canvas.show_scene(state.scene)
        if self._picture is not None:
            # most likely only zones have changed: the old picture until the file is read again
            self._show_picture(self._picture)
        self._viewmodel.read_picture(read_plan_picture, self._show_picture)

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self._picture = picture
            self.canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)

    def _render_alarms(self) -> None:
        state, venue = self._desk.state, self._app_state.venue
        zone = "UTC" if venue is None else venue.exhibition.time_zone
        rows = [_make_row(alarm, zone) for alarm in state.alarms]
        self.alarms.show_alarms(rows, is_sound_on=state.is_sound_on)
        if not any(alarm.is_open for alarm in state.alarms):
            self._notice.hide()
        if state.is_sounding and not self._beeps.isActive():
            self._beeps.start()
        elif not state.is_sounding:
            self._beeps.stop()

    def _on_raised(self, alarm: Alarm) -> None:
        if self._desk.state.is_sound_on:
            self._beep()
        self._notice.show(tr("Alarm"), describe_alarm(alarm))


def _make_row(alarm: Alarm, time_zone: str) -> AlarmRow:
    return AlarmRow(
        key=alarm.key,
        raised_utc_s=alarm.raised_utc_s,
        since=format_clock(alarm.raised_utc_s, time_zone=time_zone),
        words=describe_alarm(alarm),
        standing=describe_standing(alarm, time_zone=time_zone),
        is_open=alarm.is_open,
        is_new=alarm.is_open and alarm.acknowledged_utc_s is None,
    )
