"""What was built into a simulated fair on purpose, so that whatever looks for it can be judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PlantedKind(StrEnum):
    """What can be built in."""

    COLD_ZONE = "cold zone"
    """A stand that anybody can see and reach, and hardly anybody visits."""
    BOTTLENECK = "bottleneck"
    """A passage in front of which people stand close together and hardly move."""
    BETTER_STAND = "better stand"
    """More attractive than its place explains."""
    WORSE_STAND = "worse stand"
    """Less attractive than its place explains."""
    TALK = "talk"
    """Fills the stage at its hours, and empties another zone."""
    BLOCKING_QUEUE = "blocking queue"
    """Longer than its zone, so that it stands in an aisle."""
    CHANGED_LAYOUT = "changed layout"
    """From this day on a stand is somewhere else."""


@dataclass(frozen=True, slots=True)
class PlantedFact:
    """One fact that is true of a simulated fair because it was made so.

    Attributes:
        zone: where it is.
        day: 0 for the first; None for every day.
        hours_s: (start, end) of when it holds, seconds from the opening; empty for all day.
        other: the zone that suffers from it: which a talk empties, or a queue blocks.
        is_rise: of a changed layout, whether the stand is better placed than before.
    """

    kind: PlantedKind
    zone: str
    day: int | None = None
    hours_s: tuple[tuple[float, float], ...] = ()
    other: str = ""
    is_rise: bool = False
