"""An observed day as cameras give it: positions with errors and gaps, and tracklets that break."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.spatial import cKDTree

SIGMA_M = 0.2
_BREAK_S, _GAP_S = 20.0, 1.5
"""Mean time until a tracklet breaks, halved beside others; and how long nobody is seen then."""
_NEAR_M = 0.8
_MISSED = 0.15


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
