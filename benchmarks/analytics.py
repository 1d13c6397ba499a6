"""Visits, dwell, occupancy, transitions and a heatmap over ten million track points, beside pandas.

Three versions, each in a process of its own; what counts are the ratios of their processor times:

- ExpoFlow's metrics.
- The same metrics as a competent analyst writes them (``baselines.pandas_metrics``): by the same rule, with
  position errors, evidence, dated crossings, merging, cut stays and intervals. What both found is compared,
  and the run fails where it differs. Its memory is whatever it takes.
- What one writes first (``compute_simply``): the outline alone decides, times are those of rows, nothing is
  cut, no interval. It computes less, and other numbers; it says what the rule costs.

Left out on both sides is the joining of lost stays with those that go on nearby.

    python -m benchmarks.analytics [--points 10000000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from analytics.density.heatmap import compute_heatmap
from analytics.dwell.occupancy import compute_occupancy, find_presence_intervals
from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from analytics.flows.transitions import estimate_transitions
from analytics.metrics.presence import order_rows
from benchmarks.baselines.pandas_metrics import CELL_M, Figures, compute_by_pandas
from benchmarks.walked_tracks import FLOOR, PERIOD_S, RATE_HZ, make_tracks, make_zones

MAX_MEMORY_MB = 2048
TOLERANCE = 1e-6
"""Of the two versions' numbers, relative, or seconds."""
VISIT_COLUMN_NAMES = ["visitor", "zone", "entered_s", "left_s", "censored_start", "censored_end"]
MOVE_COLUMN_NAMES = ["from", "to", "moves", "share", "share_low", "share_high"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What one version found, and what it took: processor time, and peak memory with the table."""

    figures: Figures
    spent_s: float
    peak_mb: float
    table_mb: float


def compute_ours(tracks: pd.DataFrame) -> Figures:
    """By the metrics of ExpoFlow."""
    began_s = time.process_time()
    zones, period_s = make_zones(), (0.0, PERIOD_S)
    ordered = order_rows(tracks)
    stays = compute_stays(tracks=tracks, zones=zones, spans=None, settings=VisitSettings(), ordered=ordered)
    visits = select_visits(stays=stays, zones=zones)
    visits_after_s = time.process_time() - began_s
    occupancy = compute_occupancy(
        intervals=find_presence_intervals(ordered.cut(longest_gap_s=2.0)),
        observed=np.array([period_s]),
        period_s=period_s,
    )
    moves = estimate_transitions(
        tracks=tracks, stays=stays, zones=zones, spans=None, period_s=period_s, ordered=ordered
    )
    heatmap = compute_heatmap(
        tracks=tracks,
        spans=None,
        camera_views=(),
        outline=FLOOR,
        period_s=period_s,
        cell_m=CELL_M,
        ordered=ordered,
    )
    return Figures(
        visits=visits.sort_values(["visitor", "entered_s"], ignore_index=True)[VISIT_COLUMN_NAMES],
        dwell_s=np.array(
            [visits.loc[visits["zone"] == str(zone.name), "seconds"].mean() for zone in zones], np.float64
        ),
        people=occupancy.mean,
        moves=moves.sort_values(["from", "to"], ignore_index=True)[MOVE_COLUMN_NAMES],
        person_seconds=heatmap.person_seconds,
        density=heatmap.person_seconds_per_m2,
        visits_after_s=visits_after_s,
    )


def compute_simply(tracks: pd.DataFrame) -> Figures:
    """By pandas as one writes it first."""
    began_s = time.process_time()
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
    visits_after_s = time.process_time() - began_s
    dwell_s = (visits["left_s"] - visits["entered_s"]).groupby(visits["zone"]).mean()
    present = rows.groupby(rows["time_s"].astype(int))["visitor"].nunique()
    people = present.groupby(present.index // 60).mean()
    visits = visits.sort_values(["visitor", "entered_s"])
    following = visits.groupby("visitor")["zone"].shift(-1)
    is_move = following.notna() & (following != visits["zone"])
    moves = pd.crosstab(visits.loc[is_move, "zone"], following[is_move])
    cells = rows.groupby([(rows["y_m"] // CELL_M).astype(int), (rows["x_m"] // CELL_M).astype(int)]).size()
    person_seconds = cells.unstack(fill_value=0).to_numpy(np.float64) / RATE_HZ
    return Figures(
        visits=visits,
        dwell_s=dwell_s.to_numpy(np.float64),
        people=np.asarray(people, np.float64),
        moves=moves,
        person_seconds=person_seconds,
        density=person_seconds / CELL_M**2,
        visits_after_s=visits_after_s,
    )


def find_differences(ours: Figures, other: Figures) -> list[str]:
    """The figures that differ by more than the tolerance."""
    tables = {"visits": (ours.visits, other.visits), "moves": (ours.moves, other.moves)}
    arrays = {name: (getattr(ours, name), getattr(other, name)) for name in ("dwell_s", "people")}
    arrays |= {name: (getattr(ours, name), getattr(other, name)) for name in ("person_seconds", "density")}
    found = [
        name
        for name, (one, two) in arrays.items()
        if one.shape != two.shape or not np.allclose(one, two, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    ]
    for name, (one, two) in tables.items():
        try:
            pd.testing.assert_frame_equal(
                one, two[list(one.columns)], check_dtype=False, rtol=0, atol=TOLERANCE
            )
        except AssertionError as error:
            found.append(f"{name} ({len(one)} and {len(two)}): {error}")
    return found


def _run(compute: Callable[[pd.DataFrame], Figures], points: int) -> Run:
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000_000)
    points = parser.parse_args().points
    context = multiprocessing.get_context("spawn")
    versions = {
        "ExpoFlow": compute_ours,
        "the same by pandas": compute_by_pandas,
        "less, by pandas": compute_simply,
    }
    results = {}
    for name, compute in versions.items():
        with context.Pool(1) as pool:
            run = results[name] = pool.apply(_run, (compute, points))
        print(
            f"{name}: {run.spent_s:.2f} s of a processor, {run.figures.visits_after_s:.2f} s for the visits,"
            f" peak {run.peak_mb:.0f} MB with the table of {run.table_mb:.0f} MB"
        )
        print(
            f"  {len(run.figures.visits)} visits, mean dwell {run.figures.dwell_s[:, 0].mean():.2f} s,"
            f" {np.nansum(run.figures.people) * 60 / PERIOD_S:.2f} people,"
            f" {run.figures.person_seconds.sum() / 3600:.1f} person-hours on the map"
        )
    ours = results["ExpoFlow"]
    for name in list(versions)[1:]:
        other = results[name]
        print(
            f"{points:,} points: {other.spent_s / ours.spent_s:.1f} times as fast as {name},"
            f" {other.figures.visits_after_s / ours.figures.visits_after_s:.1f} times for the visits"
        )
    print(f"peak below {MAX_MEMORY_MB} MB: {'yes' if ours.peak_mb < MAX_MEMORY_MB else 'no'}")
    differences = find_differences(ours.figures, results["the same by pandas"].figures)
    print(
        "\n".join(["What the two found differs:", *differences] if differences else ["Both found the same."])
    )
    if differences or ours.peak_mb >= MAX_MEMORY_MB:
        sys.exit(1)


if __name__ == "__main__":
    main()
