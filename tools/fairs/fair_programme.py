"""What happens on a day of a simulated fair: who comes when, talks, and what is better than its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.arrays import FloatArray
from tools.fairs.fair_hall import FairHall

CALLED_S, LATE_S = 600.0, 120.0
"""Visitors go to a talk from so long before its beginning until so long after it."""
_DESERTED = 0.02
"""What a talk leaves of the attraction of the zone that it empties."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Something on the stage.

    Attributes:
        share: of those who choose where to go when it is about to begin.
        empties: whose visitors all go there; empty for none.
    """

    start_s: float
    end_s: float
    share: float = 0.75
    empties: str = ""

    def calls_at(self, time_s: float) -> bool:
        """Whether visitors go there now."""
        return self.start_s - CALLED_S <= time_s < self.start_s + LATE_S


@dataclass(frozen=True, slots=True)
class FairProgramme:
    """One day.

    Attributes:
        visitors: how many come, on average.
        hour_weights: of the arrivals, in equal parts of the day.
        pulls: factors of the attractions of stands, by name, beyond what their places make of them.
        served_s: median time to be served with coffee.
        passage_per_s: how many people the passage lets through; None: as many as come.
    """

    open_s: float = 8 * 3600.0
    visitors: float = 1000.0
    hour_weights: tuple[float, ...] = (0.8, 1.2, 1.3, 1.0, 1.0, 1.1, 1.0, 0.6)
    pulls: Mapping[str, float] = field(default_factory=dict)
    talks: tuple[Talk, ...] = ()
    served_s: float = 12.0
    passage_per_s: float | None = None

    def find_attractions(self, hall: FairHall, time_s: float) -> FloatArray:
        """Of the hall's stands at a moment, in their order."""
        odds = np.array([s.stand.attraction * self.pulls.get(s.name, 1.0) for s in hall.stands])
        for talk in self.talks:
            if talk.empties and talk.start_s - CALLED_S <= time_s < talk.end_s:
                odds[hall.find_stand(talk.empties)] *= _DESERTED
        return odds

    def find_called(self, time_s: float) -> Talk | None:
        """The talk to which visitors go now."""
        return next((talk for talk in self.talks if talk.calls_at(time_s)), None)

    def draw_arrivals(self, count: int, random: np.random.Generator) -> FloatArray:
        """Times from the opening, in order, shape (count,)."""
        weights = np.asarray(self.hour_weights) / sum(self.hour_weights)
        part_s = self.open_s / len(weights)
        parts = random.choice(len(weights), size=count, p=weights)
        return np.sort((parts + random.uniform(size=count)) * part_s)
