"""Raises and clears alarms: two levels, two times, and no judgement about what was not observed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.zone_targets import AlarmRule

MAX_STEP_S = 5.0
"""Between two looks that are further apart nothing was observed."""
FORGET_AFTER_S = 60.0
"""After a longer gap a level has to hold anew from the beginning."""


@dataclass(slots=True)
class _Standing:
    """How long a level has held, in observed seconds; None: it does not hold."""

    held_s: float | None = None
    worst: float = -math.inf
    seen_s: float | None = None


class AlarmWatch:
    """Follows the figures of all rules of a venue.

    A figure that is not observed is neither above nor below: time stands still for its rule, an alarm that
    holds goes on, and one that does not is not raised. What was open when a watch before this one ended is
    handed in and goes on.
    """

    def __init__(self, rules: Mapping[AlarmKey, AlarmRule], *, open_alarms: Iterable[Alarm] = ()) -> None:
        self._rules = dict(rules)
        self._open = {alarm.key: alarm for alarm in open_alarms if alarm.is_open}
        self._standing: dict[AlarmKey, _Standing] = {}

    @property
    def open_alarms(self) -> tuple[Alarm, ...]:
        """Those that hold, the newest first."""
        return tuple(sorted(self._open.values(), key=lambda alarm: -alarm.raised_utc_s))

    def change_rules(self, rules: Mapping[AlarmKey, AlarmRule], *, now_utc_s: float) -> tuple[Alarm, ...]:
        """Let other rules hold from now on.

        Returns:
            The alarms that are over because nobody asks for them any more.
        """
        gone = [key for key in self._open if key not in rules]
        for key in {*self._standing, *rules}:
            if rules.get(key) != self._rules.get(key):
                self._standing.pop(key, None)
        self._rules = dict(rules)
        return tuple(self._clear(key, now_utc_s) for key in gone)

    def update(self, now_utc_s: float, values: Mapping[AlarmKey, float | None]) -> tuple[Alarm, ...]:
        """Take the figures of a moment; what is missing or None was not observed.

        Returns:
            The alarms that were raised or cleared by it.
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
        """Somebody knows of an alarm; it stays open. None if it is over, or was known already."""
        alarm = self._open.get(key)
        if alarm is None or alarm.acknowledged_utc_s is not None:
            return None
        self._open[key] = dataclasses.replace(alarm, acknowledged_utc_s=now_utc_s)
        return self._open[key]

    def adopt(self, alarm: Alarm) -> None:
        """Take an alarm that holds as the log has it, which knows what others did; else nothing happens.

        Of two programs that raise an alarm in the same moment the log keeps one, and both go on with it.
        """
        own = self._open.get(alarm.key)
        if own is not None and alarm.is_open:
            self._open[alarm.key] = dataclasses.replace(alarm, worst=max(alarm.worst, own.worst))

    def _follow(self, key: AlarmKey, rule: AlarmRule, value: float, now_utc_s: float) -> Alarm | None:
        standing = self._standing.setdefault(key, _Standing())
        step_s = 0.0 if standing.seen_s is None else now_utc_s - standing.seen_s
        standing.seen_s = now_utc_s
        is_open = key in self._open
        if not (value <= rule.below if is_open else value > rule.above):
            standing.held_s = None
            standing.worst = -math.inf
        elif standing.held_s is None or step_s > FORGET_AFTER_S or step_s < 0:
            standing.held_s = 0.0
            standing.worst = value
        else:
            standing.held_s += step_s if step_s <= MAX_STEP_S else 0.0
            standing.worst = max(standing.worst, value)
        if is_open:
            alarm = self._open[key]
            self._open[key] = dataclasses.replace(alarm, worst=max(alarm.worst, value))
        wanted_s = rule.clear_after_s if is_open else rule.raise_after_s
        if standing.held_s is None or standing.held_s < wanted_s:
            return None
        standing.held_s = None
        if is_open:
            return self._clear(key, now_utc_s)
        self._open[key] = Alarm(key, now_utc_s, rule.above, standing.worst)
        return self._open[key]

    def _clear(self, key: AlarmKey, now_utc_s: float) -> Alarm:
        return dataclasses.replace(self._open.pop(key), cleared_utc_s=now_utc_s)
