"""Shifts of staff as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.domain.staff_shift import StaffShift
from app.gui.table_models.cell_text import format_number
from app.gui.table_models.record_table import RecordTable, TableColumn, make_name_column
from app.gui.translation import tr


class ShiftTable(RecordTable[StaffShift]):
    """One row a shift, by the venue's clock."""

    time_zone = "UTC"

    def make_columns(self) -> Sequence[TableColumn[StaffShift]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Zone"), lambda s: s.zone),
            TableColumn(tr("Start"), lambda s: self._show(s.start_s), lambda s: s.start_s, is_number=False),
            TableColumn(tr("End"), lambda s: self._show(s.end_s), lambda s: s.end_s, is_number=False),
            TableColumn(tr("Number of staff"), _show_people, lambda s: s.people, lambda s: f"{s.people:g}"),
        )

    def _show(self, time_s: float) -> str:
        return f"{datetime.fromtimestamp(time_s, ZoneInfo(self.time_zone)):%m-%d %H:%M}"


def _show_people(shift: StaffShift) -> str:
    return format_number(shift.people, decimals=0 if shift.people.is_integer() else 1)
