"""Two grey pictures of the same place, one beside the other or one under the other with a curtain."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from app.gui.theme import current_theme

_USUAL_WH = (720, 300)
_SMALLEST_WH = (420, 180)


class ComparedPictures(QFrame):
    """Shows both side by side, or the later one from a share of the width on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._before, self._after = QImage(), QImage()
        self._words = ("", "", "")
        self._curtain_percent: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def has_both(self) -> bool:
        """Whether there is something to compare."""
        return not self._before.isNull() and not self._after.isNull()

    def show_pictures(self, before: bytes, after: bytes, size_wh: tuple[int, int]) -> None:
        """Show two pictures.

        Args:
            before, after: grey levels row by row; empty for none.
        """
        self._before, self._after = (_make_image(grey, size_wh) for grey in (before, after))
        self.update()

    def show_words(self, before: str, after: str, missing: str) -> None:
        """Say what each picture is, and what stands in place of one that is missing."""
        self._words = (before, after, missing)
        self.setAccessibleName(f"{before}, {after}")
        self.update()

    def draw_curtain(self, percent: int | None) -> None:
        """Show the later picture from this part of the width on, 0 to 100; None: side by side."""
        self._curtain_percent = percent
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Two pictures of 16:9."""
        return QSize(*_USUAL_WH)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Large enough to see a shift."""
        return QSize(*_SMALLEST_WH)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw both."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        inside = self.contentsRect().adjusted(4, 4, -4, -4)
        if self._curtain_percent is not None and self.has_both:
            self._paint_curtain(painter, inside, self._curtain_percent)
            return
        half = QSize((inside.width() - 8) // 2, inside.height())
        left = QRect(inside.topLeft(), half)
        right = QRect(left.right() + 9, inside.top(), half.width(), half.height())
        for image, words, area in (
            (self._before, self._words[0], left),
            (self._after, self._words[1], right),
        ):
            place = _fit(image, area)
            if image.isNull():
                painter.setPen(QColor(current_theme().text_muted))
                centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(area.adjusted(12, 12, -12, -12), centred, self._words[2])
            else:
                painter.drawImage(place, image)
                _paint_label(painter, place, words, is_left=True)

    def _paint_curtain(self, painter: QPainter, inside: QRect, percent: int) -> None:
        place = _fit(self._after, inside)
        x = place.left() + round(percent / 100 * place.width())
        painter.drawImage(place, self._after)
        painter.save()
        painter.setClipRect(QRect(place.left(), place.top(), x - place.left(), place.height()))
        painter.drawImage(place, self._before)
        painter.restore()
        painter.setPen(QPen(QColor(current_theme().accent), 2))
        painter.drawLine(x, place.top(), x, place.bottom())
        if percent > 0:
            _paint_label(painter, place, self._words[0], is_left=True)
        if percent < 100:
            _paint_label(painter, place, self._words[1], is_left=False)


def _make_image(grey: bytes, size_wh: tuple[int, int]) -> QImage:
    if not grey:
        return QImage()
    width, height = size_wh
    # a copy: the picture must not refer to the bytes that it was made of
    return QImage(grey, width, height, width, QImage.Format.Format_Grayscale8).copy()


def _fit(image: QImage, area: QRect) -> QRect:
    shape = image.size() if not image.isNull() else QSize(16, 9)
    place = QRect(area.topLeft(), shape.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio))
    place.moveCenter(area.center())
    return place


def _paint_label(painter: QPainter, place: QRect, words: str, *, is_left: bool) -> None:
    box = painter.fontMetrics().boundingRect(words).adjusted(-6, -3, 6, 3)
    box.moveTopLeft(place.topLeft())
    if not is_left:
        box.moveRight(place.right())
    painter.fillRect(box, QColor(10, 14, 20, 190))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
