"""Live figures, the alarms that look at them, and what is said where nothing is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_log import LOG_NAME
from analytics.domain.identifiers import ZoneId
from analytics.domain.uncounted_people import UncountedPeople
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets
from analytics.store.sql_event_store import open_store
from analytics.visitors.doors import LearnedDoor
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.gui.now.alarm_desk import describe_alarm, describe_alarm_state
from app.gui.now.model import TAIL_POINTS
from app.gui.session.notification import Notification
from app.now.alarm_journal import read_alarms
from app.plan.doors import add_door
from tests.support.halls.walked_hall import CAMERA, DOOR_M, NOW_UTC_S, make_hall, use_door, walk_through
from tests.support.windows.now_page import NowPage, make_now_page

RULE = AlarmRule(AlarmMeasure.PEOPLE, above=2, below=1, raise_after_s=5, clear_after_s=10)
TARGETS = (ZoneTargets(ZoneId("Robotics"), 2, (RULE,)), ZoneTargets(ZoneId(""), 10))
KEY = AlarmKey(AlarmMeasure.PEOPLE, "Robotics")
DOWN = AlarmKey(AlarmMeasure.CAMERA_DOWN, camera=str(CAMERA))
THREE = tuple((3.0 + number, 3.0) for number in range(3))


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    venue = dataclasses.replace(make_hall(tmp_path), targets=TARGETS)
    venue.folder.mkdir()
    return venue


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QObject]:
    owner = QObject(qapp)
    yield owner
    owner.setParent(None)
    owner.deleteLater()


@pytest.fixture
def page(parent: QObject, venue: Venue) -> NowPage:
    return make_now_page(parent, venue)


def tell_tiles(page: NowPage) -> dict[str, tuple[str, str]]:
    return {tile.title: (tile.value, tile.change) for tile in page.now.state.tiles}


def test_people_zones_and_levels_follow_the_pipeline(page: NowPage) -> None:
    page.show(THREE)
    state = page.now.state
    assert len(state.dots) == 3
    assert tell_tiles(page)["People in the hall"] == ("3", "30 % of 10")
    assert tell_tiles(page)["Busiest zone"] == ("Robotics", "150 % of 2")
    assert {name: (mark.people, mark.level) for name, mark in state.marks.items()} == {
        "Robotics": (3, "A"), "VR corner": (0, "A"), "Café": (0, "A"),
    }  # fmt: skip
    page.show(())
    assert tell_tiles(page)["People in the hall"] == ("0", "0 % of 10")


def test_without_a_live_camera_nothing_is_claimed(page: NowPage) -> None:
    assert "available during recording" in page.now.state.message
    page.show(THREE)
    assert page.now.state.message == ""
    page.show(THREE, age_s=60.0)
    assert tell_tiles(page)["People in the hall"][0] == "–"
    assert page.now.state.marks == {}
    page.show(THREE)
    page.stop()
    assert tell_tiles(page)["People in the hall"][0] == "–"
    assert page.now.state.dots == ()
    assert [zone.name for zone in page.now.state.zones] == ["Robotics", "VR corner", "Café"]


def test_figures_change_once_a_second_and_dots_with_every_look(page: NowPage) -> None:
    page.show(THREE)
    shown = page.now.state.hall
    page.clock.now_s -= 0.5
    page.show(THREE[:1])
    assert len(page.now.state.dots) == 1
    assert page.now.state.hall is shown


def test_doors_are_learned_while_recording_and_asked_about_until_somebody_answers(
    page: NowPage, venue: Venue
) -> None:
    learned: list[tuple[LearnedDoor, ...]] = []
    page.now.doors_learned.connect(learned.append)
    use_door(venue, start_s=NOW_UTC_S - 300)
    page.now.refresh()
    (door,) = page.now.state.doors
    assert door.place_m == pytest.approx(DOOR_M, abs=0.3)
    drawn = add_door(venue, door.place_m, "Door").apply(venue)
    page.state.replace_venue(drawn, ChangeSet(zones=True), initiator=None)
    assert page.now.state.doors == ()
    assert learned == [(door,)]


def test_seated_people_who_are_not_counted_are_told_beside_the_count(page: NowPage, venue: Venue) -> None:
    walk_through(venue, start_s=NOW_UTC_S - 300, duration_s=300, people=2)
    writer = open_store(venue.folder, clock=page.clock)
    writer.write_event(UncountedPeople(CAMERA, NOW_UTC_S - 300, NOW_UTC_S - 1, 7.0, 3.0).to_event())
    writer.close()
    page.now.refresh()
    tile = page.now.state.tiles[0]
    assert (tile.value, tile.detail) == ("–", ""), "more than an unknown number is not known"
    page.show([(3.0, 3.0)])
    tile = page.now.state.tiles[0]
    assert tile.detail == "probably 3 more, seated or hidden"
    assert "Camera north: about 30 % of the people in view were probably not counted" in tile.explanation


def test_tails_are_short_enough_to_be_drawn_in_a_turn_of_the_loop(page: NowPage) -> None:
    for step in range(40):
        page.clock.now_s -= 0.9
        page.show([(3.0 + 0.01 * step, 3.0)])
    (dot,) = page.now.state.dots
    assert len(dot.tail) == TAIL_POINTS
    assert dot.place == pytest.approx((3.39, 3.0))


def test_a_full_zone_raises_an_alarm_that_is_acknowledged_and_cleared(page: NowPage, venue: Venue) -> None:
    told: list[Alarm] = []
    page.desk.raised.connect(told.append)
    notified: list[Notification] = []
    page.desk.notified.connect(notified.append)
    page.show(THREE, seconds=10)
    (alarm,) = told
    assert [notification.problem for notification in notified] == ["Robotics: 3 people, above 2"]
    assert alarm.key == KEY
    assert describe_alarm(alarm) == "Robotics: 3 people, above 2"
    assert (page.desk.state.unacknowledged, page.desk.state.is_sounding) == (1, True)
    page.desk.acknowledge([alarm.key for alarm in page.desk.state.alarms])
    assert (page.desk.state.unacknowledged, page.desk.state.is_sounding) == (0, False)
    page.show((), seconds=15)
    (over,) = page.desk.state.alarms
    assert not over.is_open
    assert describe_alarm_state(over, time_zone="Asia/Shanghai").startswith("cleared at 12:00:")
    assert read_alarms(venue) == (over,)


def test_an_alarm_holds_through_a_pause_and_another_start(
    page: NowPage, parent: QObject, venue: Venue
) -> None:
    page.show(THREE, seconds=10)
    page.stop()
    assert [alarm.is_open for alarm in page.desk.state.alarms] == [True]
    again = make_now_page(parent, venue)
    assert again.desk.state.alarms == page.desk.state.alarms
    told: list[Alarm] = []
    again.desk.raised.connect(told.append)
    again.show(THREE, seconds=20)
    assert told == []
    again.show((), seconds=15)
    assert [alarm.is_open for alarm in again.desk.state.alarms] == [False]


def test_a_silent_camera_raises_an_alarm_by_default(page: NowPage) -> None:
    page.show(())
    page.show((), seconds=29, age_s=40.0, is_down=True)
    assert page.desk.state.alarms == ()
    page.show((), seconds=3, age_s=40.0, is_down=True)
    assert [alarm.key for alarm in page.desk.state.alarms] == [DOWN]
    assert describe_alarm(page.desk.state.alarms[0]) == "Camera north is down"
    page.show((), seconds=12)
    assert [alarm.is_open for alarm in page.desk.state.alarms] == [False]


def test_a_machine_that_cannot_keep_up_says_so_and_blames_no_camera(page: NowPage) -> None:
    page.show(THREE)
    page.show(THREE, seconds=60, age_s=7.0)
    assert page.desk.state.alarms == ()
    assert "7 s behind" in page.now.state.message
    assert tell_tiles(page)["People in the hall"][0] == "–"


def test_a_rule_that_is_taken_away_ends_its_alarm(page: NowPage, venue: Venue) -> None:
    page.show(THREE, seconds=10)
    page.state.replace_venue(dataclasses.replace(venue, targets=()), ChangeSet(targets=True), initiator=None)
    assert [alarm.is_open for alarm in page.desk.state.alarms] == [False]
    page.show(THREE, seconds=2)
    assert tell_tiles(page)["Busiest zone"] == ("Robotics", "no capacity set")


def test_a_log_that_cannot_be_read_is_told_once_and_alarms_go_on(parent: QObject, venue: Venue) -> None:
    (venue.folder / LOG_NAME).write_bytes(b"no database " * 500)
    page = make_now_page(parent)
    told: list[object] = []
    page.desk.failed.connect(told.append)
    page.state.show_venue(venue)
    page.show(THREE, seconds=10)
    assert len(told) == 1
    assert [alarm.key for alarm in page.desk.state.alarms] == [KEY]


def test_arrivals_and_the_day_are_read_while_somebody_looks(page: NowPage, venue: Venue) -> None:
    walk_through(venue, start_s=NOW_UTC_S - 600, duration_s=600, people=12)
    page.show(())
    assert tell_tiles(page)["Footfall, 15 min"] == ("–", "")
    page.now.set_active(True)
    tiles = tell_tiles(page)
    assert int(tiles["Footfall, 15 min"][0]) == pytest.approx(12, abs=1)
    assert tiles["Footfall today"][1] == "no earlier Saturday"
    page.now.set_active(False)


def test_another_venue_begins_with_nothing(page: NowPage) -> None:
    page.show(THREE, seconds=10)
    page.state.close_venue()
    assert page.now.state.scene is None
    assert page.now.state.zones == ()
    assert page.desk.state.alarms == ()
