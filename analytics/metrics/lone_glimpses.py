"""Who crosses a line in sight of two cameras and is followed for a moment by one alone: somebody's double."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
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
    extent_s = tracks["time_s"].groupby(who).agg(["min", "max"]).loc[crossings["visitor"].unique()]
    edges_s = np.asarray(observed, np.float64).ravel()
    is_short = (extent_s["max"] - extent_s["min"]) < shortest_s
    for name in ("min", "max"):
        is_short &= np.abs(extent_s[name].to_numpy()[:, None] - edges_s).min(axis=1) > EDGE_S
    of_short = np.isin(who, extent_s.index[is_short])
    glimpses = {
        int(own["visitor"].fillna(own["tracklet"]).iloc[0]): own
        for _, own in tracks[of_short].groupby(who[of_short])
        if own["camera"].nunique() == 1
    }
    places = [place for place, visitor in enumerate(crossings["visitor"]) if visitor in glimpses]
    if not places:
        return is_glimpse
    seen = pd.DataFrame([_find_moment(glimpses, crossings.iloc[place]) for place in places])
    at_m = seen[["x_m", "y_m"]].to_numpy(np.float64)
    xy_m = tracks[["x_m", "y_m"]].to_numpy(np.float64)
    camera, own_camera = tracks["camera"].to_numpy(), seen["camera"].to_numpy()
    for number, near in enumerate(_list_near(xy_m, at_m)):
        away_m = xy_m[near] - at_m[number]
        beside = near[away_m[:, 0] ** 2 + away_m[:, 1] ** 2 <= BESIDE_M**2]
        is_glimpse[places[number]] = (camera[beside] != own_camera[number]).mean() >= OTHER_SHARE
    return is_glimpse


def _find_moment(glimpses: Mapping[int, pd.DataFrame], crossing: pd.Series) -> pd.Series:
    """The row of the visitor that is nearest in time to the crossing."""
    own = glimpses[crossing["visitor"]]
    return own.iloc[int((own["time_s"] - crossing["time_s"]).abs().to_numpy().argmin())]


def _list_near(xy_m: FloatArray, places: FloatArray) -> Iterator[IntArray]:
    """Of each place, shape (n, 2), the positions in the nine squares of ``BESIDE_M`` around it.

    A day has millions of positions and hundreds of places: each is to look at its own surroundings.

    Args:
        xy_m: all positions, shape (m, 2), metres.
    """
    low = np.floor(xy_m.min(axis=0) / BESIDE_M) - 1
    across = int(np.floor(xy_m[:, 1].max() / BESIDE_M) - low[1]) + 2
    square, at = (
        ((np.floor(values / BESIDE_M) - low) @ [across, 1]).astype(np.int64) for values in (xy_m, places)
    )
    # of a column of squares three lie behind one another
    starts = at[:, None] + np.array([-across, 0, across]) - 1
    near = np.flatnonzero(np.isin(square, starts[:, :, None] + np.arange(3)))
    near = near[np.argsort(square[near], kind="stable")]
    ordered = square[near]
    for first, last in zip(
        np.searchsorted(ordered, starts), np.searchsorted(ordered, starts + 3), strict=True
    ):
        yield np.concatenate([near[a:b] for a, b in zip(first, last, strict=True)])
