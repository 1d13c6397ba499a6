"""Which clips are wanted, and what they have shown of each camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.gui.session.translation import display_name, tr
from app.gui.tables.record_table import RecordTable, TableColumn, make_name_column
from app.validation.validation_strata import PlanRow

ResultRow = tuple[tuple[str, str], ...]
"""A camera's cells: a value, and its interval."""

CROWDING_RANKS = {"low": 0, "medium": 1, "high": 2}


def name_crowding(crowding: str) -> str:
    """How full it is, in the window's language."""
    return {"low": tr("low"), "medium": tr("medium"), "high": tr("high")}[crowding]


class PlanTable(RecordTable[PlanRow]):
    """One row a stratum; nothing that was counted in it, as whoever labels must not know."""

    def make_columns(self) -> Sequence[TableColumn[PlanRow]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Camera"), lambda row: row.camera),
            TableColumn(tr("Hour"), lambda row: f"{row.hour}:00", lambda row: row.hour),
            TableColumn(
                tr("Crowding"),
                lambda row: name_crowding(row.crowding),
                lambda row: CROWDING_RANKS[row.crowding],
                is_number=False,
            ),
            TableColumn(tr("Wanted"), lambda row: str(row.wanted), lambda row: row.wanted),
            TableColumn(tr("Waiting"), lambda row: str(row.waiting), lambda row: row.waiting),
            TableColumn(tr("Labelled"), lambda row: str(row.labelled), lambda row: row.labelled),
            TableColumn(tr("To take"), lambda row: str(row.missing), lambda row: row.missing),
        )


class ResultTable(RecordTable[ResultRow]):
    """One row a camera, in the columns of the certificate."""

    def __init__(self) -> None:
        self._headings: tuple[str, ...] = ()
        super().__init__()

    def show_results(self, headings: Sequence[str], rows: Sequence[ResultRow]) -> None:
        """Show cameras below these headings, already translated."""
        self._headings = tuple(headings)
        self._columns = self.make_columns()
        self.show(rows)

    def make_columns(self) -> Sequence[TableColumn[ResultRow]]:
        """As the certificate has them."""
        return tuple(
            TableColumn(title, _say_cell(column), _say_cell(column), is_number=column > 0)
            for column, title in enumerate(self._headings)
        )


def _say_cell(column: int) -> Callable[[ResultRow], str]:
    def say(row: ResultRow) -> str:
        value, below = row[column]
        shown = display_name(value) if column == 0 else value
        return f"{shown}\n{below}" if below else shown

    return say
