"""How much of a period nobody looked at: said beside its figures, whichever they are."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.exhibition import Exhibition, Interval
from app.core.document import Venue

if TYPE_CHECKING:
    import pandas as pd


MIN_TOLD_S = 60.0
MIN_TOLD_SHARE = 0.01
"""What is shorter than both is the ordinary beginning and end of a recording."""


@dataclass(frozen=True, slots=True)
class PeriodGaps:
    """What a period's figures lack.

    Attributes:
        wanted_s: for how long it was open in the period so far; where nobody has entered hours, from its
            first to its last observation.
        is_open_hours: which of the two.
        unobserved_s: of it, without any camera that was analysed.
        cameras: calibrated ones that were missing for longer than all together, and for how long, seconds.
        expired_days: days of which the tracks were deleted for their age; what sums do not tell lacks them.
        unplaced: cameras that were analysed in the period and have no calibration now: which floor they saw
            is known no more.
        is_floor_unknown: no camera has one, so that all of the floor counts as seen.
        reasons: camera, cause as in the history, and seconds of what was wanted; longest first.
        lost_tracks_s: for how long track files are lost, of the camera that lacks most; a part of the rest.
    """

    wanted_s: float
    is_open_hours: bool
    unobserved_s: float
    cameras: tuple[tuple[str, float], ...] = ()
    expired_days: int = 0
    unplaced: tuple[str, ...] = ()
    is_floor_unknown: bool = False
    reasons: tuple[tuple[str, str, float], ...] = ()
    lost_tracks_s: float = 0.0

    @property
    def is_worth_telling(self) -> bool:
        """Whether more is missing than the seconds at the edges of a recording."""
        return self.unobserved_s >= max(MIN_TOLD_S, MIN_TOLD_SHARE * self.wanted_s)


def measure_period_gaps(*, venue: Venue, period_s: Interval, clock: Clock | None = None) -> PeriodGaps | None:
    """What is missing of a period up to now; None where nothing of it was observed, which its pages say.

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
    """The same of observed spans (``SPAN_COLUMNS``); None where they have nothing of the period.

    Args:
        gaps: as the history has them (``GAP_COLUMNS``).
    """
    from analytics.metrics.observation import clip_intervals, unite_spans

    observed = clip_intervals(unite_spans(spans), start_s=period_s[0], end_s=period_s[1])
    if not len(observed):
        return None
    hours = np.array(exhibition.open_within_utc(*period_s), np.float64).reshape(-1, 2)
    wanted = hours if len(hours) else np.array([[observed[0, 0], observed[-1, 1]]])
    unobserved_s = _measure_rest(wanted, observed)
    missing = {name: _measure_rest(wanted, unite_spans(spans, cameras={name})) for name in cameras}
    wanted_s = float(np.diff(wanted, axis=1).sum())
    least_s = unobserved_s + max(MIN_TOLD_S, MIN_TOLD_SHARE * wanted_s)
    return PeriodGaps(
        wanted_s=wanted_s,
        is_open_hours=bool(len(hours)),
        unobserved_s=unobserved_s,
        cameras=tuple((name, lost_s) for name, lost_s in missing.items() if lost_s >= least_s),
        reasons=() if gaps is None else _sum_reasons(gaps, wanted),
        expired_days=expired_days,
        unplaced=tuple(sorted(set(spans["camera"].astype(str)) - set(cameras))),
        is_floor_unknown=not cameras,
    )


def _sum_reasons(gaps: pd.DataFrame, wanted: FloatArray) -> tuple[tuple[str, str, float], ...]:
    """Camera, cause and seconds of each that lasted for a minute and more of what was wanted."""
    from analytics.metrics.observation import measure_intervals

    lost_s = measure_intervals(wanted, gaps[["start_s", "end_s"]].to_numpy(np.float64))
    sums: dict[tuple[str, str], float] = {}
    for camera, cause, lost in zip(gaps["camera"], gaps["cause"], lost_s.tolist(), strict=True):
        sums[str(camera), str(cause)] = sums.get((str(camera), str(cause)), 0.0) + lost
    told = [(camera, cause, lost) for (camera, cause), lost in sums.items() if lost >= MIN_TOLD_S]
    return tuple(sorted(told, key=lambda one: -one[2]))


def _measure_lost(gaps: pd.DataFrame, period_s: Interval) -> float:
    """Seconds of a period whose track files are lost, of the camera that lacks most."""
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


def _measure_rest(wanted: FloatArray, observed: FloatArray) -> float:
    """Seconds of disjoint intervals that others do not cover."""
    from analytics.metrics.observation import measure_intervals

    return max(0.0, float((np.diff(wanted, axis=1)[:, 0] - measure_intervals(observed, wanted)).sum()))
