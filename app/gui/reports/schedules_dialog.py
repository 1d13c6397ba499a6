"""Dialogs of scheduled reports: their next and latest report, and forms to change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from PySide6.QtCore import QLocale, QModelIndex
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.error_reporting import ErrorReport
from app.gui.reports.schedules import SchedulesViewModel
from app.gui.session.translation import LANGUAGE_NAMES, Translated, current_language, display_name, tr
from app.gui.tables.record_table import RecordTable, TableColumn
from app.gui.widgets.form_dialog import (
    CheckBoxes,
    FormDialog,
    Submit,
    make_check_box,
    make_choice,
    make_clock_field,
    make_number_field,
    make_text_field,
)
from app.gui.widgets.forms import name_control, set_style_property
from app.gui.widgets.layouts import explain_disabled, fill, make_label, open_dialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.work_row import JobRow
from app.reports.report_due import ScheduleRow
from app.reports.report_template import ARCHIVED, TITLES, ReportFormat, Template
from app.reports.schedule_file import (
    MailServer,
    Rhythm,
    Schedule,
    Target,
    check_mail_server,
    check_schedule,
)


def name_template(template: str) -> str:
    """Return a template's name; the key of one from another version."""
    return tr(TITLES[Template(template)].template) if template in set(Template) else template


def name_rhythm(rhythm: Rhythm) -> str:
    return {
        Rhythm.DAY: tr("Every open day"),
        Rhythm.WEEK: tr("Every week"),
        Rhythm.MONTH: tr("On the first of each month"),
        Rhythm.SHOW: tr("After the exhibition"),
    }[rhythm]


def name_format(chosen: ReportFormat) -> str:
    return {
        ReportFormat.PDF: tr("PDF document"),
        ReportFormat.XLSX: tr("Excel workbook"),
        ReportFormat.HTML: tr("Web page"),
        ReportFormat.PPTX: tr("PowerPoint slides"),
        ReportFormat.CSV: tr("CSV tables (ZIP)"),
        ReportFormat.PARQUET: tr("Parquet tables (ZIP)"),
    }[chosen]


def name_target(target: Target) -> str:
    return {
        Target.FOLDER: tr("To a folder"),
        Target.MAIL: tr("By email"),
        Target.WEBHOOK: tr("To a web address"),
    }[target]


def describe_rhythm(schedule: Schedule) -> str:
    day = QLocale().dayName(schedule.weekday + 1)
    rhythm = name_rhythm(schedule.rhythm)
    if schedule.rhythm is Rhythm.WEEK:
        rhythm = tr("{rhythm}, {day}", rhythm=rhythm, day=day)
    return tr("{rhythm}, {time}", rhythm=rhythm, time=f"{schedule.at:%H:%M}")


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
    has_days = True
    has_mail_server = True

    def make_columns(self) -> Sequence[TableColumn[ScheduleRow]]:
        def show_next(row: ScheduleRow) -> str:
            if not row.schedule.is_enabled:
                return tr("switched off")
            if row.schedule.target is Target.MAIL and not self.has_mail_server:
                return tr("no mail server is set up")
            if row.next_s is None:
                return tr("the exhibition is over") if self.has_days else tr("no show days are set")
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


class ScheduleDialog(FormDialog):
    """A form for one schedule; validated when it is saved."""

    def __init__(
        self,
        stands: Sequence[str],
        *,
        schedule: Schedule | None = None,
        has_mail_server: bool = True,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        title = tr("Schedule a report") if schedule is None else tr("Change the schedule")
        super().__init__(title, submit=submit, parent=parent)
        shown = schedule or _make_first()
        formats = [one.value for one in ReportFormat if one not in ARCHIVED or one.value in shown.formats]
        self.name = self.add("name", tr("Name"), make_text_field(shown.name), is_needed=True)
        self.template = self.add(
            "template",
            tr("Kind of report"),
            make_choice(((one.value, name_template(one.value)) for one in Template), shown.template),
        )
        self.stand = self.add(
            "stand",
            tr("Stand"),
            make_choice(((one, display_name(one)) for one in stands), shown.stand),
            is_needed=True,
        )
        self.rhythm = self.add(
            "rhythm",
            tr("Frequency"),
            make_choice(((one.value, name_rhythm(one)) for one in Rhythm), shown.rhythm.value),
        )
        days = ((day, QLocale().dayName(day + 1)) for day in range(7))
        self.weekday = self.add("weekday", tr("On"), make_choice(days, shown.weekday))
        self.at = self.add("at", tr("Time (venue time)"), make_clock_field(shown.at))
        languages = make_choice(LANGUAGE_NAMES.items(), shown.language)
        self.language = self.add("language", tr("Language of the report"), languages)
        boxes = CheckBoxes(((one, name_format(ReportFormat(one))) for one in formats), shown.formats)
        self.formats = self.add("formats", tr("Format"), boxes, is_needed=True).boxes
        self.target = self.add(
            "target",
            tr("Delivery"),
            make_choice(((one.value, name_target(one)) for one in Target), shown.target.value),
        )
        self.to = make_text_field(shown.to)
        self.browse = self.add_folder("to", tr("To"), self.to, title=tr("Choose a folder"))
        self.secret = self.add(
            "secret",
            tr("Secret"),
            make_text_field(hint=tr("unchanged, or none"), is_secret=True),
            hint=tr("Signs the reports, so that the receiver can verify their origin"),
        )
        self.add("is_enabled", "", make_check_box(tr("Switched on"), is_checked=shown.is_enabled))
        self._has_mail_server = has_mail_server
        self.no_server = self.add_note(
            tr("No mail server is set up yet: set one up under 'Mail server…', or nothing is sent.")
        )
        set_style_property(self.no_server, "role", "warning")
        for box in (self.template, self.rhythm, self.target):
            box.currentIndexChanged.connect(self._render)
        self._render()

    @property
    def schedule_entered(self) -> Schedule:
        values = self.values
        values.pop("secret", None)
        formats = tuple(one.value for one in ReportFormat if one.value in values["formats"])
        return _SCHEDULE.validate_python(values | {"formats": formats})

    def check(self) -> None:
        check_schedule(self.schedule_entered)

    def _render(self) -> None:
        target = Target(self.target.currentData())
        self.show_row("stand", self.template.currentData() == Template.STAND.value)
        self.show_row("weekday", self.rhythm.currentData() == Rhythm.WEEK.value)
        self.show_row("secret", target is Target.WEBHOOK)
        self.no_server.setVisible(target is Target.MAIL and not self._has_mail_server)
        self.browse.setVisible(target is Target.FOLDER)
        self.to.setPlaceholderText(
            {
                Target.FOLDER: tr("a folder, local or on the network"),
                Target.MAIL: tr("addresses separated by commas"),
                Target.WEBHOOK: "https://",
            }[target]
        )


_SCHEDULE = TypeAdapter(Schedule)


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


class MailServerDialog(FormDialog):
    def __init__(
        self, server: MailServer | None, *, submit: Submit | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Mail server"), width_px=460, submit=submit, parent=parent)
        shown = server or MailServer("", PORT_OF_STARTTLS, "", "")
        self.host = self.add("host", tr("Server"), make_text_field(shown.host), is_needed=True)
        kinds = ((False, "STARTTLS"), (True, tr("Implicit TLS")))
        self.security = self.add(
            "uses_tls_at_once", tr("Security"), make_choice(kinds, shown.uses_tls_at_once)
        )
        port = make_number_field(shown.port, minimum=1, maximum=65_535)
        self.port = self.add("port", tr("Port"), port)
        self.mail_from = self.add(
            "sender", tr("Sender address"), make_text_field(shown.sender), is_needed=True
        )
        self.user = self.add("user", tr("User"), make_text_field(shown.user))
        kept = tr("leave unchanged") if shown.user else ""
        self.password = self.add("password", tr("Password"), make_text_field(hint=kept, is_secret=True))
        self.add_note(tr("The password is stored in this computer's keyring, not in the venue."))
        self.security.activated.connect(self._propose_port)

    @property
    def server_entered(self) -> MailServer:
        """Return the server in the fields, without the password."""
        values = self.values
        del values["password"]
        return MailServer(**values)

    def check(self) -> None:
        check_mail_server(self.server_entered)

    def _propose_port(self) -> None:
        default_ports = (PORT_OF_STARTTLS, PORT_OF_TLS_AT_ONCE)
        if self.port.value() in default_ports:
            self.port.setValue(default_ports[self.security.currentIndex()])


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
        if state.exhibition is not None:
            self._model.time_zone = state.exhibition.time_zone
            self._model.has_days = bool(state.exhibition.opening_hours)
        self._model.has_mail_server = state.mail is not None
        self._model.show(state.rows)
        self.choose(chosen)
        self._render()

    def _render(self) -> None:
        state, is_chosen = self._viewmodel.state, self.chosen is not None
        missing = "" if is_chosen else tr("Select a schedule first.")
        for button in (self.change, self.remove):
            explain_disabled(button, missing)
        explain_disabled(self.send, missing or (tr("Please wait") if state.is_sending else ""))
        if self.send.isEnabled():
            self.send.setToolTip(tr("Creates the report up to now and sends it"))
        self.work.show_job(
            tr("Creating scheduled reports") if state.is_sending else "", done=0, total=0, can_stop=True
        )
        failed = self._find_problem()
        if failed:
            self.outcome.setText(failed)
        elif state.rows:
            self.outcome.setText(
                tr("Reports are created while this window is open. Failed deliveries are retried.")
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
        state = self._viewmodel.state
        self.banner.hide()
        open_dialog(
            ScheduleDialog(
                state.stands,
                schedule=former,
                has_mail_server=state.mail is not None,
                submit=lambda form: self._viewmodel.save(
                    form.schedule_entered, former=former, secret=form.secret.text()
                ),
                parent=self,
            )
        )

    def _open_mail_server_dialog(self) -> None:
        self.banner.hide()
        open_dialog(
            MailServerDialog(
                self._viewmodel.state.mail,
                submit=lambda form: self._viewmodel.set_mail_server(
                    form.server_entered, password=form.password.text()
                ),
                parent=self,
            )
        )

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
