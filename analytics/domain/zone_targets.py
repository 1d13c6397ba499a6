"""Targets of a zone: capacity, alarm rules, time needed for a visit, rent and expected visits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.identifiers import ZoneId


class AlarmMeasure(StrEnum):
    """Quantities that alarm rules watch."""

    PEOPLE = "people"
    """People in the zone, or visible to all cameras together."""
    DENSITY = "density"
    """People per m² of the zone's observed floor."""
    QUEUE = "queue"
    """People in a queue zone."""
    WAIT = "wait"
    """Recent waiting time in a queue zone, seconds."""
    CAMERA_DOWN = "camera_down"
    """Seconds since a camera was last analysed while it should have been; a rule of the whole hall."""


ZONE_MEASURES = (AlarmMeasure.PEOPLE, AlarmMeasure.DENSITY, AlarmMeasure.QUEUE, AlarmMeasure.WAIT)
HALL_MEASURES = (AlarmMeasure.PEOPLE, AlarmMeasure.CAMERA_DOWN)
MAX_PEOPLE = 100_000
MAX_DENSITY = 10.0
"""Upper limit of people per m²; people cannot stand closer."""
MAX_S = 86_400.0
MAX_MONEY = 1e12
MAX_CURRENCY = 8
MAX_EXHIBITOR = 100
_LIMITS = {
    AlarmMeasure.PEOPLE: float(MAX_PEOPLE),
    AlarmMeasure.DENSITY: MAX_DENSITY,
    AlarmMeasure.QUEUE: float(MAX_PEOPLE),
    AlarmMeasure.WAIT: MAX_S,
    AlarmMeasure.CAMERA_DOWN: MAX_S,
}


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """An alarm with hysteresis: raised above one level for a time, cleared at or below a lower one.

    Attributes:
        above, below: in the unit of the measure; ``below`` is at most ``above``.
        raise_after_s: uninterrupted observed seconds above the upper level.
        clear_after_s: uninterrupted observed seconds at or below the lower level.
    """

    measure: AlarmMeasure
    above: float
    below: float
    raise_after_s: float = 30.0
    clear_after_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ZoneTargets:
    """The targets of one zone or of the whole hall.

    Attributes:
        zone: its name; empty for the whole hall.
        capacity: maximum number of people at once; None if not set.
        rules: at most one for each measure.
        needed_s: seconds that a visitor needs to see or do what is offered; None if not set.
        rent: the exhibitor's rent for the whole show, in ``currency`` of the whole hall's targets.
        visits_per_day, engaged_per_day: expected visits and engaged visits on an open day.
        is_sponsor: popular routes should lead past it.
        exhibitor: the company at the stand; empty if not given.
        currency: of all rents; set in the whole hall's targets only.
    """

    zone: ZoneId
    capacity: int | None = None
    rules: tuple[AlarmRule, ...] = ()
    needed_s: float | None = None
    rent: float | None = None
    visits_per_day: float | None = None
    engaged_per_day: float | None = None
    is_sponsor: bool = False
    exhibitor: str = ""
    currency: str = ""

    @property
    def is_hall(self) -> bool:
        """Return whether these are the targets of the whole hall."""
        return not self.zone

    def find_rule(self, measure: AlarmMeasure) -> AlarmRule | None:
        """Return the rule for a measure, if any."""
        return next((rule for rule in self.rules if rule.measure is measure), None)


DEFAULT_CAMERA_RULE = AlarmRule(
    AlarmMeasure.CAMERA_DOWN, above=30.0, below=5.0, raise_after_s=0.0, clear_after_s=10.0
)
"""Applies where the hall has no rule of its own: longer than a reconnection, shorter than a coffee break."""


def check_targets(targets: ZoneTargets) -> ZoneTargets:
    """Return the targets if they are valid.

    Raises:
            GeometryError: a value is out of its limits, or a rule does not fit.
    """
    if targets.capacity is not None and not 1 <= targets.capacity <= MAX_PEOPLE:
        raise GeometryError(
            "The capacity {people} is not between 1 and {most} people.",
            "Enter the maximum number of people, or leave the field empty.",
            people=targets.capacity,
            most=MAX_PEOPLE,
        )
    if targets.needed_s is not None and not 0 < targets.needed_s <= MAX_S:
        raise GeometryError(
            "The time needed, {needed:g} s, is not between 0 and {most:g} s.",
            "Enter how long it takes to see or try what is offered, or leave the field empty.",
            needed=targets.needed_s,
            most=MAX_S,
        )
    _check_values(targets)
    allowed = HALL_MEASURES if targets.is_hall else ZONE_MEASURES
    measures = [rule.measure for rule in targets.rules]
    if len(set(measures)) < len(measures) or not set(measures) <= set(allowed):
        raise GeometryError(
            "Two alarm rules use the same measure, or a rule uses a measure that is not available here.",
            "Keep one rule for each measure; cameras are monitored for the whole hall, queues and density "
            "for zones.",
        )
    for rule in targets.rules:
        _check_rule(rule)
    return targets


def _check_values(targets: ZoneTargets) -> None:
    for value, what in (
        (targets.rent, Phrase("rent")),
        (targets.visits_per_day, Phrase("number of visits per day")),
        (targets.engaged_per_day, Phrase("number of engaged visits per day")),
    ):
        if value is not None and not 0 <= value <= MAX_MONEY:
            raise GeometryError(
                "The {what} {value:g} is not between 0 and {most:g}.",
                "Enter a number, or leave the field empty.",
                what=what,
                value=value,
                most=MAX_MONEY,
            )
    if len(targets.exhibitor) > MAX_EXHIBITOR or not targets.exhibitor.isprintable():
        raise GeometryError(
            "The exhibitor's name has more than {most} characters, or characters that cannot be printed.",
            "Shorten the name.",
            most=MAX_EXHIBITOR,
        )
    if len(targets.currency) > MAX_CURRENCY or not targets.currency.isprintable():
        raise GeometryError(
            "The currency '{currency}' has more than {most} characters, or characters that cannot be "
            "printed.",
            "Enter a code such as CNY or EUR.",
            currency=targets.currency,
            most=MAX_CURRENCY,
        )


def _check_rule(rule: AlarmRule) -> None:
    figures = (rule.above, rule.below, rule.raise_after_s, rule.clear_after_s)
    measure = describe_measure(rule.measure)
    if not all(math.isfinite(figure) for figure in figures) or not 0 < rule.above <= _LIMITS[rule.measure]:
        raise GeometryError(
            "The alarm level {above:g} for {measure} is not between 0 and {most:g}.",
            "Enter the level above which an alarm is raised.",
            above=rule.above,
            measure=measure,
            most=_LIMITS[rule.measure],
        )
    if not 0 <= rule.below <= rule.above:
        raise GeometryError(
            "The clearing level {below:g} for {measure} is not between 0 and the alarm level {above:g}.",
            "Enter a clearing level below the alarm level, so that the alarm does not flicker.",
            measure=measure,
            below=rule.below,
            above=rule.above,
        )
    if not (0 <= rule.raise_after_s <= MAX_S and 0 <= rule.clear_after_s <= MAX_S):
        raise GeometryError(
            "The delays for {measure} are not between 0 and {most:g} s.",
            "Enter how long a level must last.",
            measure=measure,
            most=MAX_S,
        )


_MEASURE_NAMES = {
    AlarmMeasure.PEOPLE: Phrase("the number of people"),
    AlarmMeasure.DENSITY: Phrase("the density"),
    AlarmMeasure.QUEUE: Phrase("the queue's length"),
    AlarmMeasure.WAIT: Phrase("the wait"),
    AlarmMeasure.CAMERA_DOWN: Phrase("camera outages"),
}


def describe_measure(measure: AlarmMeasure) -> Phrase:
    """Return the name of a measure for use in a sentence."""
    return _MEASURE_NAMES[measure]
