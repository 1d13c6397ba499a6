"""The audit log as a table, in the venue's own time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject

from analytics.store.microseconds import to_s
from app.access.audit_entry import AuditEntry
from app.gui.table_models.record_table import RecordTable, TableColumn
from app.gui.translation import tr


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
