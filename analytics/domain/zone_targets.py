"""What is wanted of a zone: how full it may be, when somebody has to be told, how long a visit needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.identifiers import ZoneId


class AlarmMeasure(StrEnum):
    """What an alarm rule looks at."""

    PEOPLE = "people"
    """People in the zone, or in view of all cameras."""
    DENSITY = "density"
    """People per m² of the zone's observed floor."""
    QUEUE = "queue"
    """People in a zone of kind queue."""
    WAIT = "wait"
    """Seconds that people stay in a zone of kind queue, of late."""
    CAMERA_DOWN = "camera_down"
    """Seconds since a camera was last analysed while it should have been; a rule of the whole hall."""


ZONE_MEASURES = (AlarmMeasure.PEOPLE, AlarmMeasure.DENSITY, AlarmMeasure.QUEUE, AlarmMeasure.WAIT)
HALL_MEASURES = (AlarmMeasure.PEOPLE, AlarmMeasure.CAMERA_DOWN)
MAX_PEOPLE = 100_000
MAX_DENSITY = 10.0
"""People per m²; nobody can stand closer."""
MAX_S = 86_400.0
MAX_MONEY = 1e12
MAX_CURRENCY = 8
_LIMITS = {
    AlarmMeasure.PEOPLE: float(MAX_PEOPLE),
    AlarmMeasure.DENSITY: MAX_DENSITY,
    AlarmMeasure.QUEUE: float(MAX_PEOPLE),
    AlarmMeasure.WAIT: MAX_S,
    AlarmMeasure.CAMERA_DOWN: MAX_S,
}


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """An alarm with hysteresis: above a level for a time raises it, at most a lower one for a time clears it.

    Attributes:
        above, below: in the unit of the measure; ``below`` is at most ``above``.
        raise_after_s: observed seconds without a break above the upper level.
        clear_after_s: observed seconds without a break at or below the lower level.
    """

    measure: AlarmMeasure
    above: float
    below: float
    raise_after_s: float = 30.0
    clear_after_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ZoneTargets:
    """What is wanted of a zone.

    Attributes:
        zone: its name; empty for the whole hall.
        capacity: people who may be in it at once; None where nobody has said.
        rules: at most one for each measure.
        needed_s: seconds that a visitor needs to see or do what there is; None where nobody has said.
        rent: what its exhibitor pays for the whole show, in ``currency`` of the whole hall's targets.
        visits_per_day, engaged_per_day: visits and engaged visits that are hoped for on a day that is open.
        is_sponsor: popular ways should lead past it.
        currency: of all rents; of the whole hall's targets alone.
    """

    zone: ZoneId
    capacity: int | None = None
    rules: tuple[AlarmRule, ...] = ()
    needed_s: float | None = None
    rent: float | None = None
    visits_per_day: float | None = None
    engaged_per_day: float | None = None
    is_sponsor: bool = False
    currency: str = ""

    @property
    def is_hall(self) -> bool:
        """Whether they are those of the whole hall."""
        return not self.zone

    def find_rule(self, measure: AlarmMeasure) -> AlarmRule | None:
        """The rule of a measure, if there is one."""
        return next((rule for rule in self.rules if rule.measure is measure), None)


DEFAULT_CAMERA_RULE = AlarmRule(
    AlarmMeasure.CAMERA_DOWN, above=30.0, below=5.0, raise_after_s=0.0, clear_after_s=10.0
)
"""Holds where the hall has no rule of its own: longer than a reconnection takes, shorter than a coffee."""


def check_targets(targets: ZoneTargets) -> ZoneTargets:
    """The same, if they can be.

    Raises:
        GeometryError: a figure is out of its limits, or a rule does not fit; says which, and what to write.
    """
    if targets.capacity is not None and not 1 <= targets.capacity <= MAX_PEOPLE:
        raise GeometryError(
            "The capacity {people} is not between 1 and {most} people.",
            "Write how many people may be there at once, or leave it empty.",
            people=targets.capacity,
            most=MAX_PEOPLE,
        )
    if targets.needed_s is not None and not 0 < targets.needed_s <= MAX_S:
        raise GeometryError(
            "The time {needed:g} s that the zone needs is not between 0 and {most:g} s.",
            "Write how long it takes to see or do what there is, or leave it empty.",
            needed=targets.needed_s,
            most=MAX_S,
        )
    _check_worth(targets)
    allowed = HALL_MEASURES if targets.is_hall else ZONE_MEASURES
    measures = [rule.measure for rule in targets.rules]
    if len(set(measures)) < len(measures) or not set(measures) <= set(allowed):
        raise GeometryError(
            "Two alarm rules look at the same figure, or one at a figure that this place does not have.",
            "Keep one rule for each figure; cameras belong to the whole hall, queues and density to zones.",
        )
    for rule in targets.rules:
        _check_rule(rule)
    return targets


def _check_worth(targets: ZoneTargets) -> None:
    for value, what in (
        (targets.rent, Phrase("rent")),
        (targets.visits_per_day, Phrase("number of visits a day")),
        (targets.engaged_per_day, Phrase("number of engaged visits a day")),
    ):
        if value is not None and not 0 <= value <= MAX_MONEY:
            raise GeometryError(
                "The {what} {value:g} is not between 0 and {most:g}.",
                "Write a number, or leave it empty.",
                what=what,
                value=value,
                most=MAX_MONEY,
            )
    if len(targets.currency) > MAX_CURRENCY or not targets.currency.isprintable():
        raise GeometryError(
            "The currency '{currency}' is longer than {most} letters, or not printable.",
            "Write a code such as CNY or EUR.",
            currency=targets.currency,
            most=MAX_CURRENCY,
        )


def _check_rule(rule: AlarmRule) -> None:
    figures = (rule.above, rule.below, rule.raise_after_s, rule.clear_after_s)
    measure = name_measure(rule.measure)
    if not all(math.isfinite(figure) for figure in figures) or not 0 < rule.above <= _LIMITS[rule.measure]:
        raise GeometryError(
            "The alarm level {above:g} of {measure} is not between 0 and {most:g}.",
            "Write the level above which somebody has to be told.",
            above=rule.above,
            measure=measure,
            most=_LIMITS[rule.measure],
        )
    if not 0 <= rule.below <= rule.above:
        raise GeometryError(
            "The alarm of {measure} would clear at {below:g}, not between 0 and its level {above:g}.",
            "Write a lower level at which it is over, so that it does not come and go.",
            measure=measure,
            below=rule.below,
            above=rule.above,
        )
    if not (0 <= rule.raise_after_s <= MAX_S and 0 <= rule.clear_after_s <= MAX_S):
        raise GeometryError(
            "The times of the alarm of {measure} are not between 0 and {most:g} s.",
            "Write for how long a level has to hold.",
            measure=measure,
            most=MAX_S,
        )


_MEASURE_NAMES = {
    AlarmMeasure.PEOPLE: Phrase("the number of people"),
    AlarmMeasure.DENSITY: Phrase("the density"),
    AlarmMeasure.QUEUE: Phrase("the queue's length"),
    AlarmMeasure.WAIT: Phrase("the wait"),
    AlarmMeasure.CAMERA_DOWN: Phrase("the cameras' outages"),
}


def name_measure(measure: AlarmMeasure) -> Phrase:
    """What a measure is called in a sentence."""
    return _MEASURE_NAMES[measure]
