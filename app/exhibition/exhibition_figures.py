"""What the exhibition page shows: plain values, so that showing them loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter

from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Interval
from analytics.dwell.published_bands import PublishedBand
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.reports.content import CellKind
from analytics.reports.zone_figures import FigureColumn
from app.plan.floor_scene import FloorScene


class CardFigure(StrEnum):
    """A line of the score card."""

    FOOTFALL = "footfall"
    VISITORS = "visitors"
    TOTAL_TIME = "total-time"
    PEAK = "peak"
    SWEEP_RATE = "sweep-rate"
    MINUTES_PER_100_M2 = "minutes-per-100-m2"
    DILIGENT = "diligent"
    STOPS_PER_ELEMENT = "stops-per-element"
    ZONES_VISITED = "zones-visited"
    TRAFFIC_DENSITY = "traffic-density"
    PARTY_SIZE = "party-size"


@dataclass(frozen=True, slots=True)
class CardEntry:
    """One figure of the exhibition as a whole.

    Attributes:
        before: of the period that it is compared with; None where there is none.
    """

    figure: CardFigure
    measured: Estimate
    before: Estimate | None = None
    band: PublishedBand | None = None


class Worth(StrEnum):
    """By what a stand's floor is valued."""

    EXPOSED = "exposed"
    """Visitors who come within 3 m, or in."""
    STOPPED = "stopped"
    """Visitors who stop in it."""
    ENGAGED_MINUTES = "engaged-minutes"
    """Minutes of stop in engaged visits."""


class Price(StrEnum):
    """How a rent compares with the fair one; the values are those of ``PriceVerdict``."""

    DEAR = "dear"
    CHEAP = "cheap"
    FAIR = "fair"
    UNKNOWN = "unknown"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class StandPrice:
    """One stand valued in one way, over the time in which all compared stands were observed alike.

    Attributes:
        cost: of a visitor, or of a minute.
        fair_rent: of the whole show.
    """

    worth: Worth
    cost: float | None
    fair_rent: Estimate
    fair_price_m2: Estimate
    verdict: Price


@dataclass(frozen=True, slots=True)
class StandRow:
    """One stand in a period.

    Attributes:
        colour: of its place among all zones.
        coverage: observed share of its floor, 0 to 1; below 80 % its figures are not told.
        observed_s: for how long its floor was observed since it is as it is: its figures are of this time.
        since_utc_s: its figures count from here, where it was another zone before; its prices do not.
        exposed: visitors who came within 3 m, or in.
        visits: stays of at least the zone's minimum.
        stopped: visitors who stopped in it.
        engaged_visits: visits with at least 5 s of stop; ``engaged_minutes`` is their time of stop.
        attraction: stopped over exposed.
        rent: for the whole show; None where nobody has said.
        visits_wanted, engaged_wanted: of the open days of ``observed_s``, by what is hoped for a day.
        prices: by way of valuing.
    """

    zone: str
    colour: int
    area_m2: float
    coverage: float
    observed_s: float = 0.0
    since_utc_s: float | None = None
    exposed: float | None = None
    visits: int | None = None
    stopped: int | None = None
    engaged_visits: int | None = None
    engaged_minutes: float | None = None
    attraction: Estimate = UNKNOWN
    rent: float | None = None
    visits_per_day: float | None = None
    engaged_per_day: float | None = None
    visits_wanted: float | None = None
    engaged_wanted: float | None = None
    is_sponsor: bool = False
    prices: Mapping[Worth, StandPrice] = field(default_factory=dict)

    def divide_by_hours(self, amount: float | None) -> float | None:
        """Return so much of a figure as came in an observed hour; None where nothing is known."""
        return None if amount is None or self.observed_s <= 0 else amount / (self.observed_s / 3600)


CAME_NEAR = FigureColumn[StandRow](
    "came_near",
    Phrase("Came near"),
    CellKind.NUMBER,
    Phrase("Visitors who come within 3 m of the stand, or in; each once."),
    attrgetter("exposed"),
)
STOPPED = FigureColumn[StandRow](
    "stopped",
    Phrase("Stopped"),
    CellKind.COUNT,
    Phrase("Visitors who stand still in the stand for 3 s or more; each once."),
    attrgetter("stopped"),
)
ATTRACTION = FigureColumn[StandRow](
    "attraction",
    Phrase("Attraction"),
    CellKind.SHARE,
    Phrase("Visitors who stop over those who come near."),
    attrgetter("attraction.value"),
    read_interval=attrgetter("attraction.interval"),
)
ENGAGED_VISITS = FigureColumn[StandRow](
    "engaged_visits",
    Phrase("Engaged visits"),
    CellKind.COUNT,
    Phrase("Visits with at least 5 s of stop. Dwell is not interest."),
    attrgetter("engaged_visits"),
)
ENGAGED_MINUTES = FigureColumn[StandRow](
    "engaged_minutes",
    Phrase("Engaged minutes"),
    CellKind.NUMBER,
    Phrase("Time of stop of all visits with at least 5 s of stop, in minutes."),
    attrgetter("engaged_minutes"),
)
OBSERVED_HOURS = FigureColumn[StandRow](
    "observed_h",
    Phrase("Observed h"),
    CellKind.NUMBER,
    Phrase("Hours in which the stand was observed, since its last change: its figures are of this time."),
    lambda stand: stand.observed_s / 3600,
    decimals=1,
)
FLOOR_SEEN = FigureColumn[StandRow](
    "observed",
    Phrase("Floor seen"),
    CellKind.SHARE,
    Phrase("Observed share of the zone's floor, while any camera was analysed."),
    attrgetter("coverage"),
)


@dataclass(frozen=True, slots=True)
class ExhibitionFigures:
    """All that the page shows of a period.

    Attributes:
        scene: the plan with the stands of the end of the period.
        observed_s: for how long any camera was analysed.
        floor_share: the share of the open floor that the cameras see, 0 to 1.
        entries: the score card.
        stands: all zones but doors, in the order of the plan.
        common_s: for how long all stands whose rents are compared were observed alike.
        share_of_show: of the show's open hours, as much; None where nobody entered hours.
        currency: of the rents; empty where nobody has said.
        whole_journeys, cut_journeys: of the first, the shares of visitors are computed.
        days_without_ways: of so many days nothing is known of visitors one by one, since their ways were
            deleted with the tracks.
        capacity: people who may be in the hall at once; None where nobody has said.
        previous: the period that figures are compared with; None where it was not observed for as long.
    """

    period: Interval
    scene: FloorScene
    observed_s: float
    floor_share: float
    entries: tuple[CardEntry, ...]
    stands: tuple[StandRow, ...]
    common_s: float
    share_of_show: float | None
    currency: str
    whole_journeys: int
    cut_journeys: int
    capacity: int | None = None
    previous: Interval | None = None
    days_without_ways: int = 0
