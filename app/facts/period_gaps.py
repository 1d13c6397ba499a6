"""Unobserved time of a period, shown beside its figures."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.exhibition import Exhibition
from app.core.document import Venue

if TYPE_CHECKING:
    import pandas as pd


MIN_REPORTED_S = 60.0
MIN_REPORTED_SHARE = 0.01
"""Limits below which gaps are the normal start and end of recording and not reported."""


@dataclass(frozen=True, slots=True)
class PeriodGaps:
    """Observations that a period's figures lack.

    Attributes:
        expected_s: open seconds of the period so far; without opening hours, seconds from the
            first to its last observation.
        is_open_hours: whether ``expected_s`` is by opening hours.
        unobserved_s: seconds of ``expected_s`` without any camera analysed.
        cameras: calibrated cameras missing for longer than ``unobserved_s``, with seconds.
        expired_days: days whose tracks were deleted for their age, known by their sums only.
        unplaced: cameras analysed in the period that have no calibration now, so that the floor
            they saw is unknown.
        is_floor_unknown: no camera is calibrated, so that the whole floor counts as seen.
        reasons: camera, cause as in the history, and seconds of ``expected_s``; longest first.
        lost_tracks_s: seconds of lost track files of the worst camera; part of the above.
    """

    expected_s: float
    is_open_hours: bool
    unobserved_s: float
    cameras: tuple[tuple[str, float], ...] = ()
    expired_days: int = 0
    unplaced: tuple[str, ...] = ()
    is_floor_unknown: bool = False
    reasons: tuple[tuple[str, str, float], ...] = ()
    lost_tracks_s: float = 0.0

    @property
    def is_reportable(self) -> bool:
        """Return whether more is missing than the seconds at the edges of a recording."""
        return self.unobserved_s >= max(MIN_REPORTED_S, MIN_REPORTED_SHARE * self.expected_s)


def measure_period_gaps(*, venue: Venue, period_s: Interval, clock: Clock | None = None) -> PeriodGaps | None:
    """Return the gaps of a period up to now; None where nothing of it was observed.

    Args:
        period_s: start and end, seconds since the epoch.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.store.sql_event_store import open_reader
    from app.facts.period_stretches import plan_stretches

    if not venue.has_history:
        return None
    now_utc_s = (clock or SystemClock()).now_utc_s()
    reader = open_reader(venue.folder)
    try:
        spans, gaps = reader.read_spans(*period_s), reader.read_gaps(*period_s)
        planned = plan_stretches(venue=venue, reader=reader, period_s=period_s, now_utc_s=now_utc_s)
    finally:
        reader.close()
    until_s = min(period_s[1], now_utc_s)
    days = {venue.exhibition.local_day(one.period_s[0]) for one in planned if one.is_expired}
    calibrated = [str(entry.name) for entry in venue.cameras if entry.camera.pairs]
    found = find_period_gaps(
        spans,
        calibrated,
        exhibition=venue.exhibition,
        period_s=(period_s[0], until_s),
        gaps=gaps,
        expired_days=len(days),
    )
    lost_s = _measure_lost(gaps, (period_s[0], until_s))
    return None if found is None else dataclasses.replace(found, lost_tracks_s=lost_s)


def find_period_gaps(
    spans: pd.DataFrame,
    cameras: list[str],
    *,
    exhibition: Exhibition,
    period_s: Interval,
    gaps: pd.DataFrame | None = None,
    expired_days: int = 0,
) -> PeriodGaps | None:
    """Return the gaps in observed spans (``SPAN_COLUMNS``); None without spans in the period.

    Args:
        gaps: from the history (``GAP_COLUMNS``).
    """
    from analytics.metrics.observation import clip_intervals, unite_spans

    observed = clip_intervals(unite_spans(spans), start_s=period_s[0], end_s=period_s[1])
    if not len(observed):
        return None
    hours = np.array(exhibition.open_within_utc(*period_s), np.float64).reshape(-1, 2)
    expected = hours if len(hours) else np.array([[observed[0, 0], observed[-1, 1]]])
    unobserved_s = _measure_rest(expected, observed)
    missing = {name: _measure_rest(expected, unite_spans(spans, cameras={name})) for name in cameras}
    expected_s = float(np.diff(expected, axis=1).sum())
    least_s = unobserved_s + max(MIN_REPORTED_S, MIN_REPORTED_SHARE * expected_s)
    return PeriodGaps(
        expected_s=expected_s,
        is_open_hours=bool(len(hours)),
        unobserved_s=unobserved_s,
        cameras=tuple((name, lost_s) for name, lost_s in missing.items() if lost_s >= least_s),
        reasons=() if gaps is None else _sum_reasons(gaps, expected),
        expired_days=expired_days,
        unplaced=tuple(sorted(set(spans["camera"].astype(str)) - set(cameras))),
        is_floor_unknown=not cameras,
    )


def _sum_reasons(gaps: pd.DataFrame, expected: FloatArray) -> tuple[tuple[str, str, float], ...]:
    """Return camera, cause and seconds of gaps of a minute or more within the wanted time."""
    from analytics.metrics.observation import measure_intervals

    lost_s = measure_intervals(expected, gaps[["start_s", "end_s"]].to_numpy(np.float64))
    sums: dict[tuple[str, str], float] = {}
    for camera, cause, lost in zip(gaps["camera"], gaps["cause"], lost_s.tolist(), strict=True):
        sums[str(camera), str(cause)] = sums.get((str(camera), str(cause)), 0.0) + lost
    reported = [(camera, cause, lost) for (camera, cause), lost in sums.items() if lost >= MIN_REPORTED_S]
    return tuple(sorted(reported, key=lambda one: -one[2]))


def _measure_lost(gaps: pd.DataFrame, period_s: Interval) -> float:
    """Return the seconds of lost track files in a period, of the camera that lacks most."""
    from analytics.metrics.observation import clip_intervals, unite_intervals
    from analytics.store.recovery.lost_tracks import LOST_TRACKS

    lost = gaps[gaps["cause"] == LOST_TRACKS]
    of_cameras = [
        clip_intervals(
            unite_intervals(own[["start_s", "end_s"]].to_numpy(np.float64)),
            start_s=period_s[0],
            end_s=period_s[1],
        )
        for _, own in lost.groupby("camera")
    ]
    return max((float(np.diff(one, axis=1).sum()) for one in of_cameras), default=0.0)


def _measure_rest(expected: FloatArray, observed: FloatArray) -> float:
    """Return the seconds of disjoint intervals that others do not cover."""
    from analytics.metrics.observation import measure_intervals

    return max(0.0, float((np.diff(expected, axis=1)[:, 0] - measure_intervals(observed, expected)).sum()))
