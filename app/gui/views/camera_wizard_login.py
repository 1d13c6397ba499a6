"""Second step of the wizard that adds a camera: its own user and password, or those that several share."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.camera_wizard import CameraWizardViewModel
from app.gui.viewmodels.camera_wizard_state import CameraWizardState, LoginKind


class LoginPage(QWidget):
    """The password is masked, and goes to the view-model alone."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._kind = QComboBox(self)
        self._user = QLineEdit(self)
        self._password = QLineEdit(self)
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._shared_name = QLineEdit(self)
        self._shared_name.setPlaceholderText(tr("such as: hall 3"))
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
        note = QLabel(
            tr(
                "The password goes to the keyring of this machine, never into the venue's folder. Leave both "
                "empty if the camera asks for none."
            ),
            self,
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_theme().space_m)
        column.addWidget(note)
        column.addLayout(self._form)
        column.addStretch(1)
        self._kind.activated.connect(self._on_kind_activated)
        self._user.textEdited.connect(lambda text: self._enter(user=text))
        self._password.textEdited.connect(lambda text: self._enter(password=text))
        self._shared_name.textEdited.connect(lambda text: self._enter(shared_name=text))

    def focus_first(self) -> None:
        """Put the keyboard where this step begins."""
        first = self._password if self._user.text() else self._user
        (first if first.isVisible() else self._kind).setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        """Show what was entered, and the logins that can be shared."""
        draft = state.draft
        if self._shared != state.shared_names:
            self._shared = state.shared_names
            self._list_logins(state.shared_names)
        is_shared = draft.login is LoginKind.SHARED
        wanted = (draft.login, draft.shared_name if is_shared else "")
        for row in range(self._kind.count()):
            if self._kind.itemData(row) == wanted:
                self._kind.setCurrentIndex(row)
        for line, text in (
            (self._user, draft.user),
            (self._password, draft.password),
            (self._shared_name, "" if is_shared else draft.shared_name),
        ):
            if line.text() != text:
                line.setText(text)
        self._form.setRowVisible(self._user, not is_shared)
        self._form.setRowVisible(self._password, not is_shared)
        self._form.setRowVisible(self._shared_name, draft.login is LoginKind.NEW_SHARED)
        self.setEnabled(not state.is_busy)

    def _list_logins(self, shared_names: tuple[str, ...]) -> None:
        self._kind.clear()
        self._kind.addItem(tr("Of this camera alone"), (LoginKind.OWN, ""))
        self._kind.addItem(tr("To be shared by several cameras"), (LoginKind.NEW_SHARED, ""))
        for name in shared_names:
            self._kind.addItem(tr("Shared: {name}", name=name), (LoginKind.SHARED, name))

    def _on_kind_activated(self, _row: int) -> None:
        kind, shared_name = self._kind.currentData()
        self._enter(login=kind, shared_name=shared_name)

    def _enter(self, **changes: object) -> None:
        self._viewmodel.enter(replace(self._viewmodel.state.draft, **changes))  # type: ignore[arg-type]
