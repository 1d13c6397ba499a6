"""Who is in the newest picture reaches the status, only the newest, and never outlives its camera."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from tests.support.scripted_pipeline import (
    JournalSink,
    LoadScripted,
    OpenJournal,
    OpenScripted,
    draw_number,
    make_feed,
)
from vision.pipeline.backpressure import Outbox
from vision.pipeline.camera_lane import CameraLane
from vision.pipeline.frame_slots import FrameReader, FrameWriter, create_frame_slots, remove_frame_slots
from vision.pipeline.messages import CameraCapture, CameraState, CameraTracks, LiveTrack
from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.shared_segment import make_segment_name
from vision.pipeline.stage_timer import StageTimer
from vision.pipeline.supervisor import CameraAccount
from vision.pipeline.wake_signal import WakeSignal
from vision.pixel_types import Detections, Frame, TrackedBox

DOOR = CameraId("door")
ANNA = LiveTrack(TrackletId(7), (1.0, 2.0, 3.0, 4.0), 0.5, 1.5, 0.9)


class PastAndPresent:
    """Confirms one person with a past, and keeps one who stands in a mask."""

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        box = (10.0, 5.0, 14.0, 20.0)
        return [
            TrackedBox(TrackletId(1), time_s - 0.1, box, 0.8, TrackState.INTERPOLATED),
            TrackedBox(TrackletId(1), time_s, box, 0.8, TrackState.CONFIRMED),
            TrackedBox(TrackletId(2), time_s, (0.0, 0.0, 3.0, 9.0), 0.6, TrackState.CONFIRMED),
        ]

    def finish(self) -> Sequence[TrackedBox]:
        return []


class MaskedLeft:
    """A floor of which the left of the picture is not seen."""

    def project(self, boxes: Sequence[TrackedBox]) -> list[TrackPoint]:
        return [
            TrackPoint(b.time_s, DOOR, b.tracklet, b.xyxy[0] / 10, b.xyxy[3] / 10, 0.1, None, b.state)
            for b in boxes
            if b.xyxy[0] >= 5
        ]


def test_a_lane_shows_the_present_and_not_the_past_that_it_was_just_credited(tmp_path: Path) -> None:
    parts = PipelineParts(
        OpenJournal(tmp_path),
        OpenScripted(),
        LoadScripted(),
        lambda _numbers, _floor: PastAndPresent(),
        lambda _camera, _geometry, _size: MaskedLeft(),
    )
    name = make_segment_name(os.getpid())
    control = create_frame_slots(name, is_lossless=False)
    writer = FrameWriter(name, is_lossless=False)
    feed, sink = make_feed("door", is_lossless=False), JournalSink(tmp_path)
    lane = CameraLane(
        feed,
        FrameReader(name, is_lossless=False),
        WakeSignal(),
        parts=parts,
        next_tracklet=lambda: TrackletId(1),
        sink=sink,
        observations=ObservationLog(
            DOOR, sink, interval_s=0.1, observed_until_s=None, first_cause=NOT_RUNNING
        ),
        timer=StageTimer(),
    )
    assert lane.find_tracks() is None
    for number in (10, 11):
        writer.publish(Frame(DOOR, draw_number(number), number / 10, number), wait=lambda: False)
        frame = lane.take()
        assert frame is not None
        assert lane.release(frame)
        lane.accept(frame, Detections(np.array([[30.0, 1.0, 34.0, 9.0]]), np.array([0.3])))
        assert lane.has_new_tracks
    shown = lane.find_tracks()
    assert shown == CameraTracks(
        DOOR,
        1.1,
        (
            LiveTrack(TrackletId(1), (10.0, 5.0, 14.0, 20.0), 1.0, 2.0, 0.8, 0.1),
            LiveTrack(TrackletId(2), (0.0, 0.0, 3.0, 9.0), None, None, 0.6),
        ),
        found_xyxy=((30.0, 1.0, 34.0, 9.0),),
    )
    assert not lane.has_new_tracks
    assert lane.find_tracks() is shown
    assert lane.report.people == len(shown.tracks)
    sink.close()
    control.close()
    remove_frame_slots(name)


def test_tracks_are_gone_when_the_camera_or_the_analysis_is() -> None:
    account = CameraAccount(make_feed("door", is_lossless=False))
    seen = CameraTracks(DOOR, 5.0, (ANNA,))
    account.take_tracks(seen)
    assert account.status(now_s=1.0, now_utc_s=5.1).tracks == (), "no picture has come yet"

    account.take_capture(CameraCapture(DOOR, CameraState.STREAMING), 1.0)
    status = account.status(now_s=1.0, now_utc_s=5.1)
    assert (status.tracks, status.tracks_time_s) == ((ANNA,), 5.0)

    account.take_capture(CameraCapture(DOOR, CameraState.LOST, "unplugged"), 2.0)
    status = account.status(now_s=2.0, now_utc_s=6.1)
    assert (status.tracks, status.tracks_time_s) == ((), None)

    account.take_capture(CameraCapture(DOOR, CameraState.STREAMING), 3.0)
    account.restart_analysis()
    assert account.status(now_s=3.0, now_utc_s=7.1).tracks == ()


def test_only_the_newest_report_waits_and_it_waits_behind_what_must_arrive() -> None:
    ours, theirs = multiprocessing.Pipe()
    outbox = Outbox(theirs, limit=4)
    block = bytes(1 << 20)  # more than a pipe holds, so that the rest waits
    outbox.post(block)
    for number in range(50):
        outbox.post_newest(number)
    outbox.post("must arrive")
    received = [ours.recv()]
    while received[-1] != 49:
        assert ours.poll(5.0)
        received.append(ours.recv())
    outbox.close(within_s=5.0)
    numbers = [message for message in received if isinstance(message, int)]
    assert "must arrive" in received
    assert len(numbers) <= 2, "the one that was taken before the pipe was full, and the newest"
    assert outbox.dropped == 0
    ours.close()
    theirs.close()
