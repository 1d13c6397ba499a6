from __future__ import annotations

from dataclasses import asdict

from analytics.domain.identifiers import TrackletId
from tests.unit.vision.pipeline.test_straightened_picture import BENT, CAMERA, SIZE_WH
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_tracker_settings import FloorTrackerSettings, list_tracker_parameters
from vision.tracking.floor_view import make_floor_view
from vision.tracking.tracker_factory import make_tracker
from vision.tracking.two_stage_tracker import TwoStageTracker


def test_a_calibrated_camera_is_tracked_on_the_floor_and_another_in_its_picture() -> None:
    view = make_floor_view(CAMERA, BENT, SIZE_WH)
    assert isinstance(make_tracker(lambda: TrackletId(1), view), FloorTracker)
    assert isinstance(make_tracker(lambda: TrackletId(1), None), TwoStageTracker)


def test_results_name_the_settings_of_the_floor_tracker() -> None:
    assert list_tracker_parameters() == asdict(FloorTrackerSettings())
