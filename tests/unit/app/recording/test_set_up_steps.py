"""What a venue still lacks before it counts visitors, in the order in which it is set up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analytics.domain.floor_geometry import Polygon
from app.recording.set_up_steps import SetUpStep, find_uncalibrated, list_missing_steps
from tests.support.halls.live_venue import make_live_venue
from tests.unit.app.core.venues import make_full_venue


def test_a_new_venue_lacks_everything_and_a_hall_of_another_shape_has_a_plan(tmp_path: Path) -> None:
    new = make_live_venue(tmp_path, 0)
    assert list_missing_steps(new) == tuple(SetUpStep)
    drawn = Polygon.from_points([(0, 0), (9, 0), (9, 5), (4, 5), (0, 3)], what="the hall")
    assert list_missing_steps(replace(new, plan=replace(new.plan, outline=drawn))) == (
        *(SetUpStep.CAMERA, SetUpStep.CALIBRATION, SetUpStep.ZONES),
        SetUpStep.RECORDING,
    )


def test_every_camera_is_calibrated_in_turn_and_then_zones_or_lines_are_drawn(tmp_path: Path) -> None:
    full = make_full_venue(tmp_path)
    pairs = next(entry.camera.pairs for entry in full.cameras if entry.camera.pairs)
    venue = make_live_venue(tmp_path, 2)
    first, second = (replace(entry, camera=replace(entry.camera, pairs=pairs)) for entry in venue.cameras)
    assert find_uncalibrated(venue) == "camera 1"
    half = replace(venue, cameras=(first, venue.cameras[1]))
    assert find_uncalibrated(half) == "camera 2"
    # calibrated on a plain rectangle: no plan is asked for any more
    assert list_missing_steps(half)[0] is SetUpStep.CALIBRATION
    bare = replace(venue, cameras=(first, second))
    assert list_missing_steps(bare) == (SetUpStep.ZONES, SetUpStep.RECORDING)
    geometry = full.geometry_versions[0]
    for drawn in (replace(geometry, zones=()), replace(geometry, lines=())):
        done = bare.with_geometry(replace(drawn, valid_from_utc_s=None))
        assert list_missing_steps(done) == (SetUpStep.RECORDING,)
