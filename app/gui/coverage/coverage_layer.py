"""What cameras see as a coloured layer of a scene in metres, and the legend that explains it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QSizePolicy, QStyleOptionGraphicsItem, QWidget

from app.coverage.coverage_scene import ShownLayer
from app.gui.canvas.heatmap_layer import interpolate_heat
from app.gui.session.theme import Theme, current_theme

LEVELS = 255
"""Of a shade; level 0 is floor of which nothing is known."""
_ALPHA = 150
"""Zones, names and walls stay visible below."""
_COUNT_ALPHAS = (70, 130, 190)
"""Of one camera, of two, and of three or more."""


def shade_share(theme: Theme, share: float) -> QColor:
    """The colour of a share from good (0) to bad (1)."""
    colour = interpolate_heat(theme, share)
    colour.setAlpha(_ALPHA)
    return colour


def shade_count(theme: Theme, count: int) -> QColor:
    """The colour of floor that so many cameras see."""
    colour = QColor(theme.accent)
    colour.setAlpha(_COUNT_ALPHAS[min(count, len(_COUNT_ALPHAS)) - 1])
    return colour


def make_hatching() -> QBrush:
    """What floor is filled with that no camera sees."""
    colour = QColor(current_theme().text_muted)
    colour.setAlpha(120)
    return QBrush(colour, Qt.BrushStyle.BDiagPattern)


class CoverageLayerItem(QGraphicsItem):
    """Cells as a picture; floor that no camera sees is hatched."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: ShownLayer | None = None
        self._rect = QRectF()
        self._image = QImage()
        self._unseen = QPainterPath()

    @property
    def image(self) -> QImage:
        """What is drawn, one pixel a cell, the lowest row first; null while there is nothing."""
        return self._image

    def set_layer(self, shown: ShownLayer | None) -> None:
        """Show another layer, or none."""
        self.prepareGeometryChange()
        if shown is not None and (self._shown is None or shown.is_unseen is not self._shown.is_unseen):
            self._unseen = _cover_cells(shown)
        self._shown = shown
        self._rect = QRectF() if shown is None else QRectF(*shown.rect_m)
        if shown is None:
            self._unseen = QPainterPath()
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        self._image = QImage() if self._shown is None else _paint_cells(self._shown)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._rect

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self._image.isNull():
            return
        brush = make_hatching()
        # the hatching keeps its distance on the screen, however far one zooms in
        inverse, is_invertible = painter.worldTransform().inverted()
        if is_invertible:
            brush.setTransform(inverse)
        painter.fillPath(self._unseen, brush)
        painter.drawImage(self._rect, self._image, QRectF(self._image.rect()))


class CoverageLegend(QWidget):
    """Colours with what they mean, and the hatching."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[str, str, str, str] = ("", "", "", "")
        self._unseen = ""
        self._is_count = True
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    @property
    def texts(self) -> tuple[str, ...]:
        """The title, and the labels from left to right."""
        return (*self._texts, self._unseen)

    def show_scale(self, title: str, labels: tuple[str, str, str], *, unseen: str, is_count: bool) -> None:
        """Show a title above labels at the left, in the middle and at the right."""
        self._texts, self._unseen, self._is_count = (title, *labels), unseen, is_count
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{' – '.join(labels)}; {unseen}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102
        metrics = self.fontMetrics()
        beside = metrics.horizontalAdvance(self._unseen) + 40
        return QSize(max(metrics.horizontalAdvance(self._texts[0]), 220 + beside), metrics.height() * 2 + 16)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102
        return self.sizeHint()

    def paintEvent(self, _event: object) -> None:  # noqa: N802, D102
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        beside = self.fontMetrics().horizontalAdvance(self._unseen) + 40
        width = min(self.width() - beside - 24, 420)
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(QRectF(2, 0, self.width() - 4, line), Qt.AlignmentFlag.AlignLeft, self._texts[0])
        bar = QRectF(2, line + 3, width, 9)
        # beside each other without seams
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        steps = 3 if self._is_count else 70
        for step in range(steps):
            colour = (
                shade_count(theme, step + 1)
                if self._is_count
                else shade_share(theme, 1 - (step + 0.5) / steps)
            )
            painter.fillRect(
                QRectF(bar.left() + bar.width() * step / steps, bar.top(), bar.width() / steps, bar.height()),
                colour,
            )
        painter.setPen(QColor(theme.text))
        below = QRectF(2, bar.bottom() + 3, width, line)
        for label, side in zip(
            self._texts[1:],
            (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight),
            strict=True,
        ):
            painter.drawText(below, side, label)
        swatch = QRectF(bar.right() + 24, bar.top() - 2, 26, 13)
        painter.fillRect(swatch, make_hatching())
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawRect(swatch)
        painter.setPen(QColor(theme.text))
        painter.drawText(
            QRectF(swatch.right() + 8, swatch.center().y() - line / 2, beside, line),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            self._unseen,
        )
        painter.end()


def _paint_cells(shown: ShownLayer) -> QImage:
    theme = current_theme()
    shares = shown.shares
    is_known = np.isfinite(shares)
    if shown.is_count:
        levels = np.where(is_known, np.clip(np.nan_to_num(shares), 0, len(_COUNT_ALPHAS)), 0)
        colours = [shade_count(theme, count + 1) for count in range(len(_COUNT_ALPHAS))]
    else:
        levels = np.where(is_known, 1 + np.clip(np.nan_to_num(shares), 0, 1) * (LEVELS - 1), 0)
        colours = [shade_share(theme, level / (LEVELS - 1)) for level in range(LEVELS)]
    content = np.ascontiguousarray(levels.astype(np.uint8))
    rows, columns = content.shape
    indexed = QImage(content.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    indexed.setColorTable([0, *(colour.rgba() for colour in colours)])
    return indexed.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _cover_cells(shown: ShownLayer) -> QPainterPath:
    """The unseen cells as rectangles, one for each run of them in a row."""
    left, bottom, width, height = shown.rect_m
    rows, columns = shown.is_unseen.shape
    wide, high = width / columns, height / rows
    edges = np.diff(np.pad(shown.is_unseen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    starts, ends = np.nonzero(edges == 1), np.nonzero(edges == -1)
    for row, start, end in zip(starts[0].tolist(), starts[1].tolist(), ends[1].tolist(), strict=True):
        path.addRect(QRectF(left + start * wide, bottom + row * high, (end - start) * wide, high))
    return path
