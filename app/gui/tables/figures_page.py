"""Base of pages with figures: computes them while visible, exports tables, and shows errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.error_reporting import ErrorReport
from app.gui.session.period_figures import TableSource
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.layouts import make_column
from app.gui.widgets.notification_banner import NotificationBanner


class FiguresPage(Translated, QWidget):
    """Base of pages that show the figures of a period as tables."""

    def __init__(
        self, source: TableSource[Any], *, name_file: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        """Set up the page; ``name_file`` proposes a file name for a table."""
        super().__init__(parent)
        self._source, self._name_file = source, name_file
        self.banner = NotificationBanner(self)
        self.banner.float_over(self)
        source.exported.connect(self._on_exported)
        source.export_failed.connect(self._show_fault)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._source.set_page_visible(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.banner.hide()
        self._source.set_page_visible(False)

    def _make_column(self) -> QVBoxLayout:
        theme = current_theme()
        return make_column(self, margins=(theme.space_l, theme.space_m, theme.space_l, theme.space_m))

    def _write_table(self, titles: list[str], rows: list[list[str]]) -> None:
        """Let the user choose a file, by default ``.csv``, and write a table into it."""
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export the table"), self._name_file(), tr("CSV table (*.csv)")
        )
        if path:
            chosen = Path(path)
            self._source.export_table(chosen if chosen.suffix else chosen.with_suffix(".csv"), titles, rows)

    def _on_exported(self, path: str) -> None:
        self.banner.show_message(lambda: tr("The table was written to {path}.", path=path), tone="good")

    def _show_fault(self, fault: ErrorReport) -> None:
        self.banner.show_message(lambda: fault.render(tr).problem, lambda: fault.render(tr).remedy)
