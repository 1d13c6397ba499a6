"""Show the page Now: tiles, zones on the plan, and alarms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QObject,
    QRect,
    QRectF,
    QSignalBlocker,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QSystemTrayIcon,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from analytics.alarms.alarm import Alarm, AlarmKey
from app.access.roles import Permission
from app.gui.canvas.door_question import DoorQuestion
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas, PlanLayer
from app.gui.canvas.floor_plan_items import PlanPicture, read_plan_picture
from app.gui.now.alarm_desk import AlarmDeskViewModel, describe_alarm, describe_alarm_state, format_clock
from app.gui.now.model import NowState, NowTile, NowViewModel
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import ABSENT, format_duration, format_number, format_share
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.tables.column_widths import measure_column
from app.gui.tables.record_table import SORT_ROLE, Index, KeyedRecordTable, TableColumn, make_name_column
from app.gui.tables.table_copy import copy_table
from app.gui.widgets.figure_list import InfoButton
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import (
    fill,
    make_column,
    make_open_card,
    make_row,
    set_roles,
    set_up_rows,
    style_tools,
)
from app.live.busyness import Busyness, judge_busyness
from app.live.live_figures import ZoneNow

_MARGIN_PX = 4


LEVEL_COLOURS = {
    "A": "#4575b4",
    "B": "#91bfdb",
    "C": "#e0f3f8",
    "D": "#fee090",
    "E": "#fc8d59",
    "F": "#d73027",
}
"""ColorBrewer's RdYlBu with six classes, safe for all three kinds of colour blindness."""
_BOX_PX = 26
_INK_LIGHT, _INK_DARK = "#ffffff", "#182230"


def find_text_colour(level: str) -> str:
    return _INK_LIGHT if level in ("A", "F") else _INK_DARK


class LevelLegend(QWidget):
    """Legend of six boxes with the levels' letters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(26)
        self.retranslate()

    def retranslate(self) -> None:
        self._scheme = tr("A: free to walk, F: jammed")
        words_px = self.fontMetrics().horizontalAdvance(self._scheme)
        self.setFixedWidth(len(LEVEL_COLOURS) * _BOX_PX + current_theme().space_s + words_px + 2)
        self.setAccessibleName(tr("Levels of service, A to F"))
        self.setToolTip(
            tr(
                "Level of service by Fruin (walkways): A above 3.25 m² per person, B above 2.32, C "
                "above 1.39, D above 0.93, E above 0.46, F below. Based on the zone's observed floor "
                "without obstacles."
            )
        )

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        width, font = float(_BOX_PX), self.font()
        left = len(LEVEL_COLOURS) * _BOX_PX + current_theme().space_s
        painter.setPen(QColor(current_theme().text_muted))
        painter.drawText(
            QRectF(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, self._scheme
        )
        font.setBold(True)
        painter.setFont(font)
        for index, (level, colour) in enumerate(LEVEL_COLOURS.items()):
            box = QRectF(index * width, 0, width - 2, self.height() - 1)
            painter.setPen(QColor(current_theme().border))
            painter.setBrush(QColor(colour))
            painter.drawRect(box)
            painter.setPen(QColor(find_text_colour(level)))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, level)


class LevelCells(QStyledItemDelegate):
    """Delegate that draws a level as a box like those of the legend, and other texts as usual."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        level = str(index.data() or "")
        colour = LEVEL_COLOURS.get(level)
        if colour is None:
            super().paint(painter, option, index)
            return
        cell: QRect = option.rect
        side = cell.height() - 2 * _MARGIN_PX
        box = QRect(cell.left() + 8, cell.center().y() - side // 2, side, side)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRect(box)
        painter.setPen(QColor(find_text_colour(level)))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, level)
        painter.restore()


_SHOWN_MS = 10_000


class DesktopNotice:
    """Shows notifications; its tray icon is created with the first one."""

    def __init__(self, parent: QObject) -> None:
        self._parent = parent
        self._icon: QSystemTrayIcon | None = None

    def show(self, title: str, text: str) -> bool:
        """Show a notification; return whether the system can."""
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return False
        if self._icon is None:
            self._icon = QSystemTrayIcon(make_icon("brand", current_theme().accent), self._parent)
        self._icon.show()
        self._icon.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning, _SHOWN_MS)
        return True

    def hide(self) -> None:
        if self._icon is not None:
            self._icon.hide()


USE_COLUMN, LEVEL_COLUMN = 2, 4


class NowZoneTable(KeyedRecordTable[ZoneNow]):
    """A table of zones, in the order of the plan until sorted."""

    def make_columns(self) -> Sequence[TableColumn[ZoneNow]]:
        units = current_units()
        return (
            make_name_column(tr("Zone"), lambda z: z.name, meaning=tr("Zones of the current layout version")),
            TableColumn(
                tr("People"),
                lambda z: format_number(z.people),
                lambda z: z.people,
                meaning=tr(
                    "People currently in the zone; a dash while less than 80 % of the zone is observed"
                ),
            ),
            TableColumn(
                tr("In use"),
                _describe_use,
                lambda z: z.use,
                meaning=tr("People relative to the capacity set with the alarm rules"),
            ),
            TableColumn(
                tr("{area} per person", area=units.area_symbol),
                lambda z: format_number(_to_area(z.space_m2), decimals=1),
                lambda z: z.space_m2,
                meaning=tr("Observed floor area per person, without obstacles"),
            ),
            TableColumn(
                tr("Level"),
                lambda z: z.level or ABSENT,
                lambda z: z.level or "",
                is_number=False,
                meaning=tr("How crowded the zone is, from A (free) to F (jammed); level of service by Fruin"),
            ),
            TableColumn(
                tr("Wait"),
                lambda z: format_duration(z.wait_s),
                lambda z: z.wait_s,
                meaning=tr(
                    "Waiting time in queue zones, from the queue's length and the arrivals of the last 15 "
                    "minutes; valid while the queue is steady"
                ),
            ),
        )

    def identify(self, record: ZoneNow) -> object:
        return record.name

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.ForegroundRole and index.isValid() and index.column() == USE_COLUMN:
            zone = self.record(index.row())
            busyness = judge_busyness(zone.people, zone.capacity)
            if busyness in (Busyness.BUSY, Busyness.FULL):
                is_full = busyness is Busyness.FULL
                return QColor(current_theme().bad if is_full else current_theme().warning)
        return super().data(index, role)


def _describe_use(zone: ZoneNow) -> str:
    if zone.capacity is None:
        return ABSENT
    capacity = format_number(zone.capacity)
    return tr("{share} of {capacity}", share=format_share(zone.use), capacity=capacity)


def _to_area(area_m2: float | None) -> float | None:
    return None if area_m2 is None else area_m2 / current_units().per_m2


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm as text.

    Attributes:
        is_new: whether it is open and not acknowledged.
    """

    key: AlarmKey
    raised_utc_s: float
    since: str
    text: str
    state: str
    is_open: bool
    is_new: bool


class AlarmTable(KeyedRecordTable[AlarmRow]):
    def make_columns(self) -> Sequence[TableColumn[AlarmRow]]:
        return (
            TableColumn(tr("Since"), lambda a: a.since, lambda a: a.raised_utc_s, is_number=False),
            TableColumn(tr("Alarm"), lambda a: a.text, lambda a: a.text, is_number=False),
            TableColumn(tr("State"), lambda a: a.state, lambda a: a.state, is_number=False),
        )

    def identify(self, record: AlarmRow) -> object:
        return record.key, record.raised_utc_s

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and index.row() < len(self._records):
            record = self._records[index.row()]
            if role == Qt.ItemDataRole.ForegroundRole:
                theme = current_theme()
                return QColor(
                    theme.bad if record.is_new else theme.text if record.is_open else theme.text_muted
                )
            if role == Qt.ItemDataRole.ToolTipRole:
                return record.text
        return super().data(index, role)


_PRESSED = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class _AlarmView(QTableView):
    pressed_on_rows = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in _PRESSED:
            self.pressed_on_rows.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            copy_table(self)
        else:
            super().keyPressEvent(event)
            return
        event.accept()


class AlarmList(QFrame):
    """A list of `AlarmRow`s with buttons to acknowledge them."""

    acknowledged = Signal(object)
    """A list of `AlarmKey`s."""
    sound_chosen = Signal(bool)
    rules_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.model = AlarmTable(self)
        self.table = _AlarmView(self)
        self.title, self._none = QLabel(self), QLabel(self)
        self.acknowledge = QPushButton(self)
        self.sound = QToolButton(self)
        self.rules = QPushButton(self)
        self._build()
        self.table.pressed_on_rows.connect(self._on_acknowledged)
        self.acknowledge.clicked.connect(self._on_acknowledged)
        self.sound.toggled.connect(self._on_sound_toggled)
        self.rules.clicked.connect(self.rules_requested)
        require_permission(self.acknowledge, Permission.NOTE)
        require_permission(self.rules, Permission.EDIT_PLAN)
        self.retranslate()

    def show_alarms(self, rows: Sequence[AlarmRow], *, is_sound_on: bool) -> None:
        self.model.show(rows)
        open_count = sum(row.is_open for row in rows)
        self.title.setText(tr("Alarms: {count} active", count=open_count) if open_count else tr("Alarms"))
        self.acknowledge.setEnabled(any(row.is_new for row in rows))
        self.table.setVisible(bool(rows))
        self._none.setVisible(not rows)
        with QSignalBlocker(self.sound):
            self.sound.setChecked(is_sound_on)
        self._name_sound()

    def retranslate(self) -> None:
        self.model.retranslate()
        self._none.setText(tr("No alarms."))
        self.acknowledge.setText(tr("Acknowledge"))
        self.acknowledge.setToolTip(tr("Acknowledge the selected alarms, or all if none is selected (Enter)"))
        self.rules.setText(tr("Alarm rules…"))
        self.rules.setToolTip(tr("Capacities of zones and limits for alarms"))
        for button in (self.acknowledge, self.rules):
            button.setAccessibleName(button.text())
        self.table.setAccessibleName(tr("Alarms"))
        self._name_sound()

    def _build(self) -> None:
        theme = current_theme()
        set_roles((self.title, "title"), (self._none, "muted"))
        style_tools("layer", self.sound)
        set_up_rows(self.table, self.model, stretched=1)
        head = fill(make_row(), (self.title, 1), self.acknowledge, self.sound, self.rules)
        column = make_column(
            self, margins=(theme.space_m, theme.space_s, theme.space_m, theme.space_m), spacing=theme.space_s
        )
        fill(column, head, self._none, (self.table, 1))
        column.addStretch(0)

    def _name_sound(self) -> None:
        is_on = self.sound.isChecked()
        self.sound.setText(tr("Sound on") if is_on else tr("Sound off"))
        self.sound.setAccessibleName(tr("Alarm sound"))
        self.sound.setToolTip(tr("Beep every ten seconds until every alarm is acknowledged"))

    def _on_acknowledged(self) -> None:
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        chosen = rows or range(self.model.rowCount())
        keys = [self.model.record(row).key for row in chosen if self.model.record(row).is_new]
        if keys:
            self.acknowledged.emit(keys)

    def _on_sound_toggled(self, is_on: bool) -> None:
        self._name_sound()
        self.sound_chosen.emit(is_on)


MIN_FIGURE_PX, MAX_FIGURE_PX = 30, 96
"""Font sizes of a figure: 60 px are 14 mm on a 27-inch screen with 1440 rows, readable from 4 m."""
_SHARE_OF_WIDTH = 0.26
_SHARE_OF_WINDOW = 1 / 15
_WORDS = 0.34


class WallTile(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._title, self._value, self._detail, self._change = (QLabel(self) for _ in range(4))
        set_roles((self._title, "muted"), (self._detail, "muted"))
        theme = current_theme()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        column.setSpacing(2)
        for label in (self._title, self._value, self._detail, self._change):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._info = InfoButton(self)
        column.addLayout(fill(make_row(spacing=0), (self._title, 1), self._info))
        for label in (self._value, self._detail, self._change):
            column.addWidget(label)
        self._detail.setWordWrap(True)
        self._change.setWordWrap(True)
        column.addStretch(1)

    @property
    def texts(self) -> tuple[str, str, str, str]:
        return self._title.text(), self._value.text(), self._detail.text(), self._change.text()

    def show_figure(self, tile: NowTile) -> None:
        was, shown = self.texts, (tile.title, tile.value, tile.detail, tile.change)
        for label, text in zip((self._title, self._value, self._detail, self._change), shown, strict=True):
            if label.text() != text:
                label.setText(text)
        self._detail.setVisible(bool(tile.detail))
        self._change.setVisible(bool(tile.change))
        if self._change.property("role") != tile.tone:
            self._change.setProperty("role", tile.tone)
            self._change.style().unpolish(self._change)
            self._change.style().polish(self._change)
        self._info.explain(tr("Definition: {name}", name=tile.title), tile.explanation)
        self.setAccessibleName(tr("{name}: {value}", name=tile.title, value=tile.value))
        parts = (tile.detail, tile.change, tile.explanation)
        self.setAccessibleDescription(". ".join(part for part in parts if part))
        if was != self.texts:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            # a new style sheet resets the fonts of labels
            QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        margins = self._column.contentsMargins()
        width_px = max(1, self.width() - margins.left() - margins.right())
        size_px = min(_SHARE_OF_WIDTH * width_px, _SHARE_OF_WINDOW * self.window().height())
        font = QFont(self.font())
        font.setBold(True)
        font.setPixelSize(round(max(MIN_FIGURE_PX, min(MAX_FIGURE_PX, size_px))))
        length = QFontMetricsF(font).horizontalAdvance(self._value.text())
        if length > width_px:
            font.setPixelSize(max(12, int(font.pixelSize() * width_px / length)))
        self._value.setFont(font)
        text = QFont(self.font())
        text.setPixelSize(round(max(13, min(MAX_FIGURE_PX * _WORDS, size_px * _WORDS))))
        for label in (self._title, self._detail, self._change):
            label.setFont(text)
        self._reserve_height(width_px)

    def _reserve_height(self, width_px: int) -> None:
        """Reserve the height of wrapped texts, which layouts would otherwise clip."""
        shown = [label for label in (self._title, self._value, self._detail, self._change) if label.text()]
        margins, spacing = self._column.contentsMargins(), self._column.spacing()
        heights = [
            label.heightForWidth(width_px) if label.wordWrap() else label.sizeHint().height()
            for label in shown
        ]
        self.setMinimumHeight(sum(heights) + spacing * len(shown) + margins.top() + margins.bottom())


TILES = 5
BEEP_EVERY_MS = 10_000
MIN_TABLE_PX, MAX_TABLE_PX = 13, 28
_ROWS_OF_WINDOW = 54
_ROW_PER_TEXT = 1.9
_TITLE_PER_TEXT = 0.8


class NowView(QWidget):
    """The view of a `NowState` and the alarms."""

    zone_opened = Signal(str)
    """Name of the zone whose dwell times are to be shown."""
    rules_requested = Signal()

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
        self._fitted: tuple[ZoneNow, ...] = ()
        self._picture: PlanPicture | None = None
        self.tiles = tuple(WallTile() for _ in range(TILES))
        self.canvas, self.legend = FloorPlanCanvas(), LevelLegend()
        self.table, self.zones = NowZoneTable(self), QTableView()
        self.alarms, self.message = AlarmList(), QLabel()
        self.door = DoorQuestion(self.canvas)
        self._notice = DesktopNotice(self)
        self._text_px = MIN_TABLE_PX
        self._beeps = QTimer(self)
        self._beeps.setInterval(BEEP_EVERY_MS)
        self._build()
        self._bind()
        self.retranslate()

    @property
    def viewmodel(self) -> NowViewModel:
        return self._viewmodel

    def retranslate(self) -> None:
        self.canvas.setAccessibleName(tr("Current plan"))
        self.canvas.setAccessibleDescription(
            tr("Zones coloured by level of service, with its letter and the number of people")
        )
        self.zones.setAccessibleName(tr("Zones now"))
        self.table.retranslate()
        self.legend.retranslate()
        self.alarms.retranslate()
        self._viewmodel.retranslate()
        self._fit_columns()
        self._render_alarms()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.StyleChange:
            # a new style sheet resets the fonts of tables
            self._text_px = 0
            QTimer.singleShot(0, self, self._fit_texts)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.set_active(True)
        self._render()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit_texts()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._viewmodel.set_active(False)

    def _build(self) -> None:
        theme = current_theme()
        page = make_column(
            self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_l), spacing=theme.space_m
        )
        row = make_row(spacing=theme.space_m)
        for tile in self.tiles:
            row.addWidget(tile, 1)
        page.addLayout(row)
        self.message.setProperty("role", "banner")
        self.message.setWordWrap(True)
        self.message.setMargin(theme.space_s)
        page.addWidget(self.message)
        body = fill(make_row(spacing=theme.space_m), (self._build_plan(), 4), (self._build_side(), 5))
        page.addLayout(body, 1)

    def _build_plan(self) -> QWidget:
        theme = current_theme()
        card, column = make_open_card(theme.space_s)
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
        zones.horizontalHeader().sortIndicatorChanged.connect(self._fit_columns)
        self._side = fill(make_column(spacing=theme.space_m), (zones, 1), self.alarms)
        return self._side

    def _bind(self) -> None:
        self._viewmodel.state_changed.connect(self._render)
        self._viewmodel.dots_changed.connect(self._render_dots)
        self._desk.state_changed.connect(self._render_alarms)
        self._desk.raised.connect(self._on_raised)
        self._beeps.timeout.connect(self._beep)
        self.alarms.acknowledged.connect(self._desk.acknowledge)
        self.alarms.sound_chosen.connect(self._desk.set_sound)
        self.alarms.rules_requested.connect(self.rules_requested)
        self.canvas.zone_activated.connect(self.zone_opened)
        self.zones.activated.connect(
            lambda index: self.zone_opened.emit(self.table.record(self._find_row(index.row())).name)
        )
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.zones)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(lambda: copy_table(self.zones))

    def _fit_texts(self) -> None:
        text_px = max(MIN_TABLE_PX, min(MAX_TABLE_PX, self.window().height() // _ROWS_OF_WINDOW))
        if text_px == self._text_px:
            return
        self._text_px = text_px
        for table in (self.zones, self.alarms.table):
            font = QFont(self.font())
            font.setPixelSize(text_px)
            table.setFont(font)
            header_px = round(_TITLE_PER_TEXT * text_px)
            # titles are painted in the font of the style sheet, and measured in that of the header
            header = table.horizontalHeader()
            header.setStyleSheet(f"QHeaderView::section {{ font-size: {header_px}px; }}")
            font.setPixelSize(header_px)
            header.setFont(font)
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
            widget.show_figure(tile)
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        if state.scene is not was.scene:
            self._render_scene(state)
        if state.scene is not was.scene or state.marks is not was.marks:
            self._render_notes()
        if state.zones is not was.zones:
            self.table.show(state.zones)
        self.door.show_doors(state.doors)
        is_first = not any(zone.people for zone in was.zones) and any(zone.people for zone in state.zones)
        is_other = state.recent is not was.recent and state.zones != self._fitted
        if is_first or is_other or state.scene is not was.scene:
            # measuring every cell at every update would block the event loop for too long
            self._fit_columns()
        self._render_dots()

    def _render_notes(self) -> None:
        state = self._viewmodel.state
        # zone colours could be mistaken for levels
        fills = {} if state.scene is None else dict.fromkeys(
            (shape.name for shape in state.scene.zones), current_theme().border
        )  # fmt: skip
        # without any figure the names tell more than dashes
        notes = dict.fromkeys(fills, ABSENT) if state.marks else {}
        for name, mark in state.marks.items():
            fills[name], notes[name] = LEVEL_COLOURS[mark.level], f"{mark.people} · {mark.level}"
        self.canvas.show_notes(fills, notes, scale_by=max(1.0, self._text_px / MIN_TABLE_PX))

    def _fit_columns(self) -> None:
        # room for the names
        self._fitted = self._viewmodel.state.zones
        has_capacity = any(zone.capacity is not None for zone in self._fitted)
        self.zones.setColumnHidden(USE_COLUMN, not has_capacity)
        for column in range(1, self.table.columnCount()):
            self.zones.setColumnWidth(column, measure_column(self.zones, column))

    def _render_dots(self) -> None:
        if self.isVisible() and self._viewmodel.state.dots is not self.canvas.dots:
            self.canvas.show_dots(self._viewmodel.state.dots)

    def _render_scene(self, state: NowState) -> None:
        self.canvas.show_scene(state.scene)
        if self._picture is not None:
            # probably only zones changed: keep the old picture until the file is read
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
        # without alarms the zones take the room
        self._side.setStretchFactor(self.alarms, 1 if rows else 0)
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
        text=describe_alarm(alarm),
        state=describe_alarm_state(alarm, time_zone=time_zone),
        is_open=alarm.is_open,
        is_new=alarm.is_open and alarm.acknowledged_utc_s is None,
    )
