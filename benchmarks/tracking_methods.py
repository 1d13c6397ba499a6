"""Ours and other trackers on the same detections, each to the four files of a result."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analytics.domain.identifiers import TrackletId
from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from analytics.evaluation.result_reading import ResultFiles
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.metrics.coverage import CameraView
from analytics.results.summary import compute_results
from app.analysis.detection_file import check_detections, read_detection_rows
from app.analysis.recording_scene import RecordingScene, read_scene
from app.analysis.replay_detections import track_frames
from app.cameras.frame_sizes import parse_frame_sizes
from app.facts.identified_period import IdentifiedPeriod, identify_period
from benchmarks.baselines.ultralytics_tracker import UltralyticsTracker
from tools.memory_event_store import MemoryEventStore
from vision.pipeline.pipeline_parts import TrackerMaker
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView

NOWHERE = Path()


@dataclass(frozen=True, slots=True)
class Method:
    """A way from detections to numbers.

    Attributes:
        make_tracker: for one camera.
        is_ours: identities are joined and the numbers are estimates; otherwise each of the tracker's
            identities is a visitor, and the numbers are of the visits as they are listed.
    """

    name: str
    make_tracker: TrackerMaker
    is_ours: bool


def make_bytetrack(next_tracklet: Callable[[], TrackletId], _floor: FloorView) -> UltralyticsTracker:
    """ByteTrack, in the picture."""
    return UltralyticsTracker("bytetrack", next_tracklet)


def make_botsort(next_tracklet: Callable[[], TrackletId], _floor: FloorView) -> UltralyticsTracker:
    """BoT-SORT, in the picture."""
    return UltralyticsTracker("botsort", next_tracklet)


METHODS = (
    Method("ExpoFlow", FloorTracker, is_ours=True),
    Method("ByteTrack (ultralytics)", make_bytetrack, is_ours=False),
    Method("BoT-SORT (ultralytics)", make_botsort, is_ours=False),
    Method("floor, listed visits", FloorTracker, is_ours=False),
)


@dataclass(frozen=True, slots=True, eq=False)
class MethodRun:
    """A result and what it took, processor seconds.

    Attributes:
        frames: of all cameras together.
    """

    result: ResultFiles
    frames: int
    tracking_s: float
    numbers_s: float


@dataclass(frozen=True, slots=True, eq=False)
class TrackedScene:
    """What a tracker made of a scene's detections.

    Attributes:
        scene: with the cameras' frame sizes.
        frames: of all cameras together.
        tracking_s: processor seconds.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    scene: RecordingScene
    duration_s: float
    frames: int
    tracking_s: float


def track_scene(folder: Path, *, make_tracker: TrackerMaker = FloorTracker) -> TrackedScene:
    """Tracks from the files of a scene (detections, zones, calibration, frame sizes)."""
    scene = read_scene(folder / "zones.geojson", folder / "calibration.csv")
    sizes = parse_frame_sizes((folder / "frame_sizes.txt").read_text(encoding="utf-8").split())
    sizes_wh = {name: sizes[str(name)] for name in scene.camera_names}
    rows = read_detection_rows(folder / "detections.csv")
    frames, _ = check_detections(
        rows, known=scene.camera_names, frame_sizes_wh=sizes_wh, file="detections.csv"
    )
    store = MemoryEventStore()
    began_s = time.process_time()
    track_frames(frames, scene=scene, sizes_wh=sizes_wh, make_tracker=make_tracker, start_s=0.0, sink=store)
    tracking_s = time.process_time() - began_s
    scene = replace(scene, cameras=tuple(replace(c, frame_size_wh=sizes_wh[c.name]) for c in scene.cameras))
    duration_s = max(of_camera.times_s[-1] + of_camera.interval_s for of_camera in frames)
    count = sum(len(of_camera.times_s) for of_camera in frames)
    return TrackedScene(store.read_tracks(), store.read_spans(), scene, duration_s, count, tracking_s)


def run_method(method: Method, folder: Path) -> MethodRun:
    """Results of a method from the files of a scene."""
    tracked = track_scene(folder, make_tracker=method.make_tracker)
    began_s = time.process_time()
    compute = compute_ours if method.is_ours else list_plainly
    result = compute(tracked.tracks, tracked.spans, tracked.scene, tracked.duration_s)
    numbers_s = time.process_time() - began_s
    return MethodRun(result, tracked.frames, tracked.tracking_s, numbers_s)


def compute_ours(
    tracks: pd.DataFrame, spans: pd.DataFrame, scene: RecordingScene, duration_s: float
) -> ResultFiles:
    """Who is who, and estimates, as every result of ours is made."""
    return compute_figures(identify_ours(tracks, spans, scene, duration_s), scene, duration_s)


def identify_ours(
    tracks: pd.DataFrame, spans: pd.DataFrame, scene: RecordingScene, duration_s: float
) -> IdentifiedPeriod:
    """Who is who."""
    return identify_period(
        tracks=tracks,
        spans=spans,
        period_s=(0.0, duration_s),
        views=find_views(scene),
        zones=scene.geometry.zones,
        lines=scene.geometry.lines,
    )


def compute_figures(period: IdentifiedPeriod, scene: RecordingScene, duration_s: float) -> ResultFiles:
    """Estimates from who is who."""
    results = compute_results(
        tracks=period.tracks,
        spans=period.spans,
        zones=scene.geometry.zones,
        lines=scene.geometry.lines,
        duration_s=duration_s,
        views=find_views(scene),
        doors=period.doors,
    )
    return ResultFiles(NOWHERE, period.tracks, results.visits, results.crossings, results.summary)


def find_views(scene: RecordingScene) -> tuple[CameraView, ...]:
    """Fields of view of the cameras whose pictures have a known size."""
    return scene.views({c.name: c.frame_size_wh for c in scene.cameras if c.frame_size_wh})


def list_plainly(
    tracks: pd.DataFrame, spans: pd.DataFrame, scene: RecordingScene, duration_s: float
) -> ResultFiles:
    """Every track is a visitor; visits by the same rule, no estimates: what most programs do."""
    zones, lines = scene.geometry.zones, scene.geometry.lines
    stays = compute_stays(tracks=tracks, zones=zones, spans=spans, settings=VisitSettings())
    in_zones = {
        str(zone.name): {"person_seconds": float(stays.loc[stays["zone"] == str(zone.name), "seconds"].sum())}
        for zone in zones
    }
    return ResultFiles(
        NOWHERE,
        tracks,
        select_visits(stays=stays, zones=zones),
        compute_crossings(tracks=tracks, lines=lines, settings=CrossingSettings()),
        {"zones": in_zones, "duration_s": duration_s},
    )
