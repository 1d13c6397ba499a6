"""People whom two cameras see are one visitor, told by a thread of its own."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId, TrackletId
from app.core.document import Venue, VenueCamera
from app.live.live_positions import LivePositions, LiveVisitorMatcher
from tests.support.halls.live_people import make_status
from vision.pipeline.pipeline_status import PipelineStatus

PAIRS = tuple(
    PointPair(100.0 * x, 100.0 * y, float(x), float(y)) for x, y in ((0, 0), (10, 0), (10, 8), (0, 8))
)
OFFSET = {"a": 0, "b": 50}


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[LiveVisitorMatcher]:
    cameras = tuple(VenueCamera(Camera(CameraId(name), (1000, 800), PAIRS)) for name in OFFSET)
    outline = Polygon(((0.0, 0.0), (10.0, 0.0), (10.0, 8.0), (0.0, 8.0)))
    venue = Venue(tmp_path / "hall.expoflow", Exhibition("Hall", "UTC"), FloorPlan(outline), cameras)
    found = LiveVisitorMatcher(venue)
    yield found
    found.stop(5.0)


def look(time_s: float) -> PipelineStatus:
    """Two people 0.7 m apart who cross the floor; both cameras see both, each a little differently."""
    x, sway = 1.0 + time_s, 0.03 * math.sin(7 * time_s)
    places = {"a": [(x, 4.0 + sway), (x, 4.7)], "b": [(x + 0.1, 4.05), (x + 0.1, 4.75 - sway)]}
    status = make_status(places, time_s=time_s)
    return dataclasses.replace(
        status,
        cameras=tuple(
            dataclasses.replace(
                camera,
                tracks=tuple(
                    dataclasses.replace(
                        track, tracklet=TrackletId(track.tracklet + OFFSET[camera.camera]), sigma_m=0.1
                    )
                    for track in camera.tracks
                ),
            )
            for camera in status.cameras
        ),
    )


def test_two_people_close_together_are_two_in_two_cameras(identities: LiveVisitorMatcher) -> None:
    positions = LivePositions()
    assert len(positions.update(look(0.0))) == 2
    deadline_s = time.monotonic() + 30
    for number in range(40):
        status = look(number / 5)
        before = identities.visitors
        identities.offer(status)
        while identities.visitors is before and time.monotonic() < deadline_s:
            time.sleep(0.002)
    visitors = identities.visitors
    assert visitors[0] == visitors[50] != visitors[1] == visitors[51]
    assert len(positions.update(status, visitors)) == 2


def test_one_camera_needs_nobody_joined(identities: LiveVisitorMatcher) -> None:
    identities.offer(make_status({"a": [(1.0, 1.0), (2.0, 2.0)]}, time_s=1.0))
    assert identities.visitors == {}
