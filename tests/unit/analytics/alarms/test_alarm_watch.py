"""When an alarm is raised and cleared, and that nobody judges what was not observed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_watch import FORGET_AFTER_S, AlarmWatch
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule

KEY = AlarmKey(AlarmMeasure.PEOPLE, "stage")
RULE = AlarmRule(AlarmMeasure.PEOPLE, above=100, below=90, raise_after_s=10, clear_after_s=20)


def feed(
    watch: AlarmWatch, values: Iterable[float | None], *, from_s: float = 0.0
) -> list[tuple[float, Alarm]]:
    """One value a second; the alarms that changed, and when."""
    return [
        (from_s + second, alarm)
        for second, value in enumerate(values)
        for alarm in watch.update(from_s + second, {KEY: value})
    ]


def test_an_alarm_is_raised_after_its_time_and_not_before() -> None:
    watch = AlarmWatch({KEY: RULE})
    ((at_s, alarm),) = feed(watch, [101.0] * 5 + [130.0] * 30)
    assert at_s == 10.0
    assert (alarm.key, alarm.level, alarm.worst, alarm.is_open) == (KEY, 100, 130.0, True)
    assert watch.open_alarms[0].raised_utc_s == 10.0


def test_a_moment_at_the_level_starts_the_time_anew() -> None:
    watch = AlarmWatch({KEY: RULE})
    assert [at_s for at_s, _ in feed(watch, [101.0] * 9 + [100.0] + [101.0] * 20)] == [20.0]


def test_between_the_levels_an_alarm_is_neither_raised_nor_cleared() -> None:
    watch = AlarmWatch({KEY: RULE})
    assert feed(watch, [95.0] * 100) == []
    feed(watch, [101.0] * 11, from_s=100)
    assert feed(watch, [91.0] * 500, from_s=111) == []
    assert len(watch.open_alarms) == 1


def test_an_alarm_is_cleared_after_its_time_at_the_lower_level() -> None:
    watch = AlarmWatch({KEY: RULE})
    feed(watch, [101.0] * 11)
    ((at_s, alarm),) = feed(watch, [90.0] * 30, from_s=11)
    assert at_s == 31.0
    assert alarm.cleared_utc_s == 31.0
    assert watch.open_alarms == ()


def test_an_alarm_remembers_its_worst() -> None:
    watch = AlarmWatch({KEY: RULE})
    feed(watch, [101.0] * 11)
    feed(watch, [150.0, 120.0], from_s=11)
    assert watch.open_alarms[0].worst == 150.0


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_what_is_not_observed_is_neither_above_nor_below(missing: float | None) -> None:
    watch = AlarmWatch({KEY: RULE})
    # nine seconds above, then blind: the tenth has to be seen
    assert feed(watch, [101.0] * 10 + [missing] * 40) == []
    assert feed(watch, [101.0], from_s=50) == []
    assert [at_s for at_s, _ in feed(watch, [101.0] * 3, from_s=51)] == [51.0]
    # blind again: the alarm holds
    assert feed(watch, [missing] * 1000, from_s=60) == []
    assert len(watch.open_alarms) == 1


def test_after_a_long_gap_a_level_has_to_hold_anew() -> None:
    watch = AlarmWatch({KEY: RULE})
    feed(watch, [101.0] * 10)
    later_s = 10 + FORGET_AFTER_S + 1
    assert [at_s - later_s for at_s, _ in feed(watch, [101.0] * 20, from_s=later_s)] == [10.0]


def test_a_clock_that_was_set_back_raises_nothing_by_itself() -> None:
    watch = AlarmWatch({KEY: RULE})
    feed(watch, [101.0] * 9, from_s=1000)
    assert [at_s for at_s, _ in feed(watch, [101.0] * 20)] == [10.0]


def test_without_a_time_an_alarm_is_raised_at_once() -> None:
    rule = AlarmRule(AlarmMeasure.CAMERA_DOWN, above=30, below=5, raise_after_s=0, clear_after_s=0)
    watch = AlarmWatch({KEY: rule})
    assert len(feed(watch, [31.0])) == 1
    ((_, cleared),) = feed(watch, [0.0], from_s=1)
    assert cleared.cleared_utc_s == 1.0


def test_an_acknowledged_alarm_stays_until_it_is_over() -> None:
    watch = AlarmWatch({KEY: RULE})
    feed(watch, [101.0] * 11)
    known = watch.acknowledge(KEY, now_utc_s=12.0)
    assert known is not None
    assert (known.acknowledged_utc_s, known.is_open) == (12.0, True)
    assert watch.acknowledge(KEY, now_utc_s=13.0) is None
    ((_, cleared),) = feed(watch, [10.0] * 30, from_s=13)
    assert cleared.acknowledged_utc_s == 12.0


def test_an_alarm_goes_on_where_a_watch_before_was_killed() -> None:
    before = AlarmWatch({KEY: RULE})
    feed(before, [101.0] * 11)
    watch = AlarmWatch({KEY: RULE}, open_alarms=before.open_alarms)
    assert feed(watch, [101.0] * 60, from_s=500) == []
    assert watch.open_alarms[0].raised_utc_s == 10.0
    assert [alarm.raised_utc_s for _, alarm in feed(watch, [0.0] * 30, from_s=600)] == [10.0]


def test_an_alarm_of_a_rule_that_is_gone_is_over() -> None:
    watch = AlarmWatch({KEY: RULE})
    feed(watch, [101.0] * 11)
    (over,) = watch.change_rules({}, now_utc_s=15.0)
    assert over.cleared_utc_s == 15.0
    assert watch.open_alarms == ()


def test_a_changed_level_counts_from_when_it_holds() -> None:
    watch = AlarmWatch({KEY: RULE})
    feed(watch, [95.0] * 60)
    lower = AlarmRule(AlarmMeasure.PEOPLE, above=80, below=70, raise_after_s=10, clear_after_s=20)
    assert watch.change_rules({KEY: lower}, now_utc_s=60.0) == ()
    assert [at_s for at_s, _ in feed(watch, [95.0] * 20, from_s=60)] == [70.0]
