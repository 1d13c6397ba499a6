"""Plain values shown and selected on the comparison page, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.comparison.block_figures import Metric, Verdict
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Interval
from analytics.results.zone_figures import MEAN_DWELL, MEDIAN_DWELL

if TYPE_CHECKING:
    from analytics.comparison.matched_hours import MatchedHours
    from analytics.comparison.period_comparison import PeriodComparison, ZoneChange

METRIC_NAMES: Mapping[Metric, Phrase] = {
    Metric.FOOTFALL: Phrase("Footfall per hour"),
    Metric.VISITS_PER_100: Phrase("Visits per 100 visitors"),
    Metric.MEAN_DWELL: MEAN_DWELL.title,
    Metric.MEDIAN_DWELL: MEDIAN_DWELL.title,
    Metric.VISITS: Phrase("Visits per hour"),
    Metric.PERSON_SECONDS: Phrase("Person-seconds per hour"),
    Metric.CAPTURE: Phrase("Capture rate"),
}
"""Names of the metrics in the order in which they are offered."""
METRIC_DEFINITIONS: Mapping[Metric, Phrase] = {
    Metric.FOOTFALL: Phrase("Inward crossings of the entrance lines per open hour."),
    Metric.VISITS_PER_100: Phrase("Visits to the zone per 100 visitors of the exhibition."),
    Metric.MEAN_DWELL: MEAN_DWELL.definition,
    Metric.MEDIAN_DWELL: MEDIAN_DWELL.definition,
    Metric.VISITS: Phrase("Stays in the zone of at least 3 s per open hour."),
    Metric.PERSON_SECONDS: Phrase("Total time of all people in the zone per open hour."),
    Metric.CAPTURE: Phrase("Visits divided by visits plus passers-by within 3 m."),
}
VERDICT_NAMES: Mapping[Verdict, Phrase] = {
    Verdict.RISE: Phrase("rose"),
    Verdict.FALL: Phrase("fell"),
    Verdict.UNCERTAIN: Phrase("could be chance"),
    Verdict.NO_EVIDENCE: Phrase("no evidence of a change"),
    Verdict.REFUSED: Phrase("not compared"),
}
PRIMARY_METRICS = (Metric.FOOTFALL, Metric.VISITS_PER_100, Metric.MEAN_DWELL, Metric.MEDIAN_DWELL)
"""Default metrics; each further one weakens the findings, as false ones are controlled over all."""


@dataclass(frozen=True, slots=True)
class ComparisonChoice:
    """Selected comparison.

    Attributes:
        a, b: start and end of either side, seconds since the epoch.
        other_folders: venue folders of A where it is another hall, or the mean of several; empty for the
            same.
        unchanged: unchanged zones used as controls.
    """

    a: Interval
    b: Interval
    other_folders: tuple[Path, ...] = ()
    figures: tuple[Metric, ...] = PRIMARY_METRICS
    unchanged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DescribedChange:
    """One figure of one zone on both sides, with its translatable sentence."""

    change: ZoneChange
    sentence: Phrase


@dataclass(frozen=True, slots=True)
class ComparisonResults:
    """Results of a comparison.

    Attributes:
        hours: compared hours of the day; None where the sides have none in common.
        changes: by zone and metric, the whole hall first.
        notes: translatable sentences on the method and its limits.
        redrawn: zones whose outlines differ between the sides.
        choice: what was compared, where it was chosen on the page.
    """

    comparison: PeriodComparison
    hours: MatchedHours | None
    changes: tuple[DescribedChange, ...]
    notes: tuple[Phrase, ...]
    redrawn: tuple[str, ...]
    choice: ComparisonChoice | None = None
