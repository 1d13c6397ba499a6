"""What the page of flows shows of a period: plain values, so that showing them loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.metrics.estimate import Estimate

if TYPE_CHECKING:
    from analytics.flows.ways import Ways

Period = tuple[float, float]
"""Start and end, seconds since the epoch; the end does not belong to it."""

MIN_COUNT = 5
"""What fewer did is said to be few, and not told: chance decides it, and a person might be recognised."""


class PlaceKind(StrEnum):
    """What stands at an end of a stream."""

    ZONE = "zone"
    OUTSIDE = "outside"
    """Outside, or not observed."""
    CAME = "came in"
    """Seen to come, not through a zone that is an entrance."""
    LEFT = "left"
    LOST = "lost from sight"
    OTHERS = "other zones"
    """Zones that few were in, or that there is no room for."""


@dataclass(frozen=True, slots=True)
class Place:
    """An end of a stream; ``zone`` is the name of one, or empty."""

    kind: PlaceKind
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """Moves from a place to another.

    Attributes:
        moves: how many were seen.
        share: of the moves out of ``origin``, corrected for tracks that are lost on the way.
    """

    origin: Place
    destination: Place
    moves: int
    share: Estimate

    @property
    def is_small(self) -> bool:
        """Whether it is said to be few instead of being told."""
        return self.moves < MIN_COUNT


@dataclass(frozen=True, slots=True)
class StepNode:
    """Visitors who were at a place at the same step of their way.

    Attributes:
        step: 0 for coming in, 1 for the first zone.
        zones: how many zones are in it: 1, or those that ``OTHERS`` stands for.
    """

    step: int
    place: Place
    visitors: int
    zones: int = 1


@dataclass(frozen=True, slots=True)
class StepStream:
    """Visitors who went from a place to another at the step after ``step``."""

    step: int
    origin: Place
    destination: Place
    visitors: int


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """The ways of those whose coming was seen.

    Attributes:
        nodes: by step, the largest zones first, then others, then who left or was lost.
        streams: of at least ``MIN_COUNT`` visitors.
        thin: visitors in streams of fewer.
        unseen: visitors whose coming was not seen; they are in none.
    """

    nodes: tuple[StepNode, ...] = ()
    streams: tuple[StepStream, ...] = ()
    thin: int = 0
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class FrequentRoute:
    """Zones one after the other; ``share`` of the visitors of at least one zone."""

    zones: tuple[str, ...]
    visitors: int
    share: float


@dataclass(frozen=True, slots=True)
class OriginDestination:
    """The first and the last zone of a whole journey; ``share`` of these."""

    origin: str
    destination: str
    visitors: int
    share: float


@dataclass(frozen=True, slots=True)
class FirstStop:
    """Who stopped at a zone before any other; ``share`` of those who stop at all."""

    zone: str
    visitors: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class ZonePassage:
    """How a zone is walked through.

    Attributes:
        stays: those seen from coming in to going out; ``cut``: the others.
        through: share of ``stays`` without a stop that went out elsewhere than they came in.
        turned_back: share of ``stays`` without a stop that went out where they came in.
        passages: moves in and out of it of which both neighbours are known.
        returns: those of them that led back to the zone they came from; as a share where enough are known.
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
    """The flow through a line in a step of time, people a minute; None where too little was observed.

    Attributes:
        start_s, end_s: seconds since the epoch, or of the day where bars are hours of the day.
    """

    start_s: float
    end_s: float
    inward: float | None
    outward: float | None


@dataclass(frozen=True, slots=True)
class RightTurns:
    """Of visitors who came in through an entrance; ``share`` of right turns among right and left ones."""

    right: int
    left: int
    straight: int
    lost: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class LineFigures:
    """The flow through a counting line.

    Attributes:
        inward, outward: crossings counted; None where nobody looked at the line.
        per_minute, per_minute_m: the mean, of both ways, a minute, and a minute and metre of its width.
        peak: of one minute, of both ways; ``peak_at_s`` when that began.
        bars: over the period, or over the hours of the day of all its days.
        turns: None of a line that is no entrance.
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
    """One step of a way that was chosen.

    Attributes:
        reached: visitors who were seen to come here after all steps before.
        undecided: who came to the step before and were lost from sight since.
        reached_of_start: ``reached`` of those who began: at least so many came here.
        maybe_of_start: of those who began, who were lost before here and may have come.
        share_of_step: of those whose step is decided. Too high where many are lost, because who comes soon is
            seen to come, and who leaves late is not seen to leave.
    """

    zone: str
    reached: int
    undecided: int
    reached_of_start: float | None
    maybe_of_start: float | None
    share_of_step: float | None


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """All that the page shows of a period.

    Attributes:
        period: what was counted: less than asked for where the zones changed.
        is_cut: whether it is.
        missing_s: of the period, observed once, but kept no more; not counted.
        zones: names in the plan's order, whose places are the colours.
        visitors: with at least one zone; ``whole`` of these were seen from coming to going.
        entropy_bits: how unpredictable the next zone is; ``entropy_most_bits`` if all zones but
            the one that is left, and leaving, were equally likely.
        few_from: zones that so few moves leave that they tell nothing.
        origins_left_out: whole journeys of pairs that fewer than ``MIN_COUNT`` made.
        is_by_hour_of_day: what the lines' bars are of.
        days_without_ways: of so many days visitors, routes, first steps, first and last zones and returns are
            told no more, since ways are deleted with the tracks; has_ways: of any day they are.
    """

    period: Period
    is_cut: bool
    missing_s: float
    zones: tuple[str, ...]
    visitors: int
    whole: int
    moves: int
    entropy_bits: float | None
    entropy_most_bits: float | None
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
    days_without_ways: int = 0
    has_ways: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FlowAnalysis:
    """A period's flows and what a chosen way is counted from.

    Attributes:
        figures: None where nothing was observed.
        history: from the first to the last observed moment; None for an empty history.
        ways: of the visitors who are counted.
    """

    figures: FlowFigures | None
    history: Period | None
    ways: Ways | None = None
