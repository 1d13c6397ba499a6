"""Figures of a zone over a period, and their columns in every table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Interval
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn

if TYPE_CHECKING:
    from analytics.dwell.zone_summary import ZoneSummary


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """Figures of one or several zones; None where nothing was observed or the data hold no value.

    Attributes:
        name: empty for several zones.
        coverage: observed share of the zone's time and floor, 0 to 1.
        visits_interval, mean_dwell_interval_s, median_dwell_interval_s: 95 %, of exactly these visits.
        person_seconds: of the visits: their number times their mean.
        people_mean: time-weighted people inside the outline.
    """

    name: str = ""
    coverage: float = 0.0
    visits: int | None = None
    visits_interval: Interval | None = None
    mean_dwell_s: float | None = None
    mean_dwell_interval_s: Interval | None = None
    median_dwell_s: float | None = None
    p90_dwell_s: float | None = None
    person_seconds: float | None = None
    people_mean: float | None = None
    median_dwell_interval_s: Interval | None = None


def read_figures(name: str, summary: ZoneSummary, *, people_mean: float | None = None) -> ZoneFigures:
    """Return the figures of a zone's summary."""
    return ZoneFigures(
        name=name,
        coverage=summary["coverage"],
        visits=summary["visits"],
        visits_interval=to_interval(summary["visits_interval"]),
        mean_dwell_s=summary["mean_dwell_s"],
        mean_dwell_interval_s=to_interval(summary["mean_dwell_interval_s"]),
        median_dwell_s=summary["median_dwell_s"],
        median_dwell_interval_s=to_interval(summary["median_dwell_interval_s"]),
        p90_dwell_s=summary["p90_dwell_s"],
        person_seconds=summary["person_seconds"],
        people_mean=people_mean,
    )


def to_interval(limits: Sequence[float] | None) -> Interval | None:
    """Return two limits as floats."""
    return None if limits is None else (float(limits[0]), float(limits[1]))


_SECONDS = Phrase("s")

ZoneColumn = FigureColumn[ZoneFigures]
VISITS = ZoneColumn(
    "visits",
    Phrase("Visits"),
    CellKind.COUNT,
    Phrase(
        "Stays of at least 3 s. A stay ends when the visitor was more than 0.5 m from the outline for more "
        "than 2 s."
    ),
    attrgetter("visits"),
    read_interval=attrgetter("visits_interval"),
    short=Phrase("visits"),
)
PEOPLE = ZoneColumn(
    "people_mean",
    Phrase("Mean occupancy"),
    CellKind.NUMBER,
    Phrase("People inside the outline, weighted by time."),
    attrgetter("people_mean"),
    decimals=2,
)
MEAN_DWELL = ZoneColumn(
    "mean_dwell_s",
    Phrase("Mean dwell"),
    CellKind.SECONDS,
    Phrase("Mean duration of a visit: person-seconds divided by visits."),
    attrgetter("mean_dwell_s"),
    _SECONDS,
    1,
    attrgetter("mean_dwell_interval_s"),
    short=Phrase("mean dwell"),
)
MEDIAN_DWELL = ZoneColumn(
    "median_dwell_s",
    Phrase("Median dwell"),
    CellKind.SECONDS,
    Phrase("Half of the visits last longer."),
    attrgetter("median_dwell_s"),
    _SECONDS,
    1,
    attrgetter("median_dwell_interval_s"),
    short=Phrase("median"),
)
P90_DWELL = ZoneColumn(
    "p90_dwell_s",
    Phrase("90th percentile"),
    CellKind.SECONDS,
    Phrase("One visit in ten lasts longer."),
    attrgetter("p90_dwell_s"),
    _SECONDS,
    1,
    short=Phrase("p90"),
)
PERSON_SECONDS = ZoneColumn(
    "person_seconds",
    Phrase("Person-seconds"),
    CellKind.NUMBER,
    Phrase("Total time of the visits."),
    attrgetter("person_seconds"),
    short=Phrase("person-seconds"),
)
COVERAGE = ZoneColumn(
    "coverage",
    Phrase("Time and floor seen"),
    CellKind.SHARE,
    Phrase("Observed share of the period's time and of the zone's floor."),
    attrgetter("coverage"),
    short=Phrase("coverage"),
)
