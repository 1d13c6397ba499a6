"""A chart's, map's or table's own menu: save as PNG, SVG or CSV, copy, print."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
    QRegion,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QFileDialog,
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)

from app.access.roles import Permission
from app.core.table_file import format_csv
from app.gui.session.exported_files import exported_files
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.icons import make_icon

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Titles and rows as plain values."""

LEGEND = "legend"
"""Property of widgets that explain the colours of the chart or map beside them."""
PERIOD = "period"
"""Object name of the label with a page's period."""
_SCALE = 2.0
"""Pixels of a PNG per pixel on the screen."""
_MARGIN_PX = 16
_GAP_PX = 8
_PAD_PX = 10


class ExportMenu(Translated, QToolButton):
    """Button over the corner of a widget, or beside it, that opens its menu; a right click opens it, too."""

    def __init__(
        self, target: QWidget, *, list_table: Callable[[], Table | None], is_beside: bool = False
    ) -> None:
        """Set up the menu of a widget.

        Args:
            list_table: returns the figures for CSV, or None.
            is_beside: whether the button is placed by a layout instead of over the corner.
        """
        super().__init__(target)
        self.list_table = list_table
        self._target, self._is_beside = target, is_beside
        self.setProperty("role", "button" if is_beside else "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(lambda: self._open(self.mapToGlobal(QPoint(0, self.height()))))
        target.installEventFilter(self)
        if isinstance(target, QAbstractScrollArea):
            target.viewport().installEventFilter(self)
        self.retranslate()

    @property
    def title(self) -> str:
        """Title of the picture: that of the card around the widget, or the widget's name."""
        holder = self._find_card()
        labels = [] if holder is None else holder.findChildren(QLabel)
        titles = [
            label.text()
            for label in labels
            if label.property("role") == "title" and label.text() and not self._target.isAncestorOf(label)
        ]
        return titles[0] if titles else self._target.accessibleName().split(";")[0]

    def retranslate(self) -> None:
        self.setIcon(make_icon("more"))
        name = tr("Save, copy or print")
        self.setAccessibleName(name)
        self.setToolTip(name)

    def make_menu(self) -> QMenu:
        menu = QMenu(self)
        for text, save in (
            (tr("Save as PNG…"), lambda: self._save(".png", tr("PNG picture (*.png)"), self.draw_png)),
            (tr("Save as SVG…"), lambda: self._save(".svg", tr("SVG drawing (*.svg)"), self.draw_svg)),
            (tr("Save as CSV…"), lambda: self._save(".csv", tr("CSV table (*.csv)"), self.write_csv)),
        ):
            action = menu.addAction(text)
            action.triggered.connect(save)
            require_permission(action, Permission.EXPORT_REPORTS)
        menu.actions()[-1].setVisible(self.list_table() is not None)
        menu.addSeparator()
        menu.addAction(tr("Copy picture")).triggered.connect(self.copy)
        printing = menu.addAction(tr("Print…"))
        printing.triggered.connect(self._print)
        require_permission(printing, Permission.EXPORT_REPORTS)
        return menu

    def draw_image(self) -> QImage:
        size = self._measure()
        image = QImage(size * _SCALE, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.scale(_SCALE, _SCALE)
        self._paint(painter, size)
        painter.end()
        return image

    def draw_png(self) -> bytes:
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.draw_image().save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(content.data())

    def draw_svg(self) -> bytes:
        content, size = QByteArray(), self._measure()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(size)
        generator.setViewBox(QRect(QPoint(), size))
        generator.setTitle(self.title)
        painter = QPainter(generator)
        self._paint(painter, size)
        painter.end()
        return bytes(content.data())

    def write_csv(self) -> bytes:
        titles, rows = self.list_table() or ((), ())
        return format_csv(titles=titles, rows=rows)

    def copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.draw_image())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Resize and not self._is_beside and watched is self._target:
            self.adjustSize()
            self.move(self._target.width() - self.width() - 4, 4)
            self.raise_()
        elif isinstance(event, QContextMenuEvent):
            self._open(event.globalPos())
            return True
        return super().eventFilter(watched, event)

    def _recolour(self) -> None:
        self.setIcon(make_icon("more"))

    def _open(self, place: QPoint) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _save(self, suffix: str, kind: str, draw: Callable[[], bytes]) -> None:
        name = "".join("-" if letter in '/\\:*?"<>|' else letter for letter in self.title)
        path, _ = QFileDialog.getSaveFileName(self.window(), self.title, name + suffix, kind)
        if path:
            chosen = Path(path)
            exported_files().write(chosen if chosen.suffix == suffix else Path(path + suffix), draw())

    def _print(self) -> None:
        # imported here because the library looks for printers
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if QPrintDialog(printer, self.window()).exec():
            self.paint_page(printer)

    def paint_page(self, printer: object) -> None:
        size, painter = self._measure(), QPainter(printer)  # type: ignore[call-overload]
        page = painter.viewport()
        scale = min(page.width() / size.width(), page.height() / size.height())
        painter.scale(scale, scale)
        self._paint(painter, size)
        painter.end()

    def _find_card(self) -> QWidget | None:
        holder: QWidget | None = self._target
        while holder is not None and holder.property("role") != "card":
            holder = holder.parentWidget()
        return holder

    def _find_legends(self) -> list[QWidget]:
        """Return the visible legends nearest to the widget, within its card or page."""
        holder: QWidget | None = self._target
        while holder is not None and not holder.isWindow():
            found = [w for w in holder.findChildren(QWidget) if w.property(LEGEND) and w.isVisible()]
            if found or holder.property("role") == "card":
                return found
            holder = holder.parentWidget()
        return []

    def _find_period(self) -> str:
        holder: QWidget | None = self._target
        while holder is not None:
            label = holder.findChild(QLabel, PERIOD)
            if label is not None:
                return label.text()
            holder = holder.parentWidget()
        return ""

    def _list_texts(self) -> list[tuple[str, QFont]]:
        theme, large, small = current_theme(), QFont(QApplication.font()), QFont(QApplication.font())
        large.setBold(True)
        small.setPointSizeF(theme.font_small_pt)
        period = self._find_period()
        texts = [(self.title, large), (period if period != self.title else "", small)]
        return [(text, font) for text, font in texts if text]

    def _measure_content(self) -> QSize:
        return self._target.size()

    def _paint_content(self, painter: QPainter, place: QPoint) -> None:
        flags = QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
        # a graphics view has another function of this name, which draws its scene alone
        QWidget.render(self._target, painter, place, QRegion(), flags)

    def _measure(self) -> QSize:
        parts = [legend.size() for legend in self._find_legends()] + [self._measure_content()]
        texts = [QFontMetricsF(font) for _, font in self._list_texts()]
        words = [m.horizontalAdvance(t) for m, (t, _) in zip(texts, self._list_texts(), strict=True)]
        width = max([*(part.width() for part in parts), *words])
        height = sum(part.height() + _GAP_PX for part in parts) + sum(m.height() + 4 for m in texts)
        return QSize(math.ceil(width) + 2 * _MARGIN_PX, math.ceil(height) + 2 * _MARGIN_PX)

    def _paint(self, painter: QPainter, size: QSize) -> None:
        """Paint title, period, content and legends; neither this button nor a focus frame is shown."""
        theme = current_theme()
        painter.fillRect(QRect(QPoint(), size), QColor(theme.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = float(_MARGIN_PX)
        for text, font in self._list_texts():
            line_px = QFontMetricsF(font).height() + 4
            painter.setFont(font)
            painter.setPen(QColor(theme.text if font.bold() else theme.text_muted))
            painter.drawText(
                QRectF(_MARGIN_PX, y, size.width(), line_px), Qt.AlignmentFlag.AlignVCenter, text
            )
            y += line_px
        focus, was_visible = QApplication.focusWidget(), self.isVisibleTo(self._target)
        if focus is not None:
            focus.clearFocus()
        if not self._is_beside:
            self.hide()
        try:
            place = QPoint(_MARGIN_PX, round(y) + _GAP_PX)
            self._paint_content(painter, place)
            place += QPoint(0, self._measure_content().height() + _GAP_PX)
            for legend in self._find_legends():
                legend.render(painter, place, QRegion(), QWidget.RenderFlag.DrawChildren)
                place += QPoint(0, legend.height() + _GAP_PX)
        finally:
            if not self._is_beside:
                self.setVisible(was_visible)
            if focus is not None:
                focus.setFocus()


class TableExportMenu(ExportMenu):
    def __init__(
        self, target: QWidget, *, list_table: Callable[[], Table], list_shown: Callable[[], Table]
    ) -> None:
        """Set up the menu; ``list_shown`` returns titles and rows as shown."""
        self._list_shown = list_shown
        super().__init__(target, list_table=list_table, is_beside=True)

    def _measure_columns(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
        metrics = QFontMetricsF(QApplication.font())
        return [
            max(metrics.horizontalAdvance(line[column]) for line in (titles, *rows)) + 2 * _PAD_PX
            for column in range(len(titles))
        ]

    def _measure_content(self) -> QSize:
        titles, rows = self._list_shown()
        row_px = QFontMetricsF(QApplication.font()).height() + _PAD_PX
        return QSize(math.ceil(sum(self._measure_columns(titles, rows))), math.ceil(row_px * (len(rows) + 1)))

    def _paint_content(self, painter: QPainter, place: QPoint) -> None:
        theme, (titles, rows) = current_theme(), self._list_shown()
        widths = self._measure_columns(titles, rows)
        row_px = QFontMetricsF(QApplication.font()).height() + _PAD_PX
        painter.setFont(QApplication.font())
        for number, line in enumerate((titles, *rows)):
            x, y = float(place.x()), place.y() + number * row_px
            if number % 2:
                painter.fillRect(QRectF(x, y, sum(widths), row_px), QColor(theme.raised))
            painter.setPen(QColor(theme.text if number else theme.text_muted))
            for text, width in zip(line, widths, strict=True):
                is_first = x == place.x()
                side = Qt.AlignmentFlag.AlignLeft if is_first else Qt.AlignmentFlag.AlignRight
                painter.drawText(
                    QRectF(x + _PAD_PX, y, width - 2 * _PAD_PX, row_px),
                    side | Qt.AlignmentFlag.AlignVCenter,
                    text,
                )
                x += width
