"""The figures of an exhibition and its stands as cells and sentences, in the window's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from analytics.metrics.estimate import Estimate
from analytics.reports.zone_figures import FigureColumn
from app.exhibition.exhibition_figures import (
    ATTRACTION,
    CAME_NEAR,
    ENGAGED_MINUTES,
    ENGAGED_VISITS,
    FLOOR_SEEN,
    OBSERVED_HOURS,
    STOPPED,
    CardFigure,
    Price,
    StandPrice,
    StandRow,
    Worth,
)
from app.gui.session.cell_text import (
    ABSENT,
    format_duration,
    format_number,
    format_share,
    format_share_interval,
)
from app.gui.session.translation import say, tr
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
    """What a line of the score card is called."""
    return {
        CardFigure.FOOTFALL: tr("Footfall"),
        CardFigure.VISITORS: tr("Visitors followed"),
        CardFigure.TOTAL_TIME: tr("Time of a visitor, mean"),
        CardFigure.PEAK: tr("Most people at once"),
        CardFigure.SWEEP_RATE: tr("Sweep rate"),
        CardFigure.MINUTES_PER_100_M2: tr("Minutes per 100 m²"),
        CardFigure.DILIGENT: tr("Diligent visitors"),
        CardFigure.STOPS_PER_ELEMENT: tr("Stops per element"),
        CardFigure.ZONES_VISITED: tr("Zones that a visitor visits"),
        CardFigure.TRAFFIC_DENSITY: tr("Traffic density"),
        CardFigure.PARTY_SIZE: tr("Size of a visiting party"),
    }[figure]


def define_card_figure(figure: CardFigure) -> str:
    """What a figure means."""
    return {
        CardFigure.FOOTFALL: tr("Inward crossings of the entrance lines."),
        CardFigure.VISITORS: tr(
            "Identities on the floor, each followed from camera to camera; whose track breaks counts twice."
        ),
        CardFigure.TOTAL_TIME: tr(
            "On the observed floor: person-seconds over the visitors who came in (Little's law); broken "
            "tracks change nothing."
        ),
        CardFigure.PEAK: tr("Largest mean of a minute, of all people in view."),
        CardFigure.SWEEP_RATE: tr("Observed floor over a visitor's mean time. Lower is more thorough use."),
        CardFigure.MINUTES_PER_100_M2: tr("A visitor's mean time for every 100 m² of observed floor."),
        CardFigure.DILIGENT: tr(
            "Visitors who stop at more than half of the elements, of those seen from beginning to end; not "
            "told where these are fewer than half."
        ),
        CardFigure.STOPS_PER_ELEMENT: tr("Elements that a visitor stops at, over all elements."),
        CardFigure.ZONES_VISITED: tr("Zones that a visitor visits, over all zones but doors."),
        CardFigure.TRAFFIC_DENSITY: tr(
            "People at once, on average, for every 100 ft² (9.29 m²) of the stands' own floor."
        ),
        CardFigure.PARTY_SIZE: tr(
            "Visitors who come and walk together, of those whose coming was seen. In simulated fairs 96 % "
            "of the pairs that were found are true, and as many of the true ones are found; where tracks "
            "break, parties seem smaller."
        ),
    }[figure]


def format_card_value(value: float | None, figure: CardFigure) -> str:
    """A figure with its unit."""
    return ABSENT if value is None else _add_unit(_format_bare(value, figure), figure)


def format_card_interval(measured: Estimate, figure: CardFigure) -> str:
    """From lowest to highest, and the unit once; empty without an interval."""
    if measured.interval is None:
        return ""
    low, high = (_format_bare(limit, figure) for limit in measured.interval)
    return _add_unit(tr("{low} to {high}", low=low, high=high), figure)


def name_worth(worth: Worth) -> str:
    """By what floor is valued."""
    return {
        Worth.EXPOSED: tr("Visitors who come near"),
        Worth.STOPPED: tr("Visitors who stop"),
        Worth.ENGAGED_MINUTES: tr("Engaged minutes"),
    }[worth]


def define_worth(worth: Worth) -> str:
    """What that means."""
    return {
        Worth.EXPOSED: say(CAME_NEAR.definition),
        Worth.STOPPED: say(STOPPED.definition),
        Worth.ENGAGED_MINUTES: say(ENGAGED_MINUTES.definition),
    }[worth]


def name_price(price: Price) -> str:
    """How a rent compares with the fair one."""
    return {
        Price.DEAR: tr("pays more than fair"),
        Price.CHEAP: tr("pays less than fair"),
        Price.FAIR: tr("no difference proven"),
        Price.UNKNOWN: tr("cannot be told"),
        Price.UNSEEN: tr("observed too little"),
    }[price]


def format_money(amount: float | None, currency: str) -> str:
    """An amount with its currency."""
    if amount is None:
        return ABSENT
    decimals = 2 if abs(amount) < 10 else 1 if abs(amount) < 100 else 0
    return f"{format_number(amount, decimals=decimals)} {currency}".rstrip()


def format_money_interval(measured: Estimate, currency: str) -> str:
    """From lowest to highest."""
    if measured.interval is None:
        return ABSENT
    low, high = measured.interval
    return tr("{low} to {high}", low=format_money(low, ""), high=format_money(high, currency))


def _format_bare(value: float, figure: CardFigure) -> str:
    """The number alone; shares and durations carry their signs."""
    ways: dict[CardFigure, Callable[[float], str]] = {
        CardFigure.FOOTFALL: format_number,
        CardFigure.VISITORS: format_number,
        CardFigure.TOTAL_TIME: format_duration,
        CardFigure.PEAK: format_number,
        CardFigure.SWEEP_RATE: lambda v: format_number(v / current_units().per_m2, decimals=1),
        CardFigure.MINUTES_PER_100_M2: lambda v: format_number(v, decimals=1),
        CardFigure.DILIGENT: format_share,
        CardFigure.STOPS_PER_ELEMENT: lambda v: format_number(v, decimals=2),
        CardFigure.ZONES_VISITED: format_share,
        CardFigure.PARTY_SIZE: lambda v: format_number(v, decimals=2),
        CardFigure.TRAFFIC_DENSITY: lambda v: format_number(v, decimals=2),
    }
    return ways[figure](value)


def _add_unit(numbers: str, figure: CardFigure) -> str:
    """One number, or an interval, with the unit."""
    if figure is CardFigure.SWEEP_RATE:
        return tr("{value} {area}/min", value=numbers, area=current_units().area_symbol)
    if figure is CardFigure.MINUTES_PER_100_M2:
        return tr("{value} min", value=numbers)
    if figure is CardFigure.TRAFFIC_DENSITY:
        return tr("{value} per 100 ft²", value=numbers)
    return numbers


Value = Callable[[StandRow], float | None]


class _StandTable(RecordTable[StandRow]):
    """One row a stand; the name carries the zone's colour."""

    def find_colour(self, stand: StandRow) -> int:
        """Return the zone's colour."""
        return stand.colour

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; why figures are missing."""
        if index.isValid() and index.column() == 0 and role == Qt.ItemDataRole.ToolTipRole:
            row = self.record(index.row())
            if row.exposed is None:
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
            _make_column(OBSERVED_HOURS),
            _make_column(CAME_NEAR),
            _number(tr("Visits"), lambda r: r.visits),
            _make_column(STOPPED),
            _attraction(),
            _make_column(ENGAGED_VISITS),
            _make_column(ENGAGED_MINUTES),
            _number(
                tr("Engaged min/{unit}/h", unit=area),
                _measure_load,
                decimals=2,
                meaning=tr("Engaged minutes per area of the stand and observed hour."),
            ),
            TableColumn(
                say(FLOOR_SEEN.title),
                lambda r: format_share(r.coverage),
                lambda r: r.coverage,
                lambda r: f"{r.coverage:.4f}",
                tr("Floor seen (share)"),
                meaning=say(FLOOR_SEEN.definition),
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
            make_text_column(
                tr("Verdict"),
                lambda r: name_price(self._find(r).verdict),
                lambda r: self._find(r).verdict.value,
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
        unknown = StandPrice(self.worth, None, Estimate(), Estimate(), Price.UNKNOWN)
        return row.prices.get(self.worth, unknown)

    def _money(self, title: str, value: Value, meaning: str = "") -> TableColumn[StandRow]:
        return make_number_column(
            title, value, lambda amount: format_money(amount, self.currency), digits=6, meaning=meaning
        )


class TargetTable(_StandTable):
    """What was hoped for of every stand, and how much of it came."""

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            _make_column(OBSERVED_HOURS),
            _number(tr("Visits"), lambda r: r.visits),
            _number(tr("Hoped for"), lambda r: r.visits_wanted, meaning=_define_hope()),
            _reached(lambda r: r.visits, lambda r: r.visits_wanted),
            _make_column(ENGAGED_VISITS),
            _number(tr("Hoped for"), lambda r: r.engaged_wanted, meaning=_define_hope()),
            _reached(lambda r: r.engaged_visits, lambda r: r.engaged_wanted),
        )


def _number(title: str, value: Value, *, decimals: int = 0, meaning: str = "") -> TableColumn[StandRow]:
    return make_number_column(
        title, value, partial(format_number, decimals=decimals), digits=6, meaning=meaning
    )


def _make_column(column: FigureColumn[StandRow]) -> TableColumn[StandRow]:
    return _number(say(column.title), column.read, decimals=column.decimals, meaning=say(column.definition))


def _define_hope() -> str:
    return tr("Of the open hours in which the stand was observed, by what is hoped for a day.")


def _measure_load(row: StandRow) -> float | None:
    per_hour = row.divide_by_hours(row.engaged_minutes)
    return None if per_hour is None else per_hour / _to_area(row.area_m2)


def _attraction() -> TableColumn[StandRow]:
    return TableColumn(
        say(ATTRACTION.title),
        lambda stand: format_share_interval(stand.attraction),
        ATTRACTION.read,
        lambda stand: export_number(stand.attraction.value, 6),
        tr("Attraction (share)"),
        meaning=say(ATTRACTION.definition),
    )


def _reached(value: Value, wanted: Value) -> TableColumn[StandRow]:
    def divide(row: StandRow) -> float | None:
        found, goal = value(row), wanted(row)
        return found / goal if found is not None and goal else None

    return make_number_column(tr("Reached"), divide, format_share, digits=6)


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
