"""What each step of deciding who is who is worth: every figure without it, against with it.

Run as ``python -m benchmarks.identity_elimination --seeds 4``. Five kinds of material: people by a force
model, people who choose velocities, a museum and a fair by an author who saw none of the code, and the real
clip with truth if it is here. Detections are made once and replayed; all variants see the same ones. A
score is 1 less the relative error of a number, or the measure itself (IDF1, HOTA, share of long stays that
are whole); a difference is below zero where leaving the step out makes it worse. Intervals are of 95 %, by a
bootstrap over the seeds of each kind. What was measured is kept in the cache, by the version of the code.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.evaluation.result_reading import ResultFiles, read_result_files
from analytics.evaluation.truth_comparison import compare_results
from app.analysis.detection_file import CameraFrames, check_detections, read_detection_rows
from app.analysis.recording_scene import RecordingScene, fit_geometry, read_scene
from app.analysis.replay_detections import track_frames
from app.cameras.frame_sizes import parse_frame_sizes
from benchmarks.baselines.plain_trackers import ByteTracker, PlainFloorTracker
from benchmarks.clip_accuracy import SIZE_WH, detect_clip, find_footage, thin_out
from benchmarks.dwell_accuracy import Case, make_case_scene
from benchmarks.identity_steps import STEPS, Step, join_steps, leave_out
from benchmarks.tracking_methods import compute_ours
from benchmarks.visit_lengths import make_free_busy, make_free_other
from tools.blind_scenes import fair_aisle, museum_room
from tools.memory_event_store import MemoryEventStore
from tools.scenes.door_scene import make_door_scene
from tools.scenes.scene_files import write_scene
from tools.scenes.scenes import SyntheticScene
from tools.simulation.crowd.truth import make_true_tracks, write_truth
from tools.simulation.crowd.visitor_paths import VisitorPath, VisitorPaths
from vision.pipeline.pipeline_parts import TrackerMaker
from vision.tracking.floor_view import FloorView
from vision.tracking.tracker import Tracker
from vision.tracking.tracker_factory import make_tracker

FPS, MINUTES = 5.0, 5.0
FIRST_SEED = 5001
RATIOS = ("visits", "mean_dwell", "median_dwell", "person_seconds")
FIGURES = (*RATIOS, "whole_long_stays", "idf1", "hota")
BOOTSTRAPS = 2000
MOST_LOST, MOST_LOST_IN_KIND = 0.005, 0.02
"""A step earns its place if a figure falls by more without it, averaged over the kinds or in one of them."""
TRACKING, CODE = ("vision/tracking",), ("vision/tracking", "analytics/visitors", "analytics/dwell")
KINDS = ("force model", "chosen velocities", "museum", "fair", "clip")
_CLIP_SAMPLINGS = (1, 2, 3, 5)


def make_byte_tracker(next_tracklet: Callable[[], TrackletId], _floor: FloorView | None) -> Tracker:
    """ByteTrack in the picture."""
    return ByteTracker(next_tracklet)


def make_plain_floor(next_tracklet: Callable[[], TrackletId], floor: FloorView | None) -> Tracker:
    """A Kalman filter on the floor."""
    assert floor is not None
    return PlainFloorTracker(next_tracklet, floor)


OURS = "ours"
TRACKERS: dict[str, TrackerMaker] = {
    OURS: make_tracker,
    "ByteTrack + our stitcher": make_byte_tracker,
    "plain floor tracker + our stitcher": make_plain_floor,
}


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Detections of a scene and what is true of it.

    Attributes:
        truth: of the real clip, the seconds for which each visitor was present.
    """

    frames: list[CameraFrames]
    scene: RecordingScene
    truth: ResultFiles | FloatArray

    @property
    def duration_s(self) -> float:
        """The end of the last frame."""
        return max(float(one.times_s[-1]) + one.interval_s for one in self.frames)


def make_synthetic(kind: str, number: int) -> SyntheticScene:
    """Return a scene of our own generators; the number chooses among variants."""
    seed = FIRST_SEED + number
    if kind == "force model":
        name = ("busy", "two_cameras", "groups", "door", "queue", "low_mount")[number % 6]
        if name == "door":
            return make_door_scene(people_per_minute=16.0, seed=seed, duration_s=60 * MINUTES, fps=FPS)
        return make_case_scene(Case(name, FPS, seed, MINUTES))
    if number % 4 == 1:
        return make_free_other(seed, MINUTES)
    if number % 4 == 3:
        return make_free_busy(seed, MINUTES)
    return make_case_scene(Case("other", FPS, seed, MINUTES))


def load_material(kind: str, number: int, cache: Path) -> Material | None:
    """Return a scene by its kind and number, made once; None where there is none."""
    file = cache / f"{kind}-{number}.pickle"
    if file.exists():
        known: Material | None = pickle.loads(file.read_bytes())
        return known
    if kind == "clip":
        material = _read_clip(number, cache)
    else:
        folder = cache / f"{kind}-{number}"
        if kind in ("museum", "fair"):
            module = museum_room if kind == "museum" else fair_aisle
            module.write_scene(folder, seed=FIRST_SEED + number, duration_s=60 * MINUTES, fps=FPS)
            _write_blind_truth(folder)
        else:
            write_scene(make_synthetic(kind, number), folder)
        material = _read_folder(folder)
    file.write_bytes(pickle.dumps(material))
    return material


def _read_folder(folder: Path) -> Material:
    scene = read_scene(folder / "zones.geojson", folder / "calibration.csv")
    sizes = parse_frame_sizes((folder / "frame_sizes.txt").read_text(encoding="utf-8").split())
    sizes_wh = {name: sizes[str(name)] for name in scene.camera_names}
    rows = read_detection_rows(folder / "detections.csv")
    frames, _ = check_detections(
        rows, known=scene.camera_names, frame_sizes_wh=sizes_wh, file="detections.csv"
    )
    scene = replace(scene, cameras=tuple(replace(c, frame_size_wh=sizes_wh[c.name]) for c in scene.cameras))
    return Material(list(frames), scene, read_result_files(folder / "truth"))


def _write_blind_truth(folder: Path) -> None:
    """Write the truth of a scene of another author, whose places are known everywhere, as ours."""
    scene = read_scene(folder / "zones.geojson", folder / "calibration.csv")
    sizes = parse_frame_sizes((folder / "frame_sizes.txt").read_text(encoding="utf-8").split())
    rows = pd.read_csv(folder / "truth.csv")
    paths = []
    for person, own in rows.groupby("person"):
        xy_m = own[["x_m", "y_m"]].to_numpy(np.float64)
        unknown = np.zeros(len(xy_m))
        if len(xy_m) > 1:
            paths.append(VisitorPath(int(str(person)), float(own["time_s"].iloc[0]), xy_m, unknown, unknown))
    of_all = VisitorPaths(60 * MINUTES, tuple(paths))
    tracks = make_true_tracks(
        paths=of_all, times_s=np.arange(0.0, of_all.duration_s - 1e-9, 0.2), camera=CameraId("")
    )
    xy_m = tracks[["x_m", "y_m"]].to_numpy(np.float64)
    seen_by = np.full(len(tracks), "", dtype=object)
    for camera in reversed(scene.cameras):
        uv_px = fit_geometry(camera).project_to_pixel(xy_m)
        size = np.array(sizes[str(camera.name)])
        seen_by[((uv_px >= 0) & (uv_px <= size)).all(axis=1)] = str(camera.name)
    tracks["camera"] = pd.Series(seen_by, dtype="str")
    write_truth(
        folder / "truth",
        paths=of_all,
        zones=tuple(scene.geometry.zones),
        lines=(),
        tracks=tracks[tracks["camera"] != ""].reset_index(drop=True),
        frame_counts={},
    )


def _read_clip(number: int, cache: Path) -> Material | None:
    footage = find_footage()
    if footage is None or number >= len(_CLIP_SAMPLINGS):
        return None
    truth = footage / "clips" / "gt"
    scene = read_scene(truth / "one-by-one_zones.geojson", truth / "one-by-one_pairs.csv")
    scene = replace(scene, cameras=tuple(replace(c, frame_size_wh=SIZE_WH) for c in scene.cameras))
    whole_file = cache / "clip-whole.pickle"
    if not whole_file.exists():
        clip = footage / "clips" / "one-by-one-person-detection.mp4"
        whole_file.write_bytes(pickle.dumps(detect_clip(footage, clip, scene.camera_names[0])))
    frames = thin_out(pickle.loads(whole_file.read_bytes()), _CLIP_SAMPLINGS[number])
    with (truth / "one-by-one_presence_gt.csv").open(encoding="utf-8") as file:
        present_s = np.array([float(row["presence_s_at_10fps"]) for row in csv.DictReader(file)])
    return Material([frames], scene, present_s)


Tracked = tuple[pd.DataFrame, pd.DataFrame]


def track(material: Material, make: TrackerMaker) -> Tracked:
    """Return tracks and spans."""
    store = MemoryEventStore()
    sizes_wh = {camera.name: camera.frame_size_wh or (0, 0) for camera in material.scene.cameras}
    track_frames(
        material.frames, scene=material.scene, sizes_wh=sizes_wh, make_tracker=make, start_s=0.0, sink=store
    )
    return store.read_tracks(), store.read_spans()


def score(material: Material, tracked: Tracked) -> dict[str, float]:
    """Identify visitors and return the score of every figure that the truth tells."""
    result = compute_ours(*tracked, material.scene, material.duration_s)
    values: dict[str, float | None]
    if isinstance(material.truth, ResultFiles):
        compared = compare_results(truth=material.truth, against=result)
        values = {name: getattr(compared, name).value for name in FIGURES}
    else:
        true_s = material.truth
        (zone,) = _zones_of(result).values()
        values = {
            "visits": zone["visits"] / len(true_s),
            "mean_dwell": zone["mean_dwell_s"] / true_s.mean(),
            "median_dwell": zone["median_dwell_s"] / float(np.median(true_s)),
            "person_seconds": zone["person_seconds"] / true_s.sum(),
        }
    return {
        name: 1 - abs(value - 1) if name in RATIOS else value
        for name, value in values.items()
        if value is not None
    }


def _zones_of(result: ResultFiles) -> dict[str, Any]:
    zones: Any = result.summary["zones"]
    return dict(zones)


def hash_code(folders: Sequence[str] = CODE) -> str:
    """Return a digest of the code in folders; by default of all that a score depends on."""
    root = Path(__file__).parents[1]
    files = sorted(file for folder in folders for file in (root / folder).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


Scores = dict[tuple[str, str, int], dict[str, float]]
"""By variant, kind and number."""


class Measured:
    """All scores of this version of the code, kept in a file."""

    def __init__(self, file: Path, version: str) -> None:
        self._file, self._version = file, version
        self.scores: Scores = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                if row["version"] == version:
                    self.scores[row["variant"], row["kind"], row["number"]] = row["scores"]

    def add(self, variant: str, kind: str, number: int, scores: dict[str, float]) -> None:
        """Keep a score."""
        self.scores[variant, kind, number] = scores
        row = {
            "version": self._version,
            "variant": variant,
            "kind": kind,
            "number": number,
            "scores": scores,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def measure(
    measured: Measured, kind: str, number: int, *, steps: Sequence[Step], trackers: Sequence[str], cache: Path
) -> None:
    """Measure one scene in all variants that are not known yet."""
    wanted = [*trackers, *(step.name for step in steps)]
    missing = [name for name in wanted if (name, kind, number) not in measured.scores]
    if not missing:
        return
    material = load_material(kind, number, cache)
    if material is None:
        return
    for name in trackers:
        if name in missing:
            made = (
                _track_ours(material, kind, number, cache)
                if name == OURS
                else track(material, TRACKERS[name])
            )
            measured.add(name, kind, number, score(material, made))
    for step in steps:
        if step.name not in missing:
            continue
        if len(material.frames) < step.fewest_cameras:
            measured.add(step.name, kind, number, measured.scores[OURS, kind, number])
            continue
        tracked = None if step.is_tracking else _track_ours(material, kind, number, cache)
        with leave_out(step):
            measured.add(step.name, kind, number, score(material, tracked or track(material, make_tracker)))


def _track_ours(material: Material, kind: str, number: int, cache: Path) -> Tracked:
    """Return our tracks, from the cache where this version of the tracker has made them before."""
    file = cache / f"{kind}-{number}-{hash_code(TRACKING)}.tracks.pickle"
    if file.exists():
        known: Tracked = pickle.loads(file.read_bytes())
        return known
    tracked = track(material, make_tracker)
    file.write_bytes(pickle.dumps(tracked))
    return tracked


@dataclass(frozen=True, slots=True)
class Difference:
    """How a figure changes, averaged over the kinds, with its interval, and in the worst kind."""

    mean: float
    low: float
    high: float
    worst: float


def compare(scores: Scores, variant: str, figure: str) -> Difference | None:
    """Return how a figure differs between a variant and ours, on the scenes that both were measured on."""
    rng = np.random.default_rng(1)
    means, resampled = [], []
    for kind in KINDS:
        off = np.array(
            [
                own[figure] - scores[OURS, kind, number][figure]
                for (name, of_kind, number), own in scores.items()
                if name == variant and of_kind == kind and figure in own
                and figure in scores.get((OURS, kind, number), {})
            ]
        )  # fmt: skip
        if len(off):
            means.append(float(off.mean()))
            resampled.append(off[rng.integers(0, len(off), (BOOTSTRAPS, len(off)))].mean(axis=1))
    if not means:
        return None
    low, high = np.percentile(np.mean(resampled, axis=0), [2.5, 97.5])
    return Difference(float(np.mean(means)), float(low), float(high), min(means))


def earns_its_place(scores: Scores, step: Step) -> bool:
    """Return whether a figure falls by more than is allowed without the step."""
    found = [compare(scores, step.name, figure) for figure in FIGURES]
    return any(one is not None and (one.mean < -MOST_LOST or one.worst < -MOST_LOST_IN_KIND) for one in found)


def list_rows(scores: Scores, steps: Sequence[Step], trackers: Sequence[str]) -> Iterator[str]:
    """Yield the table as Markdown: our scores, and how others differ."""
    titles = [name.replace("_", " ") for name in FIGURES]
    yield f"| Without | scenes | {' | '.join(titles)} | worst kind | lines | constants | stays |"
    yield f"|---|{'---|' * (len(FIGURES) + 5)}"
    ours = [
        np.mean(
            [
                np.mean(of_kind)
                for kind in KINDS
                if (
                    of_kind := [
                        own[figure]
                        for key, own in scores.items()
                        if key[:2] == (OURS, kind) and figure in own
                    ]
                )
            ]
        )
        for figure in FIGURES
    ]
    count = sum(variant == OURS for variant, *_ in scores)
    yield f"| nothing | {count} | {' | '.join(f'{mean:.3f}' for mean in ours)} | | | | |"
    known = {step.name: step for step in steps}
    for name in (*trackers, *known):
        count = sum(variant == name for variant, *_ in scores)
        if name == OURS or not count:
            continue
        found = [compare(scores, name, figure) for figure in FIGURES]
        cells = [
            "–" if one is None else f"{one.mean:+.3f} ({one.low:+.3f} to {one.high:+.3f})" for one in found
        ]
        worst = min(one.worst for one in found if one is not None)
        step, ends = known.get(name), " | | |"
        if step:
            ends = f"{step.lines} | {step.constants} | {'yes' if earns_its_place(scores, step) else 'no'} |"
        yield f"| {name} | {count} | {' | '.join(cells)} | {worst:+.3f} | {ends}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=4, help="how many scenes of each kind")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--steps", nargs="+", choices=[step.name for step in STEPS], help="only these")
    parser.add_argument("--together", action="store_true", help="leave the steps out all at once")
    parser.add_argument("--no-trackers", action="store_true", help="without the other trackers")
    parser.add_argument("--cache", type=Path, default=Path("build/identity-elimination"))
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    measured = Measured(arguments.cache / "scores.jsonl", hash_code())
    steps = [step for step in STEPS if arguments.steps is None or step.name in arguments.steps]
    steps = [join_steps(steps)] if arguments.together else steps
    trackers = [OURS] if arguments.no_trackers else list(TRACKERS)
    began_s = time.monotonic()
    for number in range(arguments.seeds):
        for kind in arguments.kinds:
            measure(measured, kind, number, steps=steps, trackers=trackers, cache=arguments.cache)
            print(f"{kind} {number}: {time.monotonic() - began_s:.0f} s", flush=True)
    print("\n".join(list_rows(measured.scores, steps, trackers)))


if __name__ == "__main__":
    main()
