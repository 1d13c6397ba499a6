"""Show the settings of users and locking, the audit log, and the sign-in that covers the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.errors import VenueError
from analytics.domain.exhibition import find_time_zone
from analytics.store.microseconds import to_s
from app.access.access_file import MAX_LOCK_AFTER_MIN
from app.access.audit_log import AuditEntry
from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.access.secrets import MIN_PASSWORD, MIN_PIN
from app.error_reporting import ErrorReport
from app.gui.access.model import AccessViewModel, AuditLogViewModel
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, join_sentences, tr
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import RecordTable, TableColumn
from app.gui.widgets.form_dialog import FormDialog, Submit, make_choice, make_text_field
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import show_icon
from app.gui.widgets.layouts import fill, make_column, make_label, make_row, open_dialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.safe_question import ask_confirmation
from app.gui.widgets.settings_card import SettingsCard
from app.gui.widgets.text_table import TextTable

_ICON_PX = 48
_WIDTH_PX = 400


class SignInView(Translated, QWidget):
    """A sign-in form for a locked window or for leaving a wall screen."""

    cancelled = Signal()
    """The wall screen continues."""

    def __init__(self, viewmodel: AccessViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._icon, self._title, self._text = QLabel(self), QLabel(self), QLabel(self)
        self._title.setProperty("role", "title")
        self._text.setProperty("role", "muted")
        self._text.setWordWrap(True)
        self.name, self.secret = QComboBox(self), QLineEdit(self)
        self.name.setEditable(True)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._labels = (QLabel(self), QLabel(self))
        self._fault = make_label(role="bad", wraps=True, parent=self)
        self.sign_in, self.cancel = QPushButton(self), QPushButton(self)
        self.sign_in.setProperty("role", "primary")
        self.sign_in.clicked.connect(self._on_sign_in)
        self.cancel.clicked.connect(self.cancelled)
        self.secret.returnPressed.connect(self._on_sign_in)
        self.secret.textChanged.connect(self._show_state)
        theme = current_theme()
        form = QFormLayout()
        form.setSpacing(theme.space_s)
        for label, field in zip(self._labels, (self.name, self.secret), strict=True):
            form.addRow(label, field)
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setFixedWidth(_WIDTH_PX)
        column = make_column(card, margins=(28, 26, 28, 26), spacing=theme.space_m)
        for label in (self._icon, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        fill(column, form, self._fault, self.sign_in, self.cancel)
        fill(QVBoxLayout(self), 2, (card, 0, Qt.AlignmentFlag.AlignHCenter), 3)
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()

    def retranslate(self) -> None:
        for label, field, text in zip(
            self._labels, (self.name, self.secret), (tr("Name"), tr("PIN or password")), strict=True
        ):
            label.setText(text)
            field.setAccessibleName(text)
        self.sign_in.setAccessibleName(tr("Sign in"))
        name_control(self.cancel, tr("Resume the wall screen"))
        self._draw_icon()
        self._show_state()

    def _recolour(self) -> None:
        self.retranslate()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.secret.clear()
        self.name.clear()
        self.name.addItems([name for name, _role in self._viewmodel.state.users])
        if self._viewmodel.state.last_user:
            self.name.setCurrentText(self._viewmodel.state.last_user)
        self.secret.setFocus()

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._title.setText(tr("Wall screen") if state.is_wall else tr("Sign in"))
        self._text.setText(
            tr("Sign in to leave the wall screen.")
            if state.is_wall
            else tr(
                "The window is locked; the recording continues. Last user: '{name}'.", name=state.last_user
            )
            if state.last_user
            else tr("Choose your name and enter your PIN or password.")
        )
        self.cancel.setVisible(state.is_wall)
        self._fault.setVisible(state.fault is not None)
        if state.fault is not None:
            report = state.fault.render(tr)
            self._fault.setText(join_sentences((report.problem, report.remedy)))
        self.sign_in.setText(tr("Signing in") if state.is_busy else tr("Sign in"))
        is_possible = not state.is_busy and bool(self.secret.text())
        self.sign_in.setEnabled(is_possible)
        if state.fault is not None and not state.is_busy:
            self.secret.setFocus()

    def _on_sign_in(self) -> None:
        if self.sign_in.isEnabled():
            secret = self.secret.text()
            self.secret.clear()
            self._viewmodel.sign_in(self.name.currentText(), secret)

    def _draw_icon(self) -> None:
        show_icon(self._icon, "lock", current_theme().accent, _ICON_PX)


class AuditTable(RecordTable[AuditEntry]):
    def __init__(self, zone: ZoneInfo, parent: QObject | None = None) -> None:
        self._zone = zone
        super().__init__(parent)

    def make_columns(self) -> Sequence[TableColumn[AuditEntry]]:
        return (
            TableColumn(tr("No."), lambda entry: str(entry.number), lambda entry: float(entry.number)),
            TableColumn(tr("Time"), self._show_time, lambda entry: float(entry.time_us), is_number=False),
            TableColumn(tr("User"), _show_user, _show_user, is_number=False),
            TableColumn(
                tr("Action"), lambda entry: tr(entry.action), lambda entry: tr(entry.action), is_number=False
            ),
            TableColumn(
                tr("Outcome"),
                lambda entry: tr(entry.outcome.value),
                lambda entry: tr(entry.outcome.value),
                is_number=False,
            ),
            TableColumn(tr("What"), describe_event, describe_event, is_number=False),
        )

    def _show_time(self, entry: AuditEntry) -> str:
        return f"{datetime.fromtimestamp(to_s(entry.time_us), self._zone):%Y-%m-%d %H:%M:%S}"


def describe_event(entry: AuditEntry) -> str:
    """Return what an entry is about in the current language; names stay as entered."""
    return tr("; ").join(tr("{key}: {name}", key=tr(key), name=name) for key, name in entry.what.items())


def _show_user(entry: AuditEntry) -> str:
    return f"{entry.user} ({tr(entry.role)})" if entry.user else tr(entry.role)


SIZE_WH = (1000, 600)


class AuditDialog(Translated, QDialog):
    """A dialog with the audit log, which it reads when opened."""

    def __init__(self, viewmodel: AuditLogViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.resize(*SIZE_WH)
        self.banner = NotificationBanner(self)
        self.banner.hide()
        self._model = AuditTable(find_time_zone(viewmodel.time_zone), self)
        self.list = RecordList(self._model, table_name=tr("Audit log"), parent=self)
        self.close_button = QPushButton(self)
        below = fill(QHBoxLayout(), 1, self.close_button)
        fill(QVBoxLayout(self), self.banner, (self.list, 1), below)
        viewmodel.state_changed.connect(self._show_entries)
        viewmodel.exported.connect(self._show_exported)
        viewmodel.failed.connect(self._show_fault)
        self.list.export_requested.connect(self._choose_export_file)
        self.close_button.clicked.connect(self.accept)
        self.retranslate()
        viewmodel.read()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Audit log"))
        self.list.set_table_name(tr("Audit log"))
        name_control(self.close_button, tr("Close"))
        self._model.retranslate()

    def _show_entries(self) -> None:
        self._model.show(self._viewmodel.state)

    def _choose_export_file(self, _titles: list[str], _rows: list[list[str]]) -> None:
        path, _kind = QFileDialog.getSaveFileName(
            self, tr("Export the audit log"), tr("audit-log.csv"), tr("CSV table (*.csv)")
        )
        if path:
            chosen = Path(path)
            self._viewmodel.export(chosen if chosen.suffix else chosen.with_suffix(".csv"))

    def _show_exported(self, path: str) -> None:
        self.banner.show_message(lambda: tr("{file} was written.", file=path), tone="good")
        self._viewmodel.read()

    def _show_fault(self, report: ErrorReport) -> None:
        self.banner.show_message(
            lambda: report.render(tr).problem, lambda: report.render(tr).remedy, tone="bad"
        )


class UserDialog(FormDialog):
    """A dialog to add or change a user; each field is optional."""

    def __init__(
        self,
        title: str,
        *,
        name: str | None = None,
        roles: tuple[Role, ...] = ROLES_OF_PEOPLE,
        role: Role | None = None,
        asks_role: bool = True,
        asks_secret: bool = True,
        asks_current: bool = False,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Create the dialog in the current language.

        Args:
            name: name of an existing user; None adds a field for it.
            asks_current: whether to ask for the present password.
        """
        super().__init__(title, width_px=440, submit=submit, parent=parent)
        self.name = self.add("name", tr("Name"), make_text_field(name or ""), is_needed=True)
        self.name.setEnabled(name is None)
        self.role = self.add("role", tr("Role"), make_choice(((one, tr(one.value)) for one in roles), role))
        self._may = self.add_note()
        self.current, self.secret, self.again = (
            self.add(key, label, make_text_field(is_secret=True), is_needed=True)
            for key, label in (
                ("current", tr("Current PIN or password")),
                ("secret", tr("New PIN or password")),
                ("again", tr("Repeat")),
            )
        )
        rule = self.add_note(
            tr(
                "A PIN of at least {digits} digits, or a password of at least {characters} characters.",
                digits=MIN_PIN,
                characters=MIN_PASSWORD,
            )
        )
        self.show_row("role", asks_role)
        self._may.setVisible(asks_role)
        self.show_row("current", asks_current)
        for key in ("secret", "again"):
            self.show_row(key, asks_secret)
        rule.setVisible(asks_secret)
        self.role.currentIndexChanged.connect(self._show_permissions)
        self._show_permissions()

    @property
    def role_chosen(self) -> Role:
        return Role(self.role.currentData())

    def check(self) -> None:
        if self.secret.text() != self.again.text():
            raise VenueError("The entries do not match.", "Enter the same text in both fields.")

    def _show_permissions(self) -> None:
        permissions = PERMISSIONS[self.role_chosen]
        names = [tr(permission.value) for permission in Permission if permission in permissions]
        self._may.setText(tr("Permissions: {permissions}", permissions=tr(", ").join(names)))


_MAX_ROWS = 8


class AccessCard(SettingsCard):
    """A settings card that shows an `AccessState`."""

    audit_log_requested = Signal()

    def __init__(self, viewmodel: AccessViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._text.setProperty("role", "")
        self._limit = make_label(role="small", wraps=True, parent=self)
        self.table = TextTable(2, self, max_rows=_MAX_ROWS)
        self.table.itemSelectionChanged.connect(self._show_buttons)
        self.add, self.role, self.secret, self.remove = (QPushButton(self) for _ in range(4))
        self.own, self.audit, self.wall = (QPushButton(self) for _ in range(3))
        max_min = float(MAX_LOCK_AFTER_MIN)
        self.minutes = NumberField(minimum=0.0, maximum=max_min, decimals=0, unit="min", parent=self)
        self._minutes_label, self.starts_wall = QLabel(self), QCheckBox(self)
        column = self.column
        column.addWidget(self.table)
        column.addLayout(fill(make_row(), self.add, self.role, self.secret, self.remove, 1))
        column.addLayout(fill(make_row(), self._minutes_label, self.minutes, 1))
        column.addWidget(self.starts_wall)
        column.addLayout(fill(make_row(), self.own, self.wall, self.audit, 1))
        column.addWidget(self._limit)
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("Users of this venue"))
        self._limit.setText(
            tr(
                "Roles protect against mistakes and casual misuse, not against users who can write "
                "to the venue's folder with other programs: protect the folder with the computer's "
                "own accounts."
            )
        )
        for widget, text in (
            (self.role, tr("Change role…")),
            (self.secret, tr("New password…")),
            (self.remove, tr("Remove")),
            (self.own, tr("Change my password…")),
            (self.audit, tr("Audit log…")),
            (self.wall, tr("Show on the wall")),
            (self.starts_wall, tr("Allow a wall screen to start without signing in (gui --kiosk)")),
        ):
            name_control(widget, text)
        self.remove.setAccessibleName(tr("Remove the user"))
        self._minutes_label.setText(tr("Lock the window after (0 = never)"))
        self.minutes.setAccessibleName(tr("Lock the window after (0 = never)"))
        self.table.setAccessibleName(tr("Users"))
        self.table.setHorizontalHeaderLabels([tr("User"), tr("Role")])
        self.wall.setToolTip(tr("Show the window full screen for everybody; leaving requires signing in"))
        self._show_state()

    @property
    def chosen(self) -> tuple[str, Role] | None:
        row, users = self.table.chosen_row, self._viewmodel.state.users
        return None if row is None or row >= len(users) else users[row]

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._show_state)
        self.add.clicked.connect(self._open_user_dialog)
        self.role.clicked.connect(self._open_role_dialog)
        self.secret.clicked.connect(self._open_password_dialog)
        self.remove.clicked.connect(self._remove_chosen)
        self.own.clicked.connect(self._open_own_password_dialog)
        self.audit.clicked.connect(self.audit_log_requested)
        self.wall.clicked.connect(viewmodel.show_on_wall)
        self.minutes.editingFinished.connect(self._set_minutes)
        self.starts_wall.clicked.connect(lambda is_on: viewmodel.set_locking(wall_needs_no_sign_in=is_on))
        for widget in (self.add, self.role, self.secret, self.remove, self.minutes, self.starts_wall):
            require_permission(widget, Permission.ADMINISTER_USERS)
        require_permission(self.audit, Permission.SEE_AUDIT)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        has_users = state.has_venue and not state.is_open
        self._text.setText(
            tr("Open a venue to set up its users.")
            if not state.has_venue
            else tr("Users sign in and may do what their role permits.")
            if has_users
            else tr(
                "The venue is open: anybody at this computer may do everything. Add users, starting with "
                "an administrator, so that everybody signs in and the audit log contains names."
            )
        )
        add = tr("Add a user…") if has_users else tr("Set up users…")
        name_control(self.add, add)
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
        for widget in (self.add, self.audit, self.wall, self._limit):
            widget.setVisible(state.has_venue)
        self.table.show_rows([(name, tr(role.value)) for name, role in state.users])
        self.minutes.setValue(state.lock_after_min)
        self.starts_wall.setChecked(state.wall_needs_no_sign_in)
        self._show_buttons()

    def _show_buttons(self) -> None:
        for button in (self.role, self.secret, self.remove):
            button.setEnabled(self.chosen is not None)
        self.own.setEnabled(bool(self._viewmodel.state.user))

    def _open_user_dialog(self) -> None:
        is_first = self._viewmodel.state.is_open
        open_dialog(
            UserDialog(
                tr("Add an administrator") if is_first else tr("Add a user"),
                roles=(Role.ADMINISTRATOR,) if is_first else ROLES_OF_PEOPLE,
                submit=lambda form: self._viewmodel.add_user(
                    form.name.text(), form.role_chosen, form.secret.text()
                ),
                parent=self,
            )
        )

    def _open_role_dialog(self) -> None:
        if self.chosen is None:
            return
        name, role = self.chosen
        open_dialog(
            UserDialog(
                tr("Change role"),
                name=name,
                role=role,
                asks_secret=False,
                submit=lambda form: self._viewmodel.change_role(name, form.role_chosen),
                parent=self,
            )
        )

    def _open_password_dialog(self) -> None:
        if self.chosen is None:
            return
        name = self.chosen[0]
        open_dialog(
            UserDialog(
                tr("New password"),
                name=name,
                asks_role=False,
                submit=lambda form: self._viewmodel.change_secret(name, form.secret.text()),
                parent=self,
            )
        )

    def _open_own_password_dialog(self) -> None:
        open_dialog(
            UserDialog(
                tr("Change my password"),
                name=self._viewmodel.state.user,
                asks_role=False,
                asks_current=True,
                submit=lambda form: self._viewmodel.change_own_secret(
                    form.current.text(), form.secret.text()
                ),
                parent=self,
            )
        )

    def _remove_chosen(self) -> None:
        if self.chosen is None:
            return
        name = self.chosen[0]
        title = tr("Remove the user '{name}'?", name=name)
        ask_confirmation(
            self,
            title,
            title,
            tr("The venue will be open to everybody with access to this computer.")
            if len(self._viewmodel.state.users) == 1
            else tr("The user is signed out at once. The audit log keeps the name."),
            yes=tr("Remove"),
            on_answer=lambda is_agreed: self._viewmodel.remove_user(name) if is_agreed else None,
        )

    def _set_minutes(self) -> None:
        minutes = int(self.minutes.value())
        if minutes != self._viewmodel.state.lock_after_min:
            self._viewmodel.set_locking(lock_after_min=minutes)
