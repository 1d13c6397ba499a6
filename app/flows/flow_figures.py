"""Flow figures of a period and the columns that show them, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.metrics.estimate import Estimate
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn, Row

if TYPE_CHECKING:
    from analytics.flows.first_turns import FirstTurns
    from analytics.flows.line_flow import LineFlow
    from analytics.flows.ways import Ways
    from analytics.rollups.zone_passages import ThroughTraffic

MIN_COUNT = 5
"""Minimum count shown; smaller ones are chance and could identify a person."""


@dataclass(frozen=True, slots=True)
class ZonePassage:
    """Pass-through figures of a zone.

    Attributes:
        passages: visits whose previous and next zones are known.
        returns: share of the passages that led back to the previous zone; None if too few.
    """

    name: str
    colour: int
    traffic: ThroughTraffic
    passages: int
    returns: float | None


@dataclass(frozen=True, slots=True)
class FlowBar:
    """Mean flow through a line in a time step, people a minute; None where too little was observed.

    Attributes:
        start_s, end_s: seconds since the epoch, or of the day for bars by hour of the day.
    """

    start_s: float
    end_s: float
    inward: float | None
    outward: float | None


@dataclass(frozen=True, slots=True)
class LineFigures:
    """The flow through a counting line.

    Attributes:
        inward, outward: crossings; None where the line was not observed.
        peak: maximum of a minute, both directions; ``peak_at_s``: its start.
        bars: over the period, or by hour of the day over several days.
        turns: None for a line that is not an entrance.
    """

    name: str
    width_m: float
    inward: int | None
    outward: int | None
    flow: LineFlow
    peak: float | None
    peak_at_s: float | None
    bars: tuple[FlowBar, ...]
    turns: FirstTurns | None


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """All figures that the page shows for a period.

    Attributes:
        period: counted part of the period, which starts at the last change of zones.
        is_cut: whether the zones changed within the period.
        missing_s: observed seconds whose data were deleted.
        zones: names in the plan's order, which determines the colours.
        visitors: with at least one zone; ``whole``: those seen from entry to exit.
        transitions: ``from``, ``to``, ``moves`` and ``share`` of the moves from there, which
            is corrected for lost tracks.
        few_from: places with too few moves out of them.
        routes: ``route`` (zones), ``visitors`` and ``share`` of the visitors with at least one zone.
        origins: ``from``, ``to``, ``visitors`` and ``share`` of the complete journeys.
        origins_left_out: complete journeys in pairs below ``MIN_COUNT``.
        first_stops: ``zone``, ``visitors`` and ``share`` of the visitors with a stop.
        is_by_hour_of_day: whether the bars of the lines are hours of the day.
        days_without_paths: number of days without figures on visitors, routes, first and last
            zones and returns, as paths are deleted with the tracks; has_ways: any day has them.
    """

    period: Interval
    is_cut: bool
    missing_s: float
    zones: tuple[str, ...]
    visitors: int
    whole: int
    moves: int
    transitions: tuple[Row, ...]
    few_from: tuple[str, ...]
    routes: tuple[Row, ...]
    origins: tuple[Row, ...]
    origins_left_out: int
    first_stops: tuple[Row, ...]
    passages: tuple[ZonePassage, ...]
    lines: tuple[LineFigures, ...]
    is_by_hour_of_day: bool
    colours: Mapping[str, int] = field(default_factory=dict)
    days_without_paths: int = 0
    has_ways: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FlowAnalysis:
    """A period's flows and the visitor paths that funnels are counted from.

    Attributes:
        figures: None where nothing was observed.
        history: first to last observation; None for an empty history.
        ways: paths of the counted visitors.
    """

    figures: FlowFigures | None
    history: Interval | None
    ways: Ways | None = None


def is_few(count: float | None) -> bool:
    """Return whether a count is too small to be shown."""
    return count is not None and 0 < count < MIN_COUNT


def _count(
    key: str, title: Phrase, definition: Phrase, find: Callable[[Any], Any] | None = None
) -> FigureColumn[Any]:
    return FigureColumn(key, title, CellKind.COUNT, definition, find, least=MIN_COUNT)


def _share(
    key: str, title: Phrase, definition: Phrase, find: Callable[[Any], Estimate | None] | None = None
) -> FigureColumn[Any]:
    """Return a column of plain shares, or of the estimates that ``find`` returns."""
    return FigureColumn(key, title, CellKind.SHARE, definition, find, is_estimate=find is not None)


def _name(key: str, title: Phrase, find: Callable[[Any], Any] | None = None) -> FigureColumn[Any]:
    return FigureColumn(key, title, CellKind.TEXT, find=find)


def _hide_few(count: int, share: Estimate) -> Estimate | None:
    return None if count < MIN_COUNT else share


Columns = tuple[FigureColumn[Any], ...]
_FROM, _TO = _name("from", Phrase("From")), _name("to", Phrase("To"))
_SHARE, _VISITORS = Phrase("Share"), Phrase("Visitors")
MOVE_COLUMNS: Columns = (
    _FROM,
    _TO,
    _count("moves", Phrase("Moves"), Phrase("")),
    _share("share", Phrase("Share of moves from there"), Phrase(""), itemgetter("share")),
)
ROUTE_COLUMNS: Columns = (
    _name("route", Phrase("Route")),
    _count("visitors", _VISITORS, Phrase("Visitors who took this route.")),
    _share("share", _SHARE, Phrase("Share of all visitors with a zone.")),
)
ORIGIN_COLUMNS: Columns = (
    _name("from", Phrase("First zone")),
    _name("to", Phrase("Last zone")),
    _count("visitors", _VISITORS, Phrase("Visitors seen from entry to exit.")),
    _share("share", _SHARE, Phrase("Share of the visitors seen from entry to exit.")),
)
FIRST_STOP_COLUMNS: Columns = (
    _name("zone", Phrase("First stop")),
    _count("visitors", _VISITORS, Phrase("Visitors who stopped here first.")),
    _share(
        "share",
        _SHARE,
        Phrase("Share of the visitors who stopped anywhere."),
        lambda row: _hide_few(row["visitors"], row["share"]),
    ),
)
PASSAGE_COLUMNS: Columns = (
    _name("name", Phrase("Zone")),
    _count(
        "stays",
        Phrase("Complete stays"),
        Phrase("Stays seen from entry to exit, however short."),
        attrgetter("traffic.stays"),
    ),
    _share(
        "through",
        Phrase("Pass through"),
        Phrase("Share of these that left away from their entry without a stop."),
        lambda zone: _hide_few(zone.traffic.stays, zone.traffic.through),
    ),
    _share(
        "turned_back",
        Phrase("Turn back"),
        Phrase("Share of these that left within 2 m of their entry without a stop."),
        lambda zone: _hide_few(zone.traffic.stays, zone.traffic.turned_back),
    ),
    _count("passages", Phrase("Passages"), Phrase("Visits whose previous and next zones are known.")),
    _share(
        "returns", Phrase("Go back"), Phrase("Share of these that came from and went on to the same zone.")
    ),
)
LINE_COLUMNS: Columns = (
    _name("line", Phrase("Line"), attrgetter("name")),
    _count("in", Phrase("Inwards"), Phrase("Crossings in the direction of the line."), attrgetter("inward")),
    _count(
        "out",
        Phrase("Outwards"),
        Phrase("Crossings against the direction of the line."),
        attrgetter("outward"),
    ),
    FigureColumn(
        "per_minute",
        Phrase("Per minute"),
        CellKind.NUMBER,
        Phrase("Crossings in both directions per observed minute, with their likely range (95 %)."),
        attrgetter("flow.per_minute"),
        decimals=1,
        is_estimate=True,
    ),
    FigureColumn(
        "per_minute_m",
        Phrase("Per minute and metre"),
        CellKind.NUMBER,
        Phrase("Specific flow: crossings per minute and metre of the line."),
        attrgetter("flow.per_minute_m"),
        decimals=2,
        is_estimate=True,
    ),
    FigureColumn(
        "peak_per_minute",
        Phrase("Peak minute"),
        CellKind.NUMBER,
        Phrase("The minute with the most crossings."),
        attrgetter("peak"),
        decimals=1,
    ),
    _share(
        "turn_right",
        Phrase("Turn right"),
        Phrase("Share of right turns among turns to either side within 5 m of the entry."),
        lambda line: line.turns and _hide_few(line.turns.right + line.turns.left, line.turns.share_right),
    ),
)
FUNNEL_COLUMNS: Columns = (
    _name("zone", Phrase("Step")),
    _count("reached", Phrase("Reached"), Phrase("Visitors seen here after all earlier steps.")),
    _count("undecided", Phrase("Undecided"), Phrase("Visitors lost after the previous step.")),
    _share(
        "share_of_start",
        Phrase("Share of start, at least"),
        Phrase(
            "Share of the visitors at the start who reached this step; lost visitors may have reached it as "
            "well."
        ),
    ),
    _share(
        "share_of_step",
        Phrase("Share of decided"),
        Phrase("Share of the visitors at the previous step, without lost ones, who reached this step."),
    ),
)
