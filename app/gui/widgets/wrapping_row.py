"""A row of controls that wraps into a second line."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class WrappingRow(QLayout):
    """Controls from left to right at their preferred width; the last one is right-aligned.

    Words are never cut short while a whole line has room for the widest control.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def insert_before_last(self, widget: QWidget) -> None:
        """Insert a control before the right-aligned one."""
        self.addWidget(widget)
        self._items.insert(max(0, len(self._items) - 2), self._items.pop())
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802, D102 - Qt's name
        self._items.append(item)

    def count(self) -> int:  # noqa: D102 - Qt's name
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802, D102 - Qt's name
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802, D102 - Qt's name
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802, D102 - Qt's name
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802, D102 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802, D102 - Qt's name
        lines = self._break_lines(width)
        gaps_px = max(0, len(lines) - 1) * max(0, self.spacing())
        return sum(_measure_height(line) for line in lines) + gaps_px

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of all controls in one line."""
        shown = [item for item in self._items if not item.isEmpty()]
        return QSize(self._measure_width(shown), _measure_height(shown))

    def minimumSize(self) -> QSize:  # noqa: N802
        """Return the width of the widest control, and the height of one line."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        return QSize(
            max((hint.width() for hint in shown), default=0),
            max((hint.height() for hint in shown), default=0),
        )

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Place all controls."""
        super().setGeometry(rect)
        space_px, y = max(0, self.spacing()), rect.y()
        for line in self._break_lines(rect.width()):
            height_px, x = _measure_height(line), rect.x()
            for item in line:
                hint = item.sizeHint()
                if item is self._items[-1]:
                    x = max(x, rect.x() + rect.width() - hint.width())
                item.setGeometry(QRect(x, y, min(hint.width(), rect.width()), height_px))
                x += hint.width() + space_px
            y += height_px + space_px

    def _break_lines(self, width_px: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        for item in self._items:
            if item.isEmpty():
                continue
            if lines and self._measure_width([*lines[-1], item]) <= width_px:
                lines[-1].append(item)
            else:
                lines.append([item])
        return lines

    def _measure_width(self, line: list[QLayoutItem]) -> int:
        gaps_px = max(0, len(line) - 1) * max(0, self.spacing())
        return sum(item.sizeHint().width() for item in line) + gaps_px


def _measure_height(line: list[QLayoutItem]) -> int:
    return max((item.sizeHint().height() for item in line), default=0)
