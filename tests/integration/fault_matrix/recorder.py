"""The program under test: the real recording of a venue, with a detector that reads each picture's number.

Everything else is the product's own: RTSP, capture and inference processes, shared memory, history, upkeep.
Run as ``python -m tests.integration.fault_matrix.recorder VENUE PASSWORD``; prints its status as JSON lines.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.clock import Clock
from analytics.domain.errors import ExpoFlowError
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from app.core.credentials import Credential, MemoryCredentialStore, make_credential_key
from app.core.file_format import read_venue
from app.recording import record_venue
from app.recording.cli import _stop_on_signals
from app.recording.recorded_history import open_recorded_history
from tests.support.reports.clips import read_picture_number
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.pipeline_parts import PipelineParts, open_feed
from vision.pipeline.pipeline_status import PipelineStatus
from vision.pipeline.plan import CameraFeed
from vision.pixel_types import Detections, Frame, Picture, TrackedBox
from vision.sources.frame_source import FrameSource
from vision.tracking.floor_view import FloorView

USER = "viewer"
CRASH_ONCE, CRASH_ALWAYS = ".crash-once", ".crash-always"
"""Files in a venue's folder, followed by ``-`` and a camera's name, that make a decoder of it abort."""
NUMBERS = 500
"""Numbers on the pictures go up to this, and are metres on the floor."""


class NumberDetector:
    """Finds one person, whose place is the number in the picture."""

    input_wh = (320, 180)

    def submit(self, pictures: Sequence[Picture]) -> NumberDetector.Found:
        return self.Found([self._detect(picture) for picture in pictures])

    def close(self) -> None:
        pass

    def _detect(self, picture: Picture) -> Detections:
        number = float(read_picture_number(picture) % NUMBERS)
        return Detections(np.array([[number, 1, number, 1]], np.float32), np.full(1, 0.9, np.float32))

    @dataclass
    class Found:
        found: list[Detections]

        def wait(self) -> list[Detections]:
            return self.found


def load_detector(_choice: DetectorChoice) -> NumberDetector:
    return NumberDetector()


class OnePerson:
    """Whoever is found is the same person; time never goes back."""

    def __init__(self, tracklet: TrackletId) -> None:
        self._tracklet = tracklet
        self._last_s = -np.inf

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        assert time_s > self._last_s
        self._last_s = time_s
        box = tuple(map(float, detections.xyxy[0]))
        return [TrackedBox(self._tracklet, time_s, box, 0.9, TrackState.CONFIRMED)]  # type: ignore[arg-type]

    def finish(self) -> Sequence[TrackedBox]:
        return []


def make_tracker(next_tracklet: Callable[[], TrackletId], _floor: FloorView) -> OnePerson:
    return OnePerson(next_tracklet())


@dataclass(frozen=True)
class NumberFloor:
    """A floor on which a metre is a pixel."""

    camera: CameraId

    def project(self, boxes: Sequence[TrackedBox]) -> list[TrackPoint]:
        return [
            TrackPoint(b.time_s, self.camera, b.tracklet, b.xyxy[0], b.xyxy[1], 0.1, None, b.state)
            for b in boxes
        ]


def make_projection(camera: Camera, _geometry: CameraGeometry, _size_wh: tuple[int, int]) -> NumberFloor:
    return NumberFloor(camera.name)


class FragileSource:
    """A camera's real source, in whose decoder a file on the disk makes a native crash."""

    def __init__(self, source: FrameSource, folder: Path, camera: str) -> None:
        self._source = source
        self._once, self._always = (folder / f"{mark}-{camera}" for mark in (CRASH_ONCE, CRASH_ALWAYS))

    def open(self) -> None:
        self._source.open()

    def read(self) -> Frame | None:
        if self._once.exists():
            self._once.unlink()
            os.abort()
        if self._always.exists():
            os.abort()
        return self._source.read()

    def close(self) -> None:
        self._source.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)


def open_fragile(folder: Path, feed: CameraFeed, clock: Clock) -> FragileSource:
    return FragileSource(open_feed(feed, clock), folder, feed.camera.name)


def describe(status: PipelineStatus) -> str:
    return json.dumps(
        {
            "cameras": {
                str(c.camera): {
                    "analysed": c.analysed,
                    "state": c.state.value,
                    "detail": str(c.detail),
                    "points": c.points,
                }
                for c in status.cameras
            },
            "processes": [
                {"name": p.name, "pid": p.pid, "restarts": p.restarts, "detail": p.detail}
                for p in status.processes
            ],
            "history": str(status.history.describe() or ""),
            "mode": status.history.mode.value,
        }
    )


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    folder, password = Path(sys.argv[1]), sys.argv[2]
    store = MemoryCredentialStore()
    for entry in read_venue(folder).cameras:
        if entry.address is not None:
            key = make_credential_key(entry.address, camera=entry.name)
            store.store(key, Credential(USER, password))
    record_venue.open_credential_store = lambda: store
    # a signal of the system is the cause of the gap that follows, as of `expoflow record`
    stop_event, stop_cause = _stop_on_signals()
    parts = PipelineParts(
        open_sink=partial(open_recorded_history, folder),
        open_source=partial(open_fragile, folder),
        load_detector=load_detector,
        make_tracker=make_tracker,
        make_projection=make_projection,
    )
    try:
        record_venue.record(
            folder,
            on_status=lambda status: say(describe(status)),
            stop_event=stop_event,
            stop_cause=stop_cause,
            parts=parts,
        )
    except ExpoFlowError as error:
        say(json.dumps({"failure": str(error)}))
        sys.exit(1)


if __name__ == "__main__":
    main()
