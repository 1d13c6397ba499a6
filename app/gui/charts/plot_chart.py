"""What all charts have in common: they follow the theme and the language, and let their page scroll."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from app.gui.charts.chart_axes import apply_theme, make_plot_widget_plain
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import current_language
from app.gui.session.units import Units, current_units

LEAST_HEIGHT_PX = 190
_WIDTH_PX = 320


class PlotChart(pg.PlotWidget):  # type: ignore[misc]
    """Draws itself anew as a whole; a chart calls `redraw` when it has been made and when it shows others."""

    _items: list[Any] | None = None
    _drawn_for: tuple[Theme, str, Units] | None = None

    def __init__(self, parent: QWidget | None = None, *, bottom: pg.AxisItem | None = None) -> None:
        super().__init__(parent, axisItems={} if bottom is None else {"bottom": bottom})
        make_plot_widget_plain(self)
        self.setMinimumHeight(LEAST_HEIGHT_PX)
        self.setMouseTracking(True)

    def redraw(self) -> None:
        """Draw everything in the theme and the language in force."""
        for item in self._items or ():
            self.removeItem(item)
        self._items = []
        self._drawn_for = (current_theme(), current_language(), current_units())
        theme = apply_theme(self)
        self._show_focus(theme)
        self.draw(theme)

    def draw(self, theme: Theme) -> None:
        """Label the axes, set the range, add the items."""
        raise NotImplementedError

    def add(self, item: Any) -> None:
        """Show an item until everything is drawn anew."""
        assert self._items is not None
        self._items.append(item)
        self.addItem(item)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.redraw()

    def find_place(self, position: QPointF) -> QPointF | None:
        """What lies below a place of the widget, in the chart's own units; None beside its axes."""
        box = self.getPlotItem().getViewBox()
        scene = self.mapToScene(position.toPoint())
        return QPointF(box.mapSceneToView(scene)) if box.sceneBoundingRect().contains(scene) else None

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as it must be: what is free is shared by the page."""
        return QSize(_WIDTH_PX, self.minimumHeight())

    def wheelEvent(self, event: Any) -> None:  # noqa: N802
        """The page scrolls."""
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show who hears the keys."""
        super().focusInEvent(event)
        self._show_focus(current_theme())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show it no more."""
        super().focusOutEvent(event)
        self._show_focus(current_theme())

    def _show_focus(self, theme: Theme) -> None:
        # a style sheet's frame would lie below the viewport
        self.getPlotItem().getViewBox().setBorder(
            pg.mkPen(theme.accent, width=2) if self.hasFocus() else None
        )

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the theme and the language."""
        super().changeEvent(event)
        if self._items is None or self._drawn_for == (current_theme(), current_language(), current_units()):
            # the superclass sets a palette before there is anything to draw, and Qt tells of a theme or a
            # language several times
            return
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.redraw()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
