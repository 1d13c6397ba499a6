from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from tools.simulation.body_boxes import (
    COLUMNS,
    ROWS,
    hide_behind_each_other,
    hide_behind_furniture,
    place_body_points,
    project_bodies,
)
from tools.simulation.crowd.exhibition_hall import Furniture
from tools.simulation.pinhole_camera import PinholeCamera

VIEW = PinholeCamera((5.0, 0.0, 4.0), math.pi / 2, math.radians(30), math.radians(80), (1920, 1080))
COUNTER = Furniture("Counter", (4.0, 6.0, 6.0, 6.8), 1.0, "Counter")


def find_hidden(
    xy: tuple[float, float], height_m: float, view: PinholeCamera = VIEW
) -> npt.NDArray[np.bool_]:
    """Rows of the body that are wholly hidden by the counter, from the top."""
    place, height = np.array([xy]), np.array([height_m])
    bodies = project_bodies(view=view, xy_m=place, height_m=height, half_width_m=np.array([0.25]))
    hidden = hide_behind_furniture(
        view=view, xyxy=bodies.xyxy, xy_m=place, height_m=height, furniture=[COUNTER]
    )
    return np.asarray(hidden.reshape(ROWS, COLUMNS).all(axis=1), np.bool_)


def test_a_box_spans_from_head_to_nearer_foot() -> None:
    bodies = project_bodies(
        view=VIEW, xy_m=np.array([[5.0, 8.0]]), height_m=np.array([1.8]), half_width_m=np.array([0.25])
    )
    head = VIEW.project(np.array([[5.0, 8.0, 1.8]]))[0]
    foot = VIEW.project(np.array([[5.0, 7.9, 0.0]]))[0]
    left, top, right, bottom = bodies.xyxy[0]
    assert top == pytest.approx(head[1])
    assert bottom == pytest.approx(foot[1])
    assert (left + right) / 2 == pytest.approx(960)
    assert bodies.distance_m[0] == pytest.approx(8.0)


def test_people_outside_the_picture_are_not_visible() -> None:
    xy = np.array([[5.0, 8.0], [5.0, -3.0], [30.0, 8.0], [5.0, 0.5]])
    bodies = project_bodies(view=VIEW, xy_m=xy, height_m=np.full(4, 1.7), half_width_m=np.full(4, 0.25))
    assert bodies.is_visible.tolist() == [True, False, False, False]


def test_a_counter_hides_only_feet_behind_it() -> None:
    behind = find_hidden((5.0, 7.1), 1.8)
    assert behind[-1]
    assert not behind[0]
    # once hidden, hidden down to the feet
    assert (np.diff(behind.astype(int)) >= 0).all()
    assert not find_hidden((5.0, 5.5), 1.8).any()
    assert not find_hidden((8.0, 7.1), 1.8).any()


def test_what_is_outside_the_picture_is_hidden() -> None:
    place, height = np.array([[5.0, 2.4]]), np.array([1.8])
    bodies = project_bodies(view=VIEW, xy_m=place, height_m=height, half_width_m=np.array([0.25]))
    hidden = hide_behind_furniture(view=VIEW, xyxy=bodies.xyxy, xy_m=place, height_m=height, furniture=[])
    rows = np.asarray(hidden.reshape(ROWS, COLUMNS).all(axis=1), np.bool_)
    assert bodies.xyxy[0, 3] > 1080
    assert rows[-1]
    assert not rows[0]


def test_the_nearer_person_hides_the_farther_one() -> None:
    xyxy = np.array([[100.0, 100.0, 130.0, 190.0], [98.0, 120.0, 134.0, 230.0], [400.0, 100.0, 430.0, 190.0]])
    hidden = hide_behind_each_other(
        xyxy=xyxy, distance_m=np.array([9.0, 6.0, 7.0]), points=place_body_points(xyxy)
    )
    assert hidden[0].mean() > 0.5
    assert not hidden[1:].any()
