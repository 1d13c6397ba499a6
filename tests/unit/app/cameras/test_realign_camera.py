"""The calibration of a nudged camera follows the picture: places on the floor are right again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import CalibrationError
from analytics.domain.lens import Lens
from app.cameras.realign_camera import accept_realignment, propose_realignment, undo_realignment
from app.core.file_format import read_venue
from tests.support.halls.moved_venue import FULL_WH, NOW, make_moved_venue, make_moved_view
from vision.calibration.camera_fit import fit_camera


def test_the_moved_calibration_is_that_of_the_moved_camera(tmp_path: Path) -> None:
    proposed = propose_realignment(make_moved_venue(tmp_path), "door", make_moved_view())
    places = np.array([(4.4, 6.7), (8.8, 6.7), (6.0, 2.4)])
    now = NOW.to_geometry().project_to_pixel(places)
    after = fit_camera(proposed.after).geometry.project_to_floor(now)
    before = fit_camera(proposed.before).geometry.project_to_floor(now)
    assert np.linalg.norm(after - places, axis=1).max() < 0.01
    assert np.linalg.norm(before - places, axis=1).min() > 0.2


def test_it_says_how_far_off_each_zone_is_before_and_after(tmp_path: Path) -> None:
    shifts = propose_realignment(make_moved_venue(tmp_path), "door", make_moved_view()).shifts
    assert {shift.zone for shift in shifts} == {"Robotics", "Optics", "Printing"}
    assert all(0.2 < shift.before_m < 2.0 for shift in shifts)
    assert all(0 < shift.after_m < 0.1 for shift in shifts)
    assert list(shifts) == sorted(shifts, key=lambda shift: -shift.before_m)


def test_masks_move_and_what_was_hidden_stays_hidden(tmp_path: Path) -> None:
    proposed = propose_realignment(make_moved_venue(tmp_path), "door", make_moved_view())
    was, mask = np.array(proposed.before.mask[0]), np.array(proposed.after.mask[0])
    across = (mask - was)[:, 0]
    # 5 % of 1920 are 96 px in the middle, more at the corner of a wide picture
    assert 90 < across.min() < across.max() < 160
    assert proposed.after.privacy_mask[0] == proposed.before.privacy_mask[0]
    assert proposed.after.privacy_mask[1:] == proposed.after.mask


def test_a_bent_picture_is_straightened_moved_and_bent(tmp_path: Path) -> None:
    straight = propose_realignment(make_moved_venue(tmp_path), "door", make_moved_view()).after
    (tmp_path / "bent").mkdir()
    venue = make_moved_venue(tmp_path / "bent", lens=Lens(-0.1))
    bent = propose_realignment(venue, "door", make_moved_view()).after
    assert bent.lens == Lens(-0.1)
    lens = Lens(-0.1).in_picture(FULL_WH)
    pixel = np.array([[venue.camera("door").camera.pairs[0].u_px, venue.camera("door").camera.pairs[0].v_px]])
    assert lens.straighten(pixel) != pytest.approx(pixel, abs=5)
    assert bent.pairs[0] != straight.pairs[0]


def test_it_is_accepted_by_one_call_and_undone_by_another(tmp_path: Path) -> None:
    venue = make_moved_venue(tmp_path)
    proposed = propose_realignment(venue, "door", make_moved_view())
    changed, changes = accept_realignment(venue.folder, proposed)
    assert changes.cameras
    assert read_venue(venue.folder).camera("door").camera == proposed.after == changed.camera("door").camera
    undo_realignment(venue.folder, proposed)
    assert read_venue(venue.folder).camera("door").camera == proposed.before


def test_a_calibration_that_was_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    venue = make_moved_venue(tmp_path)
    proposed = propose_realignment(venue, "door", make_moved_view())
    other = replace(proposed, before=replace(proposed.before, pairs=proposed.before.pairs[1:]))
    with pytest.raises(CalibrationError, match="changed meanwhile"):
        accept_realignment(venue.folder, other)
    assert read_venue(venue.folder) == venue


def test_a_view_that_is_another_one_gives_no_proposal(tmp_path: Path) -> None:
    view = replace(make_moved_view(), reference_from_now=None)
    with pytest.raises(CalibrationError, match="cannot be told"):
        propose_realignment(make_moved_venue(tmp_path), "door", view)
