"""A drop-down list that gives way where a window is narrow."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QWidget

_LEAST_PX = 84


class ShrinkingList(QComboBox):
    """As wide as its longest entry where there is room; its popup always is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102
        return QSize(min(_LEAST_PX, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def showPopup(self) -> None:  # noqa: N802, D102
        self.view().setMinimumWidth(self.sizeHint().width())
        super().showPopup()
