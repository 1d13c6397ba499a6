from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.lens import MAX_BARREL, MAX_PINCUSHION, Lens

SIZES = st.tuples(st.integers(160, 4000), st.integers(120, 3000))
DIVISIONS = st.floats(MAX_BARREL, MAX_PINCUSHION)
PARTS = st.floats(0.0, 1.0)


@settings(deadline=None)
@given(size_wh=SIZES, division=DIVISIONS, across=PARTS, down=PARTS, by=st.floats(0.2, 3.0))
def test_every_pixel_comes_back(
    size_wh: tuple[int, int], division: float, across: float, down: float, by: float
) -> None:
    lens = Lens(division).in_picture(size_wh).scaled((by, 1.0))
    uv_px = np.array([[across * size_wh[0] * by, down * size_wh[1]]])
    np.testing.assert_allclose(lens.distort(lens.straighten(uv_px)), uv_px, atol=1e-6 * max(size_wh))


@settings(deadline=None)
@given(size_wh=SIZES, division=DIVISIONS, angle=st.floats(0, 6.3))
def test_what_lies_farther_out_stays_farther_out(
    size_wh: tuple[int, int], division: float, angle: float
) -> None:
    lens = Lens(division).in_picture(size_wh)
    ray = np.linspace(0, 1, 50)[:, None] * np.hypot(*size_wh) / 2 * [np.cos(angle), np.sin(angle)]
    straight = lens.straighten(ray + np.asarray(lens.centre_px)) - np.asarray(lens.centre_px)
    assert (np.diff(np.linalg.norm(straight, axis=1)) > 0).all()
