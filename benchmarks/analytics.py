"""Visits, dwell, occupancy, transitions and a heatmap over ten million track points, beside plain pandas.

The plain version is what one writes first: pandas and shapely without loops over rows, with the visit rule on
the outline itself and naive means. Each runs in a process of its own; the ratio counts, not the seconds.

    python -m benchmarks.analytics [--points 10000000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.dwell import DwellSettings, estimate_mean_dwell
from analytics.metrics.heatmap import compute_heatmap
from analytics.metrics.occupancy import compute_occupancy, find_presence_intervals
from analytics.metrics.presence import order_rows
from analytics.metrics.transitions import estimate_transitions
from analytics.metrics.visits import VisitSettings, compute_stays, select_visits
from analytics.metrics.zone_summary import join_stays

RATE_HZ = 5.0
PERIOD_S = 8 * 3600.0
HALL_M = (40.0, 25.0)
FLOOR = Polygon.from_points([(0, 0), (40, 0), (40, 25), (0, 25)], what="the hall")
MOST_MEMORY_MB = 2048


@dataclass(frozen=True, slots=True)
class Run:
    """What one version found, and what it took: processor time, and peak memory with the table."""

    figures: dict[str, float]
    spent_s: float
    peak_mb: float
    table_mb: float


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
    """Visitors who walk from stand to stand at 1 m/s and stay a while at each, with errors of 10 cm."""
    random = np.random.default_rng(0)
    middles = np.array([np.mean(zone.outline.points, axis=0) for zone in make_zones()])
    parts: list[np.ndarray] = []
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
        parts.append(columns)
        total += len(moments)
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


def compute_ours(tracks: pd.DataFrame) -> dict[str, float]:
    """By the metrics of ExpoFlow."""
    zones, period_s = make_zones(), (0.0, PERIOD_S)
    ordered = order_rows(tracks)
    stays = compute_stays(tracks=tracks, zones=zones, spans=None, settings=VisitSettings(), ordered=ordered)
    visits = select_visits(stays=stays, zones=zones)
    settings = DwellSettings()
    means = [
        estimate_mean_dwell(
            stays=join_stays(zone=zone, stays=stays[stays["zone"] == zone.name], settings=settings),
            minimum_stay_s=zone.minimum_stay_s,
            period_s=period_s,
            settings=settings,
        ).value
        or 0.0
        for zone in zones
    ]
    occupancy = compute_occupancy(
        intervals=find_presence_intervals(ordered.cut(longest_gap_s=2.0)),
        observed=np.array([period_s]),
        period_s=period_s,
    )
    transitions = estimate_transitions(
        tracks=tracks, stays=stays, zones=zones, spans=None, period_s=period_s, ordered=ordered
    )
    heatmap = compute_heatmap(
        tracks=tracks,
        spans=None,
        camera_views=(),
        outline=FLOOR,
        period_s=period_s,
        cell_m=0.5,
        ordered=ordered,
    )
    between = transitions[(transitions["from"] != "outside") & (transitions["to"] != "outside")]
    return {
        "visits": len(visits),
        "mean dwell, s": float(np.mean(means)),
        "mean occupancy": occupancy.overall_mean() or 0.0,
        "moves between stands": float(between["moves"].sum()),
        "person-hours on the map": float(heatmap.person_seconds.sum()) / 3600,
    }


def compute_plainly(tracks: pd.DataFrame) -> dict[str, float]:
    """By pandas as one writes it first."""
    rows = tracks.sort_values(["visitor", "time_s"])
    parts = []
    for zone in make_zones():
        inside = rows[shapely.contains_xy(zone.outline.to_shape(), rows["x_m"], rows["y_m"])]
        gap_s = inside["time_s"].diff()
        is_new = (inside["visitor"] != inside["visitor"].shift()) | (gap_s > 2.0)
        grouped = inside.groupby(is_new.fillna(value=True).cumsum())
        stays = grouped.agg(
            visitor=("visitor", "first"), entered_s=("time_s", "min"), left_s=("time_s", "max")
        )
        parts.append(stays.assign(zone=str(zone.name)))
    visits = pd.concat(parts, ignore_index=True)
    visits = visits[visits["left_s"] - visits["entered_s"] >= 3.0]
    dwell_s = (visits["left_s"] - visits["entered_s"]).groupby(visits["zone"]).mean()
    second = rows["time_s"].astype(int)
    present = rows.groupby(second)["visitor"].nunique()
    minutes = present.groupby(present.index // 60).mean()
    visits = visits.sort_values(["visitor", "entered_s"])
    following = visits.groupby("visitor")["zone"].shift(-1)
    is_move = following.notna() & (following != visits["zone"])
    moves = pd.crosstab(visits.loc[is_move, "zone"], following[is_move])
    cells = rows.groupby([(rows["y_m"] // 0.5).astype(int), (rows["x_m"] // 0.5).astype(int)]).size()
    return {
        "visits": len(visits),
        "mean dwell, s": float(dwell_s.mean()),
        "mean occupancy": float(minutes.sum() * 60 / PERIOD_S),
        "moves between stands": float(moves.to_numpy().sum()),
        "person-hours on the map": float(cells.sum()) / RATE_HZ / 3600,
    }


def _run(compute: Callable[[pd.DataFrame], dict[str, float]], points: int) -> Run:
    tracks = make_tracks(points)
    table_mb = tracks.memory_usage(deep=True).sum() / 2**20
    _forget_peak()
    began_s = time.process_time()
    figures = compute(tracks)
    return Run(figures, time.process_time() - began_s, _read_memory_mb("VmHWM"), table_mb)


def _read_memory_mb(field: str) -> float:
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) / 1024
    raise KeyError(field)


def _forget_peak() -> None:
    """So that the peak is that of the computation, and not of making the table."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as clear:
        clear.write("5")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10_000_000)
    points = parser.parse_args().points
    context = multiprocessing.get_context("spawn")
    results = {}
    for name, compute in (("ExpoFlow", compute_ours), ("plain pandas", compute_plainly)):
        with context.Pool(1) as pool:
            run = results[name] = pool.apply(_run, (compute, points))
        print(
            f"{name}: {run.spent_s:.1f} s of a processor, peak {run.peak_mb:.0f} MB"
            f" with the table of {run.table_mb:.0f} MB"
        )
        print("  " + ", ".join(f"{key} {value:.1f}" for key, value in run.figures.items()))
    ours, plain = results["ExpoFlow"], results["plain pandas"]
    print(f"{points:,} points: {plain.spent_s / ours.spent_s:.2f} times as fast as plain pandas")
    print(f"peak below {MOST_MEMORY_MB} MB: {'yes' if ours.peak_mb < MOST_MEMORY_MB else 'no'}")


if __name__ == "__main__":
    main()
