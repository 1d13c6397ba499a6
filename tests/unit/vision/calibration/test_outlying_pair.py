from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from analytics.domain.camera import PointPair
from vision.calibration.homography import estimate_homography
from vision.calibration.outlying_pair import agree_with_clicking, find_outlying_pair
from vision.simulation.pinhole_camera import PinholeCamera

VIEW = PinholeCamera((0.0, 0.0, 4.0), math.pi / 2, math.radians(32), math.radians(80), (1280, 720))
PLACES_M = [(-3, 4), (3, 4), (-4, 9), (4, 9), (0, 6), (-1, 12), (2, 3), (3, 11)]


def click(count: int, rng: np.random.Generator, noise_px: float) -> list[PointPair]:
    xy_m = np.array(PLACES_M[:count], dtype=np.float64)
    uv_px = VIEW.to_geometry().project_to_pixel(xy_m) + rng.normal(0, noise_px, (count, 2))
    return [PointPair(*uv, *xy) for uv, xy in zip(uv_px, xy_m, strict=True)]


@pytest.mark.parametrize(("count", "slip_px"), [(6, 120), (7, 60), (8, 40)])
def test_a_slip_is_found_the_sooner_the_more_pairs_there_are(count: int, slip_px: float) -> None:
    rng = np.random.default_rng(0)
    for index in range(count):
        pairs = click(count, rng, 1.0)
        pairs[index] = dataclasses.replace(pairs[index], u_px=pairs[index].u_px + slip_px)
        found = find_outlying_pair(pairs, estimate_homography(pairs))
        assert found is not None
        assert found.index == index
        assert found.others_rms_m < 0.1


def test_a_calibration_without_a_slip_is_seldom_accused() -> None:
    rng = np.random.default_rng(1)
    accused = [
        find_outlying_pair(pairs, estimate_homography(pairs)) is not None
        for pairs in (click(8, rng, 3.0) for _ in range(60))
    ]
    assert np.mean(accused) <= 0.1


def test_five_pairs_cannot_tell_which_is_wrong() -> None:
    pairs = click(5, np.random.default_rng(2), 0.5)
    pairs[1] = dataclasses.replace(pairs[1], v_px=pairs[1].v_px + 80)
    fit = estimate_homography(pairs)
    assert find_outlying_pair(pairs, fit) is None
    assert not agree_with_clicking(fit)


@pytest.mark.parametrize("count", [4, 5, 6, 8])
def test_pairs_that_were_clicked_well_agree(count: int) -> None:
    fit = estimate_homography(click(count, np.random.default_rng(3), 2.0))
    assert agree_with_clicking(fit)
