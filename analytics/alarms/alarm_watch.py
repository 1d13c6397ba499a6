"""Raise and clear alarms by two levels and two durations, ignoring unobserved time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.zone_targets import AlarmRule

MAX_STEP_S = 5.0
"""Maximum time between two values that counts as observed."""
FORGET_AFTER_S = 60.0
"""Length of a gap after which a level has to hold anew."""


@dataclass(slots=True)
class _LevelState:
    """Observed seconds for which a level has held; None if it does not hold."""

    held_s: float | None = None
    worst: float = -math.inf
    seen_s: float | None = None


class AlarmWatch:
    """An evaluator of a venue's alarm rules.

    An unobserved value is neither above nor below a level: the time of its rule stands still, open alarms
    stay open, and no alarm is raised. Alarms left open by an earlier evaluator are passed in and continue.
    """

    def __init__(self, rules: Mapping[AlarmKey, AlarmRule], *, open_alarms: Iterable[Alarm] = ()) -> None:
        self._rules = dict(rules)
        self._open = {alarm.key: alarm for alarm in open_alarms if alarm.is_open}
        self._levels: dict[AlarmKey, _LevelState] = {}

    @property
    def open_alarms(self) -> tuple[Alarm, ...]:
        """Return the open alarms, newest first."""
        return tuple(sorted(self._open.values(), key=lambda alarm: -alarm.raised_utc_s))

    def change_rules(self, rules: Mapping[AlarmKey, AlarmRule], *, now_utc_s: float) -> tuple[Alarm, ...]:
        """Replace the rules.

        Returns:
            The alarms cleared because their rules no longer exist.
        """
        removed = [key for key in self._open if key not in rules]
        for key in {*self._levels, *rules}:
            if rules.get(key) != self._rules.get(key):
                self._levels.pop(key, None)
        self._rules = dict(rules)
        return tuple(self._clear(key, now_utc_s) for key in removed)

    def update(self, now_utc_s: float, values: Mapping[AlarmKey, float | None]) -> tuple[Alarm, ...]:
        """Evaluate the values of a point in time; missing values and None are unobserved.

        Returns:
            The alarms raised or cleared.
        """
        changed = []
        for key, rule in self._rules.items():
            value = values.get(key)
            if value is None or not math.isfinite(value):
                continue
            alarm = self._follow(key, rule, value, now_utc_s)
            if alarm is not None:
                changed.append(alarm)
        return tuple(changed)

    def acknowledge(self, key: AlarmKey, *, now_utc_s: float) -> Alarm | None:
        """Acknowledge an open alarm; return None if it is cleared or already acknowledged."""
        alarm = self._open.get(key)
        if alarm is None or alarm.acknowledged_utc_s is not None:
            return None
        self._open[key] = dataclasses.replace(alarm, acknowledged_utc_s=now_utc_s)
        return self._open[key]

    def adopt(self, alarm: Alarm) -> None:
        """Replace an open alarm by its stored state, which includes changes by other programs.

        If two programs raise an alarm at the same time, the log keeps one and both continue with it.
        """
        own = self._open.get(alarm.key)
        if own is not None and alarm.is_open:
            self._open[alarm.key] = dataclasses.replace(alarm, worst=max(alarm.worst, own.worst))

    def _follow(self, key: AlarmKey, rule: AlarmRule, value: float, now_utc_s: float) -> Alarm | None:
        level = self._levels.setdefault(key, _LevelState())
        step_s = 0.0 if level.seen_s is None else now_utc_s - level.seen_s
        level.seen_s = now_utc_s
        is_open = key in self._open
        if not (value <= rule.below if is_open else value > rule.above):
            level.held_s = None
            level.worst = -math.inf
        elif level.held_s is None or step_s > FORGET_AFTER_S or step_s < 0:
            level.held_s = 0.0
            level.worst = value
        else:
            level.held_s += step_s if step_s <= MAX_STEP_S else 0.0
            level.worst = max(level.worst, value)
        if is_open:
            alarm = self._open[key]
            self._open[key] = dataclasses.replace(alarm, worst=max(alarm.worst, value))
        required_s = rule.clear_after_s if is_open else rule.raise_after_s
        if level.held_s is None or level.held_s < required_s:
            return None
        level.held_s = None
        if is_open:
            return self._clear(key, now_utc_s)
        self._open[key] = Alarm(key, now_utc_s, rule.above, level.worst)
        return self._open[key]

    def _clear(self, key: AlarmKey, now_utc_s: float) -> Alarm:
        return dataclasses.replace(self._open.pop(key), cleared_utc_s=now_utc_s)
