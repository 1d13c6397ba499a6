"""Pictures get a tile's size and shape, and heads become unrecognisable."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from app.gui.live.preview_feed import encode_png, find_head, pixelate_heads, scale_picture

RED_BGR = (0, 0, 255)


def read_pixels(image: QImage) -> np.ndarray:
    """Shape (height, width, 3), RGB."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


@pytest.mark.parametrize(
    ("row_step", "size", "expected_wh"),
    [
        (1, (400, 400), (400, 225)),
        (3, (400, 400), (400, 225)),
        (1, (900, 90), (160, 90)),
        (1, (1, 1), (1, 1)),
    ],
)
def test_a_picture_keeps_the_shape_of_its_frame(
    row_step: int, size: tuple[int, int], expected_wh: tuple[int, int]
) -> None:
    frame = np.zeros((360, 640, 3), np.uint8)
    frame[:, 320:] = RED_BGR
    image = scale_picture(np.ascontiguousarray(frame[::row_step]), QSize(*size), frame_wh=(640, 360))
    assert (image.width(), image.height()) == expected_wh
    if expected_wh != (1, 1):
        pixels = read_pixels(image)
        assert tuple(pixels[5, 5]) == (0, 0, 0)
        assert tuple(pixels[5, -5]) == (255, 0, 0)


def test_the_picture_does_not_hold_on_to_the_frame() -> None:
    frame = np.zeros((36, 64, 3), np.uint8)
    image = scale_picture(frame, QSize(64, 36), frame_wh=(64, 36))
    frame[:] = 255
    assert read_pixels(image).max() == 0


def test_the_head_of_somebody_who_stands_is_the_upper_third() -> None:
    left, top, right, bottom = find_head((100.0, 100.0, 140.0, 220.0))
    assert (left, right) == (92.0, 148.0)
    assert top == pytest.approx(92.0)
    assert bottom == pytest.approx(148.0)


def test_the_head_of_somebody_cut_off_at_the_chest_is_most_of_the_box() -> None:
    _left, _top, _right, bottom = find_head((0.0, 0.0, 100.0, 100.0))
    assert bottom >= 75.0


def test_heads_lose_their_detail_and_the_rest_keeps_it() -> None:
    random = np.random.default_rng(3)
    frame = random.integers(0, 255, (360, 640, 3), dtype=np.uint8)
    image = scale_picture(frame, QSize(640, 360), frame_wh=(640, 360))
    before = read_pixels(image)
    pixelate_heads(image, [(200.0, 90.0, 260.0, 270.0)], frame_wh=(640, 360))
    after = read_pixels(image)
    head = after[90:150, 200:260]
    assert len(np.unique(head.reshape(-1, 3), axis=0)) <= 36
    assert (after[190:270, 200:260] == before[190:270, 200:260]).all()
    assert (after[:, 300:] == before[:, 300:]).all()


def test_a_head_at_the_edge_or_outside_is_no_failure() -> None:
    image = scale_picture(np.zeros((36, 64, 3), np.uint8), QSize(64, 36), frame_wh=(64, 36))
    pixelate_heads(image, [(-30.0, -20.0, 5.0, 30.0), (500.0, 5.0, 520.0, 30.0)], frame_wh=(64, 36))
    assert image.width() == 64


def test_a_saved_picture_has_the_frames_size_and_no_heads() -> None:
    frame = np.random.default_rng(4).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    box = (40.0, 10.0, 80.0, 80.0)
    plain, blurred = (QImage.fromData(encode_png(frame, boxes)) for boxes in ([], [box]))
    assert (plain.width(), plain.height()) == (160, 90)
    assert (read_pixels(plain) == frame[:, :, ::-1]).all()
    assert not (read_pixels(blurred)[10:30, 40:80] == frame[10:30, 40:80, ::-1]).any(axis=2).mean() > 0.2
