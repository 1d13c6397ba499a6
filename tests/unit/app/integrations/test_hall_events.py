"""Events of a hall are reported once, and never for unobserved conditions."""

from __future__ import annotations

from dataclasses import replace

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.zone_targets import AlarmMeasure
from app.integrations.hall_events import MIN_DURATION_S, EventWatch
from app.integrations.hall_snapshot import CameraSnapshot, HallSnapshot, ZoneSnapshot

AT_S = 1_773_460_800.0
CALM = HallSnapshot(
    "Hall 3",
    AT_S,
    zones=(ZoneSnapshot("stage", "stage", 50, 60),),
    cameras=(CameraSnapshot("north", "live"),),
)


def make_hall(
    at_s: float, *, people: int | None = 50, camera: str = "live", **changes: object
) -> HallSnapshot:
    return replace(
        CALM,
        at_utc_s=AT_S + at_s,
        zones=(ZoneSnapshot("stage", "stage", people, 60),),
        cameras=(CameraSnapshot("north", camera),),
        **changes,  # type: ignore[arg-type]
    )


def list_events(watch: EventWatch, *halls: HallSnapshot) -> list[tuple[str, float]]:
    return [(event.kind.value, event.at_utc_s - AT_S) for hall in halls for event in watch.compare(hall)]


def test_a_zone_is_over_capacity_only_after_a_minimum_duration() -> None:
    watch = EventWatch()
    flicker = [make_hall(s, people=61 if s % 2 else 60) for s in range(31)]
    assert list_events(watch, *flicker) == []
    full = [make_hall(31 + s, people=70) for s in range(12)]
    assert list_events(watch, *full) == [("over_capacity", 31 + MIN_DURATION_S)]
    # an unobserved zone has not emptied
    unseen = [make_hall(50 + s, people=None) for s in range(60)]
    assert list_events(watch, *unseen) == []
    empty = [make_hall(120 + s, people=10) for s in range(12)]
    assert list_events(watch, *empty) == [("capacity_ok", 120 + MIN_DURATION_S)]


def test_a_camera_is_down_until_it_is_live_again() -> None:
    watch = EventWatch()
    halls = [
        make_hall(s, camera=state) for s, state in enumerate(["down"] * 15 + ["idle"] * 30 + ["live"] * 15)
    ]
    assert list_events(watch, *halls) == [("camera_down", MIN_DURATION_S), ("camera_up", 45 + MIN_DURATION_S)]


def test_alarms_are_reported_at_once_and_again_when_raised_anew() -> None:
    alarm = Alarm(AlarmKey(AlarmMeasure.QUEUE, "desk"), AT_S, 5.0, 6.0)
    worse, later = replace(alarm, worst=9.0), replace(alarm, raised_utc_s=AT_S + 60)
    watch = EventWatch()
    assert list_events(watch, make_hall(0, alarms=(alarm,)), make_hall(1, alarms=(worse,))) == [
        ("alarm_raised", 0)
    ]
    (cleared, raised) = watch.compare(make_hall(60, alarms=(later,)))
    assert (cleared.kind, cleared.detail["worst"]) == ("alarm_cleared", 9.0)
    assert (raised.kind, raised.detail["raised_utc"]) == ("alarm_raised", "2026-03-14T04:01:00Z")


def test_a_resumed_watch_reports_conditions_that_ended_meanwhile() -> None:
    alarm = Alarm(AlarmKey(AlarmMeasure.QUEUE, "desk"), AT_S, 5.0, 6.0)
    before = EventWatch()
    before.compare(make_hall(0, alarms=(alarm,)))
    assert list_events(EventWatch(before.holding), make_hall(500, alarms=(alarm,))) == []
    assert list_events(EventWatch(before.holding), make_hall(500)) == [("alarm_cleared", 500)]
