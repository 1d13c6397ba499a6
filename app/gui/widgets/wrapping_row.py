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
        # Qt asks for the height at several widths, and each size of an item takes a call from Python
        self._sized: list[tuple[QLayoutItem, QSize]] | None = None
        self.setContentsMargins(0, 0, 0, 0)

    def insert_before_last(self, widget: QWidget) -> None:
        """Insert a control before the right-aligned one."""
        self.addWidget(widget)
        self._items.insert(max(0, len(self._items) - 2), self._items.pop())
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        self._items.append(item)
        self._sized = None

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        self._sized = None
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def invalidate(self) -> None:
        self._sized = None
        super().invalidate()

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802 - Qt's name
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        lines = self._break_lines(width)
        gaps_px = max(0, len(lines) - 1) * max(0, self.spacing())
        return sum(_measure_height(line) for line in lines) + gaps_px

    def sizeHint(self) -> QSize:  # noqa: N802
        shown = self._list_sizes()
        gaps_px = max(0, len(shown) - 1) * max(0, self.spacing())
        return QSize(sum(hint.width() for _item, hint in shown) + gaps_px, _measure_height(shown))

    def minimumSize(self) -> QSize:  # noqa: N802
        shown = self._list_sizes()
        return QSize(max((hint.width() for _item, hint in shown), default=0), _measure_height(shown))

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        space_px, y = max(0, self.spacing()), rect.y()
        for line in self._break_lines(rect.width()):
            height_px, x = _measure_height(line), rect.x()
            for item, hint in line:
                if item is self._items[-1]:
                    x = max(x, rect.x() + rect.width() - hint.width())
                item.setGeometry(QRect(x, y, min(hint.width(), rect.width()), height_px))
                x += hint.width() + space_px
            y += height_px + space_px

    def _list_sizes(self) -> list[tuple[QLayoutItem, QSize]]:
        if self._sized is None:
            self._sized = [(item, item.sizeHint()) for item in self._items if not item.isEmpty()]
        return self._sized

    def _break_lines(self, width_px: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        space_px, used_px = max(0, self.spacing()), 0
        for item, hint in self._list_sizes():
            if lines and used_px + space_px + hint.width() <= width_px:
                lines[-1].append((item, hint))
                used_px += space_px + hint.width()
            else:
                lines.append([(item, hint)])
                used_px = hint.width()
        return lines


def _measure_height(line: list[tuple[QLayoutItem, QSize]]) -> int:
    return max((hint.height() for _item, hint in line), default=0)
