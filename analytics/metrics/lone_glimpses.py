"""Who crosses a line in sight of two cameras and is followed for a moment by one alone: somebody's double."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

BESIDE_M = 1.0
OTHER_SHARE = 0.1
"""Another camera sees the floor at a crossing where so many of all positions around it are its own."""
EDGE_S = 2.0
"""Who comes or goes so near the edge of the observation may have been there for longer."""


def find_lone_glimpses(
    *, crossings: pd.DataFrame, tracks: pd.DataFrame, shortest_s: float, observed: FloatArray
) -> BoolArray:
    """Which crossings are of a visitor who was there for less than ``shortest_s``, for one camera alone.

    A person is in sight of both cameras there. One whom only the one sees, and that for seconds, is another
    one whose feet it did not see, so that the two were not taken for the same.

    Args:
        crossings: columns of ``CROSSING_COLUMNS``.
        tracks: columns of ``TRACK_COLUMNS``.
        observed: disjoint stretches of observation, shape (m, 2), seconds.

    Returns:
        Shape (crossings,).
    """
    is_glimpse = np.zeros(len(crossings), bool)
    if not len(crossings) or tracks["camera"].nunique() < 2:
        return is_glimpse
    who = tracks["visitor"].fillna(tracks["tracklet"]).to_numpy(np.int64)
    own = tracks[np.isin(who, crossings["visitor"])]
    of_visitor = own.groupby(own["visitor"].fillna(own["tracklet"]).astype("int64"))
    begin_s, end_s = of_visitor["time_s"].min(), of_visitor["time_s"].max()
    edges_s = np.asarray(observed, np.float64).ravel()
    is_short = ((end_s - begin_s) < shortest_s) & (of_visitor["camera"].nunique() == 1)
    for limit_s in (begin_s, end_s):
        is_short &= np.abs(limit_s.to_numpy()[:, None] - edges_s).min(axis=1) > EDGE_S
    x_m, y_m = (tracks[name].to_numpy(np.float64) for name in ("x_m", "y_m"))
    for place in np.flatnonzero(crossings["visitor"].map(is_short).to_numpy(bool)):
        crossing = crossings.iloc[place]
        glimpse = of_visitor.get_group(crossing["visitor"])
        at = int((glimpse["time_s"] - crossing["time_s"]).abs().to_numpy().argmin())
        away_x, away_y = x_m - glimpse["x_m"].iloc[at], y_m - glimpse["y_m"].iloc[at]
        beside = tracks["camera"][(away_x**2 + away_y**2) <= BESIDE_M**2]
        is_glimpse[place] = (beside != glimpse["camera"].iloc[at]).mean() >= OTHER_SHARE
    return is_glimpse
