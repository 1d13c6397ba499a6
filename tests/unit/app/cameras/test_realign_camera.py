"""The calibration of a nudged camera follows the picture: places on the floor are right again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.identifiers import CameraId
from analytics.domain.lens import Lens
from app.cameras import camera_check as view_check
from app.cameras.camera_check import check_views
from app.cameras.realign_camera import propose_realignment
from app.core.check_results import Verdict
from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue, VenueCamera
from app.core.file_format import write_venue
from tests.support.halls.moved_venue import FULL_WH, NOW, make_moved_venue, make_moved_view
from tests.support.halls.watched_hall import SIZE_WH, Crowd, film, nudge_camera
from vision.alignment.background import SAMPLES, shrink_picture
from vision.alignment.reference_file import save_reference
from vision.alignment.reference_place import locate_reference
from vision.alignment.view_features import find_features
from vision.calibration.camera_fit import fit_camera
from vision.pixel_types import Frame, Picture
from vision.sources.frame_source import SourceAddress, SourceKind


def test_the_moved_calibration_is_that_of_the_moved_camera(tmp_path: Path) -> None:
    proposed = propose_realignment(make_moved_venue(tmp_path), "door", make_moved_view())
    places = np.array([(4.4, 6.7), (8.8, 6.7), (6.0, 2.4)])
    now = NOW.to_geometry().project_to_pixel(places)
    after = fit_camera(proposed.after).geometry.project_to_floor(now)
    before = fit_camera(proposed.before).geometry.project_to_floor(now)
    assert np.linalg.norm(after - places, axis=1).max() < 0.01
    assert np.linalg.norm(before - places, axis=1).min() > 0.2


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


CROWD = Crowd(walking=8, standing=0)


class FilmedSource:
    def __init__(self, take: Callable[[float], Picture]) -> None:
        self._take = take
        self._number = 0

    def open(self) -> None:
        pass

    def read(self) -> Frame | None:
        time_s = 1.3 * self._number
        self._number += 1
        return (
            Frame(CameraId("door"), self._take(time_s), time_s, self._number)
            if self._number <= SAMPLES
            else None
        )

    def close(self) -> None:
        pass


@pytest.fixture
def venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Venue:
    monkeypatch.setattr(view_check, "open_credential_store", MemoryCredentialStore)
    made = make_moved_venue(tmp_path)
    camera = replace(made.camera("door").camera, privacy_mask=())
    made = made.with_camera(VenueCamera(camera, SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/stream")))
    write_venue(made)
    save_reference(
        locate_reference(made.views_folder, camera), find_features(shrink_picture(film(None, 0.0)[0]))
    )
    return made


def show(monkeypatch: pytest.MonkeyPatch, take: Callable[[float], Picture]) -> None:
    monkeypatch.setattr(view_check, "open_source", lambda *_arguments: FilmedSource(take))


def test_a_camera_that_stands_is_well_whoever_walks_by(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch, lambda time_s: film(CROWD, time_s)[0])
    (finding,) = check_views(venue, duration_s=20.0)
    assert finding.verdict is Verdict.OK


def test_a_nudged_camera_fails(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch, lambda time_s: film(CROWD, time_s, camera=nudge_camera(0.05))[0])
    (finding,) = check_views(venue, duration_s=20.0)
    assert finding.verdict is Verdict.FAILED
    assert "moved by 4." in str(finding.detail) or "moved by 5." in str(finding.detail)


def test_a_covered_camera_fails_with_its_cause(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch, lambda _time_s: np.full((*SIZE_WH[::-1], 3), 90, np.uint8))
    (finding,) = check_views(venue, duration_s=20.0)
    assert str(finding.detail) == "the camera has no usable picture: its lens is covered"


def test_without_a_reference_it_is_said_how_to_get_one(venue: Venue) -> None:
    for file in venue.views_folder.iterdir():
        file.unlink()
    (finding,) = check_views(venue, duration_s=20.0)
    assert finding.verdict is Verdict.ABSENT
    assert "app record" in str(finding.remedy)
