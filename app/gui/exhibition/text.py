"""Texts and tables of the exhibition page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from analytics.exhibition.published_bands import FT2_M2
from analytics.metrics.estimate import Estimate
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
    CardFigure,
    RentVerdict,
    StandPrice,
    StandRow,
    ValueBasis,
)
from app.gui.session.cell_text import (
    ABSENT,
    format_duration,
    format_number,
    format_share,
    format_share_interval,
)
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


def name_card_figure(figure: CardFigure) -> str:
    return {
        CardFigure.FOOTFALL: tr("Footfall"),
        CardFigure.VISITORS: tr("Visitors"),
        CardFigure.TOTAL_TIME: tr("Mean time per visitor"),
        CardFigure.PEAK: tr("Peak occupancy"),
        CardFigure.SWEEP_RATE: tr("Sweep rate"),
        CardFigure.MINUTES_PER_100_M2: (
            tr("Minutes per 1,000 ft²") if _uses_feet() else tr("Minutes per 100 m²")
        ),
        CardFigure.DILIGENT: tr("Diligent visitors"),
        CardFigure.STOPS_PER_ELEMENT: tr("Stops per element"),
        CardFigure.ZONES_VISITED: tr("Share of zones visited"),
        CardFigure.TRAFFIC_DENSITY: tr("Traffic density"),
        CardFigure.PARTY_SIZE: tr("Party size"),
    }[figure]


EXPERT_CARD_FIGURES = frozenset(
    {CardFigure.SWEEP_RATE, CardFigure.STOPS_PER_ELEMENT, CardFigure.DILIGENT, CardFigure.TRAFFIC_DENSITY}
)
"""Figures of the score card that are shown in the experts' view only."""


def define_card_figure(figure: CardFigure) -> str:
    return {
        CardFigure.FOOTFALL: tr("Inward crossings of the entrance lines."),
        CardFigure.VISITORS: tr(
            "Visitors who came, from what all entrance and exit lines counted: whoever comes in goes out "
            "again. Without entrance lines, from the visitors seen to come and to go."
        ),
        CardFigure.TOTAL_TIME: tr(
            "Total time spent on the observed floor, divided by the visitors who came."
        ),
        CardFigure.PEAK: tr("Maximum of the mean people in view per minute."),
        CardFigure.SWEEP_RATE: tr(
            "Observed floor area divided by a visitor's mean time. Lower values mean more thorough use."
        ),
        CardFigure.MINUTES_PER_100_M2: tr(
            "A visitor's mean time per {area} of observed floor.",
            area="1,000 ft²" if _uses_feet() else "100 m²",
        ),
        CardFigure.DILIGENT: tr(
            "Share of visitors who stop at more than half of the elements, among those seen from entry "
            "to exit; not available if these are fewer than half."
        ),
        CardFigure.STOPS_PER_ELEMENT: tr("Elements at which a visitor stops, as a share of all elements."),
        CardFigure.ZONES_VISITED: tr("Zones that a visitor visits, as a share of all zones except doors."),
        CardFigure.TRAFFIC_DENSITY: tr(
            "Mean number of people present per {area} of the stands' own floor.", area=_name_density_area()
        ),
        CardFigure.PARTY_SIZE: tr(
            "Mean number of visitors who come and walk together, among those whose entry was seen. In "
            "simulated fairs, 96 % of the pairs found are true, and 96 % of the true pairs are found; "
            "broken tracks make parties appear smaller."
        ),
    }[figure]


def format_card_value(value: float | None, figure: CardFigure) -> str:
    return ABSENT if value is None else _add_unit(_format_bare(value, figure), figure)


def format_card_interval(measured: Estimate, figure: CardFigure) -> str:
    """Return an interval with the unit once; empty without an interval."""
    if measured.interval is None:
        return ""
    low, high = (_format_bare(limit, figure) for limit in measured.interval)
    return _add_unit(tr("{low} to {high}", low=low, high=high), figure)


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


def name_rent_verdict(price: RentVerdict) -> str:
    return {
        RentVerdict.DEAR: tr("above fair rent"),
        RentVerdict.CHEAP: tr("below fair rent"),
        RentVerdict.FAIR: tr("no significant difference"),
        RentVerdict.UNKNOWN: tr("unknown"),
        RentVerdict.UNSEEN: tr("not observed enough"),
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


def find_card_factor(figure: CardFigure) -> float:
    return {
        CardFigure.TOTAL_TIME: 1 / 60,
        CardFigure.SWEEP_RATE: 1 / current_units().per_m2,
        CardFigure.MINUTES_PER_100_M2: _scale_time(),
        CardFigure.TRAFFIC_DENSITY: _scale_density(),
        CardFigure.DILIGENT: 100.0,
        CardFigure.ZONES_VISITED: 100.0,
    }.get(figure, 1.0)


def _format_bare(value: float, figure: CardFigure) -> str:
    """Return the number; only shares and durations have a unit."""
    ways: dict[CardFigure, Callable[[float], str]] = {
        CardFigure.FOOTFALL: format_number,
        CardFigure.VISITORS: format_number,
        CardFigure.TOTAL_TIME: format_duration,
        CardFigure.PEAK: format_number,
        CardFigure.SWEEP_RATE: lambda v: format_number(v / current_units().per_m2, decimals=1),
        CardFigure.MINUTES_PER_100_M2: lambda v: format_number(v * _scale_time(), decimals=1),
        CardFigure.DILIGENT: format_share,
        CardFigure.STOPS_PER_ELEMENT: lambda v: format_number(v, decimals=2),
        CardFigure.ZONES_VISITED: format_share,
        CardFigure.PARTY_SIZE: lambda v: format_number(v, decimals=2),
        CardFigure.TRAFFIC_DENSITY: lambda v: format_number(v * _scale_density(), decimals=2),
    }
    return ways[figure](value)


def _uses_feet() -> bool:
    return current_units().symbol == "ft"


def _scale_time() -> float:
    """Return the factor from minutes per 100 m² to the displayed area."""
    return 1000 * FT2_M2 / 100 if _uses_feet() else 1.0


def _name_density_area() -> str:
    return "100 ft²" if _uses_feet() else "10 m²"


def _scale_density() -> float:
    """Return the factor from people per 100 ft² to the displayed area."""
    return 1.0 if _uses_feet() else 10.0 / (100.0 * FT2_M2)


def _add_unit(numbers: str, figure: CardFigure) -> str:
    if figure is CardFigure.SWEEP_RATE:
        return tr("{value} {area}/min", value=numbers, area=current_units().area_symbol)
    if figure is CardFigure.MINUTES_PER_100_M2:
        return tr("{value} min", value=numbers)
    if figure is CardFigure.TRAFFIC_DENSITY:
        return tr("{value} per {area}", value=numbers, area=_name_density_area())
    return numbers


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

    def _find(self, row: StandRow) -> StandPrice:
        unknown = StandPrice(self.basis, None, Estimate(), Estimate(), RentVerdict.UNKNOWN)
        return row.prices.get(self.basis, unknown)

    def _money(self, title: str, value: Value, meaning: str = "") -> TableColumn[StandRow]:
        return make_number_column(
            title, value, lambda amount: format_money(amount, self.currency), digits=6, meaning=meaning
        )


class TargetTable(_StandTable):
    """Targets of every stand, and the share reached."""

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            _make_column(OBSERVED_HOURS),
            _number(tr("Visits"), lambda r: r.visits, meaning=translate_phrase(VISITS.definition)),
            _number(tr("Target"), lambda r: r.visits_target, meaning=_define_hope()),
            _make_share_column(lambda r: r.visits, lambda r: r.visits_target),
            _make_column(ENGAGED_VISITS),
            _number(tr("Target"), lambda r: r.engaged_target, meaning=_define_hope()),
            _make_share_column(lambda r: r.engaged_visits, lambda r: r.engaged_target),
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


def _define_hope() -> str:
    return tr("Daily target, scaled to the open hours in which the stand was observed.")


def _measure_load(row: StandRow) -> float | None:
    per_hour = row.divide_by_hours(row.engaged_minutes)
    return None if per_hour is None else per_hour / _to_area(row.area_m2)


def _make_share_column_of(column: FigureColumn[StandRow]) -> TableColumn[StandRow]:
    read_interval = column.read_interval
    assert read_interval is not None
    return TableColumn(
        translate_phrase(column.title),
        lambda stand: format_share_interval(Estimate(column.read(stand), read_interval(stand))),
        column.read,
        lambda stand: export_number(column.read(stand), 6),
        tr("{name} (share)", name=translate_phrase(column.title)),
        meaning=translate_phrase(column.definition),
    )


def _make_share_column(value: Value, target: Value) -> TableColumn[StandRow]:
    def divide(row: StandRow) -> float | None:
        found, goal = value(row), target(row)
        return found / goal if found is not None and goal else None

    return make_number_column(
        tr("Reached"), divide, format_share, digits=6, meaning=tr("Share of the target that was reached.")
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
