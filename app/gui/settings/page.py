"""The settings page: sections, a search, and the cards about this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QTableView,
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
    name_control,
)
from app.gui.widgets.layouts import bind_key, fill, make_column, make_label, make_row
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.settings_card import SettingsCard
from app.settings.schema import MAX_CONNECT_S
from vision.detection.model_catalogue import DEMONSTRATION_MODEL, SHIPPED_MODEL

Field = QComboBox | QCheckBox | QDoubleSpinBox | QSpinBox | QLineEdit
_FIELDS = (QComboBox, QCheckBox, QDoubleSpinBox, QSpinBox, QLineEdit)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field and the value that it gets when the change is undone, or done again."""

    field: Field
    value: object


class FieldHistory(QObject):
    """Changes of fields by a person, the last of which can be undone and done again.

    A field's value is taken when it gets the focus, since values also change by themselves.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before: dict[Field, object] = {}
        self._changes: list[FieldChange] = []
        self._undone: list[FieldChange] = []

    @property
    def last(self) -> FieldChange | None:
        return self._changes[-1] if self._changes else None

    @property
    def last_undone(self) -> FieldChange | None:
        return self._undone[-1] if self._undone else None

    def watch(self, card: QWidget) -> None:
        for field in card.findChildren(QWidget):
            if not isinstance(field, _FIELDS):
                continue
            field.installEventFilter(self)
            record = partial(self._record, field)
            if isinstance(field, QComboBox):
                field.activated.connect(record)
            elif isinstance(field, QCheckBox):
                field.clicked.connect(record)
            elif not isinstance(field.parent(), QComboBox | QDoubleSpinBox | QSpinBox):
                field.editingFinished.connect(record)

    def undo(self) -> None:
        """Set the last changed field back, which writes its value as if it had been chosen."""
        self._move(self._changes, self._undone)

    def redo(self) -> None:
        self._move(self._undone, self._changes)

    def _move(self, source: list[FieldChange], to: list[FieldChange]) -> None:
        while source:
            change = source.pop()
            now = _read(change.field)
            # a change may have been refused or taken back by an answer
            if now != change.value:
                to.append(FieldChange(change.field, now))
                # first, so that setting it back is no change of its own
                self._before[change.field] = change.value
                _write(change.field, change.value)
                break
        self.changed.emit()

    def clear(self) -> None:
        for kept in (self._changes, self._undone, self._before):
            kept.clear()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.FocusIn and isinstance(watched, _FIELDS):
            self._before[watched] = _read(watched)
        elif (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and isinstance(watched, QLineEdit)
            and (
                (event.matches(QKeySequence.StandardKey.Undo) and not watched.isUndoAvailable())
                or (event.matches(QKeySequence.StandardKey.Redo) and not watched.isRedoAvailable())
            )
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _record(self, field: Field, *_value: object) -> None:
        now, before = _read(field), self._before.get(field)
        if field not in self._before or now == before:
            return
        self._before[field] = now
        self._changes.append(FieldChange(field, before))
        self._undone.clear()
        self.changed.emit()


def _read(field: Field) -> object:
    match field:
        case QComboBox():
            return field.currentData()
        case QCheckBox():
            return field.isChecked()
        case QLineEdit():
            return field.text()
    return field.value()


def _write(field: Field, value: object) -> None:
    match field:
        case QComboBox():
            field.setCurrentIndex(field.findData(value))
            field.activated.emit(field.currentIndex())
        case QCheckBox():
            field.click()
        case QLineEdit():
            field.setText(str(value))
            field.editingFinished.emit()
        case _:
            field.setValue(value)  # type: ignore[arg-type]
            field.editingFinished.emit()


_MEBIBYTE = 2**20
_LIST_PX, _CONTENT_PX = 220, 1100
_FOUND = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTableView)
"""Kinds of controls that a search lists."""
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
        self.column.addLayout(fill(make_row(), self._import, 1))
        viewmodel.state_changed.connect(self._show_state)

    def retranslate(self) -> None:
        self._title.setText(tr("Models"))
        name_control(self._import, tr("Import model…"))
        self._shown = ()
        self._show_state()

    def take_focus(self) -> None:
        self._import.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        shown = (state.models, state.are_models_known, state.model_in_use, state.has_venue)
        if shown == self._shown:
            return
        self._shown = shown
        self._text.setText(
            tr(
                "{shipped} comes with ExpoFlow and is meant for real cameras; {demonstration} finds only "
                "drawn people. Larger models find more distant people for three times the work or more; "
                "the doctor says what suits this computer.",
                shipped=SHIPPED_MODEL,
                demonstration=DEMONSTRATION_MODEL,
            )
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
        about = make_label(text=f"{size}   {model.licence}".strip(), role="muted", parent=self)
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
        path = make_label(text=str(folder), role="muted", wraps=True, is_selectable=True, parent=self)
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


class Section(StrEnum):
    """A section of the settings, by its title in English."""

    APPEARANCE = "Appearance"
    VENUE = "Venue"
    RECORDING = "Recording"
    MODELS = "Models"
    PRIVACY = "Privacy"
    USERS = "Users"
    OTHER_SYSTEMS = "Other systems"
    SITE = "Site"
    COMPUTER = "This computer"


@dataclass(frozen=True, slots=True)
class _Setting:
    """A control that the search finds.

    Attributes:
        words: everything that is searched, case-folded.
    """

    name: str
    section: Section
    control: QWidget
    words: str


class _SectionPage(QScrollArea):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget(self)
        # limit the width, so that a label stays near its field on a wide screen
        content.setMaximumWidth(_CONTENT_PX)
        self._cards: list[QWidget] = []
        self._column = fill(make_column(content, margins=(8, 16, 20, 16), spacing=14), 1)
        self.setWidget(content)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    @property
    def shown_cards(self) -> list[QWidget]:
        """Return the cards, from the top, that are not hidden."""
        return [card for card in self._cards if not card.isHidden()]

    def add_card(self, card: QWidget) -> None:
        self._cards.append(card)
        self._column.insertWidget(self._column.count() - 1, card)


class SettingsView(Translated, QWidget):
    """Page of cards in sections, with a search; every choice applies at once."""

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
        self._experts = QCheckBox(self)
        self._experts.clicked.connect(viewmodel.show_experts_view)
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
        appearance.addWidget(self._experts, appearance.rowCount(), 0, 1, 3)
        technical = make_form(
            (self._labels["timeout"], self._timeout),
            (self._labels["log"], self._log),
        )
        for choice in (self._json, self._downloads):
            technical.addWidget(choice, technical.rowCount(), 0, 1, 3)
        self._doctor = QPushButton(self)
        self._doctor.clicked.connect(self.doctor_requested)
        technical.addWidget(self._doctor, technical.rowCount(), 0)
        self._search, self._list = QLineEdit(self), QListWidget(self)
        self._no_match = make_label(role="muted", wraps=True, parent=self)
        self._stack = QStackedWidget(self)
        self._pages = {section: _SectionPage(self) for section in Section}
        self._history, self._undo, self._redo = FieldHistory(self), QPushButton(self), QPushButton(self)
        self._undo_note = make_label(role="small", wraps=True, parent=self)
        self._section = Section.APPEARANCE
        self._matches: list[_Setting] = []
        self._build()
        self.add_card(self._make_card(self._titles[0], appearance), Section.APPEARANCE)
        self.add_card(self._models, Section.MODELS)
        self.add_card(self._folders, Section.COMPUTER)
        self.add_card(self._make_card(self._titles[1], technical), Section.COMPUTER)
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()

    def add_card(self, card: QWidget, section: Section) -> None:
        self._pages[section].add_card(card)
        self._history.watch(card)

    def forget_changes(self) -> None:
        """Forget what could be undone, after another venue was opened."""
        self._history.clear()

    def retranslate(self) -> None:
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
        name_control(self._experts, tr("Experts' view: show the statistics behind the figures"))
        name_control(self._downloads, tr("Allow downloading official models from the internet"))
        name_control(
            self._json, tr("Write the log as JSON lines for log collectors (from the next start on)")
        )
        self._doctor.setText(tr("Run the doctor"))
        self._doctor.setAccessibleName(tr("Problems? Run the doctor"))
        self._timeout.setSuffix(tr(" s"))
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
        self._search.setPlaceholderText(tr("Search settings"))
        self._search.setAccessibleName(tr("Search settings"))
        self._search.setToolTip(tr("Search settings") + " (Ctrl+F)")
        self._list.setAccessibleName(tr("Sections of the settings"))
        self._undo_note.setText(
            tr("Undo covers fields. What buttons do, such as restoring or removing, cannot be undone here.")
        )
        self._show_undo()
        self._models.retranslate()
        self._folders.retranslate()
        # the cards get their texts after this page
        self._search.clear()
        self._show_list()
        self._show_state()

    @property
    def section(self) -> Section:
        return self._section

    def show_section(self, section: Section) -> None:
        self._section = section
        self._stack.setCurrentWidget(self._pages[section])
        self._search.clear()
        self._show_list()

    def show_models(self) -> None:
        self.show_section(Section.MODELS)
        self._models.take_focus()

    def search(self, words: str) -> None:
        """List the settings whose name, title or choices contain all the words."""
        self._search.setText(words)

    def list_names(self) -> list[str]:
        return [setting.name for setting in self._list_settings()]

    def open_setting(self, name: str) -> None:
        for setting in self._list_settings():
            if setting.name == name:
                self.show_section(setting.section)
                self._reveal(setting)
                setting.control.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not self._viewmodel.state.are_models_known:
            self._viewmodel.list_models()

    def _build(self) -> None:
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(lambda _text: self._show_list())
        self._search.returnPressed.connect(self._open_first_match)
        self._list.setProperty("role", "sections")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setWordWrap(True)
        self._list.currentRowChanged.connect(self._on_row_changed)
        self._list.itemActivated.connect(lambda item: self._open_row(self._list.row(item)))
        self._list.itemClicked.connect(lambda item: self._open_row(self._list.row(item)))
        self._history.changed.connect(self._show_undo)
        steps = (
            (self._undo, QKeySequence.StandardKey.Undo, self._history.undo),
            (self._redo, QKeySequence.StandardKey.Redo, self._history.redo),
        )
        for button, key, step in steps:
            button.clicked.connect(step)
            bind_key(key, self, step)
        bind_key(
            QKeySequence.StandardKey.Find,
            self,
            lambda: self._search.setFocus(Qt.FocusReason.ShortcutFocusReason),
        )
        self._left = fill(
            make_column(margins=(20, 16, 0, 16), spacing=8), self._search, self._no_match, (self._list, 1)
        )
        undo = fill(QHBoxLayout(), (self._undo, 1), (self._redo, 1))
        self._left.addLayout(undo)
        self._left.addWidget(self._undo_note)
        self._list.setFixedWidth(_LIST_PX)
        bounded: tuple[QWidget, ...] = (self._search, self._no_match, self._undo_note)
        for widget in bounded:
            widget.setMaximumWidth(_LIST_PX)
        for page in self._pages.values():
            self._stack.addWidget(page)
        fill(make_row(self, margins=0), self._left, (self._stack, 1))

    def _show_undo(self) -> None:
        done, undone = self._history.last, self._history.last_undone
        self._undo.setText(tr("Undo"))
        self._redo.setText(tr("Redo"))
        undo, redo = tr("Nothing to undo"), tr("Nothing to redo")
        if done is not None:
            undo = tr("Undo: {name}", name=done.field.accessibleName())
        if undone is not None:
            redo = tr("Redo: {what}", what=undone.field.accessibleName())
        for button, words, key, change in (
            (self._undo, undo, "Ctrl+Z", done),
            (self._redo, redo, "Ctrl+Shift+Z", undone),
        ):
            button.setToolTip(f"{words} ({key})")
            button.setAccessibleName(words)
            button.setEnabled(change is not None)

    def _show_list(self) -> None:
        """Show the sections or, during a search, the settings found."""
        words = self._search.text().casefold().split()
        found = self._list_settings() if words else []
        self._matches = [setting for setting in found if all(word in setting.words for word in words)]
        with QSignalBlocker(self._list):
            self._list.clear()
            if words:
                self._list.addItems([f"{one.name}\n{tr(one.section)}" for one in self._matches])
            else:
                self._list.addItems([tr(section) for section in Section])
                self._list.setCurrentRow(list(Section).index(self._section))
        has_none = bool(words) and not self._matches
        self._no_match.setVisible(has_none)
        self._no_match.setText(
            tr("No setting contains “{words}”.", words=self._search.text().strip()) if has_none else ""
        )

    def _list_settings(self) -> list[_Setting]:
        settings: list[_Setting] = []
        for section, page in self._pages.items():
            for card in page.shown_cards:
                settings += _list_controls(card, section)
        return settings

    def _on_row_changed(self, row: int) -> None:
        if row < 0:
            return
        if self._matches:
            self._reveal(self._matches[row])
        else:
            self._section = list(Section)[row]
            self._stack.setCurrentWidget(self._pages[self._section])

    def _open_row(self, row: int) -> None:
        """Move the focus to a setting that was found."""
        if 0 <= row < len(self._matches):
            self._reveal(self._matches[row])
            self._matches[row].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_first_match(self) -> None:
        if self._matches:
            self._list.setCurrentRow(0)
            self._open_row(0)

    def _reveal(self, setting: _Setting) -> None:
        self._section = setting.section
        page = self._pages[setting.section]
        self._stack.setCurrentWidget(page)
        page.ensureWidgetVisible(setting.control, 50, 120)

    def _make_card(self, title: QLabel, form: QGridLayout) -> QFrame:
        card = QFrame(self)
        card.setProperty("role", "card")
        fill(make_column(card, margins=(18, 14, 18, 16), spacing=12), title, form)
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
        self._experts.setChecked(state.has_experts_view)
        self._downloads.setChecked(state.allows_downloads)
        self._json.setChecked(state.is_log_json)
        self._timeout.setValue(state.connect_timeout_s)


def _list_controls(card: QWidget, section: Section) -> list[_Setting]:
    """Return the named controls of a card, each name once, with the words of the card's title."""
    title = " ".join(label.text() for label in card.findChildren(QLabel) if label.property("role") == "title")
    controls: dict[str, _Setting] = {}
    for control in card.findChildren(QWidget):
        name = control.accessibleName()
        if not isinstance(control, _FOUND) or not name or not control.isVisibleTo(card) or name in controls:
            continue
        choices = (
            [control.itemText(row) for row in range(control.count())]
            if isinstance(control, QComboBox)
            else []
        )
        words = " ".join((name, title, tr(section), control.toolTip(), *choices)).casefold()
        controls[name] = _Setting(name, section, control, words)
    return list(controls.values())


def _apply_choice(box: QComboBox, choose: Callable[[str], None], index: int) -> None:
    choose(box.itemData(index))
