"""An observed day as cameras give it: positions with errors and gaps, and tracks that break."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.spatial import cKDTree

from analytics.domain.arrays import FloatArray, IntArray
from analytics.forecast.itineraries import UNKNOWN, Itineraries

SIGMA_M = 0.2
_BREAK_S, _GAP_S = 20.0, 1.5
"""Mean time until a tracklet breaks, halved beside others; and how long nobody is seen then."""
_NEAR_M = 0.8
_MISSED = 0.15
_LEAST_STAY_S = 3.0
"""What is left of a stay by a break, and shorter, is no visit."""


def break_tracks(tracks: pd.DataFrame, rng: np.random.Generator, *, sigma_m: float) -> pd.DataFrame:
    """Return tracks with new ``track_id``, fewer rows and larger errors.

    Args:
        tracks: ``time_s``, ``track_id``, ``x_m``, ``y_m``, ordered by person and time.
        sigma_m: error of the positions that are given; half of what is added lasts for about a second.
    """
    time_s, person = tracks["time_s"].to_numpy(), tracks["track_id"].to_numpy()
    xy = tracks[["x_m", "y_m"]].to_numpy(np.float64)
    begins = np.concatenate([[True], person[1:] != person[:-1]])
    step_s = np.where(begins, 0.0, np.diff(time_s, prepend=time_s[0]))
    # whoever is there at another time is far away
    places = np.column_stack([xy, 10.0 * time_s])
    distance_m = cKDTree(places).query(places, k=2)[0][:, 1]
    breaks = rng.random(len(time_s)) < step_s / _BREAK_S * np.where(distance_m < _NEAR_M, 2.0, 1.0)
    tracklet = np.cumsum(begins | breaks)
    broken_s = np.where(breaks, time_s, -np.inf)
    first = np.flatnonzero(begins)
    latest = np.concatenate([np.maximum.accumulate(part) for part in np.split(broken_s, first[1:])])
    since_s = time_s - latest
    kept = (since_s >= _GAP_S) & (rng.random(len(time_s)) >= _MISSED)
    added_m = np.sqrt((SIGMA_M**2 - sigma_m**2) / 2)
    share = float(np.exp(-1.0))
    lasting = lfilter([np.sqrt(1 - share**2)], [1.0, -share], rng.normal(0.0, added_m, xy.shape), axis=0)
    found = (xy + lasting + rng.normal(0.0, added_m, xy.shape)).astype(np.float32)
    columns = {"time_s": time_s, "track_id": tracklet, "x_m": found[:, 0], "y_m": found[:, 1]}
    table = pd.DataFrame({name: values[kept] for name, values in columns.items()})
    table["sigma_m"] = np.float32(SIGMA_M)
    return table


def break_itineraries(
    whole: Itineraries, rng: np.random.Generator, *, walking_per_s: float, staying_per_s: float
) -> Itineraries:
    """Return itineraries whose visitors are lost at random, and go on as others.

    Args:
        walking_per_s, staying_per_s: breaks per second of walking, and of a stop.
    """
    begins_s, lasts_s = whole.start_utc_s, whole.end_utc_s - whole.start_utc_s
    apart_s = float(whole.end_utc_s.max() - begins_s.min()) + 1.0

    def order(visitor: IntArray, utc_s: FloatArray) -> FloatArray:
        return visitor * apart_s + utc_s - begins_s.min()

    most_per_s = max(walking_per_s, staying_per_s)
    lost = np.repeat(np.arange(len(whole)), rng.poisson(most_per_s * lasts_s))
    lost_s = begins_s[lost] + rng.random(len(lost)) * lasts_s[lost]
    stops, of_step = np.flatnonzero(whole.stopped), whole.visitor
    latest = np.searchsorted(order(of_step[stops], whole.entered_utc_s[stops]), order(lost, lost_s)) - 1
    latest = stops[np.maximum(latest, 0)]
    stands = (of_step[latest] == lost) & (whole.entered_utc_s[latest] < lost_s)
    stands &= lost_s < whole.left_utc_s[latest]
    kept = rng.random(len(lost)) * most_per_s < np.where(stands, staying_per_s, walking_per_s)
    who, from_s = np.append(np.arange(len(whole)), lost[kept]), np.append(begins_s, lost_s[kept])
    by_time = np.lexsort((from_s, who))
    who, from_s = who[by_time], from_s[by_time]
    is_first, is_last = np.diff(who, prepend=-1) > 0, np.diff(who, append=len(whole)) > 0
    until_s = np.where(is_last, whole.end_utc_s[who], np.append(from_s[1:], 0.0))
    # a stay belongs to each part that it overlaps
    parts = order(who, from_s)
    one = np.searchsorted(parts, order(of_step, whole.entered_utc_s), side="right") - 1
    other = np.searchsorted(parts, order(of_step, whole.left_utc_s)) - 1
    count = np.maximum(other - one, 0) + 1
    step = np.repeat(np.arange(len(of_step)), count)
    part = one[step] + np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count)
    entered_s = np.maximum(whole.entered_utc_s[step], from_s[part])
    left_s = np.minimum(whole.left_utc_s[step], until_s[part])
    stays = (count[step] == 1) | (left_s - entered_s >= _LEAST_STAY_S)
    step, part = step[stays], part[stays]
    return replace(
        whole,
        first=np.append(0, np.cumsum(np.bincount(part, minlength=len(who)))),
        zone=whole.zone[step],
        entered_utc_s=entered_s[stays],
        left_utc_s=left_s[stays],
        stopped=whole.stopped[step],
        start_utc_s=from_s,
        end_utc_s=until_s,
        is_start_seen=whole.is_start_seen[who] & is_first,
        is_end_seen=whole.is_end_seen[who] & is_last,
        entrance=np.where(is_first | (len(whole.entrances) == 1), whole.entrance[who], UNKNOWN),
        exit=np.where(is_last | (len(whole.exits) == 1), whole.exit[who], UNKNOWN),
    )
