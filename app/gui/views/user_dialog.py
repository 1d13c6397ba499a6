"""Asks for a user: name, role and secret, or only for some of them."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.access.secrets import SHORTEST_PASSWORD, SHORTEST_PIN
from app.gui.translation import tr
from app.gui.widgets.save_buttons import make_save_buttons


class UserDialog(QDialog):
    """Each of its fields is there only if it is asked for."""

    def __init__(
        self,
        title: str,
        *,
        name: str | None = None,
        roles: tuple[Role, ...] = ROLES_OF_PEOPLE,
        role: Role | None = None,
        asks_role: bool = True,
        asks_secret: bool = True,
        asks_present: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Texts are in the language in force.

        Args:
            name: of a user who is known; None: it is asked for.
            roles: those to choose from.
            asks_present: also for the present password.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(440)
        self.name, self.role = QLineEdit(name or ""), QComboBox()
        self.present, self.secret, self.again = QLineEdit(), QLineEdit(), QLineEdit()
        self.name.setEnabled(name is None)
        for field in (self.present, self.secret, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        for known in roles:
            self.role.addItem(tr(known.value), known)
        if role is not None:
            self.role.setCurrentIndex(self.role.findData(role))
        self._may = QLabel()
        self._rule = QLabel(
            tr(
                "A PIN of at least {digits} digits, or a password of at least {characters} characters.",
                digits=SHORTEST_PIN,
                characters=SHORTEST_PASSWORD,
            )
        )
        for label in (self._may, self._rule):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self._fault = QLabel()
        self._fault.setProperty("role", "bad")
        form = QFormLayout(self)
        self._asks_name, self._asks_secret, self._asks_present = name is None, asks_secret, asks_present
        self._add(form, tr("Name"), self.name)
        if asks_role:
            self._add(form, tr("Role"), self.role)
            form.addRow(self._may)
        if asks_present:
            self._add(form, tr("Present PIN or password"), self.present)
        if asks_secret:
            self._add(form, tr("New PIN or password"), self.secret)
            self._add(form, tr("The same again"), self.again)
            form.addRow(self._rule)
        form.addRow(self._fault)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        form.addRow(buttons)
        self.role.currentIndexChanged.connect(self._say_what_it_may)
        for text in (self.name, self.present, self.secret, self.again):
            text.textChanged.connect(self._check)
        self._say_what_it_may()
        self._check()

    @property
    def role_chosen(self) -> Role:
        """What stands in the list."""
        return Role(self.role.currentData())

    def _add(self, form: QFormLayout, text: str, field: QWidget) -> None:
        form.addRow(text, field)
        field.setAccessibleName(text)

    def _say_what_it_may(self) -> None:
        held = PERMISSIONS[self.role_chosen]
        words = [tr(permission.value) for permission in Permission if permission in held]
        self._may.setText(tr("May: {permissions}", permissions=tr(", ").join(words)))

    def _check(self) -> None:
        is_same = self.secret.text() == self.again.text()
        self._fault.setText(
            tr("The two are not the same.") if self._asks_secret and self.again.text() and not is_same else ""
        )
        is_complete = (
            (bool(self.name.text().strip()) or not self._asks_name)
            and (not self._asks_secret or (is_same and bool(self.secret.text())))
            and (not self._asks_present or bool(self.present.text()))
        )
        self._save.setEnabled(is_complete)
