"""Texts and tables of the exhibition page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from analytics.exhibition.stand_value import PriceVerdict, StandValue
from analytics.metrics.estimate import Estimate
from analytics.results.day_quality import DayQuality
from analytics.results.figure_columns import FigureColumn
from app.exhibition.exhibition_figures import (
    ATTRACTION,
    CAME_NEAR,
    ENGAGED_MINUTES,
    ENGAGED_VISITS,
    FLOOR_SEEN,
    OBSERVED_HOURS,
    OF_PLACE,
    PLACE_WORTH,
    STOPPED,
    VISITS,
    StandRow,
    ValueBasis,
)
from app.gui.session.cell_text import (
    ABSENT,
    format_number,
    format_share,
    format_share_interval,
)
from app.gui.session.quality_words import explain_loss
from app.gui.session.translation import tr, translate_phrase
from app.gui.session.units import current_units
from app.gui.tables.record_table import (
    Index,
    RecordTable,
    TableColumn,
    export_number,
    make_name_column,
    make_number_column,
    make_text_column,
)


def name_basis(basis: ValueBasis) -> str:
    return {
        ValueBasis.EXPOSED: translate_phrase(CAME_NEAR.title),
        ValueBasis.STOPPED: translate_phrase(STOPPED.title),
        ValueBasis.ENGAGED_MINUTES: translate_phrase(ENGAGED_MINUTES.title),
        ValueBasis.PLACE: tr("Value of the place"),
    }[basis]


def define_basis(basis: ValueBasis) -> str:
    return {
        ValueBasis.EXPOSED: translate_phrase(CAME_NEAR.definition),
        ValueBasis.STOPPED: translate_phrase(STOPPED.definition),
        ValueBasis.ENGAGED_MINUTES: translate_phrase(ENGAGED_MINUTES.definition),
        ValueBasis.PLACE: tr(
            "Visitors who would stop at an average stand of the same size at this place, estimated from the "
            "ways that visitors choose. Not known with fewer than 12 stands, or where too few visitors were "
            "followed."
        ),
    }[basis]


def name_rent_verdict(price: PriceVerdict) -> str:
    return {
        PriceVerdict.DEAR: tr("above fair rent"),
        PriceVerdict.CHEAP: tr("below fair rent"),
        PriceVerdict.FAIR: tr("no significant difference"),
        PriceVerdict.UNKNOWN: tr("unknown"),
        PriceVerdict.UNSEEN: tr("not observed enough"),
    }[price]


def format_money(amount: float | None, currency: str) -> str:
    if amount is None:
        return ABSENT
    decimals = 2 if abs(amount) < 10 else 1 if abs(amount) < 100 else 0
    return f"{format_number(amount, decimals=decimals)} {currency}".rstrip()


def format_money_interval(measured: Estimate, currency: str) -> str:
    if measured.interval is None:
        return ABSENT
    low, high = measured.interval
    return tr("{low} to {high}", low=format_money(low, ""), high=format_money(high, currency))


Value = Callable[[StandRow], float | None]


class _StandTable(RecordTable[StandRow]):
    """Table of stands; the name carries the zone's colour."""

    def find_colour(self, stand: StandRow) -> int:
        return stand.colour

    def find_zone(self, stand: StandRow) -> str:
        return stand.zone

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and index.column() == 0 and role == Qt.ItemDataRole.ToolTipRole:
            row = self.record(index.row())
            if row.exposed is None:
                return tr(
                    "Only {share} of the floor was observed; figures need at least 80 %.",
                    share=format_share(row.coverage),
                )
        return super().data(index, role)


OF_PLACE_COLUMN = 7


class StandTable(_StandTable):
    quality: DayQuality | None = None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_of_place = index.isValid() and index.column() in (OF_PLACE_COLUMN, OF_PLACE_COLUMN + 1)
        if is_of_place and role == Qt.ItemDataRole.ToolTipRole:
            return explain_loss(self.quality, OF_PLACE.key) or super().data(index, role)
        return super().data(index, role)

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        area = current_units().area_symbol
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            _number(
                tr("Area ({unit})", unit=area),
                lambda r: _to_area(r.area_m2),
                decimals=1,
                meaning=tr("Area of the stand's zone on the plan."),
            ),
            _make_column(OBSERVED_HOURS),
            _make_column(CAME_NEAR),
            _make_column(VISITS),
            _make_column(STOPPED),
            _make_share_column_of(ATTRACTION),
            _make_share_column_of(OF_PLACE),
            _make_share_column_of(PLACE_WORTH),
            _make_column(ENGAGED_VISITS),
            _make_column(ENGAGED_MINUTES),
            _number(
                tr("Engaged min/{unit}/h", unit=area),
                _measure_load,
                decimals=2,
                meaning=tr("Engaged minutes per area of the stand and observed hour."),
            ),
            TableColumn(
                translate_phrase(FLOOR_SEEN.title),
                lambda r: format_share(r.coverage),
                lambda r: r.coverage,
                lambda r: f"{r.coverage:.4f}",
                tr("Floor seen (share)"),
                meaning=translate_phrase(FLOOR_SEEN.definition),
            ),
        )


class PriceTable(_StandTable):
    """Actual and fair rent of every stand."""

    basis = ValueBasis.EXPOSED
    currency = ""

    def show_values(self, basis: ValueBasis, currency: str) -> None:
        self.basis, self.currency = basis, currency
        self.retranslate()

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        area = current_units().area_symbol
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            self._money(tr("Rent"), lambda r: r.rent, tr("Rent of the stand for the whole show.")),
            self._money(
                tr("Fair rent"),
                lambda r: self._find(r).fair_rent.value,
                tr(
                    "A stand's share of the total rent: the rent is divided over the days by the hours "
                    "in which all compared stands were observed, and over the stands of each day by "
                    "their value."
                ),
            ),
            make_text_column(
                tr("Verdict"),
                lambda r: name_rent_verdict(self._find(r).verdict),
                lambda r: self._find(r).verdict.value,
            ),
            self._money(
                tr("Rent/{unit}", unit=area),
                lambda r: None if r.rent is None else r.rent / _to_area(r.area_m2),
                tr("Rent divided by the stand's area."),
            ),
            self._money(
                {
                    ValueBasis.EXPOSED: tr("Cost per visitor near"),
                    ValueBasis.STOPPED: tr("Cost per visitor who stops"),
                    ValueBasis.ENGAGED_MINUTES: tr("Cost per engaged minute"),
                    ValueBasis.PLACE: tr("Cost per visitor to expect"),
                }[self.basis],
                lambda r: self._find(r).cost,
                tr(
                    "Rent for the hours in which all compared stands were observed, divided by the "
                    "stand's value in these hours."
                ),
            ),
            self._money(
                tr("Fair/{unit}", unit=area),
                lambda r: _per_area(self._find(r).fair_price_m2.value),
                tr("Fair rent divided by the stand's area."),
            ),
            TableColumn(
                tr("Likely range"),
                lambda r: format_money_interval(_scale(self._find(r).fair_price_m2), self.currency),
                lambda r: _per_area(self._find(r).fair_price_m2.value),
                lambda r: _export_interval(_scale(self._find(r).fair_price_m2)),
                meaning=tr("95 % interval: the fair rent per area lies in it in 95 of 100 such periods."),
                is_expert=True,
            ),
        )

    def _find(self, row: StandRow) -> StandValue:
        return row.prices.get(self.basis, StandValue())

    def _money(self, title: str, value: Value, meaning: str = "") -> TableColumn[StandRow]:
        return make_number_column(
            title, value, lambda amount: format_money(amount, self.currency), digits=6, meaning=meaning
        )


def _number(title: str, value: Value, *, decimals: int = 0, meaning: str = "") -> TableColumn[StandRow]:
    return make_number_column(
        title, value, partial(format_number, decimals=decimals), digits=6, meaning=meaning
    )


def _make_column(column: FigureColumn[StandRow]) -> TableColumn[StandRow]:
    return _number(
        translate_phrase(column.title),
        column.read,
        decimals=column.decimals,
        meaning=translate_phrase(column.definition),
    )


def _measure_load(row: StandRow) -> float | None:
    per_hour = row.divide_by_hours(row.engaged_minutes)
    return None if per_hour is None else per_hour / _to_area(row.area_m2)


def _make_share_column_of(column: FigureColumn[StandRow]) -> TableColumn[StandRow]:
    return TableColumn(
        translate_phrase(column.title),
        lambda stand: format_share_interval(column.read_estimate(stand)),
        column.read,
        lambda stand: export_number(column.read(stand), 6),
        tr("{name} (share)", name=translate_phrase(column.title)),
        meaning=translate_phrase(column.definition),
    )


def _to_area(area_m2: float) -> float:
    return area_m2 / current_units().per_m2


def _per_area(price_m2: float | None) -> float | None:
    return None if price_m2 is None else price_m2 * current_units().per_m2


def _scale(measured: Estimate) -> Estimate:
    factor, limits = current_units().per_m2, measured.interval
    return Estimate(
        _per_area(measured.value), None if limits is None else (limits[0] * factor, limits[1] * factor)
    )


def _export_interval(measured: Estimate) -> str:
    return "" if measured.interval is None else f"{measured.interval[0]:.6g}-{measured.interval[1]:.6g}"
