"""Figures of one block of time, a day or half of one, and the metrics compared between blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from analytics.domain.arrays import FloatArray

WHOLE_HALL = ""
"""Name of the whole hall among zones; no zone has an empty name."""


class Side(StrEnum):
    """Side of a comparison: before or after, one layout or the other, one hall or another."""

    A = "a"
    B = "b"


class Metric(StrEnum):
    """Positive figure of a zone or hall, so that changes are ratios."""

    VISITS = "visits"
    """Visits per open hour."""
    VISITS_PER_100 = "visits_per_100"
    """Visits per 100 visitors of the exhibition."""
    MEAN_DWELL = "mean_dwell"
    """Mean dwell in seconds, by occurrence and exposure."""
    MEDIAN_DWELL = "median_dwell"
    """Median dwell in seconds."""
    PERSON_SECONDS = "person_seconds"
    """Person-seconds per open hour."""
    CAPTURE = "capture"
    """Visits over visits and pass-bys, 0 to 1."""
    FOOTFALL = "footfall"
    """Inward crossings of the entrance lines per open hour, for the whole hall only."""


class Verdict(StrEnum):
    """Conclusion about a change."""

    RISE = "rise"
    FALL = "fall"
    UNCERTAIN = "uncertain"
    """Significant by itself, but not among all comparisons or by exchanging days."""
    NO_EVIDENCE = "no_evidence"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Reason for giving no result."""

    NOT_ON_BOTH_SIDES = "not_on_both_sides"
    HARDLY_OBSERVED = "hardly_observed"
    NOT_KNOWN = "not_known"
    TOO_FEW_VISITS = "too_few_visits"
    TOO_FEW_DAYS = "too_few_days"
    TOO_FEW_BLOCKS = "too_few_blocks"
    NO_CONTROLS = "no_controls"
    """Too few unchanged zones have this figure."""
    REFERENCE = "reference"
    """The zone is one of the unchanged ones, or contains them."""


OF_DWELL = frozenset({Metric.MEAN_DWELL, Metric.MEDIAN_DWELL})
OF_COUNTS = frozenset({Metric.VISITS, Metric.VISITS_PER_100, Metric.FOOTFALL})


@dataclass(frozen=True, slots=True, eq=False)
class ZoneBlock:
    """Figures of one zone in one block; None where the data are insufficient.

    Attributes:
        coverage: observed time times observed area, 0 to 1.
        passbys: visitors who came near without a visit.
        seen_share: share of the moments of the people in the zone at which a camera saw them.
        entered: visits by length in whole seconds.
    """

    coverage: float
    visits: int | None
    mean_dwell_s: float | None
    median_dwell_s: float | None
    person_seconds: float | None
    passbys: float | None = None
    seen_share: float | None = None
    entered: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Part of one day with its figures.

    Attributes:
        day: in venue time.
        part: index of the part of the day; only equal parts are compared.
        open_h: length in open hours.
        zones: by name, with the hall under ``WHOLE_HALL``.
        observed_share: share of its time with any camera analysed.
        visitors: visitors of the exhibition.
        footfall: inward crossings of the entrance lines; None without such a line.
    """

    side: Side
    day: date
    part: int
    open_h: float
    zones: Mapping[str, ZoneBlock]
    visitors: int | None = None
    footfall: int | None = None
    observed_share: float = 1.0


def measure(block: Block, zone: str, metric: Metric) -> float | None:
    """Return a figure of a zone in a block; None where unknown or not observed.

    Counts are divided by the open hours and the coverage, for an hour of complete observation.
    """
    figures = block.zones.get(zone)
    if figures is None or min(figures.coverage, block.observed_share, block.open_h) <= 0:
        return None
    return _MEASURES[metric](block, figures)


def _measure_per_hour(count: float | None, block: Block, figures: ZoneBlock) -> float | None:
    return None if count is None else count / (block.open_h * figures.coverage)


def _measure_per_100(block: Block, figures: ZoneBlock) -> float | None:
    if figures.visits is None or not block.visitors:
        return None
    # both are counted in observed time only
    return 100.0 * (figures.visits / figures.coverage) / (block.visitors / block.observed_share)


def _measure_capture(_block: Block, figures: ZoneBlock) -> float | None:
    if not figures.visits or figures.passbys is None:
        return None
    return figures.visits / (figures.visits + figures.passbys)


def _measure_footfall(block: Block, _figures: ZoneBlock) -> float | None:
    return None if block.footfall is None else block.footfall / (block.open_h * block.observed_share)


_MEASURES: Mapping[Metric, Callable[[Block, ZoneBlock], float | None]] = {
    Metric.VISITS: lambda block, figures: _measure_per_hour(figures.visits, block, figures),
    Metric.VISITS_PER_100: _measure_per_100,
    Metric.MEAN_DWELL: lambda _block, figures: figures.mean_dwell_s,
    Metric.MEDIAN_DWELL: lambda _block, figures: figures.median_dwell_s,
    Metric.PERSON_SECONDS: lambda block, figures: _measure_per_hour(figures.person_seconds, block, figures),
    Metric.CAPTURE: _measure_capture,
    Metric.FOOTFALL: _measure_footfall,
}
