"""Where ExpoFlow keeps its files on this machine; that of the models can be another one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.access.roles import Permission
from app.gui.permissions import needs
from app.gui.translation import tr
from app.gui.viewmodels.settings import SettingsViewModel
from app.gui.views.models_card import clear_grid

_CHANGEABLE = "Models"


class FoldersCard(QFrame):
    """Shows the folders of a `SettingsState`."""

    def __init__(self, viewmodel: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown: tuple[object, ...] = ()
        self.setProperty("role", "card")
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(24)
        self._rows.setVerticalSpacing(8)
        self._rows.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addLayout(self._rows)
        viewmodel.state_changed.connect(self._show_state)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Folders"))
        self._shown = ()
        self._show_state()

    def _show_state(self) -> None:
        state = self._viewmodel.state
        shown = (state.folders, state.has_own_models_folder)
        if shown == self._shown:
            return
        self._shown = shown
        clear_grid(self._rows)
        for row, (name, folder) in enumerate(state.folders):
            self._add_folder(row, name, folder)

    def _add_folder(self, row: int, name: str, folder: Path) -> None:
        path = QLabel(str(folder), self)
        path.setProperty("role", "muted")
        path.setTextFormat(Qt.TextFormat.PlainText)
        path.setWordWrap(True)
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        show = QPushButton(tr("Show"), self)
        show.setAccessibleName(tr("Show the folder {name}", name=tr(name)))
        show.setEnabled(folder.is_dir())
        show.clicked.connect(partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(folder))))
        widgets = [QLabel(tr(name), self), path, show]
        if name == _CHANGEABLE:
            change = QPushButton(tr("Change"), self)
            change.setAccessibleName(tr("Choose a folder for the models"))
            change.clicked.connect(partial(self._ask_for_folder, folder))
            reset = QPushButton(tr("Reset"), self)
            reset.setAccessibleName(tr("Use ExpoFlow's own folder for the models"))
            reset.setToolTip(tr("Use ExpoFlow's own folder for the models"))
            reset.setEnabled(not self._viewmodel.state.has_own_models_folder)
            reset.clicked.connect(partial(self._viewmodel.choose_models_folder, None))
            needs(change, Permission.CHANGE_SETTINGS)
            needs(reset, Permission.CHANGE_SETTINGS)
            widgets += [change, reset]
        for column, widget in enumerate(widgets):
            self._rows.addWidget(widget, row, column)
            widget.show()

    def _ask_for_folder(self, present: Path) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder for the models"), str(present))
        if folder:
            self._viewmodel.choose_models_folder(Path(folder))
