"""The audit log: who changed, exported and tried what, and whether the log is whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from analytics.domain.errors import fill_template
from analytics.domain.exhibition import find_time_zone
from analytics.store.microseconds import to_s
from app.access.audit_entry import AuditEntry
from app.access.audit_verification import AuditVerdict
from app.error_reporting import ErrorReport
from app.gui.access.audit_log import AuditLogViewModel
from app.gui.session.translation import Translated, tr
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import RecordTable, TableColumn
from app.gui.widgets.notification_banner import NotificationBanner


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
        viewmodel.entries_read.connect(self._show_entries)
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
            button.setText(text)
            button.setAccessibleName(text)
        self._model.retranslate()

    def _show_entries(self) -> None:
        self._model.show(self._viewmodel.entries)

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
            lambda: report.tell_again(tr).problem, lambda: report.tell_again(tr).remedy, tone="bad"
        )
