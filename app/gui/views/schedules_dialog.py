"""All scheduled reports of a venue: what comes next, what became of the last, and ways to change them."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QModelIndex
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.error_reporting import ErrorReport
from app.gui.table_models.schedule_table import ScheduleTable, describe_last
from app.gui.translation import tr
from app.gui.viewmodels.schedules import SchedulesViewModel
from app.gui.views.mail_server_dialog import MailServerDialog
from app.gui.views.schedule_dialog import ScheduleDialog
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.work_row import WorkRow
from app.venue.schedule_file import Schedule

SIZE_WH = (960, 480)
_COLUMN_PX = (150, 170, 190, 190, 100)


class SchedulesDialog(QDialog):
    """Shows a `SchedulesState`; every change goes to the view-model."""

    def __init__(self, viewmodel: SchedulesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.banner, self.work = NotificationBanner(self), WorkRow(self)
        self.told = QLabel()
        self.told.setProperty("role", "muted")
        self.told.setWordWrap(True)
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
        layout = QVBoxLayout(self)
        layout.addWidget(self.banner)
        layout.addLayout(tools)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.told)
        layout.addLayout(below)
        self._bind()
        self.retranslate()
        viewmodel.refresh()

    def retranslate(self) -> None:
        """Take the window's language."""
        self.setWindowTitle(tr("Scheduled reports"))
        self.table.setAccessibleName(tr("Scheduled reports"))
        for button, text in (
            (self.add, tr("Schedule…")),
            (self.change, tr("Change…")),
            (self.remove, tr("Remove")),
            (self.send, tr("Send one now")),
            (self.mail, tr("Mail server…")),
            (self.close_button, tr("Close")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        self.send.setToolTip(tr("Makes the report as far as the day has come, and sends it"))
        self._model.retranslate()
        self._render()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    @property
    def chosen(self) -> Schedule | None:
        """The schedule of the row that is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self._model.record(rows[0].row()).schedule if rows else None

    def choose(self, name: str | None) -> None:
        """Select a schedule's row, if it is there."""
        for number, row in enumerate(self._viewmodel.state.rows):
            if row.schedule.name == name:
                self.table.selectRow(number)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._show_rows)
        viewmodel.failed.connect(self._show_fault)
        viewmodel.told.connect(self._tell)
        self.table.selectionModel().selectionChanged.connect(self._render)
        self.table.doubleClicked.connect(lambda _index: self._ask_for_schedule(self.chosen))
        self.table.activated.connect(self._on_activated)
        self.add.clicked.connect(lambda: self._ask_for_schedule(None))
        self.change.clicked.connect(lambda: self._ask_for_schedule(self.chosen))
        self.remove.clicked.connect(self._remove_chosen)
        self.send.clicked.connect(self._send_chosen)
        self.mail.clicked.connect(self._ask_for_mail_server)
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
        self.work.show_work(
            tr("Making scheduled reports") if state.is_sending else "", done=0, total=0, can_stop=True
        )
        failed = self._find_problem()
        if failed:
            self.told.setText(failed)
        elif state.rows:
            self.told.setText(
                tr(
                    "Reports are made while this window is open; a server makes them with "
                    "'python -m app schedule run --watch'. What cannot be sent waits and is tried again."
                )
            )
        else:
            self.told.setText(tr("Nothing is scheduled. A report can come every evening by itself."))

    def _find_problem(self) -> str:
        """Why the newest report of the chosen schedule has not arrived, in full; empty: it has."""
        state, chosen = self._viewmodel.state, self.chosen
        if chosen is None or state.exhibition is None:
            return ""
        (row,) = [row for row in state.rows if row.schedule == chosen]
        if row.last is None or not row.last.problem:
            return ""
        return f"{chosen.name}: {describe_last(row, ZoneInfo(state.exhibition.time_zone))}"

    def _on_activated(self, index: QModelIndex) -> None:
        self._ask_for_schedule(self._model.record(index.row()).schedule)

    def _ask_for_schedule(self, former: Schedule | None) -> None:
        dialog = ScheduleDialog(self._viewmodel.state.stands, schedule=former, parent=self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.banner.hide()
            self._viewmodel.save(dialog.schedule_entered, former=former, secret=dialog.secret.text())
        dialog.deleteLater()

    def _ask_for_mail_server(self) -> None:
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
        self.banner.show_message(lambda: fault.tell_again(tr).problem, lambda: fault.tell_again(tr).remedy)

    def _tell(self, words: Callable[[], str]) -> None:
        self.banner.show_message(words, tone="good")
