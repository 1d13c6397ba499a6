"""What is known of one block of time, a day or half of one, and the figures that blocks are compared by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.dwell.survival_curve import EnteredVisits

WHOLE_HALL = ""
"""Stands for the whole hall where a zone's name would stand; no zone has an empty name."""


class Side(StrEnum):
    """The two that are compared: before and after, one layout and the other, one hall and another."""

    A = "a"
    B = "b"


class Metric(StrEnum):
    """A figure of a zone or a hall; all are positive, so that changes are ratios."""

    VISITS = "visits"
    """Visits in an open hour."""
    VISITS_PER_100 = "visits_per_100"
    """Visits for every 100 visitors of the exhibition."""
    MEAN_DWELL = "mean_dwell"
    """Seconds, by occurrence and exposure."""
    MEDIAN_DWELL = "median_dwell"
    """Seconds."""
    PERSON_SECONDS = "person_seconds"
    """Person-seconds in an open hour."""
    CAPTURE = "capture"
    """Visits over visits and pass-bys, 0 to 1."""
    FOOTFALL = "footfall"
    """Inward crossings of the entrance lines in an open hour; of the whole hall alone."""


class Verdict(StrEnum):
    """What is to be said of a change."""

    RISE = "rise"
    FALL = "fall"
    UNCERTAIN = "uncertain"
    """By itself it would count; among so many comparisons or by an exchange of days it is nothing rare."""
    NO_EVIDENCE = "no_evidence"
    REFUSED = "refused"


OF_DWELL = frozenset({Metric.MEAN_DWELL, Metric.MEDIAN_DWELL})
OF_COUNTS = frozenset({Metric.VISITS, Metric.VISITS_PER_100, Metric.FOOTFALL})


@dataclass(frozen=True, slots=True, eq=False)
class ZoneBlock:
    """One zone in one block; None where the data do not carry a value.

    Attributes:
        coverage: observed time times observed area, 0 to 1.
        passbys: visitors who came near without a visit.
        tracked_share: the share of the time for which a person in the zone is tracked.
        entered: the visits whose start was seen, by their length.
    """

    coverage: float
    visits: int | None
    mean_dwell_s: float | None
    median_dwell_s: float | None
    person_seconds: float | None
    passbys: float | None = None
    tracked_share: float | None = None
    entered: EnteredVisits | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A stretch of one day, and what was observed in it.

    Attributes:
        day: in the venue's own time.
        part: which part of the day it is; only equal parts are compared.
        open_h: its length in open hours.
        zones: by name, the hall under ``WHOLE_HALL``.
        observed_share: of its time, in which any camera was analysed.
        visitors: of the exhibition, for figures per 100 of them.
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
    """A figure of a zone in a block; None where it is not known or the zone was not observed.

    Counts are for an hour of complete observation: they are divided by the open hours and the coverage.
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
    # both are counted only while somebody looks
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
