"""A camera that was nudged, covered or left in the dark is noticed; crowds and light are not."""

from __future__ import annotations

import copy
from functools import lru_cache

import cv2
import numpy as np
import pytest

from tests.support.halls.watched_hall import (
    CAMERA,
    SETTLED_S,
    SIZE_WH,
    ChangePicture,
    Crowd,
    film,
    nudge_camera,
    watch_hall,
)
from vision.alignment.background import shrink_picture
from vision.alignment.motion import move_points
from vision.alignment.view_features import ViewFeatures
from vision.alignment.view_report import BlindCause, ViewVerdict
from vision.alignment.view_watch import SAMPLE_EVERY_S, ViewMonitor
from vision.pixel_types import Picture

NOTICED_WITHIN_S = 60.0
END_S = SETTLED_S + NOTICED_WITHIN_S
CROWD = Crowd()


@lru_cache
def settle_once() -> tuple[ViewMonitor, tuple[ViewFeatures, ...]]:
    kept: list[ViewFeatures] = []
    watch = ViewMonitor(on_reference=kept.append)
    watch_hall(watch, 0.0, SETTLED_S, CROWD)
    assert watch.report.verdict is ViewVerdict.STEADY
    return watch, tuple(kept)


def settle() -> ViewMonitor:
    """A watch that has seen the hall with a crowd until ``SETTLED_S``."""
    return copy.deepcopy(settle_once()[0])


@pytest.mark.parametrize("part", [0.01, 0.02, 0.05])
def test_a_nudge_is_noticed_within_a_minute_and_its_homography_found(part: float) -> None:
    watch, camera = settle(), nudge_camera(part)
    watch_hall(watch, SETTLED_S, END_S, CROWD, camera=camera)
    report = watch.report
    assert report.verdict is ViewVerdict.MOVED
    assert report.noticed_s is not None
    assert report.noticed_s - SETTLED_S <= 30.0
    # not much more of what was seen until then is doubted than one background
    assert report.steady_until_s is not None
    assert SETTLED_S - 30.0 <= report.steady_until_s <= SETTLED_S
    assert report.shift_part == pytest.approx(part, rel=0.2)
    floor = np.array([(3.0, 4.0, 0.0), (6.0, 5.0, 0.0), (9.0, 4.0, 0.0), (6.0, 2.0, 0.0)])
    now, reference = camera.project(floor)[:, :2], CAMERA.project(floor)[:, :2]
    assert report.reference_from_now is not None
    off = np.linalg.norm(move_points(np.array(report.reference_from_now), now) - reference, axis=1)
    assert off.max() < 0.8  # of 480 pixels


def test_a_camera_that_is_put_back_stands_again() -> None:
    watch = settle()
    moved = watch_hall(watch, SETTLED_S, SETTLED_S + 40, camera=nudge_camera(0.05))
    assert [report.verdict for report in moved] == [ViewVerdict.MOVED]
    reports = watch_hall(watch, SETTLED_S + 40, SETTLED_S + 90)
    assert [report.verdict for report in reports] == [ViewVerdict.STEADY]


def test_a_camera_that_was_turned_round_is_noticed_without_a_homography() -> None:
    watch = settle()
    tiles = np.random.default_rng(1).integers(40, 220, (18, 32, 3)).astype(np.uint8)
    other = np.asarray(cv2.resize(tiles, SIZE_WH, interpolation=cv2.INTER_CUBIC), np.uint8)
    watch_hall(watch, SETTLED_S, SETTLED_S + 90, change=lambda _picture: other)
    assert watch.report.verdict is ViewVerdict.MOVED
    assert watch.report.reference_from_now is None


def dim(picture: Picture) -> Picture:
    return (picture * 0.5).astype(np.uint8)


def expose_longer(picture: Picture) -> Picture:
    return np.asarray(255 * (picture / 255.0) ** 0.6, np.uint8)


def open_a_stand(picture: Picture) -> Picture:
    """A third of the picture's width is another thing now."""
    changed = picture.copy()
    tiles = np.random.default_rng(3).integers(0, 255, (20, 16, 3)).astype(np.uint8)
    changed[60:230, 160:320] = cv2.resize(tiles, (160, 170), interpolation=cv2.INTER_NEAREST)
    return changed


@pytest.mark.parametrize("change", [dim, expose_longer, open_a_stand])
def test_light_and_a_changed_stand_are_no_move(change: ChangePicture) -> None:
    watch = settle()
    assert watch_hall(watch, SETTLED_S, END_S, CROWD, change) == []
    assert watch.report.verdict is ViewVerdict.STEADY


@pytest.mark.parametrize("tells_boxes", [True, False])
def test_a_passing_crowd_is_no_move(tells_boxes: bool) -> None:
    watch = ViewMonitor()
    reports = watch_hall(watch, 0.0, 120.0, Crowd(walking=20, standing=12), tells_boxes=tells_boxes)
    assert [report.verdict for report in reports] == [ViewVerdict.STEADY]


NOISE = np.random.default_rng(5)


def add_noise(picture: Picture, sigma: float = 3.0) -> Picture:
    noise = NOISE.normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


BLINDED = {
    BlindCause.DARK: lambda picture: add_noise(np.full_like(picture, 5)),
    BlindCause.COVERED: lambda picture: add_noise(np.full_like(picture, 90)),
    BlindCause.DEFOCUSED: lambda picture: add_noise(
        np.asarray(cv2.GaussianBlur(picture, (0, 0), 3.5), np.uint8), 1
    ),
}


@pytest.mark.parametrize("cause", BLINDED)
def test_a_camera_that_sees_nothing_is_noticed_with_its_cause(cause: BlindCause) -> None:
    watch = settle()
    watch_hall(watch, SETTLED_S, SETTLED_S + 15, change=BLINDED[cause])
    report = watch.report
    assert (report.verdict, report.cause) == (ViewVerdict.BLINDED, cause)
    assert report.noticed_s is not None
    assert report.noticed_s - SETTLED_S <= 10.0
    assert report.steady_until_s is not None
    assert SETTLED_S - 5 * SAMPLE_EVERY_S <= report.steady_until_s <= SETTLED_S + 1.0
    watch_hall(watch, SETTLED_S + 15, SETTLED_S + 55)
    assert watch.report.verdict is ViewVerdict.STEADY


def test_what_a_reference_of_before_says_holds_after_a_restart() -> None:
    again = ViewMonitor(settle_once()[1][0])
    watch_hall(again, 0.0, 45.0, camera=nudge_camera(0.05))
    assert again.report.verdict is ViewVerdict.MOVED
    assert again.report.steady_until_s == 0.0  # nobody knows since when
    pictures = again.pictures
    assert pictures is not None
    assert (pictures.before, len(pictures.after)) == (b"", SIZE_WH[0] * SIZE_WH[1])


def test_the_pictures_of_before_and_after_are_without_people() -> None:
    watch, walking = ViewMonitor(), Crowd(walking=12, standing=0)
    watch_hall(watch, 0.0, SETTLED_S, walking)
    watch_hall(watch, SETTLED_S, SETTLED_S + 40, walking, camera=nudge_camera(0.05))
    pictures = watch.pictures
    assert pictures is not None
    for grey, camera in ((pictures.before, CAMERA), (pictures.after, nudge_camera(0.05))):
        seen = np.frombuffer(grey, np.uint8).reshape(SIZE_WH[::-1]).astype(int)
        empty = cv2.cvtColor(film(None, 0.0, camera=camera)[0], cv2.COLOR_BGR2GRAY).astype(int)
        assert (np.abs(seen - empty) > 30).mean() < 0.004


def test_where_somebody_stands_since_the_move_nothing_of_the_old_view_is_shown() -> None:
    watch, camera = settle(), nudge_camera(0.05)
    standing = np.array([[150.0, 30.0, 240.0, 120.0]], np.float32)  # before the stand on the left
    for time_s in np.arange(SETTLED_S, SETTLED_S + 40, SAMPLE_EVERY_S).tolist():
        watch.observe(time_s, shrink_picture(film(None, time_s, camera=camera)[0]), standing)
    pictures = watch.pictures
    assert watch.report.verdict is ViewVerdict.MOVED
    assert pictures is not None
    shown = np.frombuffer(pictures.after, np.uint8).reshape(SIZE_WH[::-1])[40:110, 160:230]
    # its surroundings' even grey, rather than the stand's letters at their old place
    assert np.abs(np.diff(shown.astype(int), axis=1)).max() < 10
