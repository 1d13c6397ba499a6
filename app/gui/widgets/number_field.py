"""A number with its unit, typed rather than stepped by arrows."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from app.gui.theme import current_theme


class NumberField(QDoubleSpinBox):
    """The style sheet takes its arrows away; Qt's own way to do so hides a styled field's text."""

    def __init__(
        self,
        *,
        least: float,
        most: float,
        decimals: int,
        unit: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setDecimals(decimals)
        self.setSuffix(f" {unit}")
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
