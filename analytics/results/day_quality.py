"""The quality of a period's numbers: who is missed, by cause, and which figures suffer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.domain.uncounted_people import LOW_COUNT_SHARE, UncountedPeople

if TYPE_CHECKING:
    from analytics.flows.door_balance import DoorBalance


class Cause(StrEnum):
    """Why people are missed."""

    DOORS = "doors"
    """Visitors were hidden where they came in."""
    SEATS = "seats"
    """People in view of a camera were not counted, as they sit or are half hidden."""
    BREAKS = "breaks"
    """Tracks broke, so that visitors were not seen to come or to go."""


class Grade(StrEnum):
    """The quality in a word."""

    GOOD = "good"
    LIMITED = "limited"
    POOR = "poor"


LIMITS: Mapping[Cause, tuple[float, float]] = {
    Cause.DOORS: (0.1, 0.25),
    Cause.SEATS: (LOW_COUNT_SHARE, 0.25),
    Cause.BREAKS: (0.5, 0.7),
}
"""Missed share from which the quality is limited, and from which it is poor. A tenth is what full halls may
err by; half of the arrivals and departures are enough for values of places, below 30 % there are none.
"""
SUFFERING: Mapping[Cause, frozenset[str]] = {
    Cause.DOORS: frozenset({"footfall"}),
    Cause.SEATS: frozenset({"peak", "total-time"} | {"people_mean", "person_seconds"}),
    Cause.BREAKS: frozenset({"zones-visited", "party-size", "of_place", "place_worth"}),
}
"""Keys of the figures that are off by a cause. The number of visitors, and figures per visitor, allow for
those who were not counted coming in.
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """People missed for one cause.

    Attributes:
        share: of the visitors, of the people in view, or of the arrivals and departures, 0 to 1.
        places: names of lines or cameras; of doors for broken tracks, none where no door is drawn.
    """

    cause: Cause
    share: float
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayQuality:
    """The quality of a period.

    Attributes:
        losses: those that matter, that with the largest effect first.
        doors: what the lines of all doors say together; None without an entrance line.
    """

    losses: tuple[Loss, ...] = ()
    doors: DoorBalance | None = None

    @property
    def grade(self) -> Grade:
        """Return the grade of the worst loss."""
        if not self.losses:
            return Grade.GOOD
        return Grade.POOR if _weigh(self.losses[0]) >= 1.0 else Grade.LIMITED

    def find_loss(self, figure: str) -> Loss | None:
        """Return the worst loss from which a figure suffers, by its key; None if it does not."""
        return next((loss for loss in self.losses if figure in SUFFERING[loss.cause]), None)


def measure_day_quality(
    *,
    doors: DoorBalance | None,
    low_counts: Sequence[UncountedPeople],
    seen_share: float | None,
    drawn_doors: Sequence[str],
) -> DayQuality:
    """Return the quality of a period from what is known of it.

    Args:
        low_counts: cameras that probably did not count everybody.
        seen_share: share of the arrivals and departures that were seen, 0 to 1; None if unknown.
        drawn_doors: names of the lines and zones at which people come and go.
    """
    losses = [] if doors is None else [Loss(Cause.DOORS, doors.missed_share, doors.ways_in)]
    if low_counts:
        worst = max(low_counts, key=lambda one: one.share)
        losses.append(Loss(Cause.SEATS, worst.share, (str(worst.camera),)))
    if seen_share is not None:
        losses.append(Loss(Cause.BREAKS, 1.0 - seen_share, tuple(drawn_doors)))
    mattering = [loss for loss in losses if loss.share >= LIMITS[loss.cause][0]]
    return DayQuality(tuple(sorted(mattering, key=_weigh, reverse=True)), doors)


def _weigh(loss: Loss) -> float:
    return loss.share / LIMITS[loss.cause][1]
