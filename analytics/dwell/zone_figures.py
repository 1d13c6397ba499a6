"""Figures of a zone over a period, from the metrics to every table."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.metrics.estimate import UNKNOWN, Estimate


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """Figures of one or several zones; None where nothing was observed or the data hold no value.

    Attributes:
        name: empty for several zones.
        coverage: observed share of the zone's time and floor, 0 to 1.
        visits, mean_dwell_s, median_dwell_s: with 95 % intervals, of exactly these visits.
        person_seconds: of the visits: their number times their mean.
        people_mean: time-weighted people inside the outline.
        surplus_visits, missing_visits, unsure_visits: evidence behind the intervals, see ``CountErrors``.
        unseen_share: share of the moments of the people in the zone at which no camera saw them.
    """

    name: str = ""
    coverage: float = 0.0
    visits: Estimate = UNKNOWN
    mean_dwell_s: Estimate = UNKNOWN
    median_dwell_s: Estimate = UNKNOWN
    p90_dwell_s: float | None = None
    person_seconds: float | None = None
    people_mean: float | None = None
    surplus_visits: float | None = None
    missing_visits: float | None = None
    unsure_visits: float | None = None
    unseen_share: float | None = None
