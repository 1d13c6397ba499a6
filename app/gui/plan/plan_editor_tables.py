"""What was counted by zones before and after they were changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.gui.session.translation import tr
from app.gui.tables.record_table import RecordTable, TableColumn


class CountedTwice(NamedTuple):
    """One zone or line; texts."""

    name: str
    before: str
    after: str


class ReplayTable(RecordTable[CountedTwice]):
    """One row a zone or line."""

    def make_columns(self) -> Sequence[TableColumn[CountedTwice]]:
        """The columns in the window's language."""
        return (
            TableColumn(tr("Name"), lambda row: row.name, lambda row: row.name, is_number=False),
            TableColumn(tr("Before"), lambda row: row.before, lambda row: row.before),
            TableColumn(tr("After"), lambda row: row.after, lambda row: row.after),
        )
