from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.errors import CalibrationError
from analytics.domain.lens import UNKNOWN_SIGMA, Lens
from tests.support.halls.bent_views import (
    CENTRE_PX,
    SIZE_WH,
    Bend,
    bend_as_brown,
    bend_as_fisheye,
    bend_as_opencv,
    click_lines,
    click_pairs,
    look_at_floor,
)
from vision.calibration.homography import estimate_homography
from vision.calibration.lens_distortion import estimate_lens

KNOWN = Lens(-0.25)


def bend_as_known(uv_px: np.ndarray) -> np.ndarray:
    return KNOWN.in_picture(SIZE_WH).distort(uv_px)


def test_lines_of_the_model_itself_give_its_coefficient_back() -> None:
    lines = click_lines(bend_as_known, np.random.default_rng(0), noise_px=0.0)
    fit = estimate_lens(lines, SIZE_WH)
    assert fit.lens.division == pytest.approx(KNOWN.division, abs=1e-5)
    assert fit.line_rms_px.max() < 1e-3
    assert fit.straight_line_rms_px.min() > 4


def test_straight_lines_give_a_straight_lens() -> None:
    lines = click_lines(lambda uv_px: uv_px, np.random.default_rng(0), noise_px=1.0)
    fit = estimate_lens(lines, SIZE_WH)
    assert abs(fit.lens.division) < 2 * fit.division_sigma


def test_the_error_of_the_coefficient_is_as_large_as_it_is_said_to_be() -> None:
    rng = np.random.default_rng(1)
    fits = [estimate_lens(click_lines(bend_as_known, rng, noise_px=2.0), SIZE_WH) for _ in range(40)]
    off = np.array([(fit.lens.division - KNOWN.division) / fit.division_sigma for fit in fits])
    assert 0.6 < np.sqrt(np.mean(off**2)) < 1.3


@pytest.mark.parametrize("bend", [bend_as_fisheye, bend_as_opencv, bend_as_brown])
@pytest.mark.parametrize("with_lines", [True, False])
def test_a_lens_of_90_degrees_loses_more_than_half_of_its_floor_error(bend: Bend, with_lines: bool) -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        pairs = click_pairs(bend, rng, count=10)
        lines = click_lines(bend, rng) if with_lines else []
        lens = estimate_lens(lines, SIZE_WH, pairs=pairs).lens
        uv_px, xy_m = look_at_floor(bend, rng, far_m=10.0)
        rms_m = [
            float(np.sqrt(np.nanmean(((fit.geometry.project_to_floor(uv_px) - xy_m) ** 2).sum(axis=1))))
            for fit in (estimate_homography(pairs), estimate_homography(pairs, lens=lens.in_picture(SIZE_WH)))
        ]
        assert rms_m[1] < 0.5 * rms_m[0]
        assert rms_m[1] < 0.2


def test_pairs_make_lines_more_certain() -> None:
    rng = np.random.default_rng(2)
    lines, pairs = click_lines(bend_as_known, rng), click_pairs(bend_as_known, rng, count=12)
    alone, together = estimate_lens(lines, SIZE_WH), estimate_lens(lines, SIZE_WH, pairs=pairs)
    assert together.division_sigma < together.lens.division_sigma
    assert together.division_sigma < alone.division_sigma
    assert alone.division_sigma == alone.lens.division_sigma
    assert estimate_lens([], SIZE_WH, pairs=pairs).lens.division_sigma == UNKNOWN_SIGMA


def test_few_pairs_say_nothing_of_a_lens() -> None:
    rng = np.random.default_rng(2)
    lines, pairs = click_lines(bend_as_known, rng), click_pairs(bend_as_known, rng, count=5)
    few, none = estimate_lens(lines, SIZE_WH, pairs=pairs), estimate_lens(lines, SIZE_WH)
    assert few.lens == none.lens
    with pytest.raises(CalibrationError, match="fewer than six point pairs"):
        estimate_lens([], SIZE_WH, pairs=pairs)


LONG = np.array([[100.0, 50.0], [600.0, 40.0], [1200.0, 60.0]])


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "There is no line"),
        ([LONG, LONG[:2]], "Line 2 has 2 points"),
        ([LONG / 20], "Line 1 is only 55 pixels long"),
        ([LONG, LONG + 700], "Line 2 has a point outside of the picture of 1280x720"),
        ([LONG * np.nan], "Line 1 has a point outside"),
        ([CENTRE_PX + np.array([[-500.0, 0], [-100, 0], [100, 0], [500, 0]])], "do not tell the lens"),
    ],
)
def test_lines_that_cannot_be_used_are_refused(lines: list[np.ndarray], sentence: str) -> None:
    with pytest.raises(CalibrationError, match=sentence):
        estimate_lens(lines, SIZE_WH)
