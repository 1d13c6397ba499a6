from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair, check_pixel_polygon
from analytics.domain.errors import CalibrationError, GeometryError
from analytics.domain.identifiers import CameraId

NORTH = Camera(
    CameraId("north"),
    frame_size_wh=(1920, 1080),
    pairs=(PointPair(960.0, 540.0, 1.0, 2.0),),
    mask=(((0.0, 0.0), (960.0, 0.0), (0.0, 540.0)),),
    privacy_mask=(((1920.0, 0.0), (1920.0, 270.0), (1440.0, 0.0)),),
)


def test_pairs_and_masks_scale_with_the_picture() -> None:
    small = NORTH.scaled_to((640, 360))
    assert small.frame_size_wh == (640, 360)
    assert small.pairs == (PointPair(320.0, 180.0, 1.0, 2.0),)
    np.testing.assert_allclose(small.mask, [[(0, 0), (320, 0), (0, 180)]])
    np.testing.assert_allclose(small.privacy_mask, [[(640, 0), (640, 90), (480, 0)]])
    assert small.unobserved == small.mask + small.privacy_mask


def test_a_privacy_mask_without_a_size_is_no_mask() -> None:
    with pytest.raises(ValueError, match="size of the pictures"):
        Camera(CameraId("any"), privacy_mask=NORTH.privacy_mask)


def test_another_size_for_other_pairs_leaves_the_masks_where_they_are_in_the_picture() -> None:
    small = NORTH.with_frame_size((640, 360))
    assert small.frame_size_wh == (640, 360)
    assert small.pairs == NORTH.pairs
    assert (small.mask, small.privacy_mask) == (
        NORTH.scaled_to((640, 360)).mask,
        NORTH.scaled_to((640, 360)).privacy_mask,
    )
    assert NORTH.with_frame_size(None) == NORTH
    with pytest.raises(CalibrationError, match="different aspect ratio"):
        NORTH.with_frame_size((640, 480))
    bare = Camera(CameraId("bare"), (1920, 1080), NORTH.pairs)
    assert bare.with_frame_size((640, 480)).pairs == NORTH.pairs


@pytest.mark.parametrize("size_wh", [(1280, 728), (1920, 1088), (704, 400)])
def test_a_stream_rounded_to_blocks_still_fits(size_wh: tuple[int, int]) -> None:
    assert NORTH.scaled_to(size_wh).frame_size_wh == size_wh


@pytest.mark.parametrize("size_wh", [(640, 480), (1080, 1920), (704, 576)])
def test_a_picture_of_another_shape_is_refused_by_name(size_wh: tuple[int, int]) -> None:
    with pytest.raises(CalibrationError, match=f"'north'.*1920x1080.*{size_wh[0]}x{size_wh[1]}"):
        NORTH.scaled_to(size_wh)


def test_a_camera_without_a_size_takes_the_size_of_its_stream() -> None:
    camera = Camera(CameraId("any"), pairs=NORTH.pairs)
    assert camera.scaled_to((640, 480)).pairs == NORTH.pairs


def test_a_repeated_last_corner_is_dropped() -> None:
    assert check_pixel_polygon([(0, 0), (9, 0), (0, 9), (0, 0)], what="x") == ((0, 0), (9, 0), (0, 9))


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([(0, 0), (9, 0)], "fewer than three"),
        ([], "fewer than three"),
        ([(0, 0), (9, 9), (9, 0), (0, 9)], "crosses itself"),
        ([(0, 0), (0.5, 0), (0, 0.5)], "smaller than a pixel"),
        ([(0, 0), (9, 0), (float("nan"), 9)], "not a number"),
    ],
)
def test_a_useless_polygon_is_refused(points: list[tuple[float, float]], words: str) -> None:
    with pytest.raises(GeometryError, match=f"mask 1 of camera 'x'.*{words}"):
        check_pixel_polygon(points, what="mask 1 of camera 'x'")
