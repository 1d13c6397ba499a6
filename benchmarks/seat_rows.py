"""Who is who in rows of people who sit or stand for minutes, and their visits, against exact truth.

Run as ``python -m benchmarks.seat_rows --scenes "sit 2/s" --seeds 2``. Visits are counted by the rule for
exact places, on true and on found paths: they end once somebody was farther than half a metre from the
outline for more than two seconds. Who is not found for a while has not left.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from analytics.domain.arrays import FloatArray, IntArray
from benchmarks.tracking_methods import identify_ours, track_scene
from tools.scenes.scene_files import make_seen_tracks, write_detections
from tools.scenes.scenes import SyntheticScene
from tools.scenes.seat_rows import RowsPlan, make_rows_scene

BAND_M, AWAY_S, SHORTEST_S = 0.5, 2.0, 3.0
NEAR_M = 0.8

SCENES = {
    "stand 5/s": RowsPlan(sits=False, fps=5.0),
    "stand 5/s, one camera": RowsPlan(sits=False, fps=5.0, cameras=1),
    "stand 2/s": RowsPlan(sits=False),
    "stand 2/s, one camera": RowsPlan(sits=False, cameras=1),
    "stand 2/s, slow": RowsPlan(sits=False, slow_logit=1.5),
    "stand 2/s, 3.5 m": RowsPlan(sits=False, height_m=3.5),
    "stand 5/s, 3.5 m, slow": RowsPlan(sits=False, fps=5.0, height_m=3.5, slow_logit=1.5),
    "sit 5/s": RowsPlan(fps=5.0),
    "sit 5/s, one camera": RowsPlan(fps=5.0, cameras=1),
    "sit 2/s": RowsPlan(),
    "sit 2/s, one camera": RowsPlan(cameras=1),
    "sit 2/s, 3.5 m, slow": RowsPlan(height_m=3.5, slow_logit=1.5),
    "sit 5/s, hidden": RowsPlan(fps=5.0, hidden_s=120.0),
    "sit 2/s, hidden": RowsPlan(hidden_s=120.0),
    "sit 2/s, hidden, one camera": RowsPlan(hidden_s=120.0, cameras=1),
}


def list_visits(tracks: pd.DataFrame, zone: shapely.Geometry) -> FloatArray:
    """Return how long each visit lasted, shape (visits,), seconds."""
    lasted = []
    for _, own in tracks.sort_values("time_s").groupby("visitor"):
        time_s = own["time_s"].to_numpy()
        places = shapely.points(own["x_m"].to_numpy(), own["y_m"].to_numpy())
        away_m = np.asarray(shapely.distance(zone, places))
        first_s = last_s = away_s = None
        for at_s, metres in zip(time_s.tolist(), away_m.tolist(), strict=True):
            if metres > BAND_M:
                away_s = at_s if away_s is None else away_s
                if first_s is not None and at_s - away_s > AWAY_S:
                    lasted.append(last_s - first_s)
                    first_s = None
                continue
            away_s = None
            if metres == 0:
                first_s, last_s = (at_s if first_s is None else first_s), at_s
        if first_s is not None:
            lasted.append(last_s - first_s)
    return np.array([seconds for seconds in lasted if seconds >= SHORTEST_S])


def match_people(true: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return who of the found stands for whom of the true at every moment, and the distance."""
    by_time = dict(tuple(found.groupby("time_s")))
    matched = []
    before: dict[int, int] = {}
    for at_s, here in true.groupby("time_s"):
        there = by_time.get(at_s)
        if there is None:
            continue
        away_m = np.hypot(
            here["x_m"].to_numpy()[:, None] - there["x_m"].to_numpy(),
            here["y_m"].to_numpy()[:, None] - there["y_m"].to_numpy(),
        )
        people, visitors = here["visitor"].to_numpy(), there["visitor"].to_numpy()
        # whoever stood for somebody goes on to do so, unless somebody else is clearly nearer
        cost = np.minimum(away_m, NEAR_M)
        for row, person in enumerate(people.tolist()):
            cost[row, visitors == before.get(person)] -= 0.2
        rows, columns = linear_sum_assignment(cost)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if away_m[row, column] < NEAR_M:
                matched.append((at_s, people[row], visitors[column], away_m[row, column]))
                before[int(people[row])] = int(visitors[column])
    return pd.DataFrame(matched, columns=["time_s", "person", "visitor", "away_m"])


def sample(tracks: pd.DataFrame) -> pd.DataFrame:
    """Return each visitor's places at whole seconds, where there is a row within a second around."""
    parts = []
    for visitor, own in tracks.sort_values("time_s").groupby("visitor"):
        time_s = own["time_s"].to_numpy()
        at_s = np.arange(np.ceil(time_s[0]), time_s[-1] + 1e-9)
        after = np.minimum(np.searchsorted(time_s, at_s), len(time_s) - 1)
        nearest_s = np.minimum(abs(time_s[after] - at_s), abs(time_s[np.maximum(after - 1, 0)] - at_s))
        at_s = at_s[nearest_s <= 0.6]
        x_m, y_m = (np.interp(at_s, time_s, own[name]) for name in ("x_m", "y_m"))
        parts.append(pd.DataFrame({"time_s": at_s, "visitor": int(str(visitor)), "x_m": x_m, "y_m": y_m}))
    return pd.concat(parts, ignore_index=True)


@dataclass(slots=True)
class RowsScore:
    """Sums over scenes."""

    counts: Counter[str]
    true_s: list[float]
    found_s: list[float]

    def __str__(self) -> str:
        of = self.counts
        stays = max(of["stays"], 1)
        return (
            f"{of['stays']} stays: visitors each {of['visitors'] / stays:.2f}, "
            f"whole {of['whole'] / stays:.0%}, covered {of['covered_s'] / max(of['stay_s'], 1):.2f}; "
            f"changes at once {of['at once']}, "
            f"to 10 s {of['to 10 s']}, to 30 s {of['to 30 s']}, later {of['later']}; "
            f"doubles {of['double_s'] / max(of['stay_s'], 1):.1%}; "
            f"visits {len(self.found_s) / len(self.true_s):.2f} (of {len(self.true_s)}), "
            f"mean {np.mean(self.found_s) / np.mean(self.true_s):.2f}, "
            f"p-s {sum(self.found_s) / sum(self.true_s):.2f}; tracklets {of['tracklets']}"
        )


def score_rows(plan: RowsPlan, *, seed: int, duration_s: float) -> RowsScore:
    """Film, track and identify one scene."""
    scene, places = make_rows_scene(plan, seed=seed, duration_s=duration_s)
    with tempfile.TemporaryDirectory() as name:
        write_detections(scene, Path(name))
        return score_folder(scene, places, Path(name))


def score_folder(scene: SyntheticScene, places: dict[int, tuple[float, float]], folder: Path) -> RowsScore:
    """Track and identify a scene whose detections are in a folder."""
    duration_s = scene.paths.duration_s
    tracked = track_scene(folder)
    period = identify_ours(tracked.tracks, tracked.spans, tracked.scene, tracked.duration_s)
    true, found = sample(make_seen_tracks(scene)), sample(period.tracks)
    matched = match_people(true, found)
    counts: Counter[str] = Counter(tracklets=int(tracked.tracks["tracklet"].nunique()))
    for person, stay_s in places.items():
        begin_s, end_s = max(stay_s[0], 0.0), min(stay_s[1], duration_s)
        if end_s - begin_s < 60:
            continue
        own = matched[(matched["person"] == person) & matched["time_s"].between(begin_s, end_s)]
        time_s, visitor = own["time_s"].to_numpy(), own["visitor"].to_numpy(np.int64)
        counts.update(stays=1, stay_s=round(end_s - begin_s), covered_s=len(own))
        counts["visitors"] += count_visitors(visitor)
        counts["whole"] += bool(len(own)) and int(np.bincount(visitor).max()) >= 0.8 * len(own)
        for at in np.flatnonzero(visitor[1:] != visitor[:-1]).tolist():
            gap_s = time_s[at + 1] - time_s[at]
            names = ("at once", "to 10 s", "to 30 s", "later")
            counts[names[int(np.searchsorted((2.0, 10.0, 30.0), gap_s))]] += 1
    zone = scene.zones[0].outline.to_shape()
    inside = found[shapely.contains_xy(zone, found["x_m"].to_numpy(), found["y_m"].to_numpy())]
    keys = set(zip(matched["time_s"], matched["visitor"], strict=True))
    counts["double_s"] = sum(key not in keys for key in zip(inside["time_s"], inside["visitor"], strict=True))
    return RowsScore(
        counts, list_visits(make_seen_tracks(scene), zone).tolist(), list_visits(period.tracks, zone).tolist()
    )


def count_visitors(visitor: IntArray) -> int:
    """Return how many visitors stood for somebody for more than two seconds."""
    return int(np.count_nonzero(np.bincount(visitor, minlength=1) > 2)) if len(visitor) else 0


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", default=list(SCENES), choices=SCENES)
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--first-seed", type=int, default=7001)
    parser.add_argument("--minutes", type=float, default=15.0)
    arguments = parser.parse_args()
    for name in arguments.scenes:
        total = RowsScore(Counter(), [], [])
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
            one = score_rows(SCENES[name], seed=seed, duration_s=60 * arguments.minutes)
            total.counts.update(one.counts)
            total.true_s += one.true_s
            total.found_s += one.found_s
        print(f"{name}: {total}", flush=True)


if __name__ == "__main__":
    main()
