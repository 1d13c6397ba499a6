"""Advice on cameras, in halls in which the right answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from analytics.domain.floor_plan import FloorPlan, Obstacle
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone import Zone
from app.core.check_results import CheckResult, Verdict
from app.core.document import VenueCamera
from app.coverage.camera_mounting import check_mountings, mount_planned
from app.coverage.mounting_advice import AdviceKind, ChangeKind, MountingAdvice, advise_mounting, list_changes
from tests.support.halls.planned_hall import HALL, box, install, make_planned_venue, plan_camera, zone


def advise(
    planned: Sequence[PlannedCamera],
    zones: Sequence[Zone],
    *,
    obstacles: Sequence[Obstacle] = (),
    people_per_m2: float = 0.25,
) -> tuple[MountingAdvice, ...]:
    cameras = [mount_planned(camera, hall=HALL) for camera in planned]
    plan = FloorPlan(HALL, obstacles=tuple(obstacles))
    return advise_mounting(cameras, zones, plan, people_per_m2=people_per_m2)


def find(advice: Sequence[MountingAdvice], kind: AdviceKind) -> list[MountingAdvice]:
    return [piece for piece in advice if piece.kind is kind]


def test_floor_behind_a_wall_asks_for_height_and_says_how_much_it_mends() -> None:
    """Nobody is there to hide anybody: only the wall counts, and only its shadow's length.

    A wall of 2 m, 2 m before a camera at 3 m, hides 2 m to 2 * 3 / (3 - 2) = 6 m. The stand lies from 3 to
    5 m; with the camera h higher, the shadow ends at 2 (3 + h) / (1 + h): at 4 m with h = 1, half of it.
    """
    wall = Obstacle("wall", box(1.9, 0.0, 2.0, 12.0), height_m=2.0)
    camera = plan_camera(height_m=3.0, tilt_deg=35.0, fov_deg=110.0)
    stand = zone("B4", box(3.0, 5.0, 5.0, 7.0))
    advice = advise([camera], [stand], obstacles=[wall], people_per_m2=0.0)
    (unseen,) = find(advice, AdviceKind.UNSEEN)
    assert str(unseen.words) == "No camera sees B4: 4.0 m²."
    (change,) = find(advice, AdviceKind.CHANGE)
    assert change.change is not None
    assert change.before_m2 == pytest.approx(4.0)
    # nothing but height, or standing elsewhere, lets it look over the wall, and height is cheaper
    assert change.change.kind is ChangeKind.HEIGHT
    end_m = 2.0 * (3.0 + change.change.amount) / (1.0 + change.change.amount)
    assert change.after_m2 == pytest.approx((end_m - 3.0) * 2.0, abs=0.25)
    assert "m higher" in str(change.words)


def test_the_side_that_nobody_sees_is_named_with_its_area() -> None:
    camera = plan_camera(tilt_deg=45.0, fov_deg=60.0)
    stand = zone("long", box(2.0, 5.0, 14.0, 7.0))
    (unseen,) = find(advise([camera], [stand], people_per_m2=0.0), AdviceKind.UNSEEN)
    # the picture's upper border is 18 degrees above its middle: it ends at 4 / tan(27 degrees) = 7.85 m
    assert str(unseen.words).startswith("No camera sees the right side of long: 12.")
    assert unseen.place_m == pytest.approx((10.9, 6.0), abs=0.1)


def test_people_who_are_too_small_for_the_detector_are_told_in_pixels() -> None:
    camera = plan_camera(size_wh=(640, 360), height_m=5.0, tilt_deg=25.0)
    (small,) = find(advise([camera], [zone("far", box(17.0, 5.0, 19.0, 7.0))]), AdviceKind.SMALL)
    assert str(small.words) == "At far, people are 30 pixels tall in the detector's picture; 40 are needed."
    assert not find(advise([camera], [zone("near", box(7.0, 5.0, 9.0, 7.0))]), AdviceKind.SMALL)


def test_inexact_positions_ask_for_a_change_that_makes_them_exact() -> None:
    camera = plan_camera(height_m=2.5, tilt_deg=20.0, size_wh=(640, 360))
    advice = advise([camera], [zone("far", box(16.0, 5.0, 18.0, 7.0))], people_per_m2=0.0)
    (inexact,) = find(advice, AdviceKind.INEXACT)
    assert "it should be 0.35 m or less" in str(inexact.words)
    (change,) = find(advice, AdviceKind.CHANGE)
    assert "the position error at far is" in str(change.words)


def test_a_hall_that_is_seen_well_gets_no_advice() -> None:
    cameras = [
        plan_camera("west", height_m=6.0, tilt_deg=40.0),
        plan_camera("east", 20.0, 6.0, height_m=6.0, tilt_deg=40.0, heading_deg=180.0),
    ]
    assert advise(cameras, [zone("A1", box(7.0, 5.0, 10.0, 7.0))], people_per_m2=0.1) == ()


def test_no_change_makes_the_hall_worse_for_another_stand() -> None:
    """Two equal stands beside a picture: whichever way it is turned, the other one would be lost."""
    camera = plan_camera(fov_deg=60.0, tilt_deg=35.0)
    stands = [zone("left", box(5.0, 9.6, 7.0, 11.6)), zone("right", box(5.0, 0.4, 7.0, 2.4))]
    (alone,) = find(advise([camera], stands[:1], people_per_m2=0.0), AdviceKind.CHANGE)
    assert alone.change is not None
    assert alone.change.kind is ChangeKind.HEADING
    together = find(advise([camera], stands, people_per_m2=0.0), AdviceKind.CHANGE)
    assert together
    for piece in together:
        assert piece.change is not None
        assert piece.change.kind is not ChangeKind.HEADING


def test_changes_stay_in_the_hall_and_out_of_reach() -> None:
    mounting = mount_planned(plan_camera(height_m=2.2, tilt_deg=4.0), hall=HALL).mounting
    assert mounting is not None
    poses = [change.pose for change in list_changes(mounting.pose, hall=HALL)]
    assert min(pose.height_m for pose in poses) >= 2.0
    assert min(pose.x_m for pose in poses) >= 0.0
    assert min(pose.tilt_rad for pose in poses) >= 0.0


def check(*cameras: VenueCamera) -> list[CheckResult]:
    return list(check_mountings(make_planned_venue(cameras=cameras)))


def test_only_the_camera_that_hangs_low_is_told() -> None:
    low, high = plan_camera("low", height_m=3.0, tilt_deg=15.0), plan_camera("high", height_m=4.5)
    (found,) = check(install(low), install(high))
    assert (found.rule, found.verdict, found.name) == ("camera-hangs-low", Verdict.WARNING, "low")
    assert str(found.detail).startswith("it is mounted only about 3.0 m high")
    assert (
        str(found.remedy) == "Mount it at 4 m or higher, tilted down by 25° or more, and calibrate it again."
    )


@pytest.mark.parametrize("height_m", [3.6, 4.0, 8.0])
def test_a_camera_that_hangs_high_enough_is_not_told(height_m: float) -> None:
    assert check(install(plan_camera(height_m=height_m))) == []
