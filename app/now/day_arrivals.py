"""Count the arrivals of today, by minute, and compare them with the same weekday of earlier weeks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.clock import Clock
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_arrivals import list_entrances
from app.facts.period_facts import read_period_facts
from app.now.recent_figures import read_spans

if TYPE_CHECKING:
    from analytics.store.event_store import EventReader


MINUTE_S = 60.0
CHUNK_S = 600.0
MARGIN_S = 30.0
"""Extra time read before and after a chunk, because a crossing needs positions on both sides of the line."""
WEEKS = 4
"""Number of earlier weeks in the comparison."""
MIN_MINUTE_SHARE = 0.9
"""Minimum observed share of a minute for comparison."""
_MAX_WORK_S = 5.0
"""Time limit per call; the next call continues, so that history does not delay live figures."""


@dataclass(frozen=True, slots=True)
class DaySoFar:
    """Arrivals of a day until now.

    Attributes:
        day: date in the venue's time.
        arrivals: the day's footfall so far, inward crossings of entrance lines; None without observation,
            or before all of it is counted.
        observed_minutes: minutes of this day that were observed well enough to be compared.
        matched_arrivals: arrivals of this day in minutes that were also observed on earlier days.
        earlier_arrivals: mean arrivals of the earlier days in these minutes; None without an earlier day.
        earlier_days: days that were observed at the same time of day, latest first.
        matched_minutes: minutes of this day that could be compared with at least one earlier day.
        is_complete: whether the whole history was evaluated.
    """

    day: date
    arrivals: int | None = None
    observed_minutes: int = 0
    matched_arrivals: float | None = None
    earlier_arrivals: float | None = None
    earlier_days: tuple[date, ...] = ()
    matched_minutes: int = 0
    is_complete: bool = False

    @property
    def change(self) -> float | None:
        """Return the relative change against earlier days; None without earlier arrivals."""
        if self.matched_arrivals is None or not self.earlier_arrivals:
            return None
        return self.matched_arrivals / self.earlier_arrivals - 1.0


class DayArrivals:
    """A counter of daily arrivals of one venue that caches finished chunks; for one thread at a time."""

    def __init__(self, venue: Venue) -> None:
        """Begin with an empty cache; venue, lines, cameras and decisions must not change."""
        self._venue = venue
        self._chunks: dict[int, FloatArray] = {}

    def update(self, now_utc_s: float, *, context: JobContext | None = None) -> DaySoFar:
        """Return today's arrivals, continuing with earlier days where the last call stopped.

        Raises:
            StoreError: the history cannot be read; a missing history is no error.
            JobCancelled: the job was cancelled.
        """
        context = context or JobContext()
        exhibition = self._venue.exhibition
        today = exhibition.local_day(now_utc_s)
        days = [today, *(today - timedelta(weeks=week) for week in range(1, WEEKS + 1))]
        if not self._venue.has_history:
            return DaySoFar(today, is_complete=True)
        from analytics.store.sql_event_store import open_reader

        deadline_s = time.monotonic() + _MAX_WORK_S
        with closing(open_reader(self._venue.folder)) as reader:
            extent = reader.time_range()
            if extent is None:
                return DaySoFar(today, is_complete=True)
            start_s = exhibition.day_interval_utc(today)[0]
            count = int(np.ceil((now_utc_s - start_s) / MINUTE_S))
            series: list[FloatArray] = []
            is_complete = is_today_known = True
            for day in days:
                begin_s = exhibition.day_interval_utc(day)[0]
                minutes = np.full((2, count), np.nan)
                for first_s in _list_chunks(begin_s, begin_s + count * MINUTE_S):
                    if first_s + CHUNK_S <= extent.start_s or first_s >= extent.end_s:
                        continue
                    context.checkpoint(len(series), len(days))
                    if time.monotonic() > deadline_s and first_s not in self._chunks:
                        is_complete = False
                        continue
                    self._fill(minutes, begin_s, first_s, self._count(reader, first_s, now_utc_s))
                series.append(minutes)
                is_today_known = is_today_known and (is_complete or len(series) > 1)
        found = compare_days(days, [compared for _, compared in series], is_complete=is_complete)
        counted = series[0][0][np.isfinite(series[0][0])]
        has_arrivals = is_today_known and len(counted) > 0
        return replace(found, arrivals=int(counted.sum()) if has_arrivals else None)

    def _fill(self, minutes: FloatArray, begin_s: float, first_s: int, counted: FloatArray) -> None:
        at = round((first_s - begin_s) / MINUTE_S)
        low, high = max(0, at), min(minutes.shape[1], at + counted.shape[1])
        if low < high:
            minutes[:, low:high] = counted[:, low - at : high - at]

    def _count(self, reader: EventReader, first_s: int, now_utc_s: float) -> FloatArray:
        known = self._chunks.get(first_s)
        if known is not None:
            return known
        counted = _count_chunk(self._venue, reader, float(first_s))
        if first_s + CHUNK_S + MARGIN_S + MINUTE_S < now_utc_s:
            self._chunks[first_s] = counted
        return counted


def compare_days(days: Sequence[date], series: Sequence[FloatArray], *, is_complete: bool) -> DaySoFar:
    """Compare the first day with the others in minutes observed on both.

    Each earlier day is compared in its own matched minutes; minutes observed on several days use their mean.

    Args:
        series: arrivals in each minute since midnight, one array per day; NaN where not observed.
    """
    today, earlier = series[0], list(zip(days[1:], series[1:], strict=True))
    is_seen = np.isfinite(today)
    matched = [(day, other) for day, other in earlier if (is_seen & np.isfinite(other)).any()]
    own = DaySoFar(
        days[0],
        arrivals=int(today[is_seen].sum()) if is_seen.any() else None,
        observed_minutes=int(is_seen.sum()),
        is_complete=is_complete,
    )
    if not matched:
        return own
    others = np.stack([other for _, other in matched])
    is_matched = is_seen & np.isfinite(others).any(axis=0)
    return DaySoFar(
        own.day,
        own.arrivals,
        own.observed_minutes,
        matched_arrivals=float(today[is_matched].sum()),
        earlier_arrivals=float(np.nanmean(others[:, is_matched], axis=0).sum()),
        earlier_days=tuple(day for day, _ in matched),
        matched_minutes=int(is_matched.sum()),
        is_complete=is_complete,
    )


def _list_chunks(start_s: float, end_s: float) -> range:
    return range(int(start_s // CHUNK_S * CHUNK_S), int(np.ceil(end_s)), int(CHUNK_S))


def _count_chunk(venue: Venue, reader: EventReader, first_s: float) -> FloatArray:
    """Return the arrivals in each minute of a chunk, shape (2, minutes): all, and those to compare.

    NaN in minutes without observation, and in the second row in those observed too briefly.
    """
    from analytics.flows.footfall import CrossingSettings, compute_crossings
    from analytics.metrics.observation import integrate_overlap, unite_spans
    from app.facts.camera_views import find_camera_views
    from app.facts.identified_period import identify_period

    edges_s = np.arange(first_s, first_s + CHUNK_S + MINUTE_S, MINUTE_S, dtype=np.float64)
    nothing = np.full((2, len(edges_s) - 1), np.nan)
    geometry = venue.geometry_at(first_s)
    lines = list_entrances(geometry.lines)
    period = (first_s - MARGIN_S, first_s + CHUNK_S + MARGIN_S)
    spans = read_spans(reader, period)
    if not lines or spans.empty:
        return nothing
    identified = identify_period(
        tracks=reader.read_tracks(*period),
        spans=spans,
        period_s=period,
        views=find_camera_views(venue),
        zones=geometry.zones,
        lines=geometry.lines,
        corrections=venue.corrections,
    )
    crossings = compute_crossings(
        tracks=identified.tracks, lines=lines, settings=CrossingSettings(), spans=identified.spans
    )
    moments = crossings.loc[crossings["direction"] == "in", "time_s"].to_numpy(np.float64) + period[0]
    observed_s = np.diff(integrate_overlap(unite_spans(spans), edges_s))
    arrivals = np.histogram(moments, edges_s)[0].astype(np.float64)
    least_s = np.array([[np.finfo(float).eps], [MIN_MINUTE_SHARE * MINUTE_S]])
    return np.where(observed_s >= least_s, arrivals, np.nan)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Counts since midnight by the venue's clock, as in the figures of a period.

    Attributes:
        until_utc_s: end of counting.
        visits: visits by observed zone.
        crossings: inward and outward crossings by line; empty without observation.
    """

    until_utc_s: float
    visits: Mapping[str, int] = field(default_factory=dict)
    crossings: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def count_day(venue: Venue, *, now_utc_s: float, clock: Clock | None = None) -> DayFigures:
    """Count the current day from the history.

    Raises:
        StoreError: the history cannot be read; a missing history is no error.
        JobCancelled: the job was cancelled.
    """
    day = venue.exhibition.day_interval_utc(venue.exhibition.local_day(now_utc_s))
    facts = read_period_facts(
        venue=venue,
        period_s=(day[0], now_utc_s),
        names=("zone_days", "crossings"),
        clock=clock,
    )
    if facts is None:
        return DayFigures(now_utc_s)
    # importing takes seconds, which callers that only need the class are spared
    from analytics.rollups.period_zones import summarise_period_zones

    crossings = facts.tables["crossings"]
    counted = crossings.groupby(["line", "direction"]).size()
    return DayFigures(
        now_utc_s,
        {
            name: round(zone.visits.value)
            for name, zone in summarise_period_zones(facts).items()
            if zone.visits.value is not None
        },
        {
            str(line.name): (
                int(counted.get((str(line.name), "in"), 0)),
                int(counted.get((str(line.name), "out"), 0)),
            )
            for line in facts.geometry.lines
        },
    )
