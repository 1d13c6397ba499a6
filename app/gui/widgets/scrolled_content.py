"""Panel content that scrolls vertically if the window is too low."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from app.gui.widgets.layouts import fill, make_column


def scroll_content(panel: QWidget, content: QWidget) -> None:
    """Fill a panel with scrolling content, without a background or a focus of its own."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(content)
    content.setAutoFillBackground(False)
    scroll.viewport().setAutoFillBackground(False)
    fill(make_column(panel, margins=0), scroll)
