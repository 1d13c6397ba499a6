"""What the comparison page shows and asks for: plain values, so that showing them loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.comparison.block_figures import Metric, Verdict
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Interval
from analytics.reports.zone_figures import MEAN_DWELL, MEDIAN_DWELL

METRIC_NAMES: Mapping[Metric, Phrase] = {
    Metric.FOOTFALL: Phrase("Footfall an hour"),
    Metric.VISITS_PER_100: Phrase("Visits per 100 visitors"),
    Metric.MEAN_DWELL: MEAN_DWELL.title,
    Metric.MEDIAN_DWELL: MEDIAN_DWELL.title,
    Metric.VISITS: Phrase("Visits an hour"),
    Metric.PERSON_SECONDS: Phrase("Person-seconds an hour"),
    Metric.CAPTURE: Phrase("Capture rate"),
}
"""In the order in which they are offered."""
METRIC_DEFINITIONS: Mapping[Metric, Phrase] = {
    Metric.FOOTFALL: Phrase("Inward crossings of the entrance lines in an open hour."),
    Metric.VISITS_PER_100: Phrase("Visits to the zone for every 100 visitors of the exhibition."),
    Metric.MEAN_DWELL: MEAN_DWELL.definition,
    Metric.MEDIAN_DWELL: MEDIAN_DWELL.definition,
    Metric.VISITS: Phrase("Stays in the zone of at least 3 s, in an open hour."),
    Metric.PERSON_SECONDS: Phrase("Time that all people together spend in the zone, in an open hour."),
    Metric.CAPTURE: Phrase("Visits over visits and passers-by within 3 m."),
}
VERDICT_NAMES: Mapping[Verdict, Phrase] = {
    Verdict.RISE: Phrase("rose"),
    Verdict.FALL: Phrase("fell"),
    Verdict.UNCERTAIN: Phrase("could be chance"),
    Verdict.NO_EVIDENCE: Phrase("no evidence of a change"),
    Verdict.REFUSED: Phrase("not compared"),
}
PRIMARY_METRICS = (Metric.FOOTFALL, Metric.VISITS_PER_100, Metric.MEAN_DWELL, Metric.MEDIAN_DWELL)
"""Each further one makes a finding harder to believe: the false ones are controlled over all of them."""


@dataclass(frozen=True, slots=True)
class ComparisonChoice:
    """What somebody wants compared.

    Attributes:
        a, b: start and end of either side, seconds since the epoch.
        other_folder: of the venue of A where it is another hall; None for the same.
        figures: which.
        unchanged: zones about which nothing changed, to hold the others against.
    """

    a: Interval
    b: Interval
    other_folder: Path | None = None
    figures: tuple[Metric, ...] = PRIMARY_METRICS
    unchanged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One figure of one zone on both sides.

    Attributes:
        zone: its name; empty for the whole hall.
        level_a, level_b: per open hour, per 100 visitors, seconds, or a share.
        ratio: B over A, or over what the zones that did not change let be expected; None: not compared.
        interval: of the ratio, 95 %.
        adjusted_p: by Benjamini and Hochberg over all that were compared.
        smallest_noticed: ratio above which a change would have been seen in four cases of five.
        coverage_a, coverage_b: least observed share of a block, 0 to 1.
        words: the sentence, to be translated.
    """

    zone: str
    figure: Metric
    finding: Verdict
    words: Phrase
    level_a: float | None = None
    level_b: float | None = None
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    adjusted_p: float | None = None
    smallest_noticed: float | None = None
    coverage_a: float | None = None
    coverage_b: float | None = None

    @property
    def is_real(self) -> bool:
        """Whether the change is believed."""
        return self.finding in (Verdict.RISE, Verdict.FALL)


@dataclass(frozen=True, slots=True)
class ComparisonFigures:
    """What came of a comparison.

    Attributes:
        rows: by zone and figure, the whole hall first.
        notes: how it was compared and what to be careful about, each a sentence to be translated.
    """

    choice: ComparisonChoice
    rows: tuple[ChangeRow, ...]
    notes: tuple[Phrase, ...]
