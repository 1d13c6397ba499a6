from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.camera_geometry import MEAN_HEIGHT_M
from tests.support.halls.scripted_people import CAMERA, VIEW, find_box
from tools.simulation.pinhole_camera import PinholeCamera
from vision.tracking.floor_view import FloorView
from vision.tracking.foot_hypotheses import (
    EDGE_SIGMA_HEIGHTS,
    EDGE_SIGMA_PX,
    FEET_HIDDEN,
    STANCE_SIGMA_M,
    TOP_UNSURE,
    WHOLE,
    FootFinder,
    FootHypotheses,
)
from vision.tracking.sightings import look_at
from vision.tracking.upright_bodies import STATURE_SIGMA, UprightBodies

PLACES_M = np.array([[6.0, -1.5], [8.0, 0.0], [11.0, 2.0], [7.0, 1.0]])
KNOWN_SIGMA, PEOPLE = 0.03, 4000
Mount = tuple[float, float, float]
"""A camera's height in metres, its tilt, and how far away people stand."""
ALMOST_LEVEL, STEEP = (2.6, 0.27, 9.0), (5.0, 1.0, 3.0)
STATURES = np.array([0.7, 1.0, 1.1, 1.0])


def find_boxes(*, hidden_share: float = 0.0) -> np.ndarray:
    """The people's boxes, with a share of their heights missing below."""
    return np.array(
        [
            find_box(x_m, y_m, stature * MEAN_HEIGHT_M, hidden_share=hidden_share)
            for (x_m, y_m), stature in zip(PLACES_M, STATURES, strict=True)
        ]
    )


def find(boxes: np.ndarray, statures: np.ndarray | float, sigma: float) -> FootHypotheses:
    finder = FootFinder(VIEW, UprightBodies(VIEW))
    described = finder.describe(look_at(VIEW, boxes, np.ones(len(boxes))))
    return finder.find(described, np.arange(len(boxes)), statures, sigma**2)


def test_the_feet_of_a_person_of_known_stature_are_found_below_their_top() -> None:
    feet = UprightBodies(VIEW).find_feet(find_boxes(hidden_share=0.4), STATURES)
    found_m = VIEW.geometry.project_to_floor(feet.T)
    # boxes stand upright, and people lean out at the picture's sides
    np.testing.assert_allclose(found_m, PLACES_M, atol=0.25)


@pytest.mark.parametrize(("hidden_share", "best"), [(0.0, WHOLE), (0.4, FEET_HIDDEN)])
def test_the_best_hypothesis_puts_people_of_known_stature_where_they_stand(
    hidden_share: float, best: int
) -> None:
    boxes = find_boxes(hidden_share=hidden_share)
    found = find(boxes, STATURES, 0.03)
    assert (found.cost.argmin(axis=0) == best).all()
    np.testing.assert_allclose(found.choose(np.full(4, best), np.arange(4))[:2].T, PLACES_M, atol=0.3)
    feet_v = UprightBodies(VIEW).find_feet(boxes, found.stature)[1]
    np.testing.assert_allclose(feet_v, boxes[:, 3], rtol=1e-6)
    if not hidden_share:
        np.testing.assert_allclose(found.stature, STATURES, rtol=0.02)


@pytest.mark.parametrize("hidden_share", [-0.2, 0.0, 0.2, 0.4])
def test_the_rough_ends_are_those_of_the_hypotheses_and_whole_people_are_between(hidden_share: float) -> None:
    boxes = find_boxes(hidden_share=hidden_share)
    # one box of two people, one that is half hidden from the side
    boxes[1, 2] += 40.0
    boxes[2, 0] += 20.0
    finder = FootFinder(VIEW, UprightBodies(VIEW))
    rough = finder.find_roughly(finder.describe(look_at(VIEW, boxes, np.ones(4))))
    exact = find(boxes, 1.0, STATURE_SIGMA)
    ends, whole = exact.places[:, [FEET_HIDDEN, TOP_UNSURE]], exact.places[:2, WHOLE]
    np.testing.assert_allclose(rough.xy_m, ends[:2], rtol=1e-9)
    spread_m2 = ends[2] + ends[3]
    assert (rough.sigma_m >= np.sqrt(spread_m2)).all()
    assert (rough.sigma_m <= 1.3 * np.sqrt(spread_m2)).all()
    away_m = np.hypot(*(rough.xy_m - whole[:, None]))
    assert (away_m <= 3 * rough.sigma_m).any(axis=0).all()
    assert not rough.is_off_floor.any()


def test_nobody_stands_above_the_horizon() -> None:
    horizon_v = CAMERA.size_wh[1] / 2 - CAMERA.focal_px * np.tan(0.5)
    boxes = np.array([[600.0, horizon_v - 90, 640.0, horizon_v - 30]])
    assert not find(boxes, 1.0, STATURE_SIGMA).cost[[WHOLE, TOP_UNSURE]].min() < np.inf


class NoisyBoxes:
    """People of many statures at one place, one box each with errors of its edges, before a camera."""

    def __init__(self, mount: Mount, *, noise: float = 1.0, hidden_share: float = 0.0) -> None:
        camera_height_m, tilt, self.distance_m = mount
        camera = PinholeCamera((0.0, 0.0, camera_height_m), 0.0, tilt, 1.2, (1280, 720))
        rng = np.random.default_rng(3)
        statures = 1 + 0.05 * rng.normal(size=PEOPLE)
        heads_m = np.column_stack([np.tile([self.distance_m, 0.0], (PEOPLE, 1)), statures * MEAN_HEIGHT_M])
        foot_u, foot_v = camera.project(np.array([[self.distance_m, 0.0, 0.0]]))[0, :2]
        top = camera.project(heads_m)[:, 1]
        height = foot_v - top
        sigma = noise * EDGE_SIGMA_HEIGHTS * height + EDGE_SIGMA_PX
        self.noise = float(np.mean(sigma / (EDGE_SIGMA_HEIGHTS * height)))
        tops = top + sigma * rng.normal(size=PEOPLE)
        bottoms = foot_v - hidden_share * height + sigma * rng.normal(size=PEOPLE)
        xyxy = np.stack([foot_u - 0.18 * height, tops, foot_u + 0.18 * height, bottoms], axis=1)
        view = FloorView(camera.to_geometry(), camera.size_wh)
        self.finder = FootFinder(view, UprightBodies(view))
        self.statures = statures + KNOWN_SIGMA * rng.normal(size=PEOPLE)
        self.described = self.finder.describe(look_at(view, xyxy, np.ones(PEOPLE)))
        self.found = self.finder.find(self.described, np.arange(PEOPLE), self.statures, KNOWN_SIGMA**2)


@pytest.mark.parametrize("mount", [ALMOST_LEVEL, (4.0, 0.38, 9.0), (7.5, 0.68, 9.0), (3.0, 0.6, 3.5), STEEP])
@pytest.mark.parametrize(
    ("hypothesis", "hidden_share"), [(WHOLE, 0.0), (FEET_HIDDEN, 0.4), (TOP_UNSURE, 0.0)]
)
def test_places_err_by_what_is_stated_however_low_the_camera_hangs(
    mount: Mount, hypothesis: int, hidden_share: float
) -> None:
    boxes = NoisyBoxes(mount, hidden_share=hidden_share)
    places = boxes.found.places[:, hypothesis]
    off_m = places[0] - boxes.distance_m
    # the stance is no error of the box
    stated_m = np.sqrt(places[2] - STANCE_SIGMA_M**2)
    assert 0.85 < np.sqrt(np.mean((off_m / stated_m) ** 2)) < 1.15


@pytest.mark.parametrize("mount", [ALMOST_LEVEL, STEEP])
@pytest.mark.parametrize("noise", [0.7, 1.5])
def test_how_far_boxes_err_is_learned_however_low_the_camera_hangs(mount: Mount, noise: float) -> None:
    boxes = NoisyBoxes(mount, noise=noise)
    relative = boxes.found.stature / boxes.statures - 1
    for frame in np.split(np.arange(PEOPLE), PEOPLE // 8):
        known = np.full(len(frame), KNOWN_SIGMA**2)
        boxes.finder.learn_noise(relative[frame], known, boxes.found.edge_weight[frame])
    assert boxes.finder.noise == pytest.approx(boxes.noise, rel=0.1)


def test_the_rough_ends_are_as_unsure_as_the_hypotheses_before_a_low_camera() -> None:
    boxes = NoisyBoxes(ALMOST_LEVEL)
    rough = boxes.finder.find_roughly(boxes.described)
    exact = boxes.finder.find(boxes.described, np.arange(PEOPLE), 1.0, STATURE_SIGMA**2)
    ends = exact.places[:, [FEET_HIDDEN, TOP_UNSURE]]
    assert (rough.sigma_m >= np.sqrt(ends[2] + ends[3])).all()


def test_a_wide_box_that_is_a_little_low_shows_hidden_feet_rather_than_somebody_short() -> None:
    boxes = find_boxes(hidden_share=0.25)
    wide, narrow = boxes.copy(), boxes.copy()
    width = boxes[:, 2] - boxes[:, 0]
    wide[:, 0] -= 0.15 * width
    wide[:, 2] += 0.15 * width
    narrow[:, 0] += 0.15 * width
    narrow[:, 2] -= 0.15 * width
    shares = [
        cost[FEET_HIDDEN] - cost[WHOLE] for cost in (find(b, 1.0, STATURE_SIGMA).cost for b in (wide, narrow))
    ]
    assert (shares[0] < shares[1]).all()
