"""People, density and level of service of this moment, and what alarm rules make of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.alarms.alarm import AlarmKey
from analytics.domain.camera import Camera, PointPair
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import DEFAULT_CAMERA_RULE, AlarmMeasure, AlarmRule, ZoneTargets
from app.core.document import Venue, VenueCamera
from app.live.live_figures import HallCoverage, HallNow, list_rules, list_values
from app.plan.floor_scene import LiveDot, describe_floor
from tests.support.halls.walked_hall import CAMERA, make_hall

ALL = frozenset({str(CAMERA)})
PEOPLE = AlarmRule(AlarmMeasure.PEOPLE, above=2, below=1)


def sight(venue: Venue) -> HallCoverage:
    geometry = venue.geometry_at(None)
    return HallCoverage(venue, geometry, describe_floor(venue, geometry))


def dots(*places: tuple[float, float]) -> tuple[LiveDot, ...]:
    return tuple(LiveDot(((0.0, 0.0), place)) for place in places)


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return make_hall(tmp_path)


def test_people_and_floor_of_a_zone_are_measured(venue: Venue) -> None:
    hall = sight(venue).measure(dots((4.0, 3.0), (3.0, 3.0), (9.0, 9.0), (18.0, 1.0)), ALL)
    robotics, corner, cafe = hall.zones
    assert hall.people == 4
    assert (robotics.people, corner.people, cafe.people) == (2, 0, 1)
    # 5 m x 4 m without the part of stand 1 in it, 1.6 m x 0.9 m
    assert robotics.space_m2 == pytest.approx((20.0 - 1.6 * 0.9) / 2, abs=0.01)
    assert robotics.density_per_m2 == pytest.approx(2 / (20.0 - 1.6 * 0.9), abs=1e-3)
    assert (corner.space_m2, corner.level) == (None, "A")


def test_only_the_observed_floor_counts(venue: Venue) -> None:
    # seen up to 13 m; the zone reaches from 10.5 to 15.5, and stand 2 lies in it from 12 m on
    corners = [(0, 480, 0, 0), (640, 480, 13, 0), (640, 0, 13, 12), (0, 0, 0, 12)]
    camera = Camera(CAMERA, (640, 480), tuple(PointPair(*map(float, corner)) for corner in corners))
    venue = dataclasses.replace(venue, cameras=(VenueCamera(camera),))
    corner = sight(venue).measure(dots((12.5, 3.0)), ALL).zones[1]
    assert corner.space_m2 == pytest.approx(2.5 * 4.0 - 1.0 * 0.4, abs=0.01)


def test_a_floor_without_a_calibrated_camera_is_not_observed_rather_than_empty(venue: Venue) -> None:
    venue = dataclasses.replace(venue, cameras=(VenueCamera(Camera(CAMERA, (640, 480))),))
    hall = sight(venue).measure((), ALL)
    assert hall.people is None
    assert {(zone.people, zone.density_per_m2, zone.level) for zone in hall.zones} == {(None, None, None)}
    assert sight(venue).measure_observed_share(ALL) == 0.0
    values = list_values(hall, {})
    assert set(values.values()) == {None}, "an alarm would take nothing for nobody"


def test_without_a_live_camera_nothing_is_known(venue: Venue) -> None:
    hall = sight(venue).measure((), frozenset())
    assert hall.people is None
    assert {(zone.people, zone.level, zone.density_per_m2) for zone in hall.zones} == {(None, None, None)}


def test_a_zone_of_which_most_is_not_seen_is_not_observed(venue: Venue) -> None:
    right = Camera(CAMERA, (640, 480), venue.cameras[0].camera.pairs)
    other = dataclasses.replace(right, name=type(CAMERA)("south"), pairs=tuple(
        dataclasses.replace(pair, x_m=pair.x_m / 2) for pair in right.pairs))  # fmt: skip
    venue = dataclasses.replace(venue, cameras=(VenueCamera(right), VenueCamera(other)))
    hall = sight(venue)
    left_alone = hall.measure(dots((4.0, 3.0)), frozenset({"south"}))
    assert [zone.people for zone in left_alone.zones] == [1, None, None]
    assert [zone.people for zone in hall.measure(dots((4.0, 3.0)), ALL).zones] == [1, 0, 0]


def test_where_no_view_is_known_all_floor_is_seen(venue: Venue) -> None:
    sizeless = dataclasses.replace(venue.cameras[0].camera, frame_size_wh=None)
    bare = dataclasses.replace(venue, cameras=(VenueCamera(sizeless),))
    assert [zone.people for zone in sight(bare).measure((), ALL).zones] == [0, 0, 0]
    assert [zone.people for zone in sight(bare).measure((), frozenset()).zones] == [None] * 3


@pytest.mark.parametrize(
    ("people", "level"), [(0, "A"), (5, "A"), (6, "B"), (9, "C"), (14, "D"), (21, "E"), (41, "F"), (100, "F")]
)
def test_levels_of_service_are_fruins(venue: Venue, people: int, level: str) -> None:
    # on 18.56 m²: 3.71, 3.09, 2.06, 1.33, 0.88, 0.45 and 0.19 m² a person
    hall = sight(venue).measure(dots(*[(4.0, 3.0)] * people), ALL)
    assert hall.zones[0].level == level


def test_capacities_and_waits_stand_beside_their_zones(venue: Venue) -> None:
    geometry = venue.geometry_at(None)
    zones = (dataclasses.replace(geometry.zones[0], kind=ZoneKind.QUEUE), *geometry.zones[1:])
    targets = (ZoneTargets(ZoneId("Robotics"), 4), ZoneTargets(ZoneId(""), 100))
    venue = dataclasses.replace(
        venue, geometry_versions=(dataclasses.replace(geometry, zones=zones),), targets=targets
    )
    hall = sight(venue).measure(dots((4.0, 3.0)), ALL, waits_s={"Robotics": 90.0, "Café": 5.0})
    assert (hall.capacity, hall.use) == (100, 0.01)
    assert (hall.zones[0].use, hall.zones[0].queue, hall.zones[0].wait_s) == (0.25, 1, 90.0)
    assert (hall.zones[2].use, hall.zones[2].queue, hall.zones[2].wait_s) == (None, None, None)


def test_every_camera_has_a_rule_and_zones_those_that_were_made(venue: Venue) -> None:
    camera = AlarmKey(AlarmMeasure.CAMERA_DOWN, camera=str(CAMERA))
    assert list_rules(venue) == {camera: DEFAULT_CAMERA_RULE}
    late = AlarmRule(AlarmMeasure.CAMERA_DOWN, above=90, below=5)
    targets = (
        ZoneTargets(ZoneId(""), None, (late,)),
        ZoneTargets(ZoneId("Robotics"), None, (PEOPLE,)),
        ZoneTargets(ZoneId("gone"), None, (PEOPLE,)),
    )
    rules = list_rules(dataclasses.replace(venue, targets=targets))
    assert rules == {camera: late, AlarmKey(AlarmMeasure.PEOPLE, "Robotics"): PEOPLE}


def test_rules_look_at_what_is_known(venue: Venue) -> None:
    hall = sight(venue).measure(dots((4.0, 3.0)), ALL)
    values = list_values(hall, {"north": 12.0, "south": None})
    assert values[AlarmKey(AlarmMeasure.PEOPLE)] == 1
    assert values[AlarmKey(AlarmMeasure.PEOPLE, "Robotics")] == 1
    assert values[AlarmKey(AlarmMeasure.QUEUE, "Robotics")] is None
    assert values[AlarmKey(AlarmMeasure.CAMERA_DOWN, camera="north")] == 12.0
    assert values[AlarmKey(AlarmMeasure.CAMERA_DOWN, camera="south")] is None
    assert set(list_values(HallNow(), {}).values()) == {None}
