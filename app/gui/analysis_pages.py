"""Makes the pages on which a period is understood; each comes from a module of its own."""

from __future__ import annotations

from app.gui.main_window import MainWindow, WindowParts


def add_analysis_pages(window: MainWindow, parts: WindowParts) -> None:
    """Import and make the pages of flows, the exhibition, comparisons, findings and the timeline."""
