"""What each step of deciding who is who is worth: every figure without it, against with it.

Run as ``python -m benchmarks.identity_elimination --seeds 8``. Eight kinds of material: people by a force
model, people who choose velocities, a museum and a fair by an author who saw none of the code, a hall whose
only door is in the view, rooms of seated people, parts of the demonstration's fair, and the real clip with
truth if it is here. Detections are made once and replayed; all variants see the same ones. Tracks are made
once too, except for steps of the tracker. A score is 1 less the relative error of a number, or the measure
itself (IDF1, HOTA, share of long stays that are whole, of beginnings and ends that are seen, of the seated
who are counted, and of what is counted there that is somebody); a difference is below zero where leaving the
step out makes it worse. Intervals are of 95 %, by a bootstrap over the seeds of each kind. What was measured
is kept in the cache, by the version of the code. ``--count`` prints the size of the engine and no scores.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import json
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.evaluation.block_intervals import Blocks
from analytics.evaluation.floor_identities import STEP_S as GRID_S
from analytics.evaluation.floor_identities import compare_identities, place_on_grid
from analytics.evaluation.result_reading import ResultFiles, read_result_files
from analytics.evaluation.truth_comparison import score_visits
from analytics.flows.ways import list_journeys
from analytics.metrics.coverage import map_zones_edge
from analytics.metrics.presence import order_rows
from analytics.results.summary import compute_results
from analytics.store.sql_event_store import open_reader
from app.analysis.detection_file import CameraFrames, check_detections, read_detection_rows
from app.analysis.recording_scene import RecordingScene, find_venue_scene, fit_geometry, read_scene
from app.analysis.replay_detections import track_frames
from app.cameras.frame_sizes import parse_frame_sizes
from app.core.document import FOLDER_SUFFIX
from app.demo.ready_venue import HISTORY_FPS, list_show_days, unpack_demo_venue
from benchmarks.baselines.plain_trackers import ByteTracker, PlainFloorTracker
from benchmarks.clip_accuracy import SIZE_WH, detect_clip, find_footage, thin_out
from benchmarks.dwell_accuracy import Case, make_case_scene
from benchmarks.identity_steps import STEPS, Step, join_steps, leave_out, vary_settings
from benchmarks.seated_people import count_seated
from benchmarks.tracking_methods import NOWHERE, compute_figures, find_views, identify_ours
from benchmarks.visit_lengths import make_free_busy, make_free_other
from tools.blind_scenes import fair_aisle, museum_room
from tools.demo.history import make_exact_tracks, simulate_day
from tools.demo.story import DAYS, tell_story
from tools.memory_event_store import MemoryEventStore
from tools.scenes.door_scene import make_door_scene
from tools.scenes.scene_files import write_scene
from tools.scenes.scenes import SyntheticScene
from tools.scenes.seated_rooms import make_seated_room
from tools.simulation.crowd.truth import make_true_tracks, write_truth
from tools.simulation.crowd.visitor_paths import VisitorPath, VisitorPaths
from vision.pipeline.pipeline_parts import TrackerMaker
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView
from vision.tracking.tracker import Tracker

FPS, MINUTES = 5.0, 5.0
FIRST_SEED = 5001
RATIOS = ("visits", "mean_dwell", "median_dwell", "person_seconds")
SEATED = ("seated_counted", "seated_right")
FIGURES = (*RATIOS, "whole_long_stays", "ends_seen", "idf1", "hota", *SEATED)
BOOTSTRAPS = 2000
MOST_LOST, MOST_LOST_IN_KIND = 0.005, 0.02
"""A step earns its place if a figure falls by more without it, averaged over the kinds or in one of them."""
TRACKING, CODE = ("vision/tracking",), ("vision/tracking", "analytics/visitors", "analytics/dwell")
ENGINE = ("vision/tracking", "analytics/visitors")
KINDS = ("force model", "chosen velocities", "museum", "fair", "door", "seats", "hall", "clip")
_HALL_S, _SLACK_S = 1200.0, 5.0
_CLIP_SAMPLINGS = (1, 2, 3, 5)


def make_byte_tracker(next_tracklet: Callable[[], TrackletId], _floor: FloorView) -> Tracker:
    """ByteTrack in the picture."""
    return ByteTracker(next_tracklet)


def make_plain_floor(next_tracklet: Callable[[], TrackletId], floor: FloorView) -> Tracker:
    """A Kalman filter on the floor."""
    return PlainFloorTracker(next_tracklet, floor)


OURS = "ours"
TRACKERS: dict[str, TrackerMaker] = {
    OURS: FloorTracker,
    "ByteTrack + our stitcher": make_byte_tracker,
    "plain floor tracker + our stitcher": make_plain_floor,
}


Tracked = tuple[pd.DataFrame, pd.DataFrame]
"""Tracks and spans."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Detections of a scene and what is true of it.

    Attributes:
        truth: of the real clip, the seconds for which each visitor was present.
        tracked: where there are tracks and no detections.
    """

    frames: list[CameraFrames]
    scene: RecordingScene
    truth: ResultFiles | FloatArray
    duration_s: float
    tracked: Tracked | None = None

    @property
    def cameras(self) -> int:
        """How many of them there are."""
        return len(self.scene.cameras)


def make_synthetic(kind: str, number: int) -> SyntheticScene:
    """Return a scene of our own generators; the number chooses among variants."""
    seed = FIRST_SEED + number
    if kind == "force model":
        name = ("busy", "two_cameras", "groups", "queue", "low_mount")[number % 5]
        return make_case_scene(Case(name, FPS, seed, MINUTES))
    if kind == "door":
        rate, minutes = (8.0, 16.0)[number % 2], 2 * MINUTES
        return make_door_scene(
            people_per_minute=rate, seed=seed, duration_s=60 * minutes, fps=FPS, has_line=number % 4 > 1
        )
    if number % 4 == 1:
        return make_free_other(seed, MINUTES)
    if number % 4 == 3:
        return make_free_busy(seed, MINUTES)
    return make_case_scene(Case("other", FPS, seed, MINUTES))


def load_material(kind: str, number: int, cache: Path) -> Material | None:
    """Return a scene by its kind and number, made once; None where there is none."""
    file = cache / f"{kind}-{number}.pickle"
    if file.exists():
        parts = pickle.loads(file.read_bytes())
        return None if parts is None else Material(*parts)
    if kind == "clip":
        material = _read_clip(number, cache)
    elif kind == "hall":
        material = _read_hall(number)
    else:
        folder = cache / f"{kind}-{number}"
        if kind in ("museum", "fair"):
            module = museum_room if kind == "museum" else fair_aisle
            module.write_scene(folder, seed=FIRST_SEED + number, duration_s=60 * MINUTES, fps=FPS)
            _write_blind_truth(folder)
        else:
            write_scene(make_synthetic(kind, number), folder)
        material = _read_folder(folder)
    parts = [getattr(material, name) for name in Material.__slots__] if material else None
    file.write_bytes(pickle.dumps(parts))
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
    return Material(list(frames), scene, read_result_files(folder / "truth"), _find_end(frames))


def _find_end(frames: Sequence[CameraFrames]) -> float:
    return max(float(one.times_s[-1]) + one.interval_s for one in frames)


def _read_hall(number: int) -> Material:
    """Return 20 minutes of the demonstration's fair: its days in turn, each an hour later.

    The tracks are those that are shipped. What is true is of all people on floor that a camera sees.
    """
    story, day = tell_story(), number % DAYS
    with tempfile.TemporaryDirectory() as scratch:
        venue = unpack_demo_venue(Path(scratch) / f"demo{FOLDER_SUFFIX}")
        opens_s = list_show_days(venue)[day][0]
        begin_s = 3600.0 * (1 + number % 6)
        reader = open_reader(venue.folder)
        try:
            tracks = reader.read_tracks(opens_s + begin_s, opens_s + begin_s + _HALL_S)
        finally:
            reader.close()
        scene = find_venue_scene(venue, start_utc_s=opens_s)
    tracks = tracks.assign(time_s=tracks["time_s"] - opens_s - begin_s)
    names = [str(name) for name in scene.camera_names]
    frames = round(_HALL_S * HISTORY_FPS)
    spans = pd.DataFrame({"camera": names, "start_s": 0.0, "end_s": _HALL_S, "frames": frames})
    true = make_exact_tracks(simulate_day(story, day).samples)
    true = true.assign(time_s=true["time_s"] - begin_s)
    is_whole_second = np.isclose(true["time_s"] % 1.0, 0.0)
    true = true[is_whole_second & true["time_s"].between(0.0, _HALL_S)].reset_index(drop=True)
    xy_m = true[["x_m", "y_m"]].to_numpy(np.float64)
    seen = true[np.any([view.sees(xy_m) for view in find_views(scene)], axis=0)].reset_index(drop=True)
    zones, lines = scene.geometry.zones, scene.geometry.lines
    results = compute_results(tracks=seen, spans=None, zones=zones, lines=lines, duration_s=_HALL_S)
    truth = ResultFiles(NOWHERE, seen, results.visits, results.crossings, results.summary)
    return Material([], scene, truth, _HALL_S, (tracks, spans))


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
        whole_file.write_bytes(pickle.dumps(detect_clip(clip, scene.camera_names[0])))
    frames = thin_out(pickle.loads(whole_file.read_bytes()), _CLIP_SAMPLINGS[number])
    with (truth / "one-by-one_presence_gt.csv").open(encoding="utf-8") as file:
        present_s = np.array([float(row["presence_s_at_10fps"]) for row in csv.DictReader(file)])
    return Material([frames], scene, present_s, _find_end([frames]))


def track(material: Material, make: TrackerMaker) -> Tracked:
    """Return tracks and spans."""
    store = MemoryEventStore()
    sizes_wh = {camera.name: camera.frame_size_wh or (0, 0) for camera in material.scene.cameras}
    track_frames(
        material.frames, scene=material.scene, sizes_wh=sizes_wh, make_tracker=make, start_s=0.0, sink=store
    )
    return store.read_tracks(), store.read_spans()


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Who is who by one variant, and its scores."""

    visitors: pd.DataFrame
    scores: dict[str, float]


def score(material: Material, tracked: Tracked, *, known: Scored | None = None) -> Scored:
    """Identify visitors and score every figure that the truth tells.

    Args:
        known: of another variant, whose scores hold if who is who is the same.
    """
    period = identify_ours(*tracked, material.scene, material.duration_s)
    if known is not None and period.tracks.equals(known.visitors):
        return known
    result = compute_figures(period, material.scene, material.duration_s)
    values: dict[str, float | None]
    if isinstance(material.truth, ResultFiles):
        # one block: no intervals within a scene, which would take most of the time
        blocks = Blocks(np.array([0.0, material.duration_s]))
        visits = score_visits(truth=material.truth, against=result, blocks=blocks)
        times_s = np.arange(0.0, material.duration_s + 1e-6, GRID_S)
        true, found = (
            place_on_grid(tracks=files.tracks, times_s=times_s) for files in (material.truth, result)
        )
        floor = compare_identities(truth=true, found=found, block_of_time=blocks.find(times_s))
        values = {name: getattr(visits, name).value for name in (*RATIOS, "whole_long_stays")}
        values |= {name: blocks.score(getattr(floor, name)).value for name in ("idf1", "hota")}
        if material.tracked is not None:
            values["ends_seen"] = measure_ends_seen(material, result)
    else:
        true_s = material.truth
        (zone,) = _zones_of(result).values()
        values = {
            "visits": zone["visits"] / len(true_s),
            "mean_dwell": zone["mean_dwell_s"] / true_s.mean(),
            "median_dwell": zone["median_dwell_s"] / float(np.median(true_s)),
            "person_seconds": zone["person_seconds"] / true_s.sum(),
        }
    scores = {
        name: float(1 - abs(value - 1) if name in RATIOS else value)
        for name, value in values.items()
        if value is not None
    }
    return Scored(period.tracks, scores)


def measure_ends_seen(material: Material, result: ResultFiles) -> float:
    """Return the share of beginnings and ends of visitors that were seen, at doors or edges of the view."""
    scene, duration_s = material.scene, material.duration_s
    journeys = list_journeys(
        ordered=order_rows(result.tracks),
        visits=result.visits,
        zones=scene.geometry.zones,
        spans=None,
        view_edge=map_zones_edge(
            scene.geometry.zones,
            find_views(scene),
        ),
    )
    # those who were there before and after the stretch are broken by its ends alone
    starts = journeys.loc[journeys["start_s"] > _SLACK_S, "is_start_seen"]
    ends = journeys.loc[journeys["end_s"] < duration_s - _SLACK_S, "is_end_seen"]
    return float(pd.concat([starts, ends]).mean())


def score_seats(number: int) -> dict[str, float]:
    """Return the share of seated people who are counted, and of those counted that are somebody."""
    found = count_seated(make_seated_room(seed=FIRST_SEED + number))
    counted, nobody = found["counted"], found["counted nobody"]
    return {"seated_counted": counted / found["people"], "seated_right": counted / max(counted + nobody, 1)}


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
    if kind == "seats":
        measure_seats(measured, number, steps=[step for step in steps if step.name in missing])
        return
    material = load_material(kind, number, cache)
    if material is None:
        return
    tracked = _track_ours(material, kind, number, cache)
    ours = score(material, tracked)
    if (OURS, kind, number) not in measured.scores:
        measured.add(OURS, kind, number, ours.scores)
    for name in trackers:
        if name in missing and name != OURS and material.frames:
            measured.add(name, kind, number, score(material, track(material, TRACKERS[name])).scores)
    for step in steps:
        if step.name not in missing or (step.is_tracking and not material.frames):
            continue
        found = ours
        if material.cameras >= step.fewest_cameras:
            with leave_out(step):
                tracks = track(material, FloorTracker) if step.is_tracking else tracked
                if not step.is_tracking or not tracks[0].equals(tracked[0]):
                    found = score(material, tracks, known=ours)
        measured.add(step.name, kind, number, found.scores)


def measure_seats(measured: Measured, number: int, *, steps: Sequence[Step]) -> None:
    """Measure a room of seated people, which only the tracker sees."""
    if (OURS, "seats", number) not in measured.scores:
        measured.add(OURS, "seats", number, score_seats(number))
    for step in steps:
        if step.is_tracking:
            with leave_out(step):
                measured.add(step.name, "seats", number, score_seats(number))


def _track_ours(material: Material, kind: str, number: int, cache: Path) -> Tracked:
    """Return our tracks, from the cache where this version of the tracker has made them before."""
    if material.tracked is not None:
        return material.tracked
    file = cache / f"{kind}-{number}-{hash_code(TRACKING)}.tracks.pickle"
    if file.exists():
        known: Tracked = pickle.loads(file.read_bytes())
        return known
    tracked = track(material, FloorTracker)
    file.write_bytes(pickle.dumps(tracked))
    return tracked


@dataclass(frozen=True, slots=True)
class Difference:
    """How a figure changes, averaged over the kinds, with its interval.

    Attributes:
        kinds: the same for each kind that has the figure.
    """

    mean: float
    low: float
    high: float
    kinds: dict[str, tuple[float, float, float]]

    @property
    def worst(self) -> float:
        """Return the lowest mean of a kind."""
        return min(mean for mean, _, _ in self.kinds.values())

    @property
    def is_fall(self) -> bool:
        """Return whether the figure falls by more than is allowed, and not by chance."""
        in_mean = len(self.kinds) > 1 and self.mean < -MOST_LOST and self.high < 0
        return in_mean or any(mean < -MOST_LOST_IN_KIND and high < 0 for mean, _, high in self.kinds.values())


def compare(scores: Scores, variant: str, figure: str) -> Difference | None:
    """Return how a figure differs between a variant and ours, on the scenes that both were measured on."""
    rng = np.random.default_rng(1)
    kinds, resampled = {}, []
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
            means = off[rng.integers(0, len(off), (BOOTSTRAPS, len(off)))].mean(axis=1)
            low, high = np.percentile(means, [2.5, 97.5])
            kinds[kind] = (float(off.mean()), float(low), float(high))
            resampled.append(means)
    if not kinds:
        return None
    low, high = np.percentile(np.mean(resampled, axis=0), [2.5, 97.5])
    return Difference(float(np.mean([mean for mean, _, _ in kinds.values()])), float(low), float(high), kinds)


def find_falls(scores: Scores, variant: str) -> list[str]:
    """Return the figures for which a step earns its place, each with the worst kind."""
    falls = []
    for figure in FIGURES:
        found = compare(scores, variant, figure)
        if found is not None and found.is_fall:
            kind = min(found.kinds, key=lambda kind: found.kinds[kind][0])
            falls.append(f"{figure.replace('_', ' ')} ({kind} {found.worst:+.3f})")
    return falls


def count_engine() -> tuple[int, int]:
    """Return the lines and the constants of the engine.

    A constant is a name at the top of a module or a setting whose value is written in numbers; a table of
    numbers is one, and whole numbers in a table are indices.
    """
    lines = constants = 0
    for file in (file for folder in ENGINE for file in (Path(__file__).parents[1] / folder).rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        lines += len(text.splitlines())
        tree = ast.parse(text)
        bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
        for statement in (statement for body in bodies for statement in body):
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                constants += _count_numbers(statement)
    return lines, constants


def _count_numbers(statement: ast.Assign | ast.AnnAssign) -> int:
    assert statement.value is not None
    numbers = [node.value for node in ast.walk(statement.value) if isinstance(node, ast.Constant)]
    is_number = isinstance(statement.value, ast.Constant) and type(statement.value.value) is int
    if not any(number and (isinstance(number, float) or is_number) for number in numbers):
        return 0
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return sum(len(target.elts) if isinstance(target, ast.Tuple) else 1 for target in targets)


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
            falls = ", ".join(find_falls(scores, name))
            ends = f"{step.lines} | {step.constants} | {falls or 'no'} |"
        yield f"| {name} | {count} | {' | '.join(cells)} | {worst:+.3f} | {ends}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1, help="how many scenes of each kind")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--steps", nargs="+", choices=[step.name for step in STEPS], help="only these")
    parser.add_argument("--settings", action="store_true", help="vary each setting by half instead")
    parser.add_argument("--together", action="store_true", help="leave the steps out all at once")
    parser.add_argument(
        "--part", choices=("tracks", "tracker"), help="only steps on tracks, or of the tracker"
    )
    parser.add_argument("--count", action="store_true", help="only the lines and constants of the engine")
    parser.add_argument("--first", type=int, default=0, help="the first scene of each kind")
    parser.add_argument("--table", action="store_true", help="measure nothing, only print what is known")
    parser.add_argument("--no-trackers", action="store_true", help="without the other trackers")
    parser.add_argument("--cache", type=Path, default=Path("build/identity-elimination"))
    arguments = parser.parse_args()
    if arguments.count:
        print("{} lines, {} constants".format(*count_engine()))
        return
    arguments.cache.mkdir(parents=True, exist_ok=True)
    measured = Measured(arguments.cache / "scores.jsonl", hash_code())
    known = vary_settings() if arguments.settings else STEPS
    steps = [step for step in known if arguments.steps is None or step.name in arguments.steps]
    if arguments.part:
        steps = [step for step in steps if step.is_tracking == (arguments.part == "tracker")]
    steps = [join_steps(steps)] if arguments.together else steps
    trackers = [OURS] if arguments.no_trackers else list(TRACKERS)
    began_s = time.monotonic()
    for number in () if arguments.table else range(arguments.first, arguments.seeds):
        for kind in arguments.kinds:
            measure(measured, kind, number, steps=steps, trackers=trackers, cache=arguments.cache)
            print(f"{kind} {number}: {time.monotonic() - began_s:.0f} s", flush=True)
    print("\n".join(list_rows(measured.scores, steps, trackers)))


if __name__ == "__main__":
    main()
