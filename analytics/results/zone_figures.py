"""Columns of the figures of a zone, for every table."""

from __future__ import annotations

from operator import attrgetter

from analytics.domain.errors import Phrase
from analytics.dwell.zone_figures import ZoneFigures
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn, describe_record

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
    is_estimate=True,
    short=Phrase("visits"),
)
PEOPLE = ZoneColumn(
    "people_mean",
    Phrase("Mean occupancy"),
    CellKind.NUMBER,
    Phrase("People inside the outline, weighted by time."),
    decimals=2,
)
MEAN_DWELL = ZoneColumn(
    "mean_dwell_s",
    Phrase("Mean dwell"),
    CellKind.SECONDS,
    Phrase("Mean duration of a visit: person-seconds divided by visits."),
    unit=_SECONDS,
    decimals=1,
    is_estimate=True,
    short=Phrase("mean dwell"),
    exported_title=Phrase("Mean dwell (s)"),
)
MEDIAN_DWELL = ZoneColumn(
    "median_dwell_s",
    Phrase("Median dwell"),
    CellKind.SECONDS,
    Phrase("Half of the visits last longer."),
    unit=_SECONDS,
    decimals=1,
    is_estimate=True,
    short=Phrase("median"),
    exported_title=Phrase("Median dwell (s)"),
)
P90_DWELL = ZoneColumn(
    "p90_dwell_s",
    Phrase("90th percentile"),
    CellKind.SECONDS,
    Phrase("One visit in ten lasts longer."),
    unit=_SECONDS,
    decimals=1,
    short=Phrase("p90"),
)
PERSON_SECONDS = ZoneColumn(
    "person_seconds",
    Phrase("Person-seconds"),
    CellKind.NUMBER,
    Phrase("Total time of the visits."),
    short=Phrase("person-seconds"),
    is_expert=True,
)
COVERAGE = ZoneColumn(
    "coverage",
    Phrase("Time and floor seen"),
    CellKind.SHARE,
    Phrase("Observed share of the period's time and of the zone's floor."),
    short=Phrase("coverage"),
    exported_title=Phrase("Time and floor seen (share)"),
)
ZONE_COLUMNS = (VISITS, MEAN_DWELL, MEDIAN_DWELL, P90_DWELL, PERSON_SECONDS, COVERAGE)
"""Figures of a zone for the command line and files; pages and reports choose from them."""
NAME = ZoneColumn("name", Phrase("Zone"), CellKind.TEXT)
MEAN_DWELL_RANGE = ZoneColumn(
    "mean_dwell_interval_s",
    Phrase("Likely range"),
    CellKind.SECONDS,
    Phrase("95 % interval of the mean of these visits."),
    attrgetter("mean_dwell_s"),
    exported_title=Phrase("Likely range (s)"),
    is_estimate=True,
    is_expert=True,
)
DWELL_COLUMNS = (
    NAME,
    VISITS,
    PEOPLE,
    MEAN_DWELL,
    MEAN_DWELL_RANGE,
    MEDIAN_DWELL,
    PERSON_SECONDS,
    COVERAGE,
)
"""The table of *Dwell*."""
DWELL_TILES = (VISITS, PEOPLE, MEAN_DWELL, MEDIAN_DWELL, PERSON_SECONDS)
"""The key figures of *Dwell*."""
DWELL_REPORT_COLUMNS = (VISITS, MEAN_DWELL, MEDIAN_DWELL, P90_DWELL, PERSON_SECONDS)
"""The table of reports, before the floor that is seen."""
SURPLUS_VISITS = ZoneColumn(
    "surplus_visits",
    Phrase("Possibly parts of others"),
    CellKind.NUMBER,
    Phrase("Visits that may belong to others: a track ended and one began in the middle of the zone."),
)
MISSING_VISITS = ZoneColumn(
    "missing_visits",
    Phrase("Possibly missing"),
    CellKind.NUMBER,
    Phrase("Visits that may have been hidden, or taken for parts of others."),
)
UNSURE_VISITS = ZoneColumn(
    "unsure_visits",
    Phrase("Depend on places"),
    CellKind.NUMBER,
    Phrase("Visits that there are or are not, if all places are 0.1 m farther out or in."),
)
UNSEEN_SHARE = ZoneColumn(
    "unseen_share",
    Phrase("Hidden"),
    CellKind.SHARE,
    Phrase("Share of the time in the zone in which no camera saw the person."),
    decimals=1,
)
EVIDENCE_COLUMNS = (SURPLUS_VISITS, MISSING_VISITS, UNSURE_VISITS, UNSEEN_SHARE)
"""Evidence behind the intervals."""


def describe_zone_figures(figures: ZoneFigures) -> dict[str, object]:
    """Return a zone's section of summary.json."""
    experts = describe_record(figures, EVIDENCE_COLUMNS)
    return {**describe_record(figures, ZONE_COLUMNS), "experts": experts}
