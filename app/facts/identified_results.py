"""The numbers of an identified period, which the pages share."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView
from analytics.reports.summary import PeriodResults, compute_results
from app.facts.identified_period import IdentifiedPeriod, derive


def compute_identified_results(
    period: IdentifiedPeriod, *, zones: Sequence[Zone], duration_s: float, views: Sequence[CameraView]
) -> PeriodResults:
    """Visits and summary without lines, computed once for the floor plan, the dwell times and later looks.

    Args:
        zones, views: those that the period was identified with.
        duration_s: of the period.
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
        ),
    )
