from __future__ import annotations

from pathlib import Path

import pytest

from app.core.document import FOLDER_SUFFIX, Venue
from app.coverage.coverage_report import report_coverage
from app.coverage.mounting_advice import NEEDED_PERSON_PX, UNSEEN_SHARE
from tools.demo.cameras import DEMO_CAMERAS, advise_cameras
from tools.demo.make import make_venue
from tools.demo.story import tell_story


@pytest.fixture(scope="module")
def advised(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    story = tell_story()
    return make_venue(_name_folder(tmp_path_factory), story, advise_cameras(story.hall))


def _name_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / f"demo{FOLDER_SUFFIX}"


def test_ten_cameras_see_nearly_all_of_every_zone_large_enough(advised: Venue) -> None:
    report = report_coverage(advised)
    assert len(report.cameras) == 10
    assert report.seen_m2 > 0.98 * report.floor_m2
    assert report.overlap_m2 > 0.8 * report.floor_m2
    assert max(zone.unseen_m2 / zone.area_m2 for zone in report.zones) < UNSEEN_SHARE
    assert max(zone.missed_m2 / zone.area_m2 for zone in report.zones) < 0.3
    heights = [zone.person_px for zone in report.zones]
    assert all(height is not None and height >= NEEDED_PERSON_PX for height in heights)


def test_today_s_four_cameras_leave_zones_unseen(tmp_path_factory: pytest.TempPathFactory) -> None:
    report = report_coverage(make_venue(_name_folder(tmp_path_factory), tell_story(), DEMO_CAMERAS))
    assert len(report.cameras) == 4
    assert sum(zone.unseen_m2 > UNSEEN_SHARE * zone.area_m2 for zone in report.zones) > 10


def test_every_camera_is_calibrated_by_points_in_its_picture(advised: Venue) -> None:
    for entry in advised.cameras:
        geometry = advised.camera_geometry(entry.camera.name)
        assert geometry is not None, entry.camera.name
        assert len(entry.camera.pairs) >= 6, entry.camera.name
