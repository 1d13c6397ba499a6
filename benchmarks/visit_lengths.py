"""Listed visits over true ones by length of stay, over zones of three crowds filmed by two cameras.

Run as ``python -m benchmarks.visit_lengths --seeds 4``. A sum of visits hides that some lengths are
listed too often and others too seldom. Seeds from 1000 on were never used to choose a parameter.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.visits import VisitSettings, compute_stays
from analytics.evaluation.result_reading import ResultFiles, read_result_files
from benchmarks.dwell_accuracy import FRESH_SEED, Case, make_case_scene
from benchmarks.free_walkers import walk_freely
from benchmarks.other_camera import film_other_scene
from benchmarks.other_crowd import OTHER_STANDS
from benchmarks.tracking_methods import compute_ours, track_scene
from tools.scenes.scene_files import write_scene
from tools.scenes.scene_plans import SCENE_PLANS
from tools.scenes.scenes import SyntheticScene, film_scene

FPS, PEOPLE = 5.0, 16.0
EDGES_S = (3.0, 4.0, 6.0, 8.0, 12.0, 20.0, 60.0, np.inf)


def make_busy(seed: int, minutes: float) -> SyntheticScene:
    """Visitors by a force model before a camera on the wall."""
    return make_case_scene(Case("busy", FPS, seed, minutes))


def make_other(seed: int, minutes: float) -> SyntheticScene:
    """Visitors who choose velocities, before a camera in the corner."""
    return make_case_scene(Case("other", FPS, seed, minutes))


def make_free_busy(seed: int, minutes: float) -> SyntheticScene:
    """Visitors who walk through each other, before the camera of ``busy``."""
    paths = walk_freely(
        zones=SCENE_PLANS["busy"].make_layout("busy").zones,
        doors=[(0.6, 8.5), (19.4, 8.5), (2.8, 0.6), (17.2, 0.6)],
        duration_s=60 * minutes,
        seed=seed,
        people=PEOPLE,
    )
    return film_scene("busy", paths=paths, seed=seed, fps=FPS)


def make_free_other(seed: int, minutes: float) -> SyntheticScene:
    """The same before the camera of ``other``."""
    paths = walk_freely(
        zones=[stand.zone for stand in OTHER_STANDS],
        doors=[(-0.6, 7.4), (9.5, -0.8), (14.5, 1.0), (2.0, -0.8)],
        duration_s=60 * minutes,
        seed=seed,
        people=PEOPLE,
    )
    return film_other_scene("other", paths=paths, seed=seed, fps=FPS)


SCENES: dict[str, Callable[[int, float], SyntheticScene]] = {
    "busy": make_busy,
    "other": make_other,
    "free walkers, camera of busy": make_free_busy,
    "free walkers, camera of other": make_free_other,
}


def find_median(visits: pd.DataFrame) -> float:
    """Return the median length of visits."""
    return float(visits["seconds"].median())


def count_lengths(visits: pd.DataFrame) -> FloatArray:
    """Return the number of visits in each class of ``EDGES_S``."""
    counts, _ = np.histogram(visits["seconds"], EDGES_S)
    return np.asarray(counts, np.float64)


def measure_passages(truth: ResultFiles, against: ResultFiles, zones: Sequence[Zone]) -> list[float]:
    """Return the seconds by which stays of 1.5 to 6 s, seen from edge to edge, came out too long."""
    true, found = (
        compute_stays(tracks=files.tracks, zones=zones, spans=None, settings=VisitSettings())
        for files in (truth, against)
    )
    errors = []
    for zone, own in true[true["seconds"].between(1.5, 6.0)].groupby("zone"):
        others = found[
            (found["zone"] == zone) & (found["start_edge"] == "seen") & (found["end_edge"] == "seen")
        ]
        for entered_s, left_s in own[["entered_s", "left_s"]].itertuples(index=False):
            at = np.hypot(others["entered_s"] - entered_s, others["left_s"] - left_s)
            if len(at) and at.min() < 1.5:
                errors.append(float(others["seconds"][at.idxmin()] - (left_s - entered_s)))
    return errors


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=4, help="how many of each scene")
    parser.add_argument("--first-seed", type=int, default=FRESH_SEED)
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args()
    titles = [f"{low:g} to {high:g} s" for low, high in itertools.pairwise(EDGES_S[:-1])]
    print(f"| Scene | Zones | {' | '.join(titles)} | above 60 s | Visits | Median | Walk-throughs, s |")
    print(f"|{'---|' * (len(titles) + 6)}")
    whole: list[tuple[FloatArray, FloatArray, list[float], list[float], int]] = []
    for name, make in SCENES.items():
        true, found = np.zeros(len(EDGES_S) - 1), np.zeros(len(EDGES_S) - 1)
        medians: list[float] = []
        errors: list[float] = []
        zones = 0
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            with tempfile.TemporaryDirectory(prefix="expoflow-lengths-") as folder:
                write_scene(make(seed, arguments.minutes), Path(folder))
                truth = read_result_files(Path(folder) / "truth")
                tracked = track_scene(Path(folder))
            result = compute_ours(tracked.tracks, tracked.spans, tracked.scene, tracked.duration_s)
            true += count_lengths(truth.visits)
            found += count_lengths(result.visits)
            errors += measure_passages(truth, result, tracked.scene.geometry.zones)
            for zone in tracked.scene.geometry.zones:
                own, listed = (
                    files.visits[files.visits["zone"] == str(zone.name)] for files in (truth, result)
                )
                zones += 1
                if len(own) and len(listed):
                    medians.append(find_median(listed) / find_median(own))
        whole.append((true, found, medians, errors, zones))
        _print_row(name, *whole[-1])
    _print_row(
        "all",
        np.sum([row[0] for row in whole], axis=0),
        np.sum([row[1] for row in whole], axis=0),
        [value for row in whole for value in row[2]],
        [value for row in whole for value in row[3]],
        sum(row[4] for row in whole),
    )
    last = arguments.first_seed + arguments.seeds - 1
    print(f"Seeds {arguments.first_seed} to {last}, {arguments.minutes:g} min, {datetime.now(UTC):%d %B %Y}.")


def _print_row(
    name: str, true: FloatArray, found: FloatArray, medians: list[float], errors: list[float], zones: int
) -> None:
    ratios = " | ".join(f"{one:.2f}" for one in found / np.maximum(true, 1))
    print(
        f"| {name} | {zones} | {ratios} | {found.sum() / true.sum():.2f} | {np.mean(medians):.2f} "
        f"| {np.mean(errors):+.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
