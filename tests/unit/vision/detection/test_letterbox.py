"""A picture keeps its shape in the network's input, and its boxes find back."""

from __future__ import annotations

import numpy as np
import pytest

from vision.detection.letterbox import (
    boxes_in_picture,
    fit_letterbox,
    letterbox_picture,
    min_input_wh,
)


@pytest.mark.parametrize(
    ("source_wh", "target_wh", "scaled_wh", "left", "top"),
    [
        ((640, 640), (640, 640), (640, 640), 0, 0),
        ((1280, 720), (640, 640), (640, 360), 0, 140),
        ((384, 288), (640, 384), (512, 384), 64, 0),
        ((640, 479), (640, 640), (640, 479), 0, 80),  # an odd number of grey rows: 80 before, 81 after
        ((3000, 1), (64, 64), (64, 1), 0, 31),  # never less than a pixel
        ((100, 300), (640, 640), (213, 640), 213, 0),
    ],
)
def test_placement(
    source_wh: tuple[int, int],
    target_wh: tuple[int, int],
    scaled_wh: tuple[int, int],
    left: int,
    top: int,
) -> None:
    letterbox = fit_letterbox(source_wh, target_wh)
    assert (letterbox.scaled_wh, letterbox.left, letterbox.top) == (scaled_wh, left, top)


def test_the_picture_lies_in_grey() -> None:
    canvas = letterbox_picture(np.full((36, 64, 3), 200, np.uint8), (64, 64))
    assert (canvas[14:50] == 200).all()
    assert (canvas[:14] == 114).all()
    assert (canvas[50:] == 114).all()


@pytest.mark.parametrize("source_wh", [(1280, 720), (384, 288), (101, 333), (640, 640)])
@pytest.mark.parametrize("target_wh", [(640, 640), (640, 384)])
def test_boxes_find_back(source_wh: tuple[int, int], target_wh: tuple[int, int]) -> None:
    letterbox = fit_letterbox(source_wh, target_wh)
    whole = np.array([[0, 0, *source_wh]], np.float32)
    scaled = np.array(
        [
            [
                letterbox.left,
                letterbox.top,
                letterbox.left + letterbox.scaled_wh[0],
                letterbox.top + letterbox.scaled_wh[1],
            ]
        ],
        np.float32,
    )
    np.testing.assert_allclose(boxes_in_picture(scaled, letterbox), whole, atol=1e-3)


def test_boxes_end_at_the_border() -> None:
    letterbox = fit_letterbox((100, 50), (100, 100))
    outside = np.array([[-5, 0, 120, 100]], np.float32)
    assert boxes_in_picture(outside, letterbox).tolist() == [[0, 0, 100, 50]]
    assert boxes_in_picture(np.empty((0, 4), np.float32), letterbox).shape == (0, 4)


@pytest.mark.parametrize(
    ("source_wh", "expected"),
    [
        ((1280, 720), (640, 384)),
        ((640, 640), (640, 640)),
        ((720, 1280), (384, 640)),
        ((384, 288), (640, 480)),
    ],
)
def test_smallest_input_is_a_multiple_of_the_stride(
    source_wh: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert min_input_wh(source_wh, (640, 640), 32) == expected
