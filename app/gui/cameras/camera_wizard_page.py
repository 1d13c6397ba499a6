"""The camera wizard: one step at a time, saved at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QRect, QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.cameras.probe_camera import SUB_STREAM_EXPLANATION
from app.gui.cameras.camera_wizard_model import CameraWizardViewModel
from app.gui.cameras.camera_wizard_text import (
    QUERY_CAMERA,
    WHOLE_ADDRESS,
    CameraWizardState,
    LoginKind,
    Origin,
    WizardStep,
    explain_origin,
    name_origin,
    name_step,
)
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.widgets.choice_list import ChoiceList
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.figure_list import FigureList
from app.gui.widgets.forms import ask_for_video, find_videos
from app.gui.widgets.layouts import fill, make_column, make_row, style_labels
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.side_panels import SidePanels
from app.gui.widgets.work_row import JobRow
from vision.sources.stream_probe import Box
from vision.sources.vendor_paths import TEMPLATES

_MAX_PORT = 65535
_MAX_CHANNEL = 256
"""Maximum channel number of recorders."""
_LIST_STRETCH = 100
_STREAM_EXAMPLE = "rtsp://192.0.2.10:554/stream1"
_HOST_EXAMPLE = "192.0.2.10"


class WizardPage(QWidget):
    """A wizard page: a column of controls and the user's input."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._column = make_column(self, margins=0, spacing=current_theme().space_m)

    def focus_first(self) -> None:
        raise NotImplementedError

    def render_state(self, state: CameraWizardState) -> None:
        raise NotImplementedError

    def _enter(self, **changes: object) -> None:
        self._viewmodel.enter(replace(self._viewmodel.state.draft, **changes))  # type: ignore[arg-type]


class LocationPage(WizardPage):
    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, parent)
        self._search = QPushButton(tr("Search the network"), self)
        self._found = ChoiceList(self)
        self._search_words = _make_note("", self)
        self._make = QComboBox(self)
        self._address = QLineEdit(self)
        self._port = NumberField(minimum=1, maximum=_MAX_PORT, decimals=0, unit="", parent=self)
        self._channel = NumberField(minimum=0, maximum=_MAX_CHANNEL, decimals=0, unit="", parent=self)
        self._form = QFormLayout()
        self._usb_list = ChoiceList(self)
        self._usb_again = QPushButton(tr("Refresh"), self)
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
        self._column.addWidget(self._panels)
        self._name_controls()
        self._connect()

    def focus_first(self) -> None:
        first = {
            Origin.NETWORK: self._found if self._found.count() else self._search,
            Origin.ADDRESS: self._make,
            Origin.USB: self._usb_list if self._usb_list.count() else self._usb,
            Origin.FILE: self._file,
        }
        first[self._viewmodel.state.draft.origin].setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        draft = state.draft
        for control in (self._search, self._panels):
            control.setEnabled(not state.is_busy)
        found = [
            (device.device_url, words) for device, words in zip(state.found, state.found_texts, strict=True)
        ]
        self._found.show_choices(found, draft.device_url)
        self._found.setVisible(bool(found))
        self._search_words.setText(state.search_text)
        with QSignalBlocker(self._panels):
            # a camera that is changed begins with what is known of it
            self._panels.show_panel(next(p for p, origin in self._origins.items() if origin is draft.origin))
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
            fill(QHBoxLayout(), self._search, 1),
            self._search_words,
            self._found,
        )

    def _build_address(self) -> QWidget:
        self._make.addItem(tr("Full stream address"), WHOLE_ADDRESS)
        self._make.addItem(tr("Query the camera's streams (ONVIF)"), QUERY_CAMERA)
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
        return _stack(note, self._usb_list, fill(QHBoxLayout(), self._usb_again, 1), form)

    def _build_file(self) -> QWidget:
        return _stack(
            _make_note(explain_origin(Origin.FILE), self),
            self._file,
            fill(QHBoxLayout(), self._choose_file, self._choose_folder, 1),
        )

    def _name_controls(self) -> None:
        for control, name in (
            (self._search, tr("Search the network")),
            (self._found, tr("Found cameras")),
            (self._make, tr("Make")),
            (self._address, tr("Address")),
            (self._port, tr("Port")),
            (self._channel, tr("Channel")),
            (self._usb_list, tr("USB cameras")),
            (self._usb_again, tr("Refresh")),
            (self._usb, tr("Number or name")),
            (self._file, tr("File or folder")),
            (self._choose_file, tr("Choose a file")),
            (self._choose_folder, tr("Choose a folder")),
        ):
            control.setAccessibleName(name)

    def _connect(self) -> None:
        viewmodel = self._viewmodel
        self._panels.panel_shown.connect(self._on_panel_shown)
        self._search.clicked.connect(viewmodel.search)
        self._found.chosen.connect(lambda url: self._enter(device_url=url))
        self._make.activated.connect(lambda _row: self._enter(make=self._make.currentData()))
        self._address.textEdited.connect(lambda text: self._enter(address=text))
        self._port.valueChanged.connect(lambda value: self._enter(port=int(value)))
        self._channel.valueChanged.connect(lambda value: self._enter(channel=int(value)))
        self._usb_list.chosen.connect(lambda address: self._enter(usb=address))
        self._usb_again.clicked.connect(viewmodel.refresh_usb)
        self._usb.textEdited.connect(lambda text: self._enter(usb=text))
        self._file.textEdited.connect(lambda text: self._enter(file=text))
        self._choose_file.clicked.connect(self._ask_for_file)
        self._choose_folder.clicked.connect(
            lambda: self._open_file_dialog(
                lambda: QFileDialog.getExistingDirectory(self, tr("Choose a folder"), find_videos(""))
            )
        )

    def _on_panel_shown(self, panel: QWidget) -> None:
        origin = self._origins[panel]
        self._enter(origin=origin)
        if origin is Origin.FILE and not self._viewmodel.state.draft.file:
            # a file is nearly always what is wanted; the panel has the folder's button, too
            self._ask_for_file()

    def _ask_for_file(self) -> None:
        self._open_file_dialog(lambda: ask_for_video(self, self._viewmodel.state.draft.file))

    def _open_file_dialog(self, choose_file: Callable[[], str]) -> None:
        chosen = choose_file()
        if chosen:
            self._enter(file=chosen)
            self._viewmodel.go_next()


def _make_note(text: str, parent: QWidget) -> QLabel:
    note = QLabel(text, parent)
    style_labels("muted", note)
    return note


def _stack(*parts: QWidget | QHBoxLayout | QFormLayout) -> QWidget:
    panel = QWidget()
    column = make_column(panel, margins=(0, current_theme().space_m, 0, 0), spacing=current_theme().space_m)
    # a list takes what room there is; without one it stays empty below
    fill(column, *((part, _LIST_STRETCH if isinstance(part, ChoiceList) else 0) for part in parts), 1)
    return panel


def _show_text(line: QLineEdit, text: str) -> None:
    # the caret must not move while typing
    if line.text() != text:
        line.setText(text)


class LoginPage(WizardPage):
    """The page for the login; the password is masked."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, parent)
        self._kind = QComboBox(self)
        self._user = QLineEdit(self)
        self._password = QLineEdit(self)
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._shared_name = QLineEdit(self)
        self._shared_name.setPlaceholderText(tr("for example: hall 3"))
        self._shared: tuple[str, ...] | None = None
        self._form = QFormLayout()
        for name, control in (
            (tr("Login"), self._kind),
            (tr("User name"), self._user),
            (tr("Password"), self._password),
            (tr("Share it as"), self._shared_name),
        ):
            control.setAccessibleName(name)
            self._form.addRow(name, control)
        note = tr(
            "The password is stored in this machine's keyring, never in the venue's folder. Leave "
            "both fields empty if the camera needs no login."
        )
        fill(self._column, _make_note(note, self), self._form, 1)
        self._kind.activated.connect(self._on_kind_activated)
        self._user.textEdited.connect(lambda text: self._enter(user=text))
        self._password.textEdited.connect(lambda text: self._enter(password=text))
        self._shared_name.textEdited.connect(lambda text: self._enter(shared_name=text))

    def focus_first(self) -> None:
        first = self._password if self._user.text() else self._user
        (first if first.isVisible() else self._kind).setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        draft = state.draft
        if self._shared != state.shared_names:
            self._shared = state.shared_names
            self._list_logins(state.shared_names)
        is_shared = draft.login is LoginKind.SHARED
        selected = (draft.login, draft.shared_name if is_shared else "")
        for row in range(self._kind.count()):
            if self._kind.itemData(row) == selected:
                self._kind.setCurrentIndex(row)
        for line, text in (
            (self._user, draft.user),
            (self._password, draft.password),
            (self._shared_name, "" if is_shared else draft.shared_name),
        ):
            _show_text(line, text)
        self._form.setRowVisible(self._user, not is_shared)
        self._form.setRowVisible(self._password, not is_shared)
        self._form.setRowVisible(self._shared_name, draft.login is LoginKind.NEW_SHARED)
        self.setEnabled(not state.is_busy)

    def _list_logins(self, shared_names: tuple[str, ...]) -> None:
        self._kind.clear()
        self._kind.addItem(tr("For this camera only"), (LoginKind.OWN, ""))
        self._kind.addItem(tr("Shared by several cameras"), (LoginKind.NEW_SHARED, ""))
        for name in shared_names:
            self._kind.addItem(tr("Shared: {name}", name=name), (LoginKind.SHARED, name))

    def _on_kind_activated(self, _row: int) -> None:
        kind, shared_name = self._kind.currentData()
        self._enter(login=kind, shared_name=shared_name)


_DEFAULT_WIDTH_PX = 400
_MAX_SHAPE = QSize(16, 9)
_BOX_PX = 3.0


class StillPicture(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._image = QImage()
        self._boxes: Sequence[Box] = ()
        self._words = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def has_picture(self) -> bool:
        return not self._image.isNull()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(_DEFAULT_WIDTH_PX, self.heightForWidth(_DEFAULT_WIDTH_PX))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height for the picture's shape, limited so that what is below stays visible."""
        shape = self._image.size() if self.has_picture else _MAX_SHAPE
        tallest = width * _MAX_SHAPE.height() / _MAX_SHAPE.width()
        return round(min(tallest, width * shape.height() / shape.width()))

    def show_picture(
        self, rgb: bytes, size_wh: tuple[int, int], *, words: str, boxes: Sequence[Box] = ()
    ) -> None:
        """Show a picture.

        Args:
            rgb: shape (height, width, 3), RGB, row by row; empty for none.
            words: text shown in its place, and its accessible name.
            boxes: xyxy in its pixels.
        """
        width, height = size_wh
        shown = QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888) if rgb else QImage()
        # a copy: the picture must not refer to the bytes that it was made of
        self._image = shown.convertToFormat(QImage.Format.Format_RGB32)
        self._boxes, self._words = boxes, words
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        painter = QPainter(self)
        inside = self.contentsRect()
        if self._image.isNull():
            painter.setPen(QColor(current_theme().text_muted))
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            return
        size = self._image.size().scaled(inside.size(), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRect(inside.topLeft(), size)
        area.moveCenter(inside.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._image)
        scale = area.width() / self._image.width()
        painter.translate(area.topLeft())
        painter.setPen(QPen(QColor(current_theme().accent), _BOX_PX))
        for x1, y1, x2, y2 in self._boxes:
            painter.drawRect(QRectF(x1 * scale, y1 * scale, (x2 - x1) * scale, (y2 - y1) * scale))


class TrialPage(WizardPage):
    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, parent)
        self._picture = StillPicture(self)
        self._figures = FigureList(self)
        self._advice = QLabel(self)
        style_labels("warning", self._advice)
        self._transport = QComboBox(self)
        self._transport.setAccessibleName(tr("Transport"))
        self._transport.addItem(tr("TCP: no data loss (default)"), "tcp")
        self._transport.addItem(tr("UDP: for cameras without TCP"), "udp")
        self._again = QPushButton(tr("Try again"), self)
        self._again.setAccessibleName(tr("Try again"))
        beside = fill(QVBoxLayout(), self._figures, 1, self._transport, self._again)
        row = make_row(spacing=current_theme().space_l)
        row.addWidget(self._picture, 6, Qt.AlignmentFlag.AlignTop)
        row.addLayout(beside, 5)
        fill(self._column, (row, 1), self._advice)
        self._again.clicked.connect(viewmodel.try_camera)
        self._transport.activated.connect(
            lambda _row: viewmodel.choose_transport(self._transport.currentData())
        )

    @property
    def has_picture(self) -> bool:
        return self._picture.has_picture

    def focus_first(self) -> None:
        self._again.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        report = state.report
        if report is None:
            words = tr("The first picture appears here.") if state.is_busy else tr("No picture")
            self._picture.show_picture(b"", (0, 0), words=words)
        else:
            words = tr("First picture of the camera")
            boxes = report.people or ()
            self._picture.show_picture(report.preview_rgb, report.preview_wh, words=words, boxes=boxes)
        self._figures.show_figures(state.figures)
        self._advice.setText("\n".join(state.advice))
        self._advice.setVisible(bool(state.advice))
        self._transport.setVisible(state.has_transport)
        self._transport.setCurrentIndex(self._transport.findData(state.draft.transport))
        for control in (self._transport, self._again):
            control.setEnabled(not state.is_busy)


class NamePage(WizardPage):
    """The page for the name; the position follows from the calibration."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, parent)
        self._name = QLineEdit(self)
        self._name.setAccessibleName(tr("Name"))
        self._summary = FigureList(self)
        note = tr(
            "Name it after what it shows. Its position on the floor plan comes from its calibration: "
            "until then its picture is shown, but people in it are not counted."
        )
        self._change = QLabel(self)
        style_labels("warning", self._change)
        form = QFormLayout()
        form.addRow(tr("Name"), self._name)
        fill(self._column, _make_note(note, self), form, self._change, self._summary, 1)
        self._name.textEdited.connect(lambda text: self._enter(name=text))

    def focus_first(self) -> None:
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def render_state(self, state: CameraWizardState) -> None:
        _show_text(self._name, state.draft.name)
        self._change.setText(
            tr(
                "A camera with this name exists. It will get this address and login; its calibration "
                "and counts are kept."
            )
        )
        self._change.setVisible(state.is_change)
        self._summary.show_figures(state.summary)
        self.setEnabled(not state.is_busy)


class StreamPage(WizardPage):
    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, parent)
        self._streams = ChoiceList(self)
        self._streams.setAccessibleName(tr("Streams of the camera"))
        fill(self._column, _make_note(tr(SUB_STREAM_EXPLANATION), self), (self._streams, 1))
        self._streams.chosen.connect(lambda location: self._enter(stream=location))

    def focus_first(self) -> None:
        self._streams.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        offered = [
            (stream.location, words) for stream, words in zip(state.streams, state.stream_texts, strict=True)
        ]
        self._streams.show_choices(offered, state.draft.stream)


_SIZE_WH = (820, 580)
"""Window size that fits a screen of 1366x768 beside the task bar."""


class CameraWizard(QDialog):
    """The camera wizard, which owns its view-model; ``added`` or ``changed`` report success."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._step: WizardStep | None = None
        self._was_busy = False
        is_trial = not viewmodel.state.has_venue
        self.setWindowTitle(tr("Try a camera") if is_trial else tr("Add a camera"))
        self.resize(*_SIZE_WH)
        self._position = QLabel(self)
        self._position.setProperty("role", "small")
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._trial = TrialPage(viewmodel, self)
        self._pages: dict[WizardStep, WizardPage] = {
            WizardStep.WHERE: LocationPage(viewmodel, self),
            WizardStep.LOGIN: LoginPage(viewmodel, self),
            WizardStep.STREAM: StreamPage(viewmodel, self),
            WizardStep.TRIAL: self._trial,
            WizardStep.NAME: NamePage(viewmodel, self),
        }
        self._stack = QStackedWidget(self)
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._failure = FailureNote(self)
        self._work = JobRow(self)
        self._cancel = QPushButton(tr("Cancel"), self)
        self._back = QPushButton(tr("Back"), self)
        self._skip = QPushButton(tr("Continue without a picture"), self)
        self._next = QPushButton(tr("Next"), self)
        for button in (self._cancel, self._back, self._skip, self._next):
            button.setAccessibleName(button.text())
        self._next.setProperty("role", "primary")
        self._next.setDefault(True)
        self._arrange()
        self._connect()
        self._render()

    @property
    def failure(self) -> FailureNote:
        return self._failure

    @property
    def has_picture(self) -> bool:
        return self._trial.has_picture

    def reject(self) -> None:
        """Close without saving, after a running save."""
        if self._viewmodel.state.is_saving:
            return
        self._viewmodel.close()
        super().reject()

    def _arrange(self) -> None:
        theme = current_theme()
        buttons = fill(QHBoxLayout(), self._cancel, 1, self._skip, self._back, self._next)
        # continuing with Tab and Enter must not close the wizard and lose the input
        for before, after in pairwise((self._next, self._back, self._skip, self._cancel)):
            self.setTabOrder(before, after)
        column = make_column(self, margins=theme.space_l, spacing=theme.space_m)
        fill(column, self._position, self._title, (self._stack, 1), self._failure, self._work, buttons)

    def _connect(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        for signal in (viewmodel.added, viewmodel.changed):
            signal.connect(lambda _name: self.accept())
        self._cancel.clicked.connect(self.reject)
        self._back.clicked.connect(viewmodel.go_back)
        self._skip.clicked.connect(viewmodel.skip_trial)
        self._next.clicked.connect(viewmodel.go_next)
        self._work.stop_requested.connect(viewmodel.stop)
        self._failure.action_chosen.connect(self._on_fix_clicked)

    def _render(self) -> None:
        state = self._viewmodel.state
        place, steps = state.position
        self._position.setText(tr("Step {place} of {steps}", place=place, steps=steps))
        self._title.setText(name_step(state.step))
        page = self._pages[state.step]
        page.render_state(state)
        self._stack.setCurrentWidget(page)
        done, total = state.progress
        self._work.show_job(state.busy, done=done, total=total, can_stop=not state.is_saving)
        failure = state.failure
        if failure is None:
            self._failure.show_failure("", "", "")
        else:
            self._failure.show_failure(failure.problem, failure.remedy, failure.fix_label)
        if state.step is WizardStep.TRIAL and not state.has_venue:
            text = tr("Create a venue with this camera")
        elif state.step is not WizardStep.NAME:
            text = tr("Next")
        else:
            text = tr("Change the camera") if state.is_change else tr("Add the camera")
        self._next.setText(text)
        self._next.setAccessibleName(text)
        self._next.setEnabled(state.can_go_on)
        self._back.setEnabled(not state.is_first and not state.is_saving)
        self._skip.setVisible(state.can_skip)
        self._cancel.setEnabled(not state.is_saving)
        self._place_focus()

    def _place_focus(self) -> None:
        """Focus the current step after it changes or its work ends; otherwise leave the focus unchanged."""
        state = self._viewmodel.state
        is_new = state.step is not self._step or state.is_busy is not self._was_busy
        self._step, self._was_busy = state.step, state.is_busy
        if not is_new:
            return
        if state.is_busy:
            self._work.focus_stop()
        elif state.step is WizardStep.TRIAL and state.can_go_on:
            self._next.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._pages[state.step].focus_first()

    def _on_fix_clicked(self) -> None:
        failure = self._viewmodel.state.failure
        if failure is not None and failure.fix_step is not None:
            self._viewmodel.go_back_to(failure.fix_step)
