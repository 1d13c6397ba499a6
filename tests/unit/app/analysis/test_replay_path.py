"""Detections of a file and the same ones of a live camera become the same points and spans."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.domain.camera import Camera
from analytics.domain.identifiers import CameraId
from app.analysis.detection_file import CameraFrames, check_detections, read_detection_rows
from app.analysis.recording_scene import RecordingScene, fit_geometry, read_scene
from app.analysis.replay_detections import track_frames
from tests.support.halls.walked_detections import SIZE_WH, make_walked_files
from tests.support.scripted_pipeline import LoadScripted, OpenJournal, OpenScripted
from tools.memory_event_store import MemoryEventStore
from vision.pipeline.camera_lane import CameraLane
from vision.pipeline.frame_slots import FrameReader, FrameWriter, create_frame_slots, remove_frame_slots
from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.plan import CameraFeed
from vision.pipeline.shared_segment import make_segment_name
from vision.pipeline.stage_timer import StageTimer
from vision.pipeline.tracklet_numbers import TrackletNumbers
from vision.pipeline.wake_signal import WakeSignal
from vision.pixel_types import Detections, Frame
from vision.sources.frame_source import SourceAddress, SourceKind

NORTH = CameraId("north")


def test_a_file_and_a_live_camera_are_tracked_alike(tmp_path: Path) -> None:
    files = make_walked_files(tmp_path / "walked")
    scene = read_scene(files.zones, files.calibration)
    sizes_wh = {NORTH: SIZE_WH}
    (frames,), _ = check_detections(
        read_detection_rows(files.detections), known=(NORTH,), frame_sizes_wh=sizes_wh, file=""
    )
    replayed, live = MemoryEventStore(), MemoryEventStore()
    track_frames([frames], scene=scene, sizes_wh=sizes_wh, start_s=0.0, sink=replayed)
    track_live(frames, scene, live, tmp_path)
    assert len(replayed.read_tracks()) > 300
    pd.testing.assert_frame_equal(replayed.read_tracks(), live.read_tracks())
    pd.testing.assert_frame_equal(replayed.read_spans(), live.read_spans())


def track_live(frames: CameraFrames, scene: RecordingScene, store: MemoryEventStore, folder: Path) -> None:
    """As the inference process does, from pictures in shared memory."""
    camera: Camera = replace(scene.cameras[0], analysed_fps=10.0)
    feed = CameraFeed(
        camera, SourceAddress(SourceKind.RTSP, "rtsp://x"), fit_geometry(camera), is_lossless=False
    )
    name = make_segment_name(os.getpid())
    control = create_frame_slots(name, is_lossless=False)
    try:
        writer = FrameWriter(name, is_lossless=False)
        lane = CameraLane(
            feed,
            FrameReader(name, is_lossless=False),
            WakeSignal(),
            parts=PipelineParts(OpenJournal(folder), OpenScripted(), LoadScripted()),
            next_tracklet=TrackletNumbers(store.reserve_tracklets),
            sink=store,
            observations=ObservationLog(
                NORTH, store, interval_s=0.1, observed_until_s=None, first_cause=NOT_RUNNING
            ),
            timer=StageTimer(),
        )
        picture = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
        for number, time_s in enumerate(frames.times_s.tolist()):
            writer.publish(Frame(NORTH, picture, time_s, number), wait=lambda: False)
            frame = lane.take()
            assert frame is not None
            assert lane.release(frame)
            boxes = slice(frames.borders[number], frames.borders[number + 1])
            lane.accept(frame, Detections(frames.xyxy[boxes], frames.score[boxes]))
        lane.finish(frames.times_s[-1])
        assert lane.report.points == len(store.read_tracks())
    finally:
        control.close()
        remove_frame_slots(name)
