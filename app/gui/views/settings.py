"""The settings page: language, colours, networks, folders."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.gui.translation import LANGUAGE_NAMES, tr
from app.gui.viewmodels.settings import ModelRow, SettingsViewModel

_MEBIBYTE = 2**20


class SettingsView(QWidget):
    """Cards below each other; every choice holds at once."""

    def __init__(self, viewmodel: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._titles = [QLabel(self) for _ in range(3)]
        for title in self._titles:
            title.setProperty("role", "title")
        self._language_label = QLabel(self)
        self._language = QComboBox(self)
        self._language.activated.connect(self._on_language_activated)
        self._theme_label = QLabel(self)
        self._theme = QComboBox(self)
        self._theme.activated.connect(self._on_theme_activated)
        look = QGridLayout()
        look.addWidget(self._language_label, 0, 0)
        look.addWidget(self._language, 0, 1)
        look.addWidget(self._theme_label, 1, 0)
        look.addWidget(self._theme, 1, 1)
        look.setColumnStretch(2, 1)
        look.setHorizontalSpacing(24)
        look.setVerticalSpacing(10)
        self._models_text = QLabel(self)
        self._models_text.setProperty("role", "muted")
        self._models_text.setWordWrap(True)
        self._models = QGridLayout()
        self._models.setHorizontalSpacing(24)
        self._models.setVerticalSpacing(8)
        self._import = QPushButton(self)
        self._import.clicked.connect(self._on_import_clicked)
        import_row = QHBoxLayout()
        import_row.addWidget(self._import)
        import_row.addStretch(1)
        self._folders = QGridLayout()
        self._folders.setHorizontalSpacing(24)
        self._folders.setVerticalSpacing(8)
        self._folders.setColumnStretch(1, 1)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(14)
        for title, parts in (
            (self._titles[0], (look,)),
            (self._titles[1], (self._models_text, self._models, import_row)),
            (self._titles[2], (self._folders,)),
        ):
            column.addWidget(self._make_card(title, parts))
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        content.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        for title, text in zip(
            self._titles, (tr("Language and colours"), tr("Models"), tr("Folders")), strict=True
        ):
            title.setText(text)
        self._language_label.setText(tr("Language"))
        self._language.setAccessibleName(tr("Language"))
        self._theme_label.setText(tr("Colours"))
        self._theme.setAccessibleName(tr("Colours"))
        self._fill(self._language, [(tr("As the system"), "system"), *_swap(LANGUAGE_NAMES)])
        self._fill(
            self._theme,
            [(tr("As the system"), "system"), (tr("Light"), "light"), (tr("Dark"), "dark")],
        )
        self._import.setText(tr("Take in a model from a file"))
        self._import.setAccessibleName(tr("Take in a model from a file"))
        self._show_state()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look at the models when the page is first seen."""
        super().showEvent(event)
        if not self._viewmodel.state.are_models_known:
            self._viewmodel.list_models()

    def _make_card(self, title: QLabel, parts: tuple[QLayout | QWidget, ...]) -> QFrame:
        card = QFrame(self)
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        column.addWidget(title)
        for part in parts:
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)
        return card

    def _fill(self, box: QComboBox, entries: list[tuple[str, str]]) -> None:
        box.clear()
        for text, value in entries:
            box.addItem(text, value)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._language.setCurrentIndex(self._language.findData(state.language))
        self._theme.setCurrentIndex(self._theme.findData(state.theme))
        self._models_text.setText(
            tr("Real cameras need an official model; the demonstration's own knows only drawn people.")
            if state.are_models_known
            else tr("Looking at the models")
        )
        _clear(self._models)
        for row, model in enumerate(state.models):
            self._add_model(row, model, is_in_use=model.name == state.model_in_use)
        self._models.setColumnStretch(3, 1)
        _clear(self._folders)
        for row, (name, folder) in enumerate(state.folders):
            self._add_folder(row, tr(name), folder)

    def _add_model(self, row: int, model: ModelRow, *, is_in_use: bool) -> None:
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
            label.setTextFormat(Qt.TextFormat.PlainText)
            self._models.addWidget(label, row, column)
            label.show()
        if model.can_fetch:
            fetch = QPushButton(tr("Fetch"), self)
            fetch.setAccessibleName(tr("Fetch {name}", name=model.name))
            fetch.clicked.connect(partial(self._viewmodel.fetch_model, model.name))
            self._models.addWidget(fetch, row, 4)
            fetch.show()

    def _add_folder(self, row: int, name: str, folder: Path) -> None:
        label = QLabel(name, self)
        path = QLabel(str(folder), self)
        path.setProperty("role", "muted")
        path.setTextFormat(Qt.TextFormat.PlainText)
        path.setWordWrap(True)
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        show = QPushButton(tr("Show"), self)
        show.setAccessibleName(tr("Show the folder {name}", name=name))
        show.setEnabled(folder.is_dir())
        show.clicked.connect(partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(folder))))
        for column, widget in enumerate((label, path, show)):
            self._folders.addWidget(widget, row, column)
            widget.show()

    def _on_language_activated(self, index: int) -> None:
        self._viewmodel.choose_language(self._language.itemData(index))

    def _on_theme_activated(self, index: int) -> None:
        self._viewmodel.choose_theme(self._theme.itemData(index))

    def _on_import_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(
            self, tr("Take in a model from a file"), "", "*.pt *.onnx *.xml *.engine"
        )
        if file:
            self._viewmodel.import_model(Path(file))


def _swap(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, language) for language, name in names.items()]


def _clear(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _describe_state(state: str) -> tuple[str, str]:
    """Words and tone for the states of `app.operations.model_library.ListedModel`."""
    return {
        "ready": (tr("Ready"), "good"),
        "not fetched": (tr("Not fetched"), "muted"),
        "damaged": (tr("Damaged"), "bad"),
    }.get(state, (tr("Missing"), "bad"))
