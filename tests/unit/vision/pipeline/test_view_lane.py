"""A camera's view is watched beside its detections: the log, and the reference on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.event_sink import CameraEventKind
from analytics.domain.identifiers import CameraId
from tests.support.halls.watched_hall import CAMERA, SIZE_WH, Crowd, film, nudge_camera
from tools.memory_event_store import MemoryEventStore
from vision.alignment.view_report import ViewVerdict
from vision.pipeline.frame_slots import SlotFrame
from vision.pipeline.plan import CameraFeed
from vision.pipeline.view_lane import REFERENCE_CAPTURED, ViewLane
from vision.pixel_types import Detections, Picture
from vision.sources.frame_source import SourceAddress, SourceKind

SETTLED_S = 42.0
CROWD = Crowd()
COVER = np.full((*SIZE_WH[::-1], 3), 80, np.uint8)


def make_lane(file: Path | None, sink: MemoryEventStore) -> ViewLane:
    feed = CameraFeed(
        Camera(CameraId("door"), SIZE_WH),
        SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/stream"),
        CameraGeometry(np.eye(3)),
        is_lossless=False,
        reference_file=file,
    )
    lane = ViewLane(feed, sink)
    lane.follow_size(SIZE_WH)
    return lane


def run(lane: ViewLane, start_s: float, end_s: float, take: Callable[[float], Picture]) -> None:
    for number, time_s in enumerate(np.arange(start_s, end_s, 0.6).tolist()):
        frame = SlotFrame(picture=take(time_s), time_s=time_s, number=number, sequence=number, slot=0, link=1)
        lane.sample(frame)
        lane.accept(frame, Detections.empty())


def test_a_move_is_logged_since_it_was_last_known_to_stand(tmp_path: Path) -> None:
    sink, file = MemoryEventStore(), tmp_path / "views" / "door-0.npz"
    lane = make_lane(file, sink)
    run(lane, 0.0, SETTLED_S, lambda t: film(CROWD, t)[0])
    assert file.exists()
    run(lane, SETTLED_S, SETTLED_S + 40, lambda t: film(CROWD, t, camera=nudge_camera(0.05))[0])
    events = sink.read_events()
    assert events["kind"].tolist() == [CameraEventKind.STEADY_AGAIN, CameraEventKind.MOVED]
    assert events["detail"][0] == REFERENCE_CAPTURED
    assert events["time_s"][1] <= SETTLED_S
    assert "% of the picture's width" in events["detail"][1]
    pictures = lane.take_pictures()
    assert pictures is not None
    assert len(pictures.before) == len(pictures.after) == SIZE_WH[0] * SIZE_WH[1]
    assert lane.take_pictures() is None  # once


def test_after_a_restart_the_reference_of_before_holds(tmp_path: Path) -> None:
    file = tmp_path / "door-0.npz"
    run(make_lane(file, MemoryEventStore()), 0.0, SETTLED_S, lambda t: film(None, t)[0])
    sink = MemoryEventStore()
    again = make_lane(file, sink)
    run(again, 100.0, 140.0, lambda t: film(CROWD, t, camera=nudge_camera(0.05))[0])
    assert again.report.verdict is ViewVerdict.MOVED
    assert sink.read_events()["kind"].tolist() == [CameraEventKind.MOVED]
    run(again, 140.0, 200.0, lambda t: film(CROWD, t, camera=CAMERA)[0])
    assert sink.read_events()["kind"].tolist() == [CameraEventKind.MOVED, CameraEventKind.STEADY_AGAIN]


def test_a_covered_lens_is_logged_with_its_cause() -> None:
    sink = MemoryEventStore()
    lane = make_lane(None, sink)
    run(lane, 0.0, SETTLED_S, lambda t: film(None, t)[0])
    run(lane, SETTLED_S, SETTLED_S + 12, lambda _t: COVER)
    assert lane.is_blinded
    last = sink.read_events().iloc[-1]
    assert (last["kind"], last["detail"]) == (CameraEventKind.BLINDED, "covered")


@pytest.mark.parametrize("may_be_dark", [False, True])
def test_darkness_is_no_trouble_where_it_may_be_dark(may_be_dark: bool) -> None:
    sink = MemoryEventStore()
    lane = make_lane(None, sink)
    run(lane, 0.0, SETTLED_S, lambda t: film(None, t)[0])
    lane.follow_darkness(may_be_dark=may_be_dark)
    run(lane, SETTLED_S, SETTLED_S + 12, lambda _t: np.zeros_like(COVER))
    assert lane.is_blinded is not may_be_dark
    lane.follow_darkness(may_be_dark=True)
    run(lane, SETTLED_S + 12, SETTLED_S + 15, lambda _t: np.zeros_like(COVER))
    assert not lane.is_blinded
    # a cover is one all the same
    run(lane, SETTLED_S + 15, SETTLED_S + 30, lambda _t: COVER)
    assert lane.is_blinded


def test_a_torn_picture_is_not_looked_at() -> None:
    lane = make_lane(None, MemoryEventStore())
    frame = SlotFrame(picture=film(None, 0.0)[0], time_s=0.0, number=0, sequence=1, slot=0, link=1)
    lane.sample(frame)
    lane.drop(frame)
    lane.accept(frame, Detections.empty())
    assert lane.report.steady_until_s is None
    assert lane.report.verdict is ViewVerdict.UNKNOWN


@pytest.mark.parametrize("file_name", ["views", "views/x"])
def test_a_reference_that_cannot_be_kept_stops_nothing(tmp_path: Path, file_name: str) -> None:
    (tmp_path / "views").write_text("a file, where a folder is wanted")
    lane = make_lane(tmp_path / file_name / "door-0.npz", MemoryEventStore())
    run(lane, 0.0, SETTLED_S, lambda t: film(None, t)[0])
    assert lane.report.verdict is ViewVerdict.STEADY
