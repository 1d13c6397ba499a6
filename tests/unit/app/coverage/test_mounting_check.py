"""A camera that hangs too low to tell people apart is told by name, with what to do."""

from __future__ import annotations

import pytest

from analytics.domain.camera import Camera
from analytics.domain.identifiers import CameraId
from app.core.check_results import CheckResult, Verdict
from app.core.document import VenueCamera
from app.coverage.camera_mounting import check_mountings
from tests.support.halls.planned_hall import install, make_planned_venue, plan_camera


def check(*cameras: VenueCamera) -> list[CheckResult]:
    return list(check_mountings(make_planned_venue(cameras=cameras)))


def test_only_the_camera_that_hangs_low_is_told() -> None:
    low, high = plan_camera("low", height_m=3.0, tilt_deg=15.0), plan_camera("high", height_m=4.5)
    (found,) = check(install(low), install(high))
    assert (found.rule, found.verdict, found.name) == ("camera-hangs-low", Verdict.WARNING, "low")
    assert str(found.detail).startswith("it hangs about 3.0 m high")
    assert str(found.remedy) == "Hang it at 4 m or more, looking down by 25° or more, and calibrate it again."


@pytest.mark.parametrize("height_m", [3.6, 4.0, 8.0])
def test_a_camera_that_hangs_high_enough_is_not_told(height_m: float) -> None:
    assert check(install(plan_camera(height_m=height_m))) == []


def test_nothing_is_said_of_a_camera_whose_height_is_not_known() -> None:
    assert check(VenueCamera(Camera(CameraId("new")))) == []
