"""Whatever comes in which order: an alarm needs its time above, and what is not observed changes nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.alarms.alarm_watch import AlarmWatch
from analytics.domain.zone_targets import AlarmMeasure, AlarmRule

KEY = AlarmKey(AlarmMeasure.PEOPLE, "stage")
RULE = AlarmRule(AlarmMeasure.PEOPLE, above=10, below=5, raise_after_s=4, clear_after_s=6)
LOOKS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 1.0, 4.0, 30.0, 90.0]), st.sampled_from([None, 0, 5, 6, 10, 11, 20])
    ),
    max_size=80,
)


def run(looks: list[tuple[float, int | None]]) -> list[Alarm]:
    changed: list[Alarm] = []
    watch, now_s = AlarmWatch({KEY: RULE}), 0.0
    for step_s, value in looks:
        now_s += step_s
        changed += watch.update(now_s, {KEY: value})
    return changed


@given(LOOKS)
def test_alarms_are_raised_and_cleared_in_turn(looks: list[tuple[float, int | None]]) -> None:
    changed = run(looks)
    assert [alarm.is_open for alarm in changed] == [number % 2 == 0 for number in range(len(changed))]
    for raised, cleared in zip(changed[::2], changed[1::2], strict=False):
        assert cleared.raised_utc_s == raised.raised_utc_s
        assert cleared.cleared_utc_s is not None
        assert cleared.cleared_utc_s >= raised.raised_utc_s + RULE.clear_after_s


@given(LOOKS)
def test_each_alarm_had_its_time_above_before_it(looks: list[tuple[float, int | None]]) -> None:
    # seconds above at each moment, with the step before the first such look: at least what a watch counts
    now_s, above_s, seen_s = 0.0, 0.0, 0.0
    longest: dict[float, float] = {}
    for step_s, value in looks:
        now_s += step_s
        if value is not None:
            above_s = above_s + now_s - seen_s if value > RULE.above else 0.0
            seen_s = now_s
        longest[now_s] = max(longest.get(now_s, 0.0), above_s)
    for raised in [alarm for alarm in run(looks) if alarm.is_open]:
        assert longest[raised.raised_utc_s] >= RULE.raise_after_s
        assert raised.worst > RULE.above


@given(LOOKS)
def test_looks_without_an_observation_change_nothing(looks: list[tuple[float, int | None]]) -> None:
    blind: list[tuple[float, int | None]] = []
    for step_s, value in looks:
        blind += [(step_s, value), (0.0, None)]
    assert run(blind) == run(looks)
