"""Plain values shown and selected on the comparison page, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.comparison.block_figures import Metric, Refusal, Verdict
from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.results.content import CellKind
from analytics.results.figure_columns import FigureColumn
from analytics.results.zone_figures import MEAN_DWELL, MEDIAN_DWELL

if TYPE_CHECKING:
    from analytics.comparison.matched_hours import MatchedHours
    from analytics.comparison.period_comparison import PeriodComparison, ZoneChange

METRICS: Mapping[Metric, FigureColumn[Any]] = {
    Metric.FOOTFALL: FigureColumn(
        "footfall",
        Phrase("Footfall per hour"),
        CellKind.NUMBER,
        Phrase("Inward crossings of the entrance lines per open hour."),
    ),
    Metric.VISITS_PER_100: FigureColumn(
        "visits_per_100",
        Phrase("Visits per 100 visitors"),
        CellKind.NUMBER,
        Phrase("Visits to the zone per 100 visitors of the exhibition."),
    ),
    Metric.MEAN_DWELL: MEAN_DWELL,
    Metric.MEDIAN_DWELL: MEDIAN_DWELL,
    Metric.VISITS: FigureColumn(
        "visits",
        Phrase("Visits per hour"),
        CellKind.NUMBER,
        Phrase("Stays in the zone of at least 3 s per open hour."),
    ),
    Metric.PERSON_SECONDS: FigureColumn(
        "person_seconds",
        Phrase("Person-seconds per hour"),
        CellKind.NUMBER,
        Phrase("Total time of all people in the zone per open hour."),
    ),
    Metric.CAPTURE: FigureColumn(
        "capture",
        Phrase("Capture rate"),
        CellKind.SHARE,
        Phrase("Visits divided by visits plus passers-by within 3 m."),
        decimals=1,
    ),
}
"""The metrics in the order in which they are offered."""
VERDICT_NAMES: Mapping[Verdict, Phrase] = {
    Verdict.RISE: Phrase("rose"),
    Verdict.FALL: Phrase("fell"),
    Verdict.UNCERTAIN: Phrase("could be chance"),
    Verdict.NO_EVIDENCE: Phrase("no evidence of a change"),
    Verdict.REFUSED: Phrase("not compared"),
}
REFUSAL_NAMES: Mapping[Refusal, Phrase] = {
    Refusal.TOO_FEW_DAYS: Phrase("too few days"),
    Refusal.REFERENCE: Phrase("unchanged, for reference"),
}
"""Verdicts on values that are shown, though not compared."""
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

    @property
    def verdict_name(self) -> Phrase:
        """Return the verdict in two or three words, or why values are shown without one."""
        if self.change.refusal is not None and self.change.level_a is not None:
            return REFUSAL_NAMES.get(self.change.refusal, VERDICT_NAMES[self.change.verdict])
        return VERDICT_NAMES[self.change.verdict]


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
