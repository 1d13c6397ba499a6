from __future__ import annotations

import numpy as np
import pytest

from vision.detection.clothing_colours import COLOURS, describe_clothes
from vision.detection.letterbox import cut_letterbox, fit_letterbox, letterbox_picture
from vision.pixel_types import Picture

RED, BLUE, BLACK = (40, 40, 170), (170, 60, 40), (0, 0, 0)
LEFT, RIGHT = (50.0, 40.0, 100.0, 180.0), (200.0, 40.0, 250.0, 180.0)
"""Boxes of two people side by side."""


def draw(left: tuple[int, ...], right: tuple[int, ...], *, brightness: float = 1.0) -> Picture:
    """A noisy grey hall in which two boxes have one colour each."""
    random = np.random.default_rng(3)
    picture = np.full((240, 320, 3), 120.0)
    for box, colour in ((LEFT, left), (RIGHT, right)):
        x1, y1, x2, y2 = (int(edge) for edge in box)
        picture[y1:y2, x1:x2] = colour
    picture = (picture + random.normal(0, 3, picture.shape)) * brightness
    return np.clip(picture, 1, 255).astype(np.uint8)


def describe(picture: Picture, *boxes: tuple[float, ...]) -> np.ndarray:
    return describe_clothes(picture, np.array(boxes, np.float32))


def find_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Hellinger's."""
    return float(np.sqrt(np.square(first - second).sum() / 2))


def test_red_and_blue_clothes_are_far_apart_and_equal_ones_near() -> None:
    red, blue = describe(draw(RED, BLUE), LEFT, RIGHT)
    one, other = describe(draw(RED, RED), LEFT, RIGHT)
    assert find_distance(red, blue) > 0.6
    assert find_distance(one, other) < 0.1


def test_nobody_gives_nothing() -> None:
    assert describe_clothes(draw(RED, BLUE), np.empty((0, 4), np.float32)).shape == (0, COLOURS)


def test_a_description_has_length_one() -> None:
    described = describe(draw(RED, BLUE), LEFT, RIGHT)
    assert described.dtype == np.float32
    assert np.square(described).sum(axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("brightness", [0.55, 1.3])
def test_another_exposure_of_the_picture_changes_little(brightness: float) -> None:
    usual = describe(draw(RED, BLUE), LEFT, RIGHT)
    exposed = describe(draw(RED, BLUE, brightness=brightness), LEFT, RIGHT)
    for same, now, other in zip(usual, exposed, usual[::-1], strict=True):
        assert find_distance(same, now) < 0.25
        assert find_distance(now, other) > 0.6


def test_blackened_pixels_do_not_count() -> None:
    picture = draw(RED, BLUE)
    whole = describe(picture, LEFT)[0]
    x1, y1, x2, y2 = (int(edge) for edge in LEFT)
    picture[y1:y2, x1 : x1 + (x2 - x1) * 4 // 10] = BLACK
    assert find_distance(whole, describe(picture, LEFT)[0]) < 0.1
    picture[y1:y2, x1:x2] = BLACK
    assert np.isnan(describe(picture, LEFT)).all()


def test_who_stands_behind_somebody_is_described_by_what_is_seen_of_them() -> None:
    picture = draw(RED, RED)
    alone = describe(picture, LEFT)[0]
    # a nearer person in blue before a third of the body
    nearer = (73.0, 60.0, 150.0, 230.0)
    picture[60:230, 81:142] = BLUE
    assert find_distance(alone, describe(picture, LEFT, nearer)[0]) < 0.1
    assert find_distance(alone, describe(picture, LEFT)[0]) > 0.2
    in_front = (45.0, 60.0, 110.0, 230.0)
    behind, before = describe(picture, LEFT, in_front)
    assert np.isnan(behind).all()
    assert not np.isnan(before).any()


def test_a_tiny_or_senseless_box_is_unknown() -> None:
    described = describe(draw(RED, BLUE), (50.0, 40.0, 54.0, 52.0), (np.nan, 0.0, 9.0, 9.0), LEFT)
    assert np.isnan(described[:2]).all()
    assert not np.isnan(described[2]).any()


def test_what_a_network_was_given_of_a_picture_will_do() -> None:
    picture = draw(RED, BLUE)
    boxes = np.array([LEFT, RIGHT], np.float32)
    canvas = letterbox_picture(picture, (256, 256))
    part, in_part = cut_letterbox(boxes, canvas, fit_letterbox((320, 240), (256, 256)))
    assert part.base is not None  # no copy
    for own, given in zip(describe_clothes(picture, boxes), describe_clothes(part, in_part), strict=True):
        assert find_distance(own, given) < 0.15
