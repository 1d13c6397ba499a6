"""The figures of an exhibition and its stands as cells and sentences, in the window's language."""

from __future__ import annotations

from collections.abc import Callable

from app.exhibition.exhibition_figures import CardFigure, Measured, Price, Worth
from app.gui.session.cell_text import ABSENT, format_duration, format_number, format_share
from app.gui.session.translation import tr
from app.gui.session.units import current_units


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


def format_card_interval(measured: Measured, figure: CardFigure) -> str:
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
        Worth.EXPOSED: tr("Visitors who come within 3 m of the stand, or in; each once."),
        Worth.STOPPED: tr("Visitors who stand still in the stand for 3 s or more; each once."),
        Worth.ENGAGED_MINUTES: tr("Time of stop of all visits with at least 5 s of stop, in minutes."),
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


def format_money_interval(measured: Measured, currency: str) -> str:
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
