"""Base classes of charts: theme, language, and scrolling of their page."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.gui.charts.chart_axes import apply_theme, make_plot_widget_plain
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import current_language
from app.gui.session.units import Units, current_units
from app.gui.widgets.export_menu import ExportMenu, Table

MIN_HEIGHT_PX = 190
_WIDTH_PX = 320


class PlotChart(pg.PlotWidget):  # type: ignore[misc]
    """Base of charts that redraw as a whole; a chart calls `redraw` once created and when its data change."""

    _items: list[Any] | None = None
    _drawn_for: tuple[Theme, str, Units] | None = None
    _is_outdated = False

    def __init__(self, parent: QWidget | None = None, *, bottom: pg.AxisItem | None = None) -> None:
        super().__init__(parent, axisItems={} if bottom is None else {"bottom": bottom})
        make_plot_widget_plain(self)
        self.setMinimumHeight(MIN_HEIGHT_PX)
        self.setMouseTracking(True)
        self.export_menu = ExportMenu(self, list_table=self.list_table)

    def list_table(self) -> Table | None:
        """Return the figures of the chart for a file; None if a table beside it has them."""
        return None

    def redraw(self) -> None:
        """Draw everything in the current theme and language; a hidden chart is drawn once it is shown."""
        self._is_outdated = self._items is not None and not self._can_be_seen()
        if self._is_outdated:
            return
        for item in self._items or ():
            self.removeItem(item)
        self._items = []
        self._drawn_for = (current_theme(), current_language(), current_units())
        theme = apply_theme(self)
        self._show_focus(theme)
        self.draw(theme)

    def _can_be_seen(self) -> bool:
        return bool(self.isWindow() or self.isVisibleTo(self.window()))

    def draw(self, theme: Theme) -> None:
        raise NotImplementedError

    def add(self, item: Any) -> None:
        """Add an item that stays until the next redraw."""
        assert self._items is not None
        self._items.append(item)
        self.addItem(item)

    def retranslate(self) -> None:
        self.redraw()

    def find_place(self, position: QPointF) -> QPointF | None:
        """Return chart coordinates of a position in the widget; None outside the plot area."""
        box = self.getPlotItem().getViewBox()
        scene = self.mapToScene(position.toPoint())
        return QPointF(box.mapSceneToView(scene)) if box.sceneBoundingRect().contains(scene) else None

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the minimum height, so that the page distributes the rest."""
        return QSize(_WIDTH_PX, self.minimumHeight())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._is_outdated:
            self.redraw()

    def wheelEvent(self, event: Any) -> None:  # noqa: N802
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self._show_focus(current_theme())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._show_focus(current_theme())

    def _show_focus(self, theme: Theme) -> None:
        # a style sheet's frame would lie below the viewport
        self.getPlotItem().getViewBox().setBorder(
            pg.mkPen(theme.accent, width=2) if self.hasFocus() else None
        )

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if self._items is None or self._drawn_for == (current_theme(), current_language(), current_units()):
            # the superclass sets a palette before the chart is set up, and Qt sends theme and
            # language changes several times
            return
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.redraw()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()


class CursorChart(PlotChart):
    """Base of charts over time with a cursor moved by pointer or keys."""

    def __init__(self, parent: QWidget | None = None, *, bottom: pg.AxisItem | None = None) -> None:
        super().__init__(parent, bottom=bottom)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._cursor: Any = None
        self._cursor_items: list[Any] = []

    @property
    def reading(self) -> str:
        """The values at the cursor, in words; empty without a cursor."""
        return "" if self._cursor is None else self._describe_cursor()

    def _find_cursor(self, place: QPointF) -> Any:
        """Return the cursor at a position in chart coordinates; None for none."""
        raise NotImplementedError

    def _locate_cursor(self) -> float:
        """Return the cursor's position on the lower axis."""
        raise NotImplementedError

    def _describe_cursor(self) -> str:
        raise NotImplementedError

    def _describe_all(self) -> str:
        """Return the screen reader's text without a cursor."""
        raise NotImplementedError

    def _mark_cursor(self, _theme: Theme) -> list[Any]:
        return []

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        place = self.find_place(event.position())
        self._set_cursor(None if place is None else self._find_cursor(place))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._set_cursor(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._set_cursor(None)

    def _set_cursor(self, cursor: Any) -> None:
        if cursor != self._cursor:
            self._cursor = cursor
            self._draw_cursor()

    def _draw_cursor(self) -> None:
        for item in self._cursor_items:
            self.removeItem(item)
        self._cursor_items = []
        self.setAccessibleDescription(self.reading or self._describe_all())
        if self._cursor is None:
            return
        theme, x = current_theme(), self._locate_cursor()
        (left, right), (_, top) = self.getPlotItem().getViewBox().viewRange()
        text = pg.TextItem(
            self.reading, color=theme.text, anchor=(1.02 if x > (left + right) / 2 else -0.02, 0),
            border=pg.mkPen(theme.border), fill=pg.mkBrush(theme.raised),
        )  # fmt: skip
        text.setFont(self.getAxis("bottom").style["tickFont"])
        text.setPos(x, top)
        line = pg.InfiniteLine(pos=x, angle=90, pen=pg.mkPen(theme.text_muted))
        self._cursor_items = [line, *self._mark_cursor(theme), text]
        for item in self._cursor_items:
            self.addItem(item, ignoreBounds=True)


class BarChart(PlotChart):
    """Base of charts with bars of width 1 from 0 on, chosen by mouse or by arrow keys and Enter."""

    bar_chosen = Signal(int)
    """The value of `find_target` for the bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._bars: tuple[Any, ...] = ()
        self._marked: int | None = None

    @property
    def marked(self) -> int | None:
        return self._marked

    def describe_bar(self, number: int) -> str:
        raise NotImplementedError

    def find_target(self, number: int) -> int | None:
        """Return the value emitted for a chosen bar; None if it cannot be chosen."""
        raise NotImplementedError

    def make_labels(self) -> list[tuple[float, str]]:
        """Return as many labels of the lower axis as fit."""
        raise NotImplementedError

    def choose_bar(self, number: int) -> None:
        if 0 <= number < len(self._bars):
            self.mark_bar(number)
            target = self.find_target(number)
            if target is not None:
                self.bar_chosen.emit(target)

    def mark_bar(self, number: int | None) -> None:
        self._marked = number
        self.redraw()

    def redraw(self) -> None:
        super().redraw()
        self.setAccessibleDescription("" if self._marked is None else self.describe_bar(self._marked))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, last = event.key(), len(self._bars) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._bars:
            step = 1 if key == Qt.Key.Key_Right else -1
            start = self._marked if self._marked is not None else (-1 if step == 1 else last + 1)
            self.mark_bar(min(last, max(0, start + step)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._marked is not None:
            self.choose_bar(self._marked)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose a bar by a click anywhere in its column, since low bars are hard to hit."""
        super().mouseReleaseEvent(event)
        number = self._bar_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self.choose_bar(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        number = self._bar_at(event.position())
        self.setToolTip("" if number is None else self.describe_bar(number))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if getattr(self, "_bars", ()):
            self.getAxis("bottom").setTicks([self.make_labels()])

    def _bar_at(self, position: QPointF) -> int | None:
        place = self.find_place(position)
        number = -1 if place is None else math.floor(place.x())
        return number if 0 <= number < len(self._bars) else None
