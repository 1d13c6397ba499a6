"""Real people on film: how many visitors, how long present, how many in view, by each tracker."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.domain.camera import Camera
from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from app.analysis.detection_file import CameraFrames
from app.analysis.recording_scene import read_scene
from app.analysis.replay_detections import track_frames
from benchmarks.tracking_methods import METHODS, compute_ours, list_plainly
from resources.files import resource_path
from tools.memory_event_store import MemoryEventStore
from vision.detection.detector import detect
from vision.detection.model_catalogue import SHIPPED_MODEL
from vision.detection.openvino_detector import OpenVinoDetector
from vision.pixel_types import Frame
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_factory import open_source

SIZE_WH = (768, 432)
FPS = 10.0
_BATCH = 8


def find_footage() -> Path | None:
    """The folder of the real clips, if it is here."""
    folder = Path(os.environ.get("EXPOFLOW_FOOTAGE", Path(__file__).parents[2] / "shared" / "footage"))
    return folder if folder.is_dir() else None


def measure_clips() -> str:
    """The table of the clips with truth, as Markdown; a sentence where they are not here."""
    footage = find_footage()
    if footage is None:
        return "The real clips are not here: set EXPOFLOW_FOOTAGE to their folder."
    truth = footage / "clips" / "gt"
    scene = read_scene(truth / "one-by-one_zones.geojson", truth / "one-by-one_pairs.csv")
    scene = replace(scene, cameras=tuple(replace(c, frame_size_wh=SIZE_WH) for c in scene.cameras))
    whole = detect_clip(footage / "clips" / "one-by-one-person-detection.mp4", scene.camera_names[0])
    with (truth / "one-by-one_presence_gt.csv").open(encoding="utf-8") as file:
        present_s = np.array([float(row["presence_s_at_10fps"]) for row in csv.DictReader(file)])
    lines = [
        "| one-by-one clip, six visitors | method | identities | visits | mean error of presence s |",
        "|---|---|---|---|---|",
    ]
    for every in (1, 2, 5):
        frames = thin_out(whole, every)
        for method in METHODS:
            store = MemoryEventStore()
            sizes_wh = {frames.camera: SIZE_WH}
            track_frames(
                [frames],
                scene=scene,
                sizes_wh=sizes_wh,
                make_tracker=method.make_tracker,
                start_s=0.0,
                sink=store,
            )
            compute = compute_ours if method.is_ours else list_plainly
            duration_s = float(frames.times_s[-1]) + frames.interval_s
            result = compute(store.read_tracks(), store.read_spans(), scene, duration_s)
            visits = result.visits.sort_values("entered_s")["seconds"].to_numpy(np.float64)
            error = f"{np.abs(visits - present_s).mean():.2f}" if len(visits) == len(present_s) else "–"
            identities = _count_identities(result.tracks)
            lines.append(
                f"| {FPS / every:g} frames/s | {method.name} | {identities} | {len(visits)} | {error} |"
            )
    return "\n".join(lines)


def detect_clip(clip: Path, camera: CameraId) -> CameraFrames:
    """The people that YOLO11n finds in every frame of a clip."""
    detector = OpenVinoDetector.load(resource_path("models", SHIPPED_MODEL), device="CPU")
    address = SourceAddress(SourceKind.VIDEO, str(clip))
    source = open_source(
        address, Camera(camera, analysed_fps=None), FrameSampler(analysed_fps=None), SystemClock()
    )
    times_s, boxes, scores = [], [], []
    source.open()
    try:
        is_over = False
        while not is_over:
            batch: list[Frame] = []
            while len(batch) < _BATCH and not is_over:
                frame = source.read()
                is_over = frame is None
                if frame is not None:
                    batch.append(frame)
            if batch:
                for frame, found in zip(batch, detect(detector, [f.picture for f in batch]), strict=True):
                    times_s.append(frame.time_s)
                    boxes.append(found.xyxy)
                    scores.append(found.score)
    finally:
        source.close()
        detector.close()
    borders = np.append(0, np.cumsum([len(score) for score in scores]))
    return CameraFrames(camera, np.array(times_s), borders, np.concatenate(boxes), np.concatenate(scores))


def thin_out(frames: CameraFrames, every: int) -> CameraFrames:
    """Every so-many-th frame alone."""
    chosen = range(0, len(frames.times_s), every)
    rows = [np.arange(frames.borders[i], frames.borders[i + 1]) for i in chosen]
    index = np.concatenate(rows)
    return CameraFrames(
        frames.camera,
        frames.times_s[::every],
        np.append(0, np.cumsum([len(row) for row in rows])),
        frames.xyxy[index],
        frames.score[index],
    )


def _count_identities(tracks: pd.DataFrame) -> int:
    column = "visitor" if tracks["visitor"].notna().any() else "tracklet"
    return int(tracks[column].nunique())
