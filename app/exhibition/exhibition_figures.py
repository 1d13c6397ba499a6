"""Plain values shown on the exhibition page, importable without heavy libraries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.exhibition.stand_value import StandValue
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.results.content import CellKind
from analytics.results.data_sets import MIN_VISITORS
from analytics.results.figure_columns import FigureColumn, describe_record
from app.plan.floor_scene import FloorScene

if TYPE_CHECKING:
    from analytics.results.day_quality import DayQuality


class CardFigure(StrEnum):
    """A figure of the hall as a whole."""

    FOOTFALL = "footfall"
    VISITORS = "visitors"
    TOTAL_TIME = "total-time"
    PEAK = "peak"
    ZONES_VISITED = "zones-visited"
    PARTY_SIZE = "party-size"


@dataclass(frozen=True, slots=True)
class CardEntry:
    """One figure of the exhibition as a whole.

    Attributes:
        before: value of the compared period; None without one.
    """

    figure: CardFigure
    measured: Estimate
    before: Estimate | None = None


def _declare(
    figure: CardFigure,
    title: Phrase,
    kind: CellKind,
    definition: Phrase,
    decimals: int = 0,
) -> tuple[CardFigure, FigureColumn[CardEntry]]:
    return figure, FigureColumn(
        figure.value,
        title,
        kind,
        definition,
        attrgetter("measured"),
        decimals=decimals,
        is_estimate=True,
    )


CARD_COLUMNS: Mapping[CardFigure, FigureColumn[CardEntry]] = dict(
    (
        _declare(
            CardFigure.FOOTFALL,
            Phrase("Footfall"),
            CellKind.COUNT,
            Phrase("Inward crossings of the entrance lines."),
        ),
        _declare(
            CardFigure.VISITORS,
            Phrase("Visitors"),
            CellKind.COUNT,
            Phrase(
                "Visitors who came, from what all entrance and exit lines counted: whoever comes in goes out "
                "again. Without entrance lines, from the visitors seen to come and to go."
            ),
        ),
        _declare(
            CardFigure.TOTAL_TIME,
            Phrase("Mean time per visitor"),
            CellKind.SECONDS,
            Phrase("Total time spent on the observed floor, divided by the visitors who came."),
        ),
        _declare(
            CardFigure.PEAK,
            Phrase("Peak occupancy"),
            CellKind.NUMBER,
            Phrase("Maximum of the mean people in view per minute."),
        ),
        _declare(
            CardFigure.ZONES_VISITED,
            Phrase("Share of zones visited"),
            CellKind.SHARE,
            Phrase("Zones that a visitor visits, as a share of all zones except doors."),
        ),
        _declare(
            CardFigure.PARTY_SIZE,
            Phrase("Party size"),
            CellKind.NUMBER,
            Phrase(
                "Mean number of visitors who come and walk together, among those whose entry was seen. In "
                "simulated fairs, 96 % of the pairs found are true, and 96 % of the true pairs are found; "
                "broken tracks make parties appear smaller."
            ),
            2,
        ),
    )
)
"""The figures of the hall as a whole."""


class ValueBasis(StrEnum):
    """Basis on which a stand's floor is valued."""

    EXPOSED = "exposed"
    """Visitors within 3 m or inside."""
    STOPPED = "stopped"
    """Visitors who stop inside."""
    ENGAGED_MINUTES = "engaged-minutes"
    """Minutes of stop in engaged visits."""
    PLACE = "place"
    """Visitors who would stop at an average stand of the same size at its place."""


@dataclass(frozen=True, slots=True)
class StandRow:
    """One stand in a period.

    Attributes:
        colour: index among all zones.
        coverage: observed share of its floor, 0 to 1; below 80 % there are no figures.
        observed_s: observed seconds since its last change, to which its figures refer.
        since_utc_s: start of counting where it changed within the period; prices ignore it.
        exposed: visitors within 3 m or inside.
        visits: stays of at least the zone's minimum length.
        stopped: visitors who stopped inside.
        engaged_visits: visits with at least 5 s of stop; ``engaged_minutes``: their time of stop.
        attraction: stopped over exposed.
        of_place: visitors who stopped over those that the place lets expect, with its 95 % interval.
        place_worth: what its place is worth, 1 for the average place, with its 95 % interval.
        rent: for the whole show; None if not entered.
        visits_target, engaged_target: daily targets times the open days in ``observed_s``.
        prices: by basis, over the time in which all compared stands were observed alike.
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
    of_place: Estimate = UNKNOWN
    place_worth: Estimate = UNKNOWN
    rent: float | None = None
    visits_per_day: float | None = None
    engaged_per_day: float | None = None
    visits_target: float | None = None
    engaged_target: float | None = None
    is_sponsor: bool = False
    prices: Mapping[ValueBasis, StandValue] = field(default_factory=dict)

    @property
    def has_few_visits(self) -> bool:
        """Return whether there are so few visits that a visitor could be recognised."""
        return self.visits is not None and 0 < self.visits < MIN_VISITORS

    def hide_figures(self) -> StandRow:
        """Return the stand without figures of its visitors, for whoever is not the organiser."""
        return StandRow(self.zone, self.colour, self.area_m2, self.coverage, self.observed_s)

    def divide_by_hours(self, amount: float | None) -> float | None:
        """Return an amount per observed hour; None where unknown."""
        return None if amount is None or self.observed_s <= 0 else amount / (self.observed_s / 3600)


CAME_NEAR = FigureColumn[StandRow](
    "came_near",
    Phrase("Visitors near"),
    CellKind.NUMBER,
    Phrase("Visitors within 3 m of the stand or inside, each counted once."),
    attrgetter("exposed"),
)
STOPPED = FigureColumn[StandRow](
    "stopped",
    Phrase("Visitors who stop"),
    CellKind.COUNT,
    Phrase("Visitors with a visit in which they stop for 3 s or more, each counted once."),
)
ATTRACTION = FigureColumn[StandRow](
    "attraction",
    Phrase("Attraction"),
    CellKind.SHARE,
    Phrase("Visitors who stop over those who come near."),
    is_estimate=True,
)
OF_PLACE = FigureColumn[StandRow](
    "of_place",
    Phrase("Of its place"),
    CellKind.SHARE,
    Phrase(
        "Visitors who stopped, relative to what an average stand of its size could expect at its place: "
        "estimated from the ways that visitors choose. Needs at least 12 stands. Where the range holds "
        "100 %, no difference is proven."
    ),
    is_estimate=True,
)
PLACE_WORTH = FigureColumn[StandRow](
    "place_worth",
    Phrase("Value of its place"),
    CellKind.SHARE,
    Phrase(
        "Visitors whom an average stand of its size could expect to stop at its place, whoever stands there; "
        "100 % is the average place of the hall. Estimated from the ways that visitors choose. Needs at "
        "least 12 stands."
    ),
    is_estimate=True,
)
VISITS = FigureColumn[StandRow](
    "visits",
    Phrase("Visits"),
    CellKind.COUNT,
    Phrase("Stays in the zone of at least 3 s."),
)
ENGAGED_VISITS = FigureColumn[StandRow](
    "engaged_visits",
    Phrase("Engaged visits"),
    CellKind.COUNT,
    Phrase("Visits with at least 5 s of stopping. Dwell time is not interest."),
)
ENGAGED_MINUTES = FigureColumn[StandRow](
    "engaged_minutes",
    Phrase("Engaged minutes"),
    CellKind.NUMBER,
    Phrase("Stop time of all visits that stop for at least 5 s, in minutes."),
)
OBSERVED_HOURS = FigureColumn[StandRow](
    "observed_h",
    Phrase("Observed h"),
    CellKind.NUMBER,
    Phrase("Hours in which the stand was observed since its last change, to which its figures refer."),
    lambda stand: stand.observed_s / 3600,
    decimals=1,
)
FLOOR_SEEN = FigureColumn[StandRow](
    "observed",
    Phrase("Floor seen"),
    CellKind.SHARE,
    Phrase("Observed share of the zone's floor while any camera was analysed."),
    attrgetter("coverage"),
)
STAND_COLUMNS = (
    CAME_NEAR,
    VISITS,
    STOPPED,
    ATTRACTION,
    OF_PLACE,
    PLACE_WORTH,
    ENGAGED_VISITS,
    ENGAGED_MINUTES,
    OBSERVED_HOURS,
    FLOOR_SEEN,
)
"""Figures of a stand for the command line and other systems; page and report choose from them."""


class PlaceVerdict(StrEnum):
    """Comparison of a stand with what its place lets expect."""

    ABOVE = "above"
    BELOW = "below"
    NOT_PROVEN = "not-proven"
    UNKNOWN = "unknown"


def judge_place(of_place: Estimate) -> PlaceVerdict:
    """Return whether a difference from 100 % is proven: whether the 95 % interval leaves out 100 %."""
    if of_place.value is None or of_place.interval is None:
        return PlaceVerdict.UNKNOWN
    low, high = of_place.interval
    if low > 1.0:
        return PlaceVerdict.ABOVE
    return PlaceVerdict.BELOW if high < 1.0 else PlaceVerdict.NOT_PROVEN


def scale_place(ratio: float) -> float:
    """Return where a ratio lies on the scale of colours, from -1 (half or less) to 1 (twice or more)."""
    return max(-1.0, min(1.0, math.log2(max(ratio, 1e-9))))


def describe_stand(stand: StandRow) -> dict[str, object]:
    """Return a stand's figures by their keys, with ``_interval`` for those that have one, and the verdict."""
    figures, verdict = describe_record(stand, STAND_COLUMNS), judge_place(stand.of_place).value
    return {"stand": stand.zone, **figures, "place_verdict": verdict}


def rank_by_place(stands: Sequence[StandRow]) -> list[StandRow]:
    """Return stands, the best for their place first, those that cannot be compared last."""
    return sorted(stands, key=lambda stand: -(stand.of_place.value or -1.0))


@dataclass(frozen=True, slots=True)
class ExhibitionFigures:
    """All figures that the page shows for a period.

    Attributes:
        scene: the plan with the stands at the end of the period.
        observed_s: seconds in which any camera was analysed.
        floor_share: the share of the open floor that the cameras see, 0 to 1.
        entries: of the hall as a whole.
        stands: all zones but doors, in the order of the plan.
        common_s: seconds in which all compared stands were observed alike.
        share_of_show: ``common_s`` as a share of the show's open hours; None without opening hours.
        currency: of the rents; empty if not entered.
        capacity: people allowed in the hall at once; None if not entered.
        previous: the compared period; None where it was not observed for as long.
        places_note: why the stands are not set against their places; else None.
        quality: who is missed; None until known.
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
    capacity: int | None = None
    previous: Interval | None = None
    places_note: Phrase | None = None
    quality: DayQuality | None = None
