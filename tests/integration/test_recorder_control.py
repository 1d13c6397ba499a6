"""A machine of a site gives its recorder other cameras while it records: a real process, real streams."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_reader
from app.core.file_format import read_venue, write_venue
from app.recording.announcement import Announcement, find_recorder
from app.recording.held_cameras import read_held_cameras
from app.site.run_machine import RecorderControl
from tests.support.halls.live_hall import PASSWORD, USER, run_live_hall
from tests.support.waiting import wait_until
from vision.pipeline.observation_log import STALL

WITHIN_S = 150.0


def wait_for_cameras(folder: Path, names: set[str]) -> Announcement:
    """The recorder, once it records these cameras."""
    found: Announcement | None = None

    def has_them() -> bool:
        nonlocal found
        found = find_recorder(folder)
        return found is not None and dict(found.slots).keys() == names

    wait_until(has_them, WITHIN_S)
    assert found is not None
    return found


def count_frames(folder: Path, camera: str) -> int:
    reader = open_reader(folder)
    spans = reader.read_spans(cameras=(CameraId(camera),))
    reader.close()
    return int(spans["frames"].sum())


@pytest.mark.skipif(sys.platform == "win32", reason="a recorder of another process group")
def test_a_recorder_takes_cameras_on_and_gives_cameras_up(tmp_path: Path) -> None:
    with run_live_hall(tmp_path) as folder:
        venue = read_venue(folder)
        first = venue.cameras[0]
        names = ("cam", "left", "right")
        write_venue(
            replace(
                venue,
                cameras=tuple(replace(first, camera=replace(first.camera, name=CameraId(n))) for n in names),
            )
        )
        control = RecorderControl(folder, lambda: dict.fromkeys(names, (USER, PASSWORD)))
        try:
            control.hold(frozenset({"cam", "left"}))
            before = wait_for_cameras(folder, {"cam", "left"})
            wait_until(lambda: count_frames(folder, "left") > 5, WITHIN_S)
            control.hold(frozenset({"cam", "right"}))
            recorder = wait_for_cameras(folder, {"cam", "right"})
            assert recorder.pid == before.pid
            process = psutil.Process(recorder.pid)
            wait_until(lambda: count_frames(folder, "right") > 15, WITHIN_S)
        finally:
            control.close()
        psutil.wait_procs([process], timeout=WITHIN_S)
        assert find_recorder(folder) is None
        assert read_held_cameras(folder) is None
        reader = open_reader(folder)
        spans, gaps, tracks = reader.read_spans(), reader.read_gaps(), reader.read_tracks(0.0, time.time())
        reader.close()
    # nothing was missed but what a busy machine had no time for
    assert set(gaps["cause"]) <= {STALL}
    ends_s = spans.groupby("camera")["end_s"].max()
    assert set(ends_s.index) == set(names)
    assert ends_s["left"] + 0.5 < ends_s["cam"]
    assert tracks.loc[tracks["camera"] == "left", "time_s"].max() <= ends_s["left"]
    assert not tracks.duplicated(["camera", "time_s", "tracklet"]).any()
