"""Places where something never moves, and zones with and without staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt

from app.gui.table_models.cell_text import format_duration, format_number
from app.gui.table_models.record_table import Index, RecordTable, TableColumn, make_name_column
from app.gui.translation import tr
from app.gui.units import current_units
from app.operations.corrected_period import ListedPlace, PlaceState, StaffZone


class PlaceTable(RecordTable[ListedPlace]):
    """One row a place."""

    def make_columns(self) -> Sequence[TableColumn[ListedPlace]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Camera"), lambda place: str(place.camera)),
            TableColumn(
                tr("x; y in {unit}", unit=current_units().symbol), _describe_place, lambda place: place.x_m
            ),
            TableColumn(
                tr("Seen"), lambda place: format_duration(place.seconds), lambda place: place.seconds
            ),
            TableColumn(tr("State"), _name_state, lambda place: place.state.value, is_number=False),
        )

    def show(self, records: Sequence[ListedPlace]) -> None:
        """Replace all rows, if they are others."""
        if tuple(records) != self._records:
            super().show(records)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table, with the reason as tool tip and for screen readers."""
        is_explained = role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole)
        if is_explained and index.isValid() and index.row() < len(self._records):
            return _explain_state(self._records[index.row()])
        return super().data(index, role)


class StaffTable(RecordTable[StaffZone]):
    """One row a zone: visits and mean dwell, each with staff and without."""

    def make_columns(self) -> Sequence[TableColumn[StaffZone]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Zone"), lambda zone: zone.name),
            TableColumn(
                tr("Visits"),
                lambda zone: f"{format_number(zone.visits_with)} / {format_number(zone.visits_without)}",
                lambda zone: zone.visits_without,
            ),
            TableColumn(
                tr("Mean dwell"),
                lambda zone: " / ".join(
                    format_duration(mean_s) for mean_s in (zone.mean_dwell_with_s, zone.mean_dwell_without_s)
                ),
                lambda zone: zone.mean_dwell_without_s,
            ),
        )

    def show(self, records: Sequence[StaffZone]) -> None:
        """Replace all rows, if they are others."""
        if tuple(records) != self._records:
            super().show(records)


def _describe_place(place: ListedPlace) -> str:
    """Its coordinates, in the unit of lengths that is shown."""
    units = current_units()
    x, y = (format_number(units.from_metres(length_m), decimals=1) for length_m in (place.x_m, place.y_m))
    return f"{x}; {y}"


def _name_state(place: ListedPlace) -> str:
    """What becomes of it."""
    return {
        PlaceState.PROPOSED: tr("To be decided"),
        PlaceState.LEFT_OUT: tr("Left out"),
        PlaceState.KEPT: tr("A person"),
    }[place.state]


def _explain_state(place: ListedPlace) -> str:
    """Why, in a sentence."""
    if place.state is PlaceState.PROPOSED:
        return tr("It is counted until you say that it is no person.")
    if place.state is PlaceState.KEPT:
        return tr("You said that it is a person; it is counted.")
    if place.is_decided:
        return tr("You said that it is no person; it is in no number.")
    return tr("Nothing speaks for a person; it is in no number.")
