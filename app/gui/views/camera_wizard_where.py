"""First step of the wizard that adds a camera: on the network, by its address, plugged in, or a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.camera_wizard import CameraWizardViewModel
from app.gui.viewmodels.camera_wizard_state import (
    ASK_CAMERA,
    WHOLE_ADDRESS,
    CameraWizardState,
    Origin,
)
from app.gui.viewmodels.camera_wizard_words import explain_origin, name_origin
from app.gui.widgets.choice_list import ChoiceList
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.side_panels import SidePanels
from vision.sources.vendor_paths import TEMPLATES

_LARGEST_PORT = 65535
_LARGEST_CHANNEL = 256
"""Recorders have fewer cameras."""
_LIST_STRETCH = 100
_STREAM_EXAMPLE = "rtsp://192.0.2.10:554/stream1"
_HOST_EXAMPLE = "192.0.2.10"


class WherePage(QWidget):
    """Says to the view-model where the camera is."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._search = QPushButton(tr("Search the network"), self)
        self._found = ChoiceList(self)
        self._search_words = _make_note("", self)
        self._make = QComboBox(self)
        self._address = QLineEdit(self)
        self._port = NumberField(least=1, most=_LARGEST_PORT, decimals=0, unit="", parent=self)
        self._channel = NumberField(least=0, most=_LARGEST_CHANNEL, decimals=0, unit="", parent=self)
        self._form = QFormLayout()
        self._usb_list = ChoiceList(self)
        self._usb_again = QPushButton(tr("Look again"), self)
        self._usb = QLineEdit(self)
        self._file = QLineEdit(self)
        self._choose_file = QPushButton(tr("Choose a file"), self)
        self._choose_folder = QPushButton(tr("Choose a folder"), self)
        self._panels = SidePanels(self)
        self._origins: dict[QWidget, Origin] = {}
        self._add_panel(Origin.NETWORK, self._build_network())
        self._add_panel(Origin.ADDRESS, self._build_address())
        self._add_panel(Origin.USB, self._build_usb())
        self._add_panel(Origin.FILE, self._build_file())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._panels)
        self._name_controls()
        self._connect()

    def focus_first(self) -> None:
        """Put the keyboard where this step begins."""
        first = {
            Origin.NETWORK: self._found if self._found.count() else self._search,
            Origin.ADDRESS: self._make,
            Origin.USB: self._usb_list if self._usb_list.count() else self._usb,
            Origin.FILE: self._file,
        }
        first[self._viewmodel.state.draft.origin].setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        """Show what was entered and found."""
        draft = state.draft
        for control in (self._search, self._panels):
            control.setEnabled(not state.is_busy)
        found = [
            (device.device_url, words) for device, words in zip(state.found, state.found_words, strict=True)
        ]
        self._found.show_choices(found, draft.device_url)
        self._found.setVisible(bool(found))
        self._search_words.setText(state.search_words)
        self._make.setCurrentIndex(self._make.findData(draft.make))
        _show_text(self._address, draft.address)
        template = draft.template
        self._address.setPlaceholderText(_STREAM_EXAMPLE if draft.make == WHOLE_ADDRESS else _HOST_EXAMPLE)
        self._form.setRowVisible(self._port, template is not None)
        self._form.setRowVisible(self._channel, template is not None and template.has_channels)
        self._port.setValue(draft.port)
        self._channel.setValue(draft.channel)
        devices = [
            (device.address, f"{device.name}  ·  {device.address}") for device in state.usb_devices or ()
        ]
        self._usb_list.show_choices(devices, draft.usb)
        self._usb_list.setVisible(bool(devices))
        _show_text(self._usb, draft.usb)
        _show_text(self._file, draft.file)

    def _add_panel(self, origin: Origin, panel: QWidget) -> None:
        self._origins[panel] = origin
        self._panels.add_panel(panel, lambda: (name_origin(origin), name_origin(origin)))

    def _build_network(self) -> QWidget:
        return _stack(
            _make_note(explain_origin(Origin.NETWORK), self),
            _row(self._search),
            self._search_words,
            self._found,
        )

    def _build_address(self) -> QWidget:
        self._make.addItem(tr("Whole address of a stream"), WHOLE_ADDRESS)
        self._make.addItem(tr("Let the camera tell its streams (ONVIF)"), ASK_CAMERA)
        for template in TEMPLATES:
            self._make.addItem(template.vendor, template.vendor)
        self._form.addRow(tr("Make"), self._make)
        self._form.addRow(tr("Address"), self._address)
        self._form.addRow(tr("Port"), self._port)
        self._form.addRow(tr("Channel"), self._channel)
        return _stack(_make_note(explain_origin(Origin.ADDRESS), self), self._form)

    def _build_usb(self) -> QWidget:
        form = QFormLayout()
        form.addRow(tr("Number or name"), self._usb)
        note = _make_note(explain_origin(Origin.USB), self)
        return _stack(note, self._usb_list, _row(self._usb_again), form)

    def _build_file(self) -> QWidget:
        return _stack(
            _make_note(explain_origin(Origin.FILE), self),
            self._file,
            _row(self._choose_file, self._choose_folder),
        )

    def _name_controls(self) -> None:
        for control, name in (
            (self._search, tr("Search the network")),
            (self._found, tr("Cameras that were found")),
            (self._make, tr("Make")),
            (self._address, tr("Address")),
            (self._port, tr("Port")),
            (self._channel, tr("Channel")),
            (self._usb_list, tr("USB cameras")),
            (self._usb_again, tr("Look again")),
            (self._usb, tr("Number or name")),
            (self._file, tr("File or folder")),
            (self._choose_file, tr("Choose a file")),
            (self._choose_folder, tr("Choose a folder")),
        ):
            control.setAccessibleName(name)

    def _connect(self) -> None:
        viewmodel = self._viewmodel
        self._panels.panel_shown.connect(lambda panel: self._enter(origin=self._origins[panel]))
        self._search.clicked.connect(viewmodel.search)
        self._found.chosen.connect(lambda url: self._enter(device_url=url))
        self._make.activated.connect(lambda _row: self._enter(make=self._make.currentData()))
        self._address.textEdited.connect(lambda text: self._enter(address=text))
        self._port.valueChanged.connect(lambda value: self._enter(port=int(value)))
        self._channel.valueChanged.connect(lambda value: self._enter(channel=int(value)))
        self._usb_list.chosen.connect(lambda address: self._enter(usb=address))
        self._usb_again.clicked.connect(viewmodel.list_usb_again)
        self._usb.textEdited.connect(lambda text: self._enter(usb=text))
        self._file.textEdited.connect(lambda text: self._enter(file=text))
        self._choose_file.clicked.connect(
            lambda: self._ask_for_file(lambda: QFileDialog.getOpenFileName(self, tr("Choose a file"))[0])
        )
        self._choose_folder.clicked.connect(
            lambda: self._ask_for_file(lambda: QFileDialog.getExistingDirectory(self, tr("Choose a folder")))
        )

    def _enter(self, **changes: object) -> None:
        self._viewmodel.enter(replace(self._viewmodel.state.draft, **changes))  # type: ignore[arg-type]

    def _ask_for_file(self, ask: Callable[[], str]) -> None:
        chosen = ask()
        if chosen:
            self._enter(file=chosen)


def _make_note(text: str, parent: QWidget) -> QLabel:
    note = QLabel(text, parent)
    note.setProperty("role", "muted")
    note.setTextFormat(Qt.TextFormat.PlainText)
    note.setWordWrap(True)
    return note


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _stack(*parts: QWidget | QHBoxLayout | QFormLayout) -> QWidget:
    panel = QWidget()
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, current_theme().space_m, 0, 0)
    column.setSpacing(current_theme().space_m)
    for part in parts:
        if isinstance(part, QWidget):
            # a list takes what room there is; without one it stays empty below
            column.addWidget(part, _LIST_STRETCH if isinstance(part, ChoiceList) else 0)
        else:
            column.addLayout(part)
    column.addStretch(1)
    return panel


def _show_text(line: QLineEdit, text: str) -> None:
    # the caret stays where it is while somebody types
    if line.text() != text:
        line.setText(text)
