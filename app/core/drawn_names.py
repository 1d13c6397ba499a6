"""What visitors are called where they leave the analysis: drawn each time, ending when the venue closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.document import Venue

if TYPE_CHECKING:
    from analytics.reports.visitor_names import VisitorNames


def draw_names(venue: Venue, period_s: tuple[float, float]) -> VisitorNames:
    """Random names for one export or list of a period, start and end in seconds since the epoch."""
    # pandas takes longer to load than a window to appear
    from analytics.reports.visitor_names import VisitorNames

    return VisitorNames(venue.exhibition.closings_utc(*period_s))
