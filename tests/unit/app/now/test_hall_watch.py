"""What other systems are told is what the page *Now* shows, and nothing unobserved is 0."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import TrackletId, ZoneId
from analytics.domain.track import TrackPoint, TrackState
from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule, ZoneTargets
from analytics.store.sql_event_store import open_store
from app.core.document import Venue
from app.core.file_format import write_venue
from app.floor_plan.floor_analysis import analyse_floor
from app.integrations.hall_snapshot import CameraSnapshot
from app.integrations.hall_watch import HallWatch
from app.now.alarm_journal import AlarmEvaluator, read_alarms
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.now_page import NowPage, make_now_page
from vision.pipeline.pipeline_status import PipelineStatus

RULE = AlarmRule(AlarmMeasure.PEOPLE, above=2, below=1, raise_after_s=3, clear_after_s=3)
TARGETS = (ZoneTargets(ZoneId("Robotics"), 2, (RULE,)), ZoneTargets(ZoneId(""), 10))
FIVE = ((3.0, 3.0), (4.0, 3.0), (5.0, 3.0), (9.0, 9.0), (12.5, 3.0))


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """Robotics is a queue, so that waits are told too."""
    hall = make_hall(tmp_path)
    geometry = hall.geometry_at(None)
    zones = (dataclasses.replace(geometry.zones[0], kind=ZoneKind.QUEUE), *geometry.zones[1:])
    hall = dataclasses.replace(
        hall, targets=TARGETS, geometry_versions=(dataclasses.replace(geometry, zones=zones),)
    )
    hall.folder.mkdir()
    write_venue(hall)
    return hall


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QObject]:
    owner = QObject(qapp)
    yield owner
    owner.setParent(None)
    owner.deleteLater()


class ShownStatus:
    """The same pipeline that the page looks at."""

    def __init__(self, page: NowPage) -> None:
        self._page = page

    def read_status(self, now_utc_s: float) -> PipelineStatus | None:
        return self._page.monitor.shown

    def close(self) -> None:
        pass


def watch_page(page: NowPage, venue: Venue, judge: AlarmEvaluator | None = None) -> HallWatch:
    return HallWatch(
        venue.folder,
        clock=page.clock,
        open_status=lambda _venue: ShownStatus(page),
        judge=judge,
        computes_history_in_thread=False,
    )


def test_the_numbers_are_those_of_the_page_now_and_of_the_floor_plan_of_today(
    parent: QObject, venue: Venue
) -> None:
    walk_through(venue, start_s=NOW_UTC_S - 1500, duration_s=1500)
    page = make_now_page(parent, venue)
    page.show(FIVE)
    page.now.refresh()
    page.show(FIVE)
    snapshot, shown = watch_page(page, venue).take_snapshot(), page.now.state
    assert shown.hall is not None
    assert shown.recent is not None
    assert shown.day is not None
    assert snapshot.people == shown.hall.people == 5
    assert snapshot.capacity == 10
    assert len(snapshot.zones) == 3
    for told, seen in zip(snapshot.zones, shown.hall.zones, strict=True):
        assert (told.name, told.people, told.capacity) == (seen.name, seen.people, seen.capacity)
        assert (told.density_per_m2, told.level_of_service) == (seen.density_per_m2, seen.level)
        assert (told.queue, told.wait_s) == (seen.queue, seen.wait_s)
    assert snapshot.zones[0].queue == 3
    assert snapshot.zones[0].wait_s is not None
    assert snapshot.arrivals_15_min == shown.recent.arrivals
    assert snapshot.arrivals_15_min
    assert (snapshot.arrivals_today, snapshot.observed_today_min) == (
        shown.day.arrivals,
        shown.day.observed_minutes,
    )
    day = venue.exhibition.day_interval_utc(venue.exhibition.local_day(page.clock.now_s))
    today = analyse_floor(venue=venue, period_s=day, now_utc_s=page.clock.now_s)
    assert {zone.name: zone.visits_today for zone in snapshot.zones} == {
        zone.name: zone.visits.value for zone in today.zones
    }
    assert all(zone.visits_today for zone in snapshot.zones)
    (door,) = snapshot.lines
    assert (door.name, door.kind) == ("door", "entrance")
    assert door.in_today
    assert door.out_today
    assert snapshot.cameras == (CameraSnapshot(str(CAMERA), "live", 5.0),)


def test_what_is_not_observed_is_not_known(parent: QObject, venue: Venue) -> None:
    page = make_now_page(parent, venue)
    snapshot = watch_page(page, venue).take_snapshot()
    assert (snapshot.is_observed, snapshot.people, snapshot.arrivals_15_min) == (False, None, None)
    assert snapshot.arrivals_today is None
    assert snapshot.observed_share == 0.0
    for zone in snapshot.zones:
        assert (zone.people, zone.density_per_m2, zone.level_of_service, zone.queue) == (None,) * 4
        assert (zone.arrivals_15_min, zone.visits_today, zone.wait_s) == (None,) * 3
    assert [(line.in_today, line.out_today) for line in snapshot.lines] == [(None, None)]
    assert snapshot.cameras == (CameraSnapshot(str(CAMERA), "idle"),)


def test_without_a_look_at_the_recorder_the_history_tells_who_is_there(venue: Venue) -> None:
    clock = SetClock()
    writer = open_store(venue.folder, clock=clock)
    for moment in (2.0, 1.5, 1.0):
        writer.write_points(
            [
                TrackPoint(clock.now_s - moment, CAMERA, TrackletId(n), x, y, 0.1, None, TrackState.CONFIRMED)
                for n, (x, y) in enumerate(FIVE[: 4 if moment == 1.0 else 5])
            ]
        )
    writer.write_span(ObservedSpan(CAMERA, clock.now_s - 100.0, clock.now_s - 1.0, 200))
    writer.flush()
    watch = HallWatch(venue.folder, clock=clock, computes_history_in_thread=False)
    # whoever is not in the newest picture is not there any more
    assert watch.take_snapshot().people == 4
    clock.now_s += 4.0
    writer.write_span(ObservedSpan(CAMERA, clock.now_s - 104.0, clock.now_s - 1.0, 220))
    writer.close()
    later = watch.take_snapshot()
    assert later.people == 0
    assert later.cameras[0].frames_per_s == pytest.approx(5.0)
    clock.now_s += 20.0
    assert watch.take_snapshot().people is None
    watch.close()


def test_a_changed_venue_is_told_as_it_is_now(parent: QObject, venue: Venue) -> None:
    page = make_now_page(parent, venue)
    watch = watch_page(page, venue)
    assert watch.take_snapshot().capacity == 10
    write_venue(dataclasses.replace(venue, targets=(ZoneTargets(ZoneId(""), 1234),)))
    assert watch.take_snapshot().capacity == 1234


def test_an_alarm_that_window_and_server_see_is_one(parent: QObject, venue: Venue) -> None:
    page = make_now_page(parent, venue)
    watch = watch_page(page, venue, AlarmEvaluator())
    for _ in range(6):
        page.show(FIVE)
        page.clock.now_s += 0.3
        snapshot = watch.take_snapshot()
    (own,) = snapshot.alarms
    (shown,) = page.desk.state.alarms
    assert [own] == [shown] == list(read_alarms(venue))
    page.desk.acknowledge([alarm.key for alarm in page.desk.state.alarms])
    for _ in range(6):
        page.show(FIVE)
        snapshot = watch.take_snapshot()
    assert snapshot.alarms[0].acknowledged_utc_s is not None
    for _ in range(6):
        page.show(())
        page.clock.now_s += 0.3
        snapshot = watch.take_snapshot()
    assert snapshot.alarms == ()
    (kept,) = read_alarms(venue)
    assert kept.acknowledged_utc_s is not None
    assert kept.cleared_utc_s is not None
    assert page.desk.state.unacknowledged == 0


def test_without_a_window_alarms_are_judged_and_survive_a_kill(parent: QObject, venue: Venue) -> None:
    page = make_now_page(parent)
    watch = watch_page(page, venue, AlarmEvaluator())
    for _ in range(6):
        page.show(FIVE)
        watch.take_snapshot()
    (raised,) = read_alarms(venue)
    # nothing is closed: the next one reads the log
    again = watch_page(page, venue, AlarmEvaluator())
    page.show(FIVE)
    assert [alarm.raised_utc_s for alarm in again.take_snapshot().alarms] == [raised.raised_utc_s]
