"""Visits and summary of an identified period, shared by the pages."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView
from analytics.results.summary import PeriodResults, compute_results
from app.facts.identified_period import IdentifiedPeriod, derive


def compute_identified_results(
    period: IdentifiedPeriod, *, zones: Sequence[Zone], duration_s: float, views: Sequence[CameraView]
) -> PeriodResults:
    """Return visits and summary without lines, cached with the period.

    Args:
        zones, views: as used to identify the period.
        duration_s: length of the period.
    """
    return derive(
        period,
        ("results", tuple(zones), duration_s),
        lambda: compute_results(
            tracks=period.tracks,
            spans=period.spans,
            zones=zones,
            lines=(),
            duration_s=duration_s,
            views=views,
            doors=period.doors,
        ),
    )
