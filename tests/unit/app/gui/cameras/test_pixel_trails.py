"""Trails follow who is in the picture and end with them."""

from __future__ import annotations

from app.gui.live.model import TRAIL_S, PixelTrails
from tests.support.windows.scripted_monitor import make_track


def test_a_trail_has_the_foot_points_of_the_last_seconds() -> None:
    trails = PixelTrails()
    for second in range(10):
        trails.observe(float(second), [make_track(1, (10.0 * second, 0, 10.0 * second + 4, 50))])
    newest = range(9 - round(TRAIL_S), 10)
    assert trails.trail(1) == tuple((10.0 * second + 2, 50.0) for second in newest)


def test_the_same_picture_again_adds_nothing() -> None:
    trails = PixelTrails()
    for _ in range(3):
        trails.observe(1.0, [make_track(1, (0, 0, 4, 8))])
    assert trails.trail(1) == ((2.0, 8.0),)


def test_who_leaves_the_picture_leaves_no_trail() -> None:
    trails = PixelTrails()
    trails.observe(1.0, [make_track(1, (0, 0, 4, 8)), make_track(2, (0, 0, 4, 8))])
    trails.observe(1.2, [make_track(2, (0, 0, 4, 8))])
    assert trails.trail(1) == ()
    assert len(trails.trail(2)) == 2


def test_a_camera_that_begins_again_begins_without_trails() -> None:
    trails = PixelTrails()
    trails.observe(5.0, [make_track(1, (0, 0, 4, 8))])
    trails.observe(None, [])
    assert trails.trail(1) == ()
    trails.observe(6.0, [make_track(1, (0, 0, 4, 8))])
    trails.observe(2.0, [make_track(1, (2, 0, 6, 8))])
    assert trails.trail(1) == ((4.0, 8.0),)
