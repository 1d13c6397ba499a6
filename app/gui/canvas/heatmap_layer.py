"""A heatmap layer of a scene in metres, and its legend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from analytics.domain.arrays import FloatArray
from app.gui.canvas.scene_item import SceneItem, fade
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import tr
from app.gui.widgets.export_menu import LEGEND
from resources.colours import HEAT_OPACITY, shade_heat

LEVELS = 256


def interpolate_heat(share: float, *, fades: bool = True) -> QColor:
    """Return the colour of a value from 0 to 1 (the end of the scale); low values are pale if it fades."""
    return QColor(*shade_heat(share, fades=fades))


def interpolate_difference(theme: Theme, change: float) -> QColor:
    """Return the colour of a change from -1 (largest decrease) to 1 (largest increase); 0 is clear.

    Blue and orange, which people who see red and green alike tell apart.
    """
    size = min(abs(change), 1.0)
    colour = QColor(theme.less if change < 0 else theme.more)
    colour.setAlpha(round(255 * HEAT_OPACITY * min(1.0, size * 1.25)))
    return colour


def make_path(rings: Sequence[Sequence[tuple[float, float]] | FloatArray]) -> QPainterPath:
    """Return closed rings as an even-odd path in metres."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in rings:
        path.addPolygon(QPolygonF([QPointF(float(x), float(y)) for x, y in ring]))
        path.closeSubpath()
    return path


def paint_hatching(painter: QPainter, area: QPainterPath, *, alpha: int) -> None:
    """Hatch an area of a scene with a constant spacing on the screen."""
    brush = QBrush(fade(current_theme().text_muted, alpha), Qt.BrushStyle.BDiagPattern)
    inverse, is_invertible = painter.worldTransform().inverted()
    if is_invertible:
        brush.setTransform(inverse)
    painter.fillPath(area, brush)


def paint_scale_labels(painter: QPainter, place: QRectF, labels: Sequence[str]) -> None:
    painter.setPen(QColor(current_theme().text))
    flags = Qt.AlignmentFlag
    for label, side in zip(labels, (flags.AlignLeft, flags.AlignHCenter, flags.AlignRight), strict=True):
        painter.drawText(place, side, label)


class HeatmapLayer(SceneItem):
    """Cells as a smooth picture, clipped to the floor; floor without a value is hatched."""

    def __init__(self) -> None:
        super().__init__()
        self._rect = QRectF()
        self._floor = QPainterPath()
        self._levels: npt.NDArray[np.uint8] | None = None
        self._fades, self._is_difference = True, False
        self._image = QImage()
        self._unobserved = QPainterPath()
        self.shows_heat = True
        self.shows_unobserved = True

    @property
    def image(self) -> QImage:
        """The image drawn, one pixel per cell, bottom row first; null while empty."""
        return self._image

    def set_floor(self, floor: QPainterPath) -> None:
        self.prepareGeometryChange()
        self._floor = floor
        self.update()

    def set_values(
        self,
        values: FloatArray | None,
        rect: QRectF,
        *,
        top: float,
        fades: bool = True,
        is_difference: bool = False,
    ) -> None:
        """Show a grid of values from 0 to ``top``, row 0 at the lowest y; None clears.

        Args:
            values: where it is not a number, nothing is drawn.
            rect: of the whole grid, metres.
            fades: small values are pale.
            is_difference: the scale goes from ``-top`` to ``top``.
        """
        self.prepareGeometryChange()
        self._rect = rect
        self._fades, self._is_difference = fades, is_difference
        self._levels = None
        if values is not None:
            low = -top if is_difference else 0.0
            # the lowest level stands for no value
            scale = (LEVELS - 2) / (top - low) if top > 0 else 0.0
            levels = np.clip((np.nan_to_num(values) - low) * scale, 0, LEVELS - 2) + 1
            self._levels = np.ascontiguousarray(np.where(np.isnan(values), 0, levels).astype(np.uint8))
        self.recolour()

    def set_unobserved(self, rings: Sequence[FloatArray]) -> None:
        """Set the outlines of the floor without a value, even-odd, metres."""
        self._unobserved = make_path(rings)
        self.update()

    def recolour(self) -> None:
        self._image = QImage()
        if self._levels is not None:
            rows, columns = self._levels.shape
            indexed = QImage(self._levels.data, columns, rows, columns, QImage.Format.Format_Indexed8)
            indexed.setColorTable([QColor(0, 0, 0, 0).rgba(), *self._list_colours()])
            self._image = indexed.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        self.update()

    def _list_colours(self) -> list[int]:
        theme, shares = current_theme(), [level / (LEVELS - 2) for level in range(LEVELS - 1)]
        if self._is_difference:
            return [interpolate_difference(theme, 2 * share - 1).rgba() for share in shares]
        return [interpolate_heat(share, fades=self._fades).rgba() for share in shares]

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._rect.united(self._floor.boundingRect())

    def _draw(self, painter: QPainter) -> None:
        painter.setClipPath(self._floor, Qt.ClipOperation.IntersectClip)
        if self.shows_unobserved and not self._unobserved.isEmpty():
            paint_hatching(painter, self._unobserved, alpha=90)
        if self.shows_heat and not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._rect, self._image, QRectF(self._image.rect()))


class HeatLegend(QWidget):
    """The scale of the layer: colours, three values and the unit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty(LEGEND, True)
        self._unit = ""
        self._labels = ("0", "", "")
        self._fades, self._is_difference = True, False
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    @property
    def texts(self) -> tuple[str, ...]:
        """The unit and the labels of the scale, for tests and screen readers."""
        return (self._unit, *self._labels)

    def set_scale(
        self, *, unit: str, labels: tuple[str, str, str], fades: bool = True, is_difference: bool = False
    ) -> None:
        """Set the labels at the start, middle and end of the scale, with the layer's colours."""
        self._unit, self._labels = unit, labels
        self._fades, self._is_difference = fades, is_difference
        self.setAccessibleDescription(
            tr("{name}: {value}", name=unit, value=" – ".join(filter(None, labels)))
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        metrics = self.fontMetrics()
        wide = max(metrics.horizontalAdvance(self._unit), 200)
        return QSize(wide + 4, metrics.height() * 2 + 16)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def paintEvent(self, _event: object) -> None:  # noqa: N802
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        width = self.width() - 4
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(QRectF(2, 0, width, line), Qt.AlignmentFlag.AlignLeft, self._unit)
        bar = QRectF(2, line + 3, width, 9)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for step in range(17):
            share = step / 16
            gradient.setColorAt(
                share,
                interpolate_difference(theme, 2 * share - 1)
                if self._is_difference
                else interpolate_heat(share, fades=self._fades),
            )
        painter.setBrush(gradient)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawRoundedRect(bar, 3, 3)
        paint_scale_labels(painter, QRectF(2, bar.bottom() + 3, width, line), self._labels)
        painter.end()


class HeatSwatch(QWidget):
    """A sample of the hatching, beside its explanation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(26, 14)

    def paintEvent(self, _event: object) -> None:  # noqa: N802
        theme = current_theme()
        painter = QPainter(self)
        colour = QColor(theme.text_muted)
        painter.fillRect(self.rect(), QBrush(colour, Qt.BrushStyle.BDiagPattern))
        painter.setPen(QColor(theme.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
