"""What the cameras see of each zone, a row for each."""

from __future__ import annotations

from collections.abc import Sequence

from app.gui.table_models.cell_text import format_number, format_share
from app.gui.table_models.record_table import RecordTable, TableColumn, make_name_column
from app.gui.translation import tr
from app.gui.units import current_units
from app.operations.coverage_zones import ZoneCoverage


class CoverageTable(RecordTable[ZoneCoverage]):
    """One row a zone."""

    def make_columns(self) -> Sequence[TableColumn[ZoneCoverage]]:
        """The columns in the window's language and units."""
        units = current_units()
        return (
            make_name_column(tr("Zone"), lambda zone: zone.name),
            TableColumn(tr("Unseen"), lambda zone: format_share(_unseen(zone)), _unseen),
            TableColumn(tr("Hidden"), lambda zone: format_share(_hidden(zone)), _hidden),
            TableColumn(
                tr("Error ({unit})", unit=units.symbol),
                lambda zone: format_number(
                    None if zone.error_m is None else units.from_metres(zone.error_m), decimals=2
                ),
                lambda zone: zone.error_m,
            ),
        )


def _unseen(zone: ZoneCoverage) -> float | None:
    return zone.unseen_m2 / zone.area_m2 if zone.area_m2 else None


def _hidden(zone: ZoneCoverage) -> float | None:
    seen_m2 = zone.area_m2 - zone.unseen_m2
    return zone.hidden_m2 / seen_m2 if seen_m2 > 0 else None
