"""Asks where a table is to be written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.gui.session.translation import tr


def ask_for_table_file(parent: QWidget, proposed_name: str) -> Path | None:
    """A file with an ending, by default ``.csv``; None where nobody chose one."""
    path, _ = QFileDialog.getSaveFileName(
        parent, tr("Export the table"), proposed_name, tr("CSV table (*.csv)")
    )
    if not path:
        return None
    chosen = Path(path)
    return chosen if chosen.suffix else chosen.with_suffix(".csv")
