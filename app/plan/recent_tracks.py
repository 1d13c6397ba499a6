"""The last minutes of a venue's history, to try a geometry on before its numbers are relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analytics.domain.zone import Zone
from app.core.document import Venue
from app.facts.camera_views import find_views
from app.facts.history_extent import open_history
from app.facts.identified_period import IdentifiedPeriod, identify_period
from app.plan.geometry_check import WatchedWhile


@dataclass(frozen=True, slots=True, eq=False)
class RecentTracks:
    """What was observed in the last minutes of a history, as it was stored.

    Attributes:
        tracks, spans: columns of ``TRACK_COLUMNS`` and ``SPAN_COLUMNS``, seconds since the epoch.
        period_s: from when until when, seconds since the epoch.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    period_s: tuple[float, float]

    @property
    def duration_s(self) -> float:
        """How long the period is."""
        return self.period_s[1] - self.period_s[0]

    def identify(self, venue: Venue, zones: Sequence[Zone]) -> IdentifiedPeriod:
        """The same with everybody known once; zones are needed, since at doors people appear by right."""
        return identify_period(
            tracks=self.tracks,
            spans=self.spans,
            period_s=self.period_s,
            views=find_views(venue),
            zones=zones,
            corrections=venue.corrections,
        )

    def watch(self, venue: Venue, zones: Sequence[Zone]) -> WatchedWhile:
        """The same as the check of a geometry takes it."""
        period = self.identify(venue, zones)
        return WatchedWhile(period.tracks, period.spans, self.duration_s)


def read_recent_tracks(venue: Venue, *, last_s: float) -> RecentTracks | None:
    """The last seconds of a venue's history; None where nothing was observed in them.

    The end is that of the history, not now: what a venue recorded yesterday is good for trying, too.

    Raises:
        StoreError: the history cannot be read.
    """
    with open_history(venue) as history:
        if history is None:
            return None
        reader, (start_s, end_s) = history
        period_s = (max(start_s, end_s - last_s), end_s)
        tracks, spans = reader.read_tracks(*period_s), reader.read_spans(*period_s)
    return RecentTracks(tracks, spans, period_s) if len(spans) else None
