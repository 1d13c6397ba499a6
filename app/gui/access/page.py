"""Settings: who may use the venue, when the window locks, and what was done in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.errors import fill_template
from analytics.domain.exhibition import find_time_zone
from analytics.store.microseconds import to_s
from app.access.access_file import MAX_LOCK_AFTER_MIN
from app.access.audit_log import AuditEntry
from app.access.audit_verification import AuditVerdict
from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.access.secrets import MIN_PASSWORD, MIN_PIN
from app.error_reporting import ErrorReport
from app.gui.access.model import AccessViewModel, AuditLogViewModel
from app.gui.session.permissions import require_permission
from app.gui.session.translation import Translated, tr
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import RecordTable, TableColumn
from app.gui.widgets.forms import make_label, make_row, make_save_buttons, name_control
from app.gui.widgets.layouts import open_dialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.safe_question import ask_confirmation
from app.gui.widgets.settings_card import SettingsCard


class AuditTable(RecordTable[AuditEntry]):
    """One row for each entry."""

    def __init__(self, zone: ZoneInfo, parent: QObject | None = None) -> None:
        self._zone = zone
        super().__init__(parent)

    def make_columns(self) -> Sequence[TableColumn[AuditEntry]]:
        """The columns in the window's language."""
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
            TableColumn(tr("What"), describe_what, describe_what, is_number=False),
        )

    def _show_time(self, entry: AuditEntry) -> str:
        return f"{datetime.fromtimestamp(to_s(entry.time_us), self._zone):%Y-%m-%d %H:%M:%S}"


def describe_what(entry: AuditEntry) -> str:
    """What an entry is about, in the window's language; names are as they were given."""
    return tr("; ").join(tr("{key}: {name}", key=tr(key), name=name) for key, name in entry.what.items())


def _show_user(entry: AuditEntry) -> str:
    return f"{entry.user} ({tr(entry.role)})" if entry.user else tr(entry.role)


SIZE_WH = (1000, 600)


class AuditDialog(Translated, QDialog):
    """Reads the log when it opens."""

    def __init__(self, viewmodel: AuditLogViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.resize(*SIZE_WH)
        self.banner = NotificationBanner(self)
        self.banner.hide()
        self._model = AuditTable(find_time_zone(viewmodel.time_zone), self)
        self.list = RecordList(self._model, table_name=tr("Audit log"), parent=self)
        self.check, self.close_button = QPushButton(self), QPushButton(self)
        below = QHBoxLayout()
        below.addWidget(self.check)
        below.addStretch(1)
        below.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.banner)
        layout.addWidget(self.list, 1)
        layout.addLayout(below)
        viewmodel.state_changed.connect(self._show_entries)
        viewmodel.checked.connect(self._tell_verdict)
        viewmodel.exported.connect(self._tell_exported)
        viewmodel.failed.connect(self._tell_fault)
        self.list.export_requested.connect(self._ask_for_file)
        self.check.clicked.connect(viewmodel.check)
        self.close_button.clicked.connect(self.accept)
        self.retranslate()
        viewmodel.read()

    def retranslate(self) -> None:
        """Take the window's language."""
        self.setWindowTitle(tr("Audit log"))
        self.list.set_table_name(tr("Audit log"))
        for button, text in ((self.check, tr("Check that it is whole")), (self.close_button, tr("Close"))):
            name_control(button, text)
        self._model.retranslate()

    def _show_entries(self) -> None:
        self._model.show(self._viewmodel.state)

    def _ask_for_file(self, _titles: list[str], _rows: list[list[str]]) -> None:
        """The whole log, not what is shown of it: only so its hashes can be checked elsewhere."""
        path, _kind = QFileDialog.getSaveFileName(
            self, tr("Export the audit log"), tr("audit-log.csv"), tr("CSV table (*.csv)")
        )
        if path:
            chosen = Path(path)
            self._viewmodel.export(chosen if chosen.suffix else chosen.with_suffix(".csv"))

    def _tell_verdict(self, verdict: AuditVerdict) -> None:
        def say() -> str:
            if verdict.is_sound:
                return tr("All {count} entries are as they were written.", count=verdict.entries)
            return " ".join(fill_template(fault.template, fault.fields, tr) for fault in verdict.faults)

        def advise() -> str:
            if not verdict.is_sound:
                return tr("Keep the file, and ask whoever administers this computer who had access to it.")
            if not verdict.is_witnessed:
                return tr("This account has not written to the log: a cut-off end would not be noticed here.")
            return ""

        self.banner.show_message(say, advise, tone="good" if verdict.is_sound else "bad")

    def _tell_exported(self, path: str) -> None:
        self.banner.show_message(lambda: tr("{file} was written.", file=path), tone="good")
        self._viewmodel.read()

    def _tell_fault(self, report: ErrorReport) -> None:
        self.banner.show_message(
            lambda: report.render(tr).problem, lambda: report.render(tr).remedy, tone="bad"
        )


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
                digits=MIN_PIN,
                characters=MIN_PASSWORD,
            )
        )
        for label in (self._may, self._rule):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self._fault = make_label(role="bad")
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
_MAX_ROWS = 8


class AccessCard(SettingsCard):
    """Shows an `AccessState`; hidden without a venue."""

    audit_asked = Signal()

    def __init__(self, viewmodel: AccessViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._text.setProperty("role", "")
        self._limit = make_label(role="small", wraps=True, parent=self)
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
        max_min = float(MAX_LOCK_AFTER_MIN)
        self.minutes = NumberField(minimum=0.0, maximum=max_min, decimals=0, unit="min", parent=self)
        self._minutes_label, self.starts_wall = QLabel(self), QCheckBox(self)
        column = self.column
        column.addWidget(self.table)
        column.addLayout(make_row(self.add, self.role, self.secret, self.remove))
        column.addLayout(make_row(self._minutes_label, self.minutes))
        column.addWidget(self.starts_wall)
        column.addLayout(make_row(self.own, self.wall, self.audit))
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
            name_control(widget, text)
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
            require_permission(widget, Permission.ADMINISTER_USERS)
        require_permission(self.audit, Permission.SEE_AUDIT)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self.setVisible(state.has_venue)
        has_users = not state.is_open
        self._text.setText(
            tr("Whoever works here signs in, and may do what their role allows.")
            if has_users
            else tr(
                "The venue is open: whoever sits at this computer may do everything. Add users, the first of "
                "them an administrator, so that everybody signs in and the log of changes has names."
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
        self.table.setFixedHeight(header_px + _ROW_PX * min(max(len(wanted), 1), _MAX_ROWS) + 4)

    def _show_buttons(self) -> None:
        for button in (self.role, self.secret, self.remove):
            button.setEnabled(self.chosen is not None)
        self.own.setEnabled(bool(self._viewmodel.state.user))

    def _open(self, dialog: UserDialog, save: Callable[[], None]) -> None:
        dialog.accepted.connect(save)
        open_dialog(dialog)

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
        ask_confirmation(
            self,
            title,
            title,
            tr("The venue is then open to everybody who can reach this computer.")
            if len(self._viewmodel.state.users) == 1
            else tr("Who has signed in with this name is signed out at once. The audit log keeps the name."),
            yes=tr("Remove"),
            on_answer=lambda is_agreed: self._viewmodel.remove_user(name) if is_agreed else None,
        )

    def _set_minutes(self) -> None:
        minutes = int(self.minutes.value())
        if minutes != self._viewmodel.state.lock_after_min:
            self._viewmodel.set_locking(lock_after_min=minutes)
