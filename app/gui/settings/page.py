"""The settings page: language, theme and units; models; folders; network and log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.gui.session.permissions import require_permission
from app.gui.session.translation import LANGUAGE_NAMES, Translated, tr
from app.gui.settings.model import ModelRow, SettingsViewModel
from app.gui.widgets.forms import (
    clear_grid,
    fill_combo_box,
    make_combo_box,
    make_form,
    make_grid,
    make_label,
    make_row,
    name_control,
)
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.settings_card import SettingsCard
from app.settings.schema import MAX_CONNECT_S

_MEBIBYTE = 2**20
_READY = "ready"


class ModelsCard(SettingsCard):
    """Card of the models of a `SettingsState`."""

    def __init__(self, viewmodel: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown: tuple[object, ...] = ()
        self._rows = make_grid(stretched=3, vertical_px=8)
        self._import = QPushButton(self)
        self._import.clicked.connect(self._on_import_clicked)
        require_permission(self._import, Permission.CHANGE_SETTINGS)
        self.column.addLayout(self._rows)
        self.column.addLayout(make_row(self._import))
        viewmodel.state_changed.connect(self._show_state)

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        self._title.setText(tr("Models"))
        name_control(self._import, tr("Import model…"))
        self._shown = ()
        self._show_state()

    def take_focus(self) -> None:
        """Move the keyboard focus to the card."""
        self._import.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        shown = (state.models, state.are_models_known, state.model_in_use, state.has_venue)
        if shown == self._shown:
            return
        self._shown = shown
        self._text.setText(
            tr("Real cameras need an official model; the demo's model recognises only drawn people.")
            if state.are_models_known
            else tr("Listing the models")
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
        about = make_label(f"{size}   {model.licence}".strip(), role="muted", parent=self)
        for column, label in enumerate((name, state, about)):
            self._rows.addWidget(label, row, column)
            label.show()
        if model.can_fetch:
            self._add_button(
                row,
                tr("Download"),
                tr("Download {name}", name=model.name),
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
        require_permission(button, Permission.CHANGE_SETTINGS)
        self._rows.addWidget(button, row, 4)
        button.show()

    def _on_import_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, tr("Import model…"), "", "*.pt *.onnx *.xml *.engine")
        if file:
            self._viewmodel.import_model(Path(file))


def _describe_state(state: str) -> tuple[str, str]:
    """Return the text and the tone of a state of `app.maintenance.model_library.ListedModel`."""
    return {
        _READY: (tr("Ready"), "good"),
        "not fetched": (tr("Not downloaded"), "muted"),
        "damaged": (tr("Damaged"), "bad"),
    }.get(state, (tr("Missing"), "bad"))


_CHANGEABLE = "Models"


class FoldersCard(SettingsCard):
    """Card of the folders of a `SettingsState`."""

    def __init__(self, viewmodel: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown: tuple[object, ...] = ()
        self._text.hide()
        self._rows = make_grid(stretched=1, vertical_px=8)
        self.column.addLayout(self._rows)
        viewmodel.state_changed.connect(self._show_state)

    def retranslate(self) -> None:
        """Update all texts to the current language."""
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
        path = make_label(
            str(folder), role="muted", wraps=True, is_plain=True, is_selectable=True, parent=self
        )
        show = QPushButton(tr("Show"), self)
        show.setAccessibleName(tr("Show the folder {name}", name=tr(name)))
        show.setEnabled(folder.is_dir())
        show.clicked.connect(partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(folder))))
        widgets = [QLabel(tr(name), self), path, show]
        if name == _CHANGEABLE:
            change = QPushButton(tr("Change"), self)
            change.setAccessibleName(tr("Choose a folder for the models"))
            change.clicked.connect(partial(self._choose_folder, folder))
            reset = QPushButton(tr("Reset"), self)
            reset.setAccessibleName(tr("Use ExpoFlow's own folder for the models"))
            reset.setToolTip(tr("Use ExpoFlow's own folder for the models"))
            reset.setEnabled(not self._viewmodel.state.has_own_models_folder)
            reset.clicked.connect(partial(self._viewmodel.choose_models_folder, None))
            require_permission(change, Permission.CHANGE_SETTINGS)
            require_permission(reset, Permission.CHANGE_SETTINGS)
            widgets += [change, reset]
        for column, widget in enumerate(widgets):
            self._rows.addWidget(widget, row, column)
            widget.show()

    def _choose_folder(self, current: Path) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder for the models"), str(current))
        if folder:
            self._viewmodel.choose_models_folder(Path(folder))


class SettingsView(Translated, QWidget):
    """Page of cards; every choice applies at once."""

    doctor_requested = Signal()
    """The doctor was requested."""

    def __init__(self, viewmodel: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._titles = [make_label(role="title", parent=self) for _ in range(2)]
        self._labels = {name: QLabel(self) for name in ("language", "theme", "units", "timeout", "log")}
        self._language, self._theme, self._units, self._log = (make_combo_box(self) for _ in range(4))
        for box, choose in (
            (self._language, viewmodel.choose_language),
            (self._theme, viewmodel.choose_theme),
            (self._units, viewmodel.choose_units),
            (self._log, viewmodel.choose_log_level),
        ):
            box.activated.connect(partial(_apply_choice, box, choose))
        self._json = QCheckBox(self)
        self._json.clicked.connect(viewmodel.write_json_log)
        self._downloads = QCheckBox(self)
        self._downloads.clicked.connect(viewmodel.allow_downloads)
        self._timeout = NumberField(minimum=1.0, maximum=MAX_CONNECT_S, decimals=0, unit="s", parent=self)
        self._timeout.valueChanged.connect(viewmodel.choose_connect_timeout)
        for control in (self._log, self._json, self._downloads, self._timeout):
            require_permission(control, Permission.CHANGE_SETTINGS)
        self._models, self._folders = ModelsCard(viewmodel, self), FoldersCard(viewmodel, self)
        appearance = make_form(
            (self._labels["language"], self._language),
            (self._labels["theme"], self._theme),
            (self._labels["units"], self._units),
        )
        technical = make_form(
            (self._labels["timeout"], self._timeout),
            (self._labels["log"], self._log),
        )
        for choice in (self._json, self._downloads):
            technical.addWidget(choice, technical.rowCount(), 0, 1, 3)
        self._doctor = QPushButton(self)
        self._doctor.clicked.connect(self.doctor_requested)
        technical.addWidget(self._doctor, technical.rowCount(), 0)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(14)
        column.addWidget(self._make_card(self._titles[0], appearance))
        column.addWidget(self._models)
        column.addWidget(self._folders)
        column.addWidget(self._make_card(self._titles[1], technical))
        column.addStretch(1)
        self._cards = column
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(content)
        content.setAutoFillBackground(False)
        self._scroll.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()

    def add_card(self, card: QWidget) -> None:
        """Add a card below the others."""
        self._cards.insertWidget(self._cards.count() - 1, card)

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        self._titles[0].setText(tr("Language, colours and units"))
        self._titles[1].setText(tr("Network and log"))
        for name, text, control in (
            ("language", tr("Language"), self._language),
            ("theme", tr("Colours"), self._theme),
            ("units", tr("Units"), self._units),
            ("timeout", tr("Time limit for a camera's response"), self._timeout),
            ("log", tr("Log file"), self._log),
        ):
            self._labels[name].setText(text)
            control.setAccessibleName(text)
        name_control(self._downloads, tr("Allow downloading official models from the internet"))
        name_control(
            self._json, tr("Write the log as JSON lines for log collectors (from the next start on)")
        )
        self._doctor.setText(tr("Run the doctor"))
        self._doctor.setAccessibleName(tr("Problems? Run the doctor"))
        self._timeout.setToolTip(tr("Applies from the next recording on."))
        fill_combo_box(
            self._language, ((tr("Same as system"), "system"), *((n, k) for k, n in LANGUAGE_NAMES.items()))
        )
        fill_combo_box(
            self._theme, ((tr("Same as system"), "system"), (tr("Light"), "light"), (tr("Dark"), "dark"))
        )
        fill_combo_box(self._units, ((tr("Metres (m, m²)"), "metric"), (tr("Feet (ft, ft²)"), "imperial")))
        fill_combo_box(
            self._log,
            (
                (tr("Errors only"), "error"),
                (tr("Errors and warnings"), "warning"),
                (tr("Normal operation"), "info"),
                (tr("Everything, for troubleshooting"), "debug"),
            ),
        )
        self._models.retranslate()
        self._folders.retranslate()
        self._show_state()

    def show_models(self) -> None:
        """Scroll to the models."""
        self._models.take_focus()
        self._scroll.ensureWidgetVisible(self._models)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """List the models when the page is first shown."""
        super().showEvent(event)
        if not self._viewmodel.state.are_models_known:
            self._viewmodel.list_models()

    def _make_card(self, title: QLabel, form: QGridLayout) -> QFrame:
        card = QFrame(self)
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        column.addWidget(title)
        column.addLayout(form)
        return card

    def _show_state(self) -> None:
        state = self._viewmodel.state
        for box, value in (
            (self._language, state.language),
            (self._theme, state.theme),
            (self._units, state.units),
            (self._log, state.log_level),
        ):
            box.setCurrentIndex(box.findData(value))
        self._downloads.setChecked(state.allows_downloads)
        self._json.setChecked(state.is_log_json)
        self._timeout.setValue(state.connect_timeout_s)


def _apply_choice(box: QComboBox, choose: Callable[[str], None], index: int) -> None:
    choose(box.itemData(index))
