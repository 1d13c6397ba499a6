"""One picture that stands, as large as its place and in its own shape."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from app.gui.theme import current_theme

_USUAL_WIDTH_PX = 400
_TALLEST_SHAPE = QSize(16, 9)


class StillPicture(QFrame):
    """Shows some words while there is no picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._image = QImage()
        self._words = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def has_picture(self) -> bool:
        """Whether there is one."""
        return not self._image.isNull()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """That of the previews of cameras."""
        return QSize(_USUAL_WIDTH_PX, self.heightForWidth(_USUAL_WIDTH_PX))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """In the picture's shape, but never so tall that it pushes what is below it away."""
        shape = self._image.size() if self.has_picture else _TALLEST_SHAPE
        tallest = width * _TALLEST_SHAPE.height() / _TALLEST_SHAPE.width()
        return round(min(tallest, width * shape.height() / shape.width()))

    def show_picture(self, rgb: bytes, size_wh: tuple[int, int], *, words: str) -> None:
        """Show a picture.

        Args:
            rgb: shape (height, width, 3), RGB, row by row; empty for none.
            words: shown in its place, and told to screen readers.
        """
        width, height = size_wh
        shown = QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888) if rgb else QImage()
        # a copy: the picture must not refer to the bytes that it was made of
        self._image = shown.convertToFormat(QImage.Format.Format_RGB32)
        self._words = words
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the picture in the middle, or the words."""
        super().paintEvent(event)
        painter = QPainter(self)
        inside = self.contentsRect()
        if self._image.isNull():
            painter.setPen(QColor(current_theme().text_muted))
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            return
        size = self._image.size().scaled(inside.size(), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRect(inside.topLeft(), size)
        area.moveCenter(inside.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._image)
