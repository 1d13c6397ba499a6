"""The demo exhibition live: rendered cameras through the real processes into the history."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.store.sql_event_store import open_reader
from app.demo.demo_exhibition import CROWD_FILE, create_demo_venue
from app.recording.record_venue import record
from tests.support.simulator import needs_simulator
from vision.simulation.crowd.crowd_file import EndlessCrowd, read_crowd


@pytest.mark.slow
@needs_simulator
def test_live_cameras_count_the_rendered_people(tmp_path: Path) -> None:
    venue = create_demo_venue(tmp_path / "demo.expoflow", crowd_period_s=60.0)
    status = record(venue.folder, duration_s=6.0)
    assert [str(camera.camera) for camera in status.cameras] == ["Entrance", "Café", "Stage", "Exit"]
    assert all(camera.analysed >= 6 for camera in status.cameras)
    assert not any(camera.reconnects for camera in status.cameras)
    reader = open_reader(venue.folder)
    try:
        tracks = reader.read_tracks()
    finally:
        reader.close()
    crowd = EndlessCrowd(read_crowd(venue.folder / CROWD_FILE).paths)
    errors_m = []
    for time_s, points in tracks.groupby("time_s"):
        people = np.array([moment.xy_m for moment in crowd.at(float(str(time_s)))])
        found = points[["x_m", "y_m"]].to_numpy(float)
        errors_m += np.hypot(*(found[:, None] - people[None]).transpose(2, 0, 1)).min(axis=1).tolist()
    assert len(errors_m) > 40
    assert np.median(errors_m) < 0.4
    assert np.mean(np.array(errors_m) < 1.0) > 0.9
