"""The networks on this machine: which there are, which the venue uses, and how more get here."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.gui.permissions import needs
from app.gui.translation import tr
from app.gui.viewmodels.settings import ModelRow, SettingsViewModel

_MEBIBYTE = 2**20
_READY = "ready"


class ModelsCard(QFrame):
    """Shows the models of a `SettingsState`."""

    def __init__(self, viewmodel: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown: tuple[object, ...] = ()
        self.setProperty("role", "card")
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._text = QLabel(self)
        self._text.setProperty("role", "muted")
        self._text.setWordWrap(True)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(24)
        self._rows.setVerticalSpacing(8)
        self._rows.setColumnStretch(3, 1)
        self._import = QPushButton(self)
        self._import.clicked.connect(self._on_import_clicked)
        needs(self._import, Permission.CHANGE_SETTINGS)
        import_row = QHBoxLayout()
        import_row.addWidget(self._import)
        import_row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addLayout(self._rows)
        column.addLayout(import_row)
        viewmodel.state_changed.connect(self._show_state)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Models"))
        self._import.setText(tr("Take in a model from a file"))
        self._import.setAccessibleName(tr("Take in a model from a file"))
        self._shown = ()
        self._show_state()

    def take_focus(self) -> None:
        """Lead whoever uses the keyboard here."""
        self._import.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        shown = (state.models, state.are_models_known, state.model_in_use, state.has_venue)
        if shown == self._shown:
            return
        self._shown = shown
        self._text.setText(
            tr("Real cameras need an official model; the demonstration's own knows only drawn people.")
            if state.are_models_known
            else tr("Looking at the models")
        )
        clear_grid(self._rows)
        for row, model in enumerate(state.models):
            self._add_model(
                row, model, is_in_use=model.name == state.model_in_use, can_be_used=state.has_venue
            )

    def _add_model(self, row: int, model: ModelRow, *, is_in_use: bool, can_be_used: bool) -> None:
        name = QLabel(model.name, self)
        name.setToolTip(model.description)
        words, tone = _describe_state(model.state)
        if is_in_use:
            words = tr("{state}, used by this venue", state=words)
        state = QLabel(words, self)
        state.setProperty("role", tone)
        size = "" if model.size_bytes is None else f"{model.size_bytes / _MEBIBYTE:.1f} MiB"
        about = QLabel(f"{size}   {model.licence}".strip(), self)
        about.setProperty("role", "muted")
        for column, label in enumerate((name, state, about)):
            self._rows.addWidget(label, row, column)
            label.show()
        if model.can_fetch:
            self._add_button(
                row,
                tr("Fetch"),
                tr("Fetch {name}", name=model.name),
                partial(self._viewmodel.fetch_model, model.name),
            )
        elif model.state == _READY and can_be_used and not is_in_use:
            self._add_button(
                row,
                tr("Use"),
                tr("Use {name} for this venue", name=model.name),
                partial(self._viewmodel.use_model, model.name),
            )

    def _add_button(self, row: int, text: str, name: str, act: partial[None]) -> None:
        button = QPushButton(text, self)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(act)
        needs(button, Permission.CHANGE_SETTINGS)
        self._rows.addWidget(button, row, 4)
        button.show()

    def _on_import_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(
            self, tr("Take in a model from a file"), "", "*.pt *.onnx *.xml *.engine"
        )
        if file:
            self._viewmodel.import_model(Path(file))


def clear_grid(grid: QGridLayout) -> None:
    """Take everything out of a grid."""
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _describe_state(state: str) -> tuple[str, str]:
    """Words and tone for the states of `app.operations.model_library.ListedModel`."""
    return {
        _READY: (tr("Ready"), "good"),
        "not fetched": (tr("Not fetched"), "muted"),
        "damaged": (tr("Damaged"), "bad"),
    }.get(state, (tr("Missing"), "bad"))
