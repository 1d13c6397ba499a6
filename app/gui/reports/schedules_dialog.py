"""Dialogs of scheduled reports: their next and latest report, and forms to change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale, QModelIndex, QTime
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableView,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from app.error_reporting import ErrorReport
from app.gui.reports.schedules import SchedulesViewModel
from app.gui.session.cell_text import ABSENT
from app.gui.session.theme import current_theme
from app.gui.session.translation import LANGUAGE_NAMES, Translated, current_language, display_name, tr
from app.gui.tables.record_table import RecordTable, TableColumn
from app.gui.widgets.forms import make_save_buttons, name_control
from app.gui.widgets.layouts import fill, make_label
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.work_row import JobRow
from app.reports.report_due import ScheduleRow
from app.reports.report_template import TITLES, ReportFormat, Template
from app.reports.schedule_file import MailServer, Rhythm, Schedule, Target


def name_template(template: str) -> str:
    """Return a template's name; the key of one from another version."""
    return tr(TITLES[Template(template)].template) if template in set(Template) else template


def name_rhythm(rhythm: Rhythm) -> str:
    return {
        Rhythm.DAY: tr("Every open day"),
        Rhythm.WEEK: tr("Every week"),
        Rhythm.SHOW: tr("After the exhibition"),
    }[rhythm]


def name_target(target: Target) -> str:
    return {
        Target.FOLDER: tr("To a folder"),
        Target.MAIL: tr("By email"),
        Target.WEBHOOK: tr("To a web address"),
    }[target]


def describe_rhythm(schedule: Schedule) -> str:
    words = name_rhythm(schedule.rhythm)
    if schedule.rhythm is Rhythm.WEEK:
        words += f", {QLocale().dayName(schedule.weekday + 1)}"
    return f"{words}, {schedule.at:%H:%M}"


def describe_last(row: ScheduleRow, zone: ZoneInfo) -> str:
    last = row.last
    if last is None:
        return tr("none yet")
    if last.sent_s is not None and not last.problem:
        return tr("sent {time}", time=f"{datetime.fromtimestamp(last.sent_s, zone):%m-%d %H:%M}")
    if last.sent_s is not None:
        return tr("not created: {problem}", problem=last.describe_problem(tr))
    if last.is_given_up:
        return tr("failed: {problem}", problem=last.describe_problem(tr))
    return tr("waiting: {problem}", problem=last.describe_problem(tr))


class ScheduleTable(RecordTable[ScheduleRow]):
    time_zone = "UTC"

    def make_columns(self) -> Sequence[TableColumn[ScheduleRow]]:
        def show_next(row: ScheduleRow) -> str:
            if not row.schedule.is_enabled:
                return tr("switched off")
            if row.next_s is None:
                return ABSENT
            return f"{datetime.fromtimestamp(row.next_s, ZoneInfo(self.time_zone)):%m-%d %H:%M}"

        def show_report(row: ScheduleRow) -> str:
            words = name_template(row.schedule.template)
            return f"{words}, {display_name(row.schedule.stand)}" if row.schedule.stand else words

        return (
            _make_text_column(tr("Name"), lambda row: row.schedule.name),
            _make_text_column(tr("Kind of report"), show_report),
            _make_text_column(tr("When"), lambda row: describe_rhythm(row.schedule)),
            _make_text_column(tr("Sent to"), lambda row: row.schedule.to),
            TableColumn(tr("Next report"), show_next, lambda row: row.next_s, is_number=False),
            _make_text_column(tr("Last"), lambda row: describe_last(row, ZoneInfo(self.time_zone))),
        )


def _make_text_column(title: str, show: Callable[[ScheduleRow], str]) -> TableColumn[ScheduleRow]:
    return TableColumn(title, show, lambda row: show(row).casefold(), is_number=False)


EVENING = time(19)


class ScheduleDialog(QDialog):
    """A form for one schedule; validated when it is saved."""

    def __init__(
        self, stands: Sequence[str], *, schedule: Schedule | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Schedule a report") if schedule is None else tr("Change the schedule"))
        self.setMinimumWidth(520)
        self.name, self.to, self.secret, self.at = QLineEdit(), QLineEdit(), QLineEdit(), QTimeEdit()
        self.template, self.stand, self.rhythm, self.weekday = (QComboBox() for _ in range(4))
        self.language, self.file_format, self.target = (QComboBox() for _ in range(3))
        self.is_on = QCheckBox(tr("Switched on"))
        self.is_on.setAccessibleName(self.is_on.text())
        self.browse = QPushButton(tr("Choose…"))
        self.browse.setAccessibleName(tr("Choose a folder"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setPlaceholderText(tr("unchanged, or none"))
        self.at.setDisplayFormat("HH:mm")
        self.at.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self._fill(stands)
        self._show(schedule or _make_first())
        self._build()
        for box in (self.template, self.rhythm, self.target):
            box.currentIndexChanged.connect(self._render)
        for text in (self.name, self.to):
            text.textChanged.connect(self._render)
        self.browse.clicked.connect(self._choose_folder)
        self._render()

    @property
    def schedule_entered(self) -> Schedule:
        shown = self.at.time()
        template = Template(self.template.currentData())
        return Schedule(
            name=self.name.text().strip(),
            template=template.value,
            rhythm=Rhythm(self.rhythm.currentData()),
            at=time(shown.hour(), shown.minute()),
            target=Target(self.target.currentData()),
            to=self.to.text().strip(),
            language=str(self.language.currentData()),
            file_format=str(self.file_format.currentData()),
            weekday=int(self.weekday.currentData()),
            stand=self.stand.currentData() if template is Template.STAND else None,
            is_enabled=self.is_on.isChecked(),
        )

    def _fill(self, stands: Sequence[str]) -> None:
        for template in Template:
            self.template.addItem(name_template(template.value), template.value)
        for stand in stands:
            self.stand.addItem(display_name(stand), stand)
        for rhythm in Rhythm:
            self.rhythm.addItem(name_rhythm(rhythm), rhythm.value)
        for day in range(7):
            self.weekday.addItem(QLocale().dayName(day + 1), day)
        for code, name in LANGUAGE_NAMES.items():
            self.language.addItem(name, code)
        for chosen in ReportFormat:
            self.file_format.addItem(chosen.value.upper(), chosen.value)
        for target in Target:
            self.target.addItem(name_target(target), target.value)

    def _show(self, schedule: Schedule) -> None:
        self.name.setText(schedule.name)
        self.to.setText(schedule.to)
        self.is_on.setChecked(schedule.is_enabled)
        self.at.setTime(QTime(schedule.at.hour, schedule.at.minute))
        for box, value in (
            (self.template, schedule.template),
            (self.stand, schedule.stand),
            (self.rhythm, schedule.rhythm.value),
            (self.weekday, schedule.weekday),
            (self.language, schedule.language),
            (self.file_format, schedule.file_format),
            (self.target, schedule.target.value),
        ):
            box.setCurrentIndex(max(0, box.findData(value)))

    def _build(self) -> None:
        where = fill(QHBoxLayout(), (self.to, 1), self.browse)
        self._form = QFormLayout(self)
        for label, field in (
            (tr("Name"), self.name),
            (tr("Kind of report"), self.template),
            (tr("Stand"), self.stand),
            (tr("Frequency"), self.rhythm),
            (tr("On"), self.weekday),
            (tr("Time (venue time)"), self.at),
            (tr("Language of the report"), self.language),
            (tr("Format"), self.file_format),
            (tr("Delivery"), self.target),
        ):
            self._form.addRow(label, field)
            field.setAccessibleName(label)
        self._form.addRow(tr("To"), where)
        self._form.addRow(tr("Secret"), self.secret)
        self.to.setAccessibleName(tr("To"))
        self.secret.setAccessibleName(tr("Secret"))
        self.secret.setToolTip(tr("Signs the reports, so that the receiver can verify their origin"))
        self._form.addRow("", self.is_on)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._form.addRow(buttons)

    def _render(self) -> None:
        target = Target(self.target.currentData())
        self._form.setRowVisible(self.stand, self.template.currentData() == Template.STAND.value)
        self._form.setRowVisible(self.weekday, self.rhythm.currentData() == Rhythm.WEEK.value)
        self._form.setRowVisible(self.secret, target is Target.WEBHOOK)
        self.browse.setVisible(target is Target.FOLDER)
        self.to.setPlaceholderText(
            {
                Target.FOLDER: tr("a folder, local or on the network"),
                Target.MAIL: tr("addresses separated by commas"),
                Target.WEBHOOK: "https://",
            }[target]
        )
        self._save.setEnabled(bool(self.name.text().strip() and self.to.text().strip()))

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), self.to.text())
        if path:
            self.to.setText(path)


def _make_first() -> Schedule:
    return Schedule(
        tr("Every evening"),
        Template.DAILY.value,
        Rhythm.DAY,
        EVENING,
        Target.FOLDER,
        "",
        language=current_language(),
    )


PORT_OF_TLS_AT_ONCE, PORT_OF_STARTTLS = 465, 587


class MailServerDialog(QDialog):
    def __init__(self, server: MailServer | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Mail server"))
        self.setMinimumWidth(460)
        shown = server or MailServer("", PORT_OF_STARTTLS, "", "")
        self.host, self.mail_from, self.user = (
            QLineEdit(shown.host),
            QLineEdit(shown.sender),
            QLineEdit(shown.user),
        )
        self.password, self.port, self.security = QLineEdit(), QSpinBox(), QComboBox()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        if server is not None and server.user:
            self.password.setPlaceholderText(tr("leave unchanged"))
        self.port.setRange(1, 65_535)
        self.port.setValue(shown.port)
        self.port.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self.security.addItem("STARTTLS", False)
        self.security.addItem(tr("Implicit TLS"), True)
        self.security.setCurrentIndex(int(shown.uses_tls_at_once))
        self.security.activated.connect(self._propose_port)
        form = QFormLayout(self)
        for label, field in (
            (tr("Server"), self.host),
            (tr("Security"), self.security),
            (tr("Port"), self.port),
            (tr("Sender address"), self.mail_from),
            (tr("User"), self.user),
            (tr("Password"), self.password),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        note = make_label(
            text=tr("The password is stored in this computer's keyring, not in the venue."),
            role="muted",
            wraps=True,
        )
        form.addRow(note)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        form.addRow(buttons)
        for text in (self.host, self.mail_from):
            text.textChanged.connect(self._check)
        self._check()

    @property
    def server_entered(self) -> MailServer:
        """Return the server in the fields, without the password."""
        return MailServer(
            self.host.text().strip(),
            self.port.value(),
            self.user.text().strip(),
            self.mail_from.text().strip(),
            bool(self.security.currentData()),
        )

    def _propose_port(self) -> None:
        default_ports = (PORT_OF_STARTTLS, PORT_OF_TLS_AT_ONCE)
        if self.port.value() in default_ports:
            self.port.setValue(default_ports[self.security.currentIndex()])

    def _check(self) -> None:
        self._save.setEnabled(bool(self.host.text().strip()) and "@" in self.mail_from.text())


SIZE_WH = (960, 480)
_COLUMN_PX = (150, 170, 190, 190, 100)


class SchedulesDialog(Translated, QDialog):
    """The view of a `SchedulesState`; every change goes to the view-model."""

    def __init__(self, viewmodel: SchedulesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.banner, self.work = NotificationBanner(self), JobRow(self)
        self.outcome = make_label(role="muted", wraps=True)
        self._model = ScheduleTable(self)
        self.table = QTableView(self)
        self.table.setModel(self._model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        for column, width_px in enumerate(_COLUMN_PX):
            self.table.setColumnWidth(column, width_px)
        self.add, self.change, self.remove, self.send = (QPushButton() for _ in range(4))
        self.mail, self.close_button = QPushButton(), QPushButton()
        self.resize(*SIZE_WH)
        tools, below = QHBoxLayout(), QHBoxLayout()
        for button in (self.add, self.change, self.remove, self.send):
            tools.addWidget(button)
        tools.addStretch(1)
        tools.addWidget(self.mail)
        below.addWidget(self.work, 1)
        below.addWidget(self.close_button)
        fill(QVBoxLayout(self), self.banner, tools, (self.table, 1), self.outcome, below)
        self._bind()
        self.retranslate()
        viewmodel.refresh()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Scheduled reports"))
        self.table.setAccessibleName(tr("Scheduled reports"))
        for button, text in (
            (self.add, tr("Add a schedule…")),
            (self.change, tr("Change…")),
            (self.remove, tr("Remove")),
            (self.send, tr("Send now")),
            (self.mail, tr("Mail server…")),
            (self.close_button, tr("Close")),
        ):
            name_control(button, text)
        self.send.setToolTip(tr("Creates the report up to now and sends it"))
        self._model.retranslate()
        self._render()

    @property
    def chosen(self) -> Schedule | None:
        rows = self.table.selectionModel().selectedRows()
        return self._model.record(rows[0].row()).schedule if rows else None

    def choose(self, name: str | None) -> None:
        """Select a schedule's row, if it exists."""
        for number, row in enumerate(self._viewmodel.state.rows):
            if row.schedule.name == name:
                self.table.selectRow(number)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._show_rows)
        viewmodel.failed.connect(self._show_fault)
        viewmodel.succeeded.connect(self._show_success)
        self.table.selectionModel().selectionChanged.connect(self._render)
        self.table.doubleClicked.connect(lambda _index: self._open_schedule_dialog(self.chosen))
        self.table.activated.connect(self._on_activated)
        self.add.clicked.connect(lambda: self._open_schedule_dialog(None))
        self.change.clicked.connect(lambda: self._open_schedule_dialog(self.chosen))
        self.remove.clicked.connect(self._remove_chosen)
        self.send.clicked.connect(self._send_chosen)
        self.mail.clicked.connect(self._open_mail_server_dialog)
        self.work.stop_requested.connect(viewmodel.cancel)
        self.close_button.clicked.connect(self.accept)

    def _show_rows(self) -> None:
        chosen = None if self.chosen is None else self.chosen.name
        state = self._viewmodel.state
        self._model.time_zone = "UTC" if state.exhibition is None else state.exhibition.time_zone
        self._model.show(state.rows)
        self.choose(chosen)
        self._render()

    def _render(self) -> None:
        state, is_chosen = self._viewmodel.state, self.chosen is not None
        for button in (self.change, self.remove):
            button.setEnabled(is_chosen)
        self.send.setEnabled(is_chosen and not state.is_sending)
        self.work.show_job(
            tr("Creating scheduled reports") if state.is_sending else "", done=0, total=0, can_stop=True
        )
        failed = self._find_problem()
        if failed:
            self.outcome.setText(failed)
        elif state.rows:
            self.outcome.setText(
                tr(
                    "Reports are created while this window is open, or by 'python -m app schedule run "
                    "--watch' on a server. Failed deliveries are retried."
                )
            )
        else:
            self.outcome.setText(
                tr(
                    "There are no scheduled reports. Add a schedule to receive one every "
                    "evening, for example."
                )
            )

    def _find_problem(self) -> str:
        """Return why the selected schedule's latest report has not arrived; empty if it has."""
        state, chosen = self._viewmodel.state, self.chosen
        if chosen is None or state.exhibition is None:
            return ""
        (row,) = [row for row in state.rows if row.schedule == chosen]
        if row.last is None or not row.last.problem:
            return ""
        return f"{chosen.name}: {describe_last(row, ZoneInfo(state.exhibition.time_zone))}"

    def _on_activated(self, index: QModelIndex) -> None:
        self._open_schedule_dialog(self._model.record(index.row()).schedule)

    def _open_schedule_dialog(self, former: Schedule | None) -> None:
        dialog = ScheduleDialog(self._viewmodel.state.stands, schedule=former, parent=self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.banner.hide()
            self._viewmodel.save(dialog.schedule_entered, former=former, secret=dialog.secret.text())
        dialog.deleteLater()

    def _open_mail_server_dialog(self) -> None:
        dialog = MailServerDialog(self._viewmodel.state.mail, parent=self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._viewmodel.set_mail_server(dialog.server_entered, password=dialog.password.text())
        dialog.deleteLater()

    def _remove_chosen(self) -> None:
        if self.chosen is not None:
            self._viewmodel.remove(self.chosen.name)

    def _send_chosen(self) -> None:
        if self.chosen is not None:
            self.banner.hide()
            self._viewmodel.send_now(self.chosen.name)

    def _show_fault(self, fault: ErrorReport) -> None:
        self.banner.show_message(lambda: fault.render(tr).problem, lambda: fault.render(tr).remedy)

    def _show_success(self, words: Callable[[], str]) -> None:
        self.banner.show_message(words, tone="good")
