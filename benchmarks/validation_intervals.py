"""Whether intervals from labelled clips hold the truth, on scenes whose every visitor is known.

Run as ``python -m benchmarks.validation_intervals``. Each scene is filmed and counted as a whole; then clips
of a minute are drawn by chance, as an installer would label them, and their interval is compared with found
over true of the whole scene. It also says how much the errors of clips differ.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.evaluation.clip_ratio import ClipTotals, estimate_ratio
from analytics.evaluation.crossing_scores import match_times
from analytics.evaluation.floor_identities import place_on_grid
from analytics.evaluation.result_reading import ResultFiles, read_result_files
from benchmarks.dwell_accuracy import Case, make_case_scene
from benchmarks.tracking_methods import METHODS, run_method
from tools.scenes.scene_files import write_scene

CLIP_S = 60.0
DRAWS = 1000
SCENES = ("busy", "dense", "other")


@dataclass(frozen=True, slots=True, eq=False)
class CountedClips:
    """One scene cut into clips; arrays of shape (clips,)."""

    true: FloatArray
    found: FloatArray
    errors: FloatArray

    @property
    def ratio(self) -> float:
        return float(self.found.sum() / self.true.sum())

    @property
    def variance_per_event(self) -> float:
        return float((self.found - self.ratio * self.true).var(ddof=1) / self.true.mean())

    def measure_coverage(self, clips: int, rng: np.random.Generator) -> tuple[float, float]:
        """Share of the drawn samples whose interval holds the scene's ratio, and the mean half width."""
        holds, reach = [], []
        for _ in range(DRAWS):
            # with replacement: the scene stands for hours like it, not for its own minutes alone
            drawn = rng.integers(0, len(self.true), clips)
            score = estimate_ratio(
                ClipTotals(self.found[drawn], self.true[drawn], float(self.errors[drawn].sum()))
            )
            if score.interval is not None:
                holds.append(score.interval[0] <= self.ratio <= score.interval[1])
                reach.append((score.interval[1] - score.interval[0]) / 2)
        return float(np.mean(holds)), float(np.mean(reach))


def count_crossings(truth: ResultFiles, found: ResultFiles, edges_s: FloatArray) -> CountedClips:
    """Crossings of all lines in each clip; errors are those that have no counterpart within 2 s."""
    clips = len(edges_s) - 1
    true_count, found_count, errors = np.zeros(clips), np.zeros(clips), np.zeros(clips)
    keys = set(zip(truth.crossings["line"], truth.crossings["direction"], strict=True))
    for line, way in sorted(keys):
        true_s, found_s = (
            np.sort(one.loc[(one["line"] == line) & (one["direction"] == way), "time_s"].to_numpy(np.float64))
            for one in (truth.crossings, found.crossings)
        )
        true_met, found_met = match_times(true_s, found_s)
        true_count += np.histogram(true_s, edges_s)[0]
        found_count += np.histogram(found_s, edges_s)[0]
        errors += np.histogram(true_s[~true_met], edges_s)[0] + np.histogram(found_s[~found_met], edges_s)[0]
    return CountedClips(true_count, found_count, errors)


def count_heads(truth: ResultFiles, found: ResultFiles, edges_s: FloatArray) -> CountedClips:
    """People in view in the middle of each clip."""
    middle_s = (edges_s[:-1] + edges_s[1:]) / 2
    true, seen = (
        np.bincount(place_on_grid(tracks=result.tracks, times_s=middle_s).moment, minlength=len(middle_s))
        for result in (truth, found)
    )
    return CountedClips(true.astype(float), seen.astype(float), np.abs(true - seen).astype(float))


def measure_scene(scene: str, seed: int, minutes: float) -> dict[str, CountedClips]:
    """One scene counted by us, cut into clips."""
    ours = next(method for method in METHODS if method.is_ours)
    with tempfile.TemporaryDirectory(prefix="expoflow-validation-") as name:
        folder = Path(name)
        write_scene(make_case_scene(Case(scene, 5.0, seed, minutes)), folder)
        truth = read_result_files(folder / "truth")
        found = run_method(ours, folder).result
    edges_s = np.arange(0.0, minutes * 60 + 1e-6, CLIP_S)
    return {
        "crossings": count_crossings(truth, found, edges_s),
        "heads": count_heads(truth, found, edges_s),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=2001)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--scenes", nargs="+", default=SCENES)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    for scene in options.scenes:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            for name, counted in measure_scene(scene, seed, options.minutes).items():
                coverage, reach = counted.measure_coverage(options.clips, rng)
                print(
                    f"{scene:12} {seed} {name:9} true {counted.true.sum():5.0f}"
                    f"  found / true {counted.ratio:.3f}"
                    f"  variance an event {counted.variance_per_event:.3f}  {options.clips} clips:"
                    f" interval holds {coverage:.3f}, plus or minus {reach:.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
