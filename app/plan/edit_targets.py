"""Edits of capacities and alarm rules, as values that say what they change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import AlarmMeasure, ZoneTargets, check_targets
from app.core.document import Venue
from app.plan.geometry_change import Change, Part

QUEUE_MEASURES = frozenset({AlarmMeasure.QUEUE, AlarmMeasure.WAIT})


@dataclass(frozen=True, slots=True)
class SetTargets:
    """Say how full a zone, or the whole hall, may be, and when somebody has to be told."""

    targets: ZoneTargets

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        if self.targets.is_hall:
            return Phrase("Change the alarms of the whole hall")
        return Phrase("Change the alarms of zone '{name}'", {"name": self.targets.zone})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: a figure is out of its limits, there is no such zone, or it is no queue.
        """
        targets = check_targets(self.targets)
        if not targets.is_hall:
            _check_zone(venue, targets)
        return _replace_targets(venue, targets)


@dataclass(frozen=True, slots=True)
class SetNeededTime:
    """Say how long a visitor needs for what there is in a zone, seconds; None: nobody knows."""

    zone: str
    needed_s: float | None

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the time that zone '{name}' needs", {"name": self.zone})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: the time cannot be, or there is no such zone.
        """
        targets = check_targets(replace(venue.targets_of(self.zone), needed_s=self.needed_s))
        _check_zone(venue, targets)
        return _replace_targets(venue, targets)


@dataclass(frozen=True, slots=True)
class SetWorth:
    """Say what a zone costs its exhibitor and what is hoped for of it; None: nobody has said."""

    zone: str
    rent: float | None
    visits_per_day: float | None
    engaged_per_day: float | None
    is_sponsor: bool

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the rent and targets of zone '{name}'", {"name": self.zone})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: a number cannot be, or there is no such zone.
        """
        targets = check_targets(
            replace(
                venue.targets_of(self.zone),
                rent=self.rent,
                visits_per_day=self.visits_per_day,
                engaged_per_day=self.engaged_per_day,
                is_sponsor=self.is_sponsor,
            )
        )
        _check_zone(venue, targets)
        return _replace_targets(venue, targets)


@dataclass(frozen=True, slots=True)
class SetCurrency:
    """Say in which currency all rents are."""

    currency: str

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the currency")

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: it is no name of a currency.
        """
        targets = check_targets(replace(venue.targets_of(""), currency=self.currency.strip()))
        return _replace_targets(venue, targets)


def _replace_targets(venue: Venue, targets: ZoneTargets) -> tuple[Change, ...]:
    before = next((known for known in venue.targets if known.zone == targets.zone), None)
    after = targets if targets != ZoneTargets(targets.zone) else None
    if before == after:
        return ()
    index = len(venue.targets) if before is None else venue.targets.index(before)
    return (Change(Part.TARGETS, before, after, index),)


def follow_renamed_zone(venue: Venue, old: str, new: str, *, freed: Sequence[str] = ()) -> Iterator[Change]:
    """What a zone's new name changes in its targets; those of a former zone of that name are given up.

    Args:
        freed: names that are given up at the same time.
    """
    known = {str(targets.zone): (index, targets) for index, targets in enumerate(venue.targets)}
    if old not in known:
        return
    index, targets = known[old]
    yield Change(Part.TARGETS, targets, replace(targets, zone=ZoneId(new)), index)
    if new in known and new not in freed:
        yield Change(Part.TARGETS, known[new][1], None, known[new][0])


def _check_zone(venue: Venue, targets: ZoneTargets) -> None:
    zone = next((zone for zone in venue.geometry_at(None).zones if zone.name == targets.zone), None)
    if zone is None:
        raise GeometryError(
            "There is no zone '{name}' any more.",
            "Choose one of the zones that there are now.",
            name=targets.zone,
        )
    if zone.kind is not ZoneKind.QUEUE and any(rule.measure in QUEUE_MEASURES for rule in targets.rules):
        raise GeometryError(
            "Zone '{name}' is no queue, so that it has neither a length nor a wait.",
            "Make its kind 'queue' on the page that edits the plan, or leave these alarms out.",
            name=targets.zone,
        )
