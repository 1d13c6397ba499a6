"""Flow figures of a period and the columns that show them, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn, Row

if TYPE_CHECKING:
    from analytics.flows.first_turns import FirstTurns
    from analytics.flows.line_flow import LineFlow
    from analytics.flows.routes import FunnelStep
    from analytics.flows.ways import Ways
    from analytics.rollups.zone_passages import ThroughTraffic

MIN_COUNT = 5
"""Minimum count shown; smaller ones are chance and could identify a person."""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """First steps of visitors whose entry was seen; places are zones or names of ``places``.

    Attributes:
        nodes: ``step`` (0 for entry, 1 for the first zone), ``place``, ``visitors`` and ``zones``, the number
            of zones combined; by step, largest zones first, then others, left and lost.
        streams: ``step`` (after which they moved), ``from``, ``to`` and ``visitors``, at least ``MIN_COUNT``.
        thin: visitors in smaller streams.
        unseen: visitors whose entry was not seen, in no stream.
    """

    nodes: tuple[Row, ...] = ()
    streams: tuple[Row, ...] = ()
    thin: int = 0
    unseen: int = 0


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
        days_without_paths: number of days without figures on visitors, routes, first steps, first and last
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
    first_steps: FirstSteps
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


def find_right_turns(line: LineFigures) -> Estimate:
    """Return the share of right turns behind an entrance; unknown if too few turned."""
    turns = line.turns
    return UNKNOWN if turns is None or turns.right + turns.left < MIN_COUNT else turns.share_right


_SHARE, _VISITORS = Phrase("Share"), Phrase("Visitors")
STREAM_COLUMNS: tuple[FigureColumn[Row], ...] = (
    FigureColumn("from", Phrase("From"), CellKind.TEXT),
    FigureColumn("to", Phrase("To"), CellKind.TEXT),
    FigureColumn(
        "count", Phrase("Count"), CellKind.COUNT, Phrase("Moves or visitors of the stream."), least=MIN_COUNT
    ),
    FigureColumn(
        "share",
        _SHARE,
        CellKind.SHARE,
        Phrase("Share of the moves or visitors that leave where the stream begins."),
    ),
)
MOVE_COLUMNS: tuple[FigureColumn[Row], ...] = (
    *STREAM_COLUMNS[:2],
    FigureColumn("moves", Phrase("Moves"), CellKind.COUNT),
    FigureColumn("share", Phrase("Share of moves from there"), CellKind.SHARE, is_estimate=True),
)
ROUTE_COLUMNS: tuple[FigureColumn[Row], ...] = (
    FigureColumn("route", Phrase("Route"), CellKind.TEXT),
    FigureColumn(
        "visitors", _VISITORS, CellKind.COUNT, Phrase("Visitors who took this route."), least=MIN_COUNT
    ),
    FigureColumn("share", _SHARE, CellKind.SHARE, Phrase("Share of all visitors with a zone.")),
)
ORIGIN_COLUMNS: tuple[FigureColumn[Row], ...] = (
    FigureColumn("from", Phrase("First zone"), CellKind.TEXT),
    FigureColumn("to", Phrase("Last zone"), CellKind.TEXT),
    FigureColumn(
        "visitors", _VISITORS, CellKind.COUNT, Phrase("Visitors seen from entry to exit."), least=MIN_COUNT
    ),
    FigureColumn("share", _SHARE, CellKind.SHARE, Phrase("Share of the visitors seen from entry to exit.")),
)
FIRST_STOP_COLUMNS: tuple[FigureColumn[Row], ...] = (
    FigureColumn("zone", Phrase("First stop"), CellKind.TEXT),
    FigureColumn(
        "visitors", _VISITORS, CellKind.COUNT, Phrase("Visitors who stopped here first."), least=MIN_COUNT
    ),
    FigureColumn(
        "share",
        _SHARE,
        CellKind.SHARE,
        Phrase("Share of the visitors who stopped anywhere."),
        lambda row: None if row["visitors"] < MIN_COUNT else row["share"],
        is_estimate=True,
    ),
)
PASSAGE_COLUMNS: tuple[FigureColumn[ZonePassage], ...] = (
    FigureColumn("name", Phrase("Zone"), CellKind.TEXT),
    FigureColumn(
        "stays",
        Phrase("Complete stays"),
        CellKind.COUNT,
        Phrase("Stays seen from entry to exit, however short."),
        attrgetter("traffic.stays"),
        least=MIN_COUNT,
    ),
    FigureColumn(
        "through",
        Phrase("Pass through"),
        CellKind.SHARE,
        Phrase("Share of these that left away from their entry without a stop."),
        lambda zone: None if zone.traffic.stays < MIN_COUNT else zone.traffic.through,
        is_estimate=True,
    ),
    FigureColumn(
        "turned_back",
        Phrase("Turn back"),
        CellKind.SHARE,
        Phrase("Share of these that left within 2 m of their entry without a stop."),
        lambda zone: None if zone.traffic.stays < MIN_COUNT else zone.traffic.turned_back,
        is_estimate=True,
    ),
    FigureColumn(
        "passages",
        Phrase("Passages"),
        CellKind.COUNT,
        Phrase("Visits whose previous and next zones are known."),
        least=MIN_COUNT,
    ),
    FigureColumn(
        "returns",
        Phrase("Go back"),
        CellKind.SHARE,
        Phrase("Share of these that came from and went on to the same zone."),
    ),
)
LINE_COLUMNS: tuple[FigureColumn[LineFigures], ...] = (
    FigureColumn("line", Phrase("Line"), CellKind.TEXT, find=attrgetter("name")),
    FigureColumn(
        "in",
        Phrase("Inwards"),
        CellKind.COUNT,
        Phrase("Crossings in the direction of the line."),
        attrgetter("inward"),
        least=MIN_COUNT,
    ),
    FigureColumn(
        "out",
        Phrase("Outwards"),
        CellKind.COUNT,
        Phrase("Crossings against the direction of the line."),
        attrgetter("outward"),
        least=MIN_COUNT,
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
    FigureColumn(
        "turn_right",
        Phrase("Turn right"),
        CellKind.SHARE,
        Phrase("Share of right turns among turns to either side within 5 m of the entry."),
        find_right_turns,
        is_estimate=True,
    ),
)
FUNNEL_COLUMNS: tuple[FigureColumn[FunnelStep], ...] = (
    FigureColumn("zone", Phrase("Step"), CellKind.TEXT),
    FigureColumn(
        "reached",
        Phrase("Reached"),
        CellKind.COUNT,
        Phrase("Visitors seen here after all earlier steps."),
        least=MIN_COUNT,
    ),
    FigureColumn(
        "undecided",
        Phrase("Undecided"),
        CellKind.COUNT,
        Phrase("Visitors lost after the previous step."),
        least=MIN_COUNT,
    ),
    FigureColumn(
        "share_of_start",
        Phrase("Share of start, at least"),
        CellKind.SHARE,
        Phrase(
            "Share of the visitors at the start who reached this step; lost visitors may have reached it as "
            "well."
        ),
    ),
    FigureColumn(
        "share_of_step",
        Phrase("Share of decided"),
        CellKind.SHARE,
        Phrase("Share of the visitors at the previous step, without lost ones, who reached this step."),
    ),
)
