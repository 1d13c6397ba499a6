"""The stands of a period as tables: what visitors gave them, what they are worth, and what was hoped for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.exhibition.exhibition_figures import Measured, Price, StandPrice, StandRow, Worth
from app.gui.exhibition.text import (
    format_money,
    format_money_interval,
    name_price,
)
from app.gui.session.cell_text import ABSENT, format_number, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.tables.record_table import Index, RecordTable, TableColumn, make_name_column

Value = Callable[[StandRow], float | None]


class _StandTable(RecordTable[StandRow]):
    """One row a stand; the name carries the zone's colour."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; the zone's colour beside its name, and why figures are missing."""
        if index.isValid() and index.column() == 0:
            row = self.record(index.row())
            if role == Qt.ItemDataRole.DecorationRole:
                palette = current_theme().zones
                return QColor(palette[row.colour % len(palette)])
            if role == Qt.ItemDataRole.ToolTipRole and row.exposed is None:
                return tr(
                    "Only {share} of the floor is seen: below 80 % no figures are told.",
                    share=format_share(row.coverage),
                )
        return super().data(index, role)


class StandTable(_StandTable):
    """What visitors gave every stand."""

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        """The columns in the window's language."""
        area = current_units().area_symbol
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            _number(tr("Area ({unit})", unit=area), lambda r: _to_area(r.area_m2), decimals=1),
            _observed_hours(),
            _number(tr("Came near"), lambda r: r.exposed),
            _number(tr("Visits"), lambda r: r.visits),
            _number(tr("Stopped"), lambda r: r.stopped),
            _share(tr("Attraction"), lambda r: r.attraction),
            _number(tr("Engaged visits"), lambda r: r.engaged_visits),
            _number(tr("Engaged minutes"), lambda r: r.engaged_minutes),
            _number(
                tr("Engaged min/{unit}/h", unit=area),
                _measure_load,
                decimals=2,
                meaning=tr("Engaged minutes per area of the stand and observed hour."),
            ),
            TableColumn(
                tr("Floor seen"),
                lambda r: format_share(r.coverage),
                lambda r: r.coverage,
                lambda r: f"{r.coverage:.4f}",
                tr("Floor seen (share)"),
                meaning=tr("Observed share of the zone's floor, while any camera was analysed."),
            ),
        )


class PriceTable(_StandTable):
    """What every stand pays, and what it would pay at one price for all."""

    worth = Worth.EXPOSED
    currency = ""

    def show_as(self, worth: Worth, currency: str) -> None:
        """Value the floor by something, in a currency."""
        self.worth, self.currency = worth, currency
        self.retranslate()

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        """The columns in the window's language."""
        area = current_units().area_symbol
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            self._money(tr("Rent"), lambda r: r.rent),
            self._money(
                tr("Fair rent"),
                lambda r: self._find(r).fair_rent.value,
                tr(
                    "A stand's share of the total rent: every day has as much of the rent as it has of the "
                    "hours in which all compared stands were observed, and shares it out by what visitors "
                    "gave each stand."
                ),
            ),
            TableColumn(
                tr("Verdict"),
                lambda r: name_price(self._find(r).verdict),
                lambda r: name_price(self._find(r).verdict),
                lambda r: self._find(r).verdict.value,
                is_number=False,
            ),
            self._money(
                tr("Rent/{unit}", unit=area),
                lambda r: None if r.rent is None else r.rent / _to_area(r.area_m2),
            ),
            self._money(
                {
                    Worth.EXPOSED: tr("Cost per visitor near"),
                    Worth.STOPPED: tr("Cost per visitor who stops"),
                    Worth.ENGAGED_MINUTES: tr("Cost per engaged minute"),
                }[self.worth],
                lambda r: self._find(r).cost,
                tr(
                    "Rent of the hours in which all compared stands were observed, over what the stand had "
                    "in them."
                ),
            ),
            self._money(tr("Fair/{unit}", unit=area), lambda r: _per_area(self._find(r).fair_price_m2.value)),
            TableColumn(
                tr("95 % interval"),
                lambda r: format_money_interval(_scale(self._find(r).fair_price_m2), self.currency),
                lambda r: _per_area(self._find(r).fair_price_m2.value),
                lambda r: _export_interval(_scale(self._find(r).fair_price_m2)),
            ),
        )

    def _find(self, row: StandRow) -> StandPrice:
        unknown = StandPrice(self.worth, None, Measured(), Measured(), Price.UNKNOWN)
        return row.prices.get(self.worth, unknown)

    def _money(self, title: str, value: Value, meaning: str = "") -> TableColumn[StandRow]:
        return TableColumn(
            title,
            lambda r: format_money(value(r), self.currency),
            value,
            lambda r: _export(value(r)),
            meaning=meaning,
        )


class TargetTable(_StandTable):
    """What was hoped for of every stand, and how much of it came."""

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            _observed_hours(),
            _number(tr("Visits"), lambda r: r.visits),
            _number(tr("Hoped for"), lambda r: r.visits_wanted, meaning=_define_hope()),
            _reached(lambda r: r.visits, lambda r: r.visits_wanted),
            _number(tr("Engaged visits"), lambda r: r.engaged_visits),
            _number(tr("Hoped for"), lambda r: r.engaged_wanted, meaning=_define_hope()),
            _reached(lambda r: r.engaged_visits, lambda r: r.engaged_wanted),
        )


def _number(title: str, value: Value, *, decimals: int = 0, meaning: str = "") -> TableColumn[StandRow]:
    return TableColumn(
        title,
        lambda r: format_number(value(r), decimals=decimals),
        value,
        lambda r: _export(value(r)),
        meaning=meaning,
    )


def _observed_hours() -> TableColumn[StandRow]:
    return _number(
        tr("Observed h"),
        lambda r: r.observed_s / 3600,
        decimals=1,
        meaning=tr(
            "Hours in which the stand was observed, since its last change: its figures are of this time."
        ),
    )


def _define_hope() -> str:
    return tr("Of the open hours in which the stand was observed, by what is hoped for a day.")


def _measure_load(row: StandRow) -> float | None:
    per_hour = row.divide_by_hours(row.engaged_minutes)
    return None if per_hour is None else per_hour / _to_area(row.area_m2)


def _share(title: str, measured: Callable[[StandRow], Measured]) -> TableColumn[StandRow]:
    def show(row: StandRow) -> str:
        found = measured(row)
        if found.interval is None:
            return format_share(found.value)
        low, high = (format_number(100 * limit) for limit in found.interval)
        return tr("{share} ({low} to {high})", share=format_share(found.value), low=low, high=high)

    return TableColumn(
        title,
        show,
        lambda r: measured(r).value,
        lambda r: _export(measured(r).value),
        tr("Attraction (share)"),
    )


def _reached(value: Value, wanted: Value) -> TableColumn[StandRow]:
    def divide(row: StandRow) -> float | None:
        found, goal = value(row), wanted(row)
        return found / goal if found is not None and goal else None

    return TableColumn(
        tr("Reached"),
        lambda r: ABSENT if divide(r) is None else format_share(divide(r)),
        divide,
        lambda r: _export(divide(r)),
    )


def _to_area(area_m2: float) -> float:
    return area_m2 / current_units().per_m2


def _per_area(price_m2: float | None) -> float | None:
    return None if price_m2 is None else price_m2 * current_units().per_m2


def _scale(measured: Measured) -> Measured:
    factor, limits = current_units().per_m2, measured.interval
    return Measured(
        _per_area(measured.value), None if limits is None else (limits[0] * factor, limits[1] * factor)
    )


def _export(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _export_interval(measured: Measured) -> str:
    return "" if measured.interval is None else f"{measured.interval[0]:.6g}-{measured.interval[1]:.6g}"
