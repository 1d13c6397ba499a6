"""A crowd whose every position is known, and what a tracker that loses people would make of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from tests.support.halls.builder import box, zone

STAND = zone("stand", box(0.0, 0.0, 6.0, 4.0))
WALK_M_S = 1.2
INTERVAL_S = 0.2


def make_track_table(
    *,
    time_s: npt.ArrayLike,
    tracklet: npt.ArrayLike,
    x_m: npt.ArrayLike,
    y_m: npt.ArrayLike,
    visitor: npt.ArrayLike | None = None,
    sigma_m: float = 0.0,
    state: str = "confirmed",
    camera: str = "cam",
) -> pd.DataFrame:
    """A table with the columns of a track table, ordered by time."""
    rows = len(np.asarray(time_s))
    visitors = [pd.NA] * rows if visitor is None else np.asarray(visitor, np.int64)
    table = pd.DataFrame(
        {
            "time_s": np.asarray(time_s, np.float64),
            "camera": pd.Series([camera] * rows, dtype="str"),
            "tracklet": np.asarray(tracklet, np.int64),
            "visitor": pd.array(visitors, dtype="Int64"),
            "x_m": np.asarray(x_m, np.float32),
            "y_m": np.asarray(y_m, np.float32),
            "sigma_m": np.full(rows, sigma_m, np.float32),
            "height_m": np.full(rows, np.nan, np.float32),
            "state": pd.Series([state] * rows, dtype="str"),
        }
    )
    return table.sort_values(["time_s", "tracklet"], kind="stable", ignore_index=True)


def make_crowd(*, seed: int, duration_s: float = 3600.0, arrivals_per_h: float = 240.0) -> pd.DataFrame:
    """Exact tracks: people arrive at random (Poisson), cross the stand, most of them stop in it for a while.

    A third only passes through; the others stop for a log-normal time with a median of 25 s.
    """
    random = np.random.default_rng(seed)
    arrivals = random.poisson(arrivals_per_h * (duration_s + 400) / 3600)
    begin_s = random.uniform(-400.0, duration_s, arrivals)
    tables = []
    for person, from_s in enumerate(np.sort(begin_s)):
        stop_s = 0.0 if random.random() < 1 / 3 else float(random.lognormal(np.log(25.0), 0.9))
        corners = np.array(
            [
                (-6.0, random.uniform(-3, 7)),
                (random.uniform(0.8, 5.2), random.uniform(0.8, 3.2)),
                (12.0, random.uniform(-3, 7)),
            ]
        )
        legs_s = np.hypot(*np.diff(corners, axis=0).T) / WALK_M_S
        knots_s = from_s + np.cumsum([0.0, legs_s[0], stop_s, legs_s[1]])
        first = np.ceil(max(0.0, knots_s[0]) / INTERVAL_S)
        moments = np.arange(first, np.floor(min(duration_s, knots_s[-1]) / INTERVAL_S) + 1) * INTERVAL_S
        places = corners[[0, 1, 1, 2]]
        tables.append(
            np.column_stack(
                [
                    moments,
                    np.full(len(moments), person),
                    np.interp(moments, knots_s, places[:, 0]),
                    np.interp(moments, knots_s, places[:, 1]),
                ]
            )
        )
    rows = np.concatenate(tables)
    return make_track_table(
        time_s=rows[:, 0],
        tracklet=rows[:, 1],
        x_m=rows[:, 2],
        y_m=rows[:, 3],
        visitor=rows[:, 1],
        state="truth",
    )


def break_tracks(
    exact: pd.DataFrame,
    *,
    seed: int,
    break_every_s: float = 20.0,
    gap_s: float = 1.5,
    sigma_m: float = 0.15,
    stitched_share: float | None = None,
) -> pd.DataFrame:
    """What a tracker would report: noisy positions, an identity lost every so often, then found as another.

    Args:
        gap_s: mean time unseen after a loss (exponential).
        stitched_share: share of the breaks that were mended in ``visitor``; None: no visitors at all.
    """
    random = np.random.default_rng(seed)
    parts = []
    tracklet = 0
    for _, rows in exact.groupby("visitor", sort=True):
        table = rows.copy()
        noise = random.normal(0, sigma_m / np.sqrt(2), (2, len(table)))
        slow = random.normal(0, sigma_m / np.sqrt(2), (2, len(table) // 5 + 2))
        for axis, name in enumerate(("x_m", "y_m")):
            drift = np.interp(np.arange(len(table)), np.arange(slow.shape[1]) * 5, slow[axis])
            table[name] = (table[name].to_numpy() + noise[axis] + drift).astype(np.float32)
        moments = table["time_s"].to_numpy()
        if not len(moments):
            continue
        ids = np.zeros(len(moments), np.int64)
        visitors = np.zeros(len(moments), np.int64)
        from_s, visitor = moments[0], tracklet + 1
        keep = np.zeros(len(moments), bool)
        while from_s <= moments[-1]:
            to_s = from_s + random.exponential(break_every_s)
            tracklet += 1
            part = (moments >= from_s) & (moments < to_s)
            keep |= part
            ids[part] = tracklet
            visitors[part] = visitor
            from_s = to_s + random.exponential(gap_s)
            if stitched_share is not None and random.random() > stitched_share:
                visitor = tracklet + 1
        table["tracklet"] = ids
        table["visitor"] = pd.array(visitors, dtype="Int64")
        parts.append(table[keep])
    broken = pd.concat(parts).sort_values(["time_s", "tracklet"], kind="stable", ignore_index=True)
    broken["sigma_m"] = np.float32(sigma_m)
    broken["state"] = pd.Series(["confirmed"] * len(broken), dtype="str")
    if stitched_share is None:
        broken["visitor"] = pd.array([pd.NA] * len(broken), dtype="Int64")
    return broken
