"""A view zoomed and moved by mouse and keyboard; it shows the whole content until zoomed in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QLabel, QToolButton, QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.widgets.layouts import make_row

_AWAY_PX = 18


class HoverNote(QLabel):
    """A note over a view, kept within it."""

    def __init__(self, view: ZoomedView) -> None:
        super().__init__(view.viewport())
        self._view = view
        self.setProperty("role", "banner")
        self.setMargin(current_theme().space_xs)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, place: tuple[float, float], words: str) -> None:
        self.setText(words)
        self.adjustSize()
        at = self._view.mapFromScene(*place)
        free = self._view.viewport().rect().size() - self.size()
        self.move(max(0, min(at.x() + _AWAY_PX, free.width())), max(0, min(at.y() + _AWAY_PX, free.height())))
        self.show()


ZOOM_STEP = 1.25
ARROWS_Y_DOWN: dict[int, tuple[float, float]] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
"""Directions of the arrow keys in a scene of pixels."""
ARROWS_Y_UP = {key: (right, -down) for key, (right, down) in ARROWS_Y_DOWN.items()}
"""Directions of the arrow keys in a scene of metres."""
_MIN_PX = 20


class ZoomedView(QGraphicsView):
    """Zoomable view of ``content_rect``, in scene units."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        margin_px: int,
        min_zoom: float,
        max_zoom: float,
        is_y_up: bool = False,
    ) -> None:
        """Set up a view of an empty scene.

        Args:
            margin_px: left free around the content where it fits.
            min_zoom, max_zoom: against the whole content in the window.
            is_y_up: the scene's second axis points upwards.
        """
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self.content_rect = QRectF(0, 0, 1, 1)
        self.is_fitted = True
        self._margin_px, self._limits = margin_px, (min_zoom, max_zoom)
        self._sign = -1.0 if is_y_up else 1.0
        self._fit_scale = 1.0
        self._fitted: tuple[QRectF, QSize] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def zoom(self) -> float:
        """The zoom factor; 1 shows the whole content."""
        return abs(self.transform().m11()) / self._fit_scale

    def fit(self) -> None:
        width = max(_MIN_PX, self.viewport().width() - 2 * self._margin_px)
        height = max(_MIN_PX, self.viewport().height() - 2 * self._margin_px)
        self._fit_scale = min(width / self.content_rect.width(), height / self.content_rect.height())
        self.is_fitted, self._fitted = True, (QRectF(self.content_rect), self.viewport().size())
        self.resetTransform()
        self.scale(self._fit_scale, self._sign * self._fit_scale)
        self.centerOn(self.content_rect.center())
        self.on_view_changed()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in (above 1) or out around a point of the viewport, by default its middle."""
        smallest, largest = self._limits
        factor = min(max(self.zoom * factor, smallest), largest) / self.zoom
        point = (about or QPointF(self.viewport().rect().center())).toPoint()
        before = self.mapToScene(point)
        self.is_fitted = False
        self.scale(factor, factor)
        after = self.mapToScene(point)
        self.translate(after.x() - before.x(), after.y() - before.y())
        self.on_view_changed()

    def pan_by(self, right_px: float, down_px: float) -> None:
        """Move the view right and down by pixels."""
        scale = self.transform().m11()
        self.is_fitted = False
        self.translate(-right_px / scale, -self._sign * down_px / scale)
        self.on_view_changed()

    def show_part(self, transform: QTransform, middle: QPointF) -> None:
        self.is_fitted = False
        self.setTransform(transform)
        self.centerOn(middle)
        self.on_view_changed()

    def on_view_changed(self) -> None:
        """Handle a change of the visible part or its scale."""

    def press_zoom_key(self, event: QKeyEvent) -> bool:
        """Zoom by + and -, show everything by 0; return whether the key was one of these."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_by(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            return False
        return True

    def map_to_content(self, position: QPointF) -> QPointF:
        """Map a viewport position to the content, without rounding."""
        return self.viewportTransform().inverted()[0].map(position)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        turned = event.angleDelta().y() / 120
        if turned:
            self.zoom_by(ZOOM_STEP**turned, event.position())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if self.is_fitted:
            self.fit()
        else:
            self.on_view_changed()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        # what is fitted already is not arranged anew at every change of the page
        if self.is_fitted and self._fitted != (self.content_rect, self.viewport().size()):
            self.fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.scene().update()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        painter.fillRect(rect, QColor(current_theme().surface))

    def drawForeground(self, painter: QPainter, _rect: QRectF | QRect) -> None:  # noqa: N802
        if self.hasFocus():
            painter.resetTransform()
            painter.setPen(QPen(QColor(current_theme().accent), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.viewport().update()


class ZoomButtons(QWidget):
    def __init__(self, view: ZoomedView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._out, self._in, self._fit = (QToolButton(self) for _ in range(3))
        row = make_row(self, margins=0, spacing=current_theme().space_xs)
        for button in (self._out, self._in, self._fit):
            button.setProperty("role", "button")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            row.addWidget(button)
        self._out.clicked.connect(lambda: view.zoom_by(1 / ZOOM_STEP))
        self._in.clicked.connect(lambda: view.zoom_by(ZOOM_STEP))
        self._fit.clicked.connect(view.fit)

    def show_names(self, whole: str) -> None:
        """Update the buttons to the current language; ``whole`` is the text of the last one."""
        for button, text, name in (
            (self._in, "+", tr("Zoom in (+)")),
            (self._out, "−", tr("Zoom out (-)")),
            (self._fit, tr("Fit"), whole),
        ):
            button.setText(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
