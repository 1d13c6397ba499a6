"""Plain values shown on the flows page, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.metrics.estimate import Estimate

if TYPE_CHECKING:
    from analytics.flows.ways import Ways

Period = tuple[float, float]
"""Start and end, seconds since the epoch; the end is exclusive."""

MIN_COUNT = 5
"""Minimum count shown; smaller ones are chance and could identify a person."""


class PlaceKind(StrEnum):
    """Kind of place at an end of a stream."""

    ZONE = "zone"
    OUTSIDE = "outside"
    """Outside the hall, or not observed."""
    CAME = "came in"
    """Entry into the view other than through an entrance zone."""
    LEFT = "left"
    LOST = "lost"
    OTHERS = "other zones"
    """Zones with few visitors, or beyond the room of the diagram."""


@dataclass(frozen=True, slots=True)
class Place:
    """An end of a stream; ``zone`` is a zone's name or empty."""

    kind: PlaceKind
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """Moves from one place to another.

    Attributes:
        moves: number observed.
        share: of the moves out of ``origin``, corrected for lost tracks.
    """

    origin: Place
    destination: Place
    moves: int
    share: Estimate

    @property
    def is_small(self) -> bool:
        """Return whether the count is below ``MIN_COUNT``."""
        return self.moves < MIN_COUNT


@dataclass(frozen=True, slots=True)
class StepNode:
    """Visitors at a place at the same step of their path.

    Attributes:
        step: 0 for entry, 1 for the first zone.
        zones: number of zones: 1, or those combined in ``OTHERS``.
    """

    step: int
    place: Place
    visitors: int
    zones: int = 1


@dataclass(frozen=True, slots=True)
class StepStream:
    """Visitors who moved from one place to another after ``step``."""

    step: int
    origin: Place
    destination: Place
    visitors: int


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """First steps of visitors whose entry was seen.

    Attributes:
        nodes: by step; largest zones first, then others, left and lost.
        streams: those with at least ``MIN_COUNT`` visitors.
        thin: visitors in smaller streams.
        unseen: visitors whose entry was not seen, in no stream.
    """

    nodes: tuple[StepNode, ...] = ()
    streams: tuple[StepStream, ...] = ()
    thin: int = 0
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class FrequentRoute:
    """A sequence of zones; ``share`` of the visitors with at least one zone."""

    zones: tuple[str, ...]
    visitors: int
    share: float


@dataclass(frozen=True, slots=True)
class OriginDestination:
    """First and last zone of complete journeys; ``share`` of these."""

    origin: str
    destination: str
    visitors: int
    share: float


@dataclass(frozen=True, slots=True)
class FirstStop:
    """Visitors who stopped at a zone first; ``share`` of visitors with a stop."""

    zone: str
    visitors: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class ZonePassage:
    """Pass-through figures of a zone.

    Attributes:
        stays: stays seen from entry to exit; ``cut``: the others.
        through: share of ``stays`` without a stop that left away from their entry.
        turned_back: share of ``stays`` without a stop that left at their entry.
        passages: visits whose previous and next zones are known.
        returns: share of the passages that led back to the previous zone; None if too few.
    """

    name: str
    colour: int
    stays: int
    cut: int
    through: Estimate
    turned_back: Estimate
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
class RightTurns:
    """Turns of visitors who entered; ``share``: right turns over right and left ones."""

    right: int
    left: int
    straight: int
    lost: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class LineFigures:
    """The flow through a counting line.

    Attributes:
        inward, outward: crossings; None where the line was not observed.
        per_minute, per_minute_m: mean of both directions per minute, and per minute and metre of width.
        peak: maximum of a minute, both directions; ``peak_at_s``: its start.
        bars: over the period, or by hour of the day over several days.
        turns: None for a line that is not an entrance.
    """

    name: str
    width_m: float
    inward: int | None
    outward: int | None
    per_minute: Estimate
    per_minute_m: Estimate
    peak: float | None
    peak_at_s: float | None
    bars: tuple[FlowBar, ...]
    turns: RightTurns | None


@dataclass(frozen=True, slots=True)
class FunnelStepFigures:
    """One step of the funnel.

    Attributes:
        reached: visitors seen here after all earlier steps.
        undecided: visitors lost after the previous step.
        reached_of_start: ``reached`` over the first step, a lower limit.
        maybe_of_start: share of the first step lost earlier, who may have come here.
        share_of_step: of those not lost. Too high where many are lost, because early arrivals are seen and
            late departures are not.
    """

    zone: str
    reached: int
    undecided: int
    reached_of_start: float | None
    maybe_of_start: float | None
    share_of_step: float | None


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """All figures that the page shows for a period.

    Attributes:
        period: counted part of the period, which starts at the last change of zones.
        is_cut: whether the zones changed within the period.
        missing_s: observed seconds whose data were deleted.
        zones: names in the plan's order, which determines the colours.
        visitors: with at least one zone; ``whole``: those seen from entry to exit.
        few_from: zones with too few moves out of them.
        origins_left_out: complete journeys in pairs below ``MIN_COUNT``.
        is_by_hour_of_day: whether the bars of the lines are hours of the day.
        days_without_paths: number of days without figures on visitors, routes, first steps, first and last
            zones and returns, as paths are deleted with the tracks; has_ways: any day has them.
    """

    period: Period
    is_cut: bool
    missing_s: float
    zones: tuple[str, ...]
    visitors: int
    whole: int
    moves: int
    transitions: tuple[Transition, ...]
    few_from: tuple[Place, ...]
    first_steps: FirstSteps
    routes: tuple[FrequentRoute, ...]
    origins: tuple[OriginDestination, ...]
    origins_left_out: int
    first_stops: tuple[FirstStop, ...]
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
    history: Period | None
    ways: Ways | None = None
