"""Settings: who may use the venue, when the window locks, and what was done in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.access.access_file import LONGEST_LOCK_AFTER_MIN
from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.access.secrets import SHORTEST_PASSWORD, SHORTEST_PIN
from app.gui.access.model import AccessViewModel
from app.gui.session.permissions import needs
from app.gui.session.translation import Translated, tr
from app.gui.widgets.number_field import NumberField
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


_ROW_PX = 32
_MOST_ROWS = 8


class AccessCard(Translated, QFrame):
    """Shows an `AccessState`; hidden without a venue."""

    audit_asked = Signal()

    def __init__(self, viewmodel: AccessViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.setProperty("role", "card")
        self._title, self._note, self._limit = QLabel(self), QLabel(self), QLabel(self)
        self._title.setProperty("role", "title")
        self._limit.setProperty("role", "small")
        for label in (self._note, self._limit):
            label.setWordWrap(True)
        self.table = QTableWidget(0, 2, self)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.table.itemSelectionChanged.connect(self._show_buttons)
        self.add, self.role, self.secret, self.remove = (QPushButton(self) for _ in range(4))
        self.own, self.audit, self.wall = (QPushButton(self) for _ in range(3))
        most_min = float(LONGEST_LOCK_AFTER_MIN)
        self.minutes = NumberField(least=0.0, most=most_min, decimals=0, unit="min", parent=self)
        self._minutes_label, self.starts_wall = QLabel(self), QCheckBox(self)
        tools, below, locking = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for button in (self.add, self.role, self.secret, self.remove):
            tools.addWidget(button)
        for button in (self.own, self.wall, self.audit):
            below.addWidget(button)
        locking.addWidget(self._minutes_label)
        locking.addWidget(self.minutes)
        for row in (tools, below, locking):
            row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        for widget in (self._title, self._note, self.table):
            column.addWidget(widget)
        column.addLayout(tools)
        column.addLayout(locking)
        column.addWidget(self.starts_wall)
        column.addLayout(below)
        column.addWidget(self._limit)
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Who may use this venue"))
        self._limit.setText(
            tr(
                "Roles guard against mistakes and casual misuse. They do not guard against somebody who can "
                "write the venue's folder with other programs: protect it by the computer's own accounts."
            )
        )
        for widget, text in (
            (self.role, tr("Change role…")),
            (self.secret, tr("New password…")),
            (self.remove, tr("Remove")),
            (self.own, tr("Change my password…")),
            (self.audit, tr("Audit log…")),
            (self.wall, tr("Show on the wall")),
            (self.starts_wall, tr("A wall screen may start without signing in (gui --kiosk)")),
        ):
            widget.setText(text)
            widget.setAccessibleName(text)
        self.remove.setAccessibleName(tr("Remove the user"))
        self._minutes_label.setText(tr("Lock the window after (0: never)"))
        self.minutes.setAccessibleName(tr("Lock the window after (0: never)"))
        self.table.setAccessibleName(tr("Users"))
        self.table.setHorizontalHeaderLabels([tr("User"), tr("Role")])
        self.wall.setToolTip(tr("Full screen, for everybody to look at; only signing in leaves it"))
        self._show_state()

    @property
    def chosen(self) -> tuple[str, Role] | None:
        """The user of the row that is selected."""
        rows, users = self.table.selectionModel().selectedRows(), self._viewmodel.state.users
        return users[rows[0].row()] if rows and rows[0].row() < len(users) else None

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._show_state)
        self.add.clicked.connect(self._ask_for_user)
        self.role.clicked.connect(self._ask_for_role)
        self.secret.clicked.connect(self._ask_for_secret)
        self.remove.clicked.connect(self._remove_chosen)
        self.own.clicked.connect(self._ask_for_own_secret)
        self.audit.clicked.connect(self.audit_asked)
        self.wall.clicked.connect(viewmodel.show_on_wall)
        self.minutes.editingFinished.connect(self._set_minutes)
        self.starts_wall.clicked.connect(lambda is_on: viewmodel.set_locking(wall_needs_no_sign_in=is_on))
        for widget in (self.add, self.role, self.secret, self.remove, self.minutes, self.starts_wall):
            needs(widget, Permission.ADMINISTER_USERS)
        needs(self.audit, Permission.SEE_AUDIT)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self.setVisible(state.has_venue)
        has_users = not state.is_open
        self._note.setText(
            tr("Whoever works here signs in, and may do what their role allows.")
            if has_users
            else tr(
                "The venue is open: whoever sits at this computer may do everything. Add users, the first of "
                "them an administrator, so that everybody signs in and the log of changes has names."
            )
        )
        add = tr("Add a user…") if has_users else tr("Set up users…")
        self.add.setText(add)
        self.add.setAccessibleName(add)
        for widget in (
            self.table,
            self.role,
            self.secret,
            self.remove,
            self.own,
            self.minutes,
            self._minutes_label,
            self.starts_wall,
        ):
            widget.setVisible(has_users)
        self._show_users(state.users)
        self.minutes.setValue(state.lock_after_min)
        self.starts_wall.setChecked(state.wall_needs_no_sign_in)
        self._show_buttons()

    def _show_users(self, users: tuple[tuple[str, Role], ...]) -> None:
        wanted = [[name, tr(role.value)] for name, role in users]
        items = [[self.table.item(row, column) for column in (0, 1)] for row in range(self.table.rowCount())]
        if wanted == [[item.text() if item else "" for item in row] for row in items]:
            return
        self.table.setRowCount(len(wanted))
        for row, texts in enumerate(wanted):
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))
            self.table.setRowHeight(row, _ROW_PX)
        header_px = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header_px + _ROW_PX * min(max(len(wanted), 1), _MOST_ROWS) + 4)

    def _show_buttons(self) -> None:
        for button in (self.role, self.secret, self.remove):
            button.setEnabled(self.chosen is not None)
        self.own.setEnabled(bool(self._viewmodel.state.user))

    def _open(self, dialog: UserDialog, save: Callable[[], None]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(save)
        dialog.open()

    def _ask_for_user(self) -> None:
        is_first = self._viewmodel.state.is_open
        dialog = UserDialog(
            tr("Add an administrator") if is_first else tr("Add a user"),
            roles=(Role.ADMINISTRATOR,) if is_first else ROLES_OF_PEOPLE,
            parent=self,
        )
        self._open(
            dialog,
            lambda: self._viewmodel.add_user(dialog.name.text(), dialog.role_chosen, dialog.secret.text()),
        )

    def _ask_for_role(self) -> None:
        if self.chosen is None:
            return
        name, role = self.chosen
        dialog = UserDialog(tr("Change role"), name=name, role=role, asks_secret=False, parent=self)
        self._open(dialog, lambda: self._viewmodel.change_role(name, dialog.role_chosen))

    def _ask_for_secret(self) -> None:
        if self.chosen is None:
            return
        name = self.chosen[0]
        dialog = UserDialog(tr("New password"), name=name, asks_role=False, parent=self)
        self._open(dialog, lambda: self._viewmodel.change_secret(name, dialog.secret.text()))

    def _ask_for_own_secret(self) -> None:
        name = self._viewmodel.state.user
        dialog = UserDialog(
            tr("Change my password"), name=name, asks_role=False, asks_present=True, parent=self
        )
        self._open(
            dialog, lambda: self._viewmodel.change_own_secret(dialog.present.text(), dialog.secret.text())
        )

    def _remove_chosen(self) -> None:
        if self.chosen is None:
            return
        name = self.chosen[0]
        title = tr("Remove the user '{name}'?", name=name)
        question = QMessageBox(
            QMessageBox.Icon.Warning, title, title, QMessageBox.StandardButton.Cancel, self.window()
        )
        question.setInformativeText(
            tr("The venue is then open to everybody who can reach this computer.")
            if len(self._viewmodel.state.users) == 1
            else tr("Who has signed in with this name is signed out at once. The audit log keeps the name.")
        )
        remove = question.addButton(tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(QMessageBox.StandardButton.Cancel)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.buttonClicked.connect(
            lambda button: self._viewmodel.remove_user(name) if button is remove else None
        )
        question.setWindowModality(Qt.WindowModality.WindowModal)
        question.open()

    def _set_minutes(self) -> None:
        minutes = int(self.minutes.value())
        if minutes != self._viewmodel.state.lock_after_min:
            self._viewmodel.set_locking(lock_after_min=minutes)
