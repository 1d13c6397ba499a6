"""The detector and the tracker on a real clip, against what a person saw in it."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint
from resources.files import resource_path
from tests.support.halls.scripted_people import ScriptedFrame, run_tracker
from vision.calibration.homography import estimate_homography
from vision.detection.detector import detect
from vision.detection.model_catalogue import SHIPPED_MODEL
from vision.detection.openvino_detector import OpenVinoDetector
from vision.pixel_types import Frame
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_factory import open_source
from vision.tracking.floor_projection import FloorProjection
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import make_floor_view

pytestmark = pytest.mark.footage

CLIP_FPS = 10.0
SIZE_WH = (768, 432)
MINIMUM_STAY_S = 3.0
BATCH = 8


def read_truth(footage: Path) -> list[tuple[float, float]]:
    """First and last moment in view of each visitor, seconds."""
    with (footage / "clips/gt/one-by-one_presence_gt.csv").open(encoding="utf-8") as file:
        return [
            (int(row["first_visible_frame"]) / CLIP_FPS, int(row["last_visible_frame"]) / CLIP_FPS)
            for row in csv.DictReader(file)
        ]


def read_frames(footage: Path, *, analysed_fps: float, until_s: float) -> Iterator[Frame]:
    address = SourceAddress(SourceKind.VIDEO, str(footage / "clips/one-by-one-person-detection.mp4"))
    camera = Camera(CameraId("cam"), analysed_fps=analysed_fps)
    source = open_source(address, camera, FrameSampler(analysed_fps=analysed_fps), SystemClock())
    source.open()
    try:
        while (frame := source.read()) is not None and frame.time_s <= until_s:
            yield frame
    finally:
        source.close()


def detect_in_clip(footage: Path, *, analysed_fps: float, until_s: float = np.inf) -> list[ScriptedFrame]:
    detector = OpenVinoDetector.load(resource_path("models", SHIPPED_MODEL), device="CPU")
    try:
        frames = read_frames(footage, analysed_fps=analysed_fps, until_s=until_s)
        detected: list[ScriptedFrame] = []
        while batch := list(itertools.islice(frames, BATCH)):
            found = detect(detector, [frame.picture for frame in batch])
            detected += [(frame.time_s, people) for frame, people in zip(batch, found, strict=True)]
        return detected
    finally:
        detector.close()


def track_on_floor(footage: Path, frames: list[ScriptedFrame]) -> list[list[TrackPoint]]:
    """The points of each tracklet on the stand-in floor, which has a hundred pixels to the metre."""
    with (footage / "clips/gt/one-by-one_pairs.csv").open(encoding="utf-8") as file:
        pairs = [
            PointPair(*(float(row[name]) for name in ("u_px", "v_px", "x_m", "y_m")))
            for row in csv.DictReader(file)
        ]
    camera = Camera(CameraId("cam"), frame_size_wh=SIZE_WH, pairs=tuple(pairs))
    geometry = estimate_homography(pairs).geometry
    projection = FloorProjection(camera, geometry, SIZE_WH)
    numbers = itertools.count(1)
    tracker = FloorTracker(lambda: TrackletId(next(numbers)), make_floor_view(camera, geometry, SIZE_WH))
    tracklets = run_tracker(tracker, frames)
    points = [projection.project(boxes) for boxes in tracklets.values()]
    assert projection.masked == projection.off_floor == 0
    return points


def presence_s(points: list[TrackPoint], *, analysed_fps: float) -> float:
    """From the first to the last frame, each standing for its own period."""
    return points[-1].time_s - points[0].time_s + 1 / analysed_fps


@pytest.mark.slow
def test_the_first_visitor_is_one_and_present_as_long_as_seen(footage: Path) -> None:
    (points,) = track_on_floor(footage, detect_in_clip(footage, analysed_fps=5, until_s=21.0))
    begin_s, end_s = read_truth(footage)[0]
    assert points[0].time_s == pytest.approx(begin_s, abs=0.7)
    assert points[-1].time_s == pytest.approx(end_s, abs=0.7)
    steps = np.hypot(*np.diff([(point.x_m, point.y_m) for point in points], axis=0).T)
    assert np.median(steps) < 0.3
    assert all(-0.01 <= point.x_m <= 7.69 and -0.01 <= point.y_m <= 4.33 for point in points)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_six_visitors_are_six_and_present_as_long_as_seen(footage: Path) -> None:
    frames = detect_in_clip(footage, analysed_fps=CLIP_FPS)
    for every, max_mean_error_s in ((1, 0.4), (2, 0.7)):
        fps = CLIP_FPS / every
        tracklets = track_on_floor(footage, frames[::every])
        truth = read_truth(footage)
        lasting = [points for points in tracklets if presence_s(points, analysed_fps=fps) >= MINIMUM_STAY_S]
        assert len(lasting) == len(tracklets) == len(truth)
        errors_s = [
            presence_s(points, analysed_fps=fps) - (end_s - begin_s + 1 / CLIP_FPS)
            for points, (begin_s, end_s) in zip(lasting, truth, strict=True)
        ]
        assert np.mean(np.abs(errors_s)) < max_mean_error_s
        for points, (begin_s, _) in zip(lasting, truth, strict=True):
            assert points[0].time_s == pytest.approx(begin_s, abs=1.0)
