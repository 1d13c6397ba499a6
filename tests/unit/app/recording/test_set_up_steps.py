"""What an installer is told to do next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.recording.set_up_steps import MissingPart, NextStep, find_next_step
from tests.support.halls.live_venue import make_live_venue
from tests.unit.app.core.venues import make_full_venue


def test_cameras_come_first_then_their_calibration(tmp_path: Path) -> None:
    assert find_next_step(make_live_venue(tmp_path, 0)) == NextStep(MissingPart.CAMERAS)
    assert find_next_step(make_live_venue(tmp_path, 2)) == NextStep(
        MissingPart.CALIBRATION, ("camera 1", "camera 2")
    )


def test_what_is_calibrated_lacks_zones_or_lines(tmp_path: Path) -> None:
    full = make_full_venue(tmp_path)
    pairs = next(entry.camera.pairs for entry in full.cameras if entry.camera.pairs)
    venue = make_live_venue(tmp_path, 1)
    (entry,) = venue.cameras
    bare = replace(venue, cameras=(replace(entry, camera=replace(entry.camera, pairs=pairs)),))
    assert find_next_step(bare) == NextStep(MissingPart.ZONES)
    geometry = full.geometry_versions[0]
    for drawn in (replace(geometry, zones=()), replace(geometry, lines=())):
        assert find_next_step(bare.with_geometry(replace(drawn, valid_from_utc_s=None))) is None
