from __future__ import annotations

import pytest

from analytics.domain.floor_plan import PlanPicture

SIZE_WH = (400, 200)


def test_a_picture_lies_on_its_lower_left_corner() -> None:
    picture = PlanPicture("plan.png", 0.1)
    assert picture.to_floor((0, 200), size_wh=SIZE_WH) == (0.0, 0.0)
    assert picture.to_floor((400, 0), size_wh=SIZE_WH) == (40.0, 20.0)


def test_a_rotated_picture_rotates_about_its_visible_corner() -> None:
    picture = PlanPicture("plan.png", 0.1, (5.0, 3.0), 90.0, (100.0, 50.0, 300.0, 150.0))
    assert picture.to_floor((100, 150), size_wh=SIZE_WH) == pytest.approx((5.0, 3.0))
    assert picture.to_floor((200, 150), size_wh=SIZE_WH) == pytest.approx((5.0, 13.0))
    assert picture.to_floor((100, 100), size_wh=SIZE_WH) == pytest.approx((0.0, 3.0))


def test_a_point_of_the_floor_leads_back_to_its_pixel() -> None:
    picture = PlanPicture("plan.png", 0.07, (-2.0, 3.0), 33.0, (10.0, 20.0, 300.0, 150.0))
    point_m = picture.to_floor((123.0, 45.0), size_wh=SIZE_WH)
    assert picture.to_pixel(point_m, size_wh=SIZE_WH) == pytest.approx((123.0, 45.0))
