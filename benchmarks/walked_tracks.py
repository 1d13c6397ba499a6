"""A track table of any size: visitors who walk from stand to stand of a small hall."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind

RATE_HZ = 5.0
PERIOD_S = 8 * 3600.0
FLOOR = Polygon.from_points([(0, 0), (40, 0), (40, 25), (0, 25)], what="the hall")
UNSEEN_SHARE, LOST_SHARE = 0.3, 0.05
"""Of the visitors: unseen for 1 to 20 s once; first seen on the way, or lost on it."""


def make_zones() -> list[Zone]:
    """Twelve stands of 4 by 3 m."""
    corners = [(4.0 + 9.0 * column, 3.0 + 8.0 * row) for row in range(3) for column in range(4)]
    return [
        Zone(
            ZoneId(f"stand {number}"),
            ZoneKind.BOOTH,
            Polygon.from_points([(x, y), (x + 4, y), (x + 4, y + 3), (x, y + 3)], what="stand"),
        )
        for number, (x, y) in enumerate(corners)
    ]


def make_tracks(points: int) -> pd.DataFrame:
    """Visitors who walk from stand to stand at 1 m/s and stay a while at each, with errors of 10 cm.

    Columns of ``TRACK_COLUMNS``, ordered by time, one row per visitor and moment, as they are after
    identification.
    """
    random = np.random.default_rng(0)
    middles = np.array([np.mean(zone.outline.points, axis=0) for zone in make_zones()])
    parts: list[npt.NDArray[np.float32]] = []
    total, visitor = 0, 0
    while total < points:
        visitor += 1
        stands = random.permutation(len(middles))[: random.integers(3, 9)]
        goals = middles[stands] + random.uniform((-1.6, -1.1), (1.6, 1.1), (len(stands), 2))
        knots = np.repeat(np.vstack([(0.0, 12.0), goals, (40.0, 12.0)]), 2, axis=0)[1:-1]
        walks_s = np.hypot(*np.diff(knots, axis=0).T)
        walks_s[1::2] = random.lognormal(np.log(25.0), 0.8, len(stands))
        at_s = np.append(0.0, np.cumsum(walks_s))
        moments = np.arange(0.0, at_s[-1], 1 / RATE_HZ)
        begin_s = np.floor(random.uniform(0, PERIOD_S - at_s[-1]) * RATE_HZ) / RATE_HZ
        columns = np.empty((len(moments), 4), np.float32)
        # seconds of a day on a grid of 0.2 s are exact enough as numbers of that grid
        columns[:, 0] = np.round((begin_s + moments) * RATE_HZ)
        columns[:, 1] = visitor
        columns[:, 2] = np.interp(moments, at_s, knots[:, 0]) + random.normal(0, 0.1, len(moments))
        columns[:, 3] = np.interp(moments, at_s, knots[:, 1]) + random.normal(0, 0.1, len(moments))
        parts.append(columns[_find_seen(len(columns), random)])
        total += len(parts[-1])
    rows = np.concatenate(parts)[:points]
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    who = rows[:, 1].astype(np.int64)
    return pd.DataFrame(
        {
            "time_s": rows[:, 0].astype(np.float64) / RATE_HZ,
            "camera": pd.array(np.repeat("hall", len(rows)), dtype="str"),
            "tracklet": who,
            "visitor": pd.array(who, dtype="Int64"),
            "x_m": rows[:, 2],
            "y_m": rows[:, 3],
            "sigma_m": np.full(len(rows), 0.1, np.float32),
            "height_m": np.full(len(rows), np.nan, np.float32),
            "state": pd.array(np.repeat("confirmed", len(rows)), dtype="str"),
        }
    )


def _find_seen(moments: int, random: np.random.Generator) -> npt.NDArray[np.bool_]:
    is_seen = np.ones(moments, bool)
    if random.random() < UNSEEN_SHARE:
        begin = int(random.integers(moments))
        is_seen[begin : begin + round(random.uniform(1.0, 20.0) * RATE_HZ)] = False
    if random.random() < LOST_SHARE:
        is_seen[int(random.integers(moments)) :] = False
    if random.random() < LOST_SHARE:
        is_seen[: int(random.integers(moments))] = False
    return is_seen
