"""Privacy masks that are drawn while a pipeline runs."""

from __future__ import annotations

from dataclasses import replace

from analytics.domain.camera import Camera
from analytics.domain.identifiers import CameraId
from tests.support.scripted_pipeline import make_feed
from vision.pipeline.supervisor import ChangedMasks

TRIANGLE = ((0.0, 0.0), (9.0, 0.0), (0.0, 9.0))
OTHER = ((0.0, 0.0), (5.0, 0.0), (0.0, 5.0))
FEEDS = tuple(make_feed(name, is_lossless=False) for name in ("door", "desk"))
DESK = replace(FEEDS[1].camera, frame_size_wh=(64, 36), privacy_mask=(TRIANGLE,), analysed_fps=3.0)


def test_a_changed_mask_is_told_once_and_kept_for_a_process_that_starts_later() -> None:
    masks = ChangedMasks(FEEDS)
    masks.update([FEEDS[0].camera, DESK])
    (camera,) = masks.take_changes()
    assert (camera.name, camera.privacy_mask, camera.frame_size_wh) == ("desk", (TRIANGLE,), (64, 36))
    assert masks.take_changes() == []
    assert masks.current_feed(DESK.name).camera == camera
    assert masks.current_feed(DESK.name).address == FEEDS[1].address
    assert masks.current_feed(DESK.name).camera.analysed_fps == FEEDS[1].camera.analysed_fps
    assert masks.current_feed(FEEDS[0].camera.name) == FEEDS[0]
    masks.update([DESK])
    assert masks.take_changes() == []


def test_of_several_changes_the_last_one_holds_also_if_it_takes_the_mask_away() -> None:
    masks = ChangedMasks(FEEDS)
    masks.update([DESK])
    masks.update([replace(DESK, privacy_mask=(OTHER,))])
    assert [camera.privacy_mask for camera in masks.take_changes()] == [(OTHER,)]
    masks.update([replace(DESK, privacy_mask=())])
    assert [camera.privacy_mask for camera in masks.take_changes()] == [()]


def test_a_camera_that_is_not_read_is_passed_over() -> None:
    masks = ChangedMasks(FEEDS)
    masks.update([Camera(CameraId("hall"), (64, 36), privacy_mask=(TRIANGLE,))])
    assert masks.take_changes() == []


def test_a_camera_that_may_be_dark_keeps_its_mask_and_the_size_of_its_pictures() -> None:
    masks = ChangedMasks(FEEDS)
    now = replace(FEEDS[0].camera, may_be_dark=True, frame_size_wh=(64, 36))
    masks.update([now])
    (camera,) = masks.take_changes()
    assert camera == replace(FEEDS[0].camera, may_be_dark=True)
    masks.update([replace(now, may_be_dark=False)])
    assert [camera.may_be_dark for camera in masks.take_changes()] == [False]
