"""The table of a calibration's points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.tables.record_table import RecordTable, TableColumn
from app.plan.floor_scene import Point

_NOT_KNOWN = "–"
_CM_PER_M = 100


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point, with what the others say of it.

    Attributes:
        index: from 0; people count from 1.
        residual_m: how far its pixel is projected from its place on the floor.
        left_out_m: the same by all the others; None where they do not suffice.
        spoils: whether it does not belong to the others.
    """

    index: int
    pixel: Point | None
    floor: Point | None
    residual_m: float | None = None
    left_out_m: float | None = None
    spoils: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is known in the picture and on the plan."""
        return self.pixel is not None and self.floor is not None


class CalibrationTable(RecordTable[PointRow]):
    """One row for each point, in the order in which they were clicked."""

    def make_columns(self) -> Sequence[TableColumn[PointRow]]:
        """The columns in the window's language."""
        unit = current_units().symbol
        return (
            TableColumn(tr("point"), lambda row: str(row.index + 1), lambda row: row.index),
            TableColumn(tr("pixel"), _write_pixel, lambda row: None if row.pixel is None else row.pixel[0]),
            TableColumn(
                tr("floor, {unit}", unit=unit),
                _write_floor,
                lambda row: None if row.floor is None else row.floor[0],
            ),
            _make_distance_column(tr("off, cm"), lambda row: row.residual_m),
            _make_distance_column(tr("left out, cm"), lambda row: row.left_out_m),
            TableColumn(
                tr("Note"),
                lambda row: tr("spoils it") if row.spoils else "",
                lambda row: row.spoils,
                is_number=False,
            ),
        )


def _make_distance_column(title: str, value_m: Callable[[PointRow], float | None]) -> TableColumn[PointRow]:
    def write(row: PointRow) -> str:
        known_m = value_m(row)
        return _NOT_KNOWN if known_m is None else f"{_CM_PER_M * known_m:.1f}"

    return TableColumn(title, write, value_m)


def _write_pixel(row: PointRow) -> str:
    return _NOT_KNOWN if row.pixel is None else f"{row.pixel[0]:.0f}, {row.pixel[1]:.0f}"


def _write_floor(row: PointRow) -> str:
    if row.floor is None:
        return _NOT_KNOWN
    x, y = map(current_units().from_metres, row.floor)
    return f"{x:.2f}, {y:.2f}"
