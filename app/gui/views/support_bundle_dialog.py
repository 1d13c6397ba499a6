"""What a bundle for support would hold, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.translation import tr

_NAME = "expoflow-support.zip"
_SIZE_WH = (680, 420)


class SupportBundleDialog(QDialog):
    """Lists the parts; ``file_chosen`` says where the bundle is to be written."""

    file_chosen = Signal(str)

    def __init__(self, parts: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Support bundle"))
        self.resize(*_SIZE_WH)
        words = QLabel(
            tr(
                "One file for whoever helps you. No picture, no track of a visitor and no password is in it; "
                "names of cameras and zones are. Nothing is sent by itself."
            )
        )
        words.setWordWrap(True)
        self.table = QTableWidget(len(parts), 2)
        self.table.setHorizontalHeaderLabels([tr("File"), tr("What is in it")])
        self.table.setAccessibleName(tr("What is in it"))
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for row, texts in enumerate(parts):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.table.setItem(row, column, item)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.addButton(tr("Save the bundle"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setProperty("role", "primary")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column_ = QVBoxLayout(self)
        column_.addWidget(words)
        column_.addWidget(self.table, 1)
        column_.addWidget(buttons)

    def _on_accepted(self) -> None:
        file, _kind = QFileDialog.getSaveFileName(self, tr("Save the bundle"), _NAME, "*.zip")
        if file:
            self.file_chosen.emit(str(Path(file)))
            self.accept()
