"""What the comparison page shows and asks for: plain values, so that showing them loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Interval


class Figure(StrEnum):
    """What is compared; the values are those of ``analytics.comparison.Metric``."""

    FOOTFALL = "footfall"
    VISITS_PER_100 = "visits_per_100"
    MEAN_DWELL = "mean_dwell"
    MEDIAN_DWELL = "median_dwell"
    VISITS = "visits"
    PERSON_SECONDS = "person_seconds"
    CAPTURE = "capture"


PRIMARY_FIGURES = (Figure.FOOTFALL, Figure.VISITS_PER_100, Figure.MEAN_DWELL, Figure.MEDIAN_DWELL)
"""Each further figure makes a finding harder to believe: the false ones are controlled over all of them."""


class Finding(StrEnum):
    """What is to be said of a change; the values are those of ``analytics.comparison.Verdict``."""

    RISE = "rise"
    FALL = "fall"
    UNCERTAIN = "uncertain"
    NO_EVIDENCE = "no_evidence"
    REFUSED = "refused"


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
    figures: tuple[Figure, ...] = PRIMARY_FIGURES
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
    figure: Figure
    finding: Finding
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
        return self.finding in (Finding.RISE, Finding.FALL)


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
