"""Selection and figures of several zones taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.estimate import Estimate

PASSAGES = frozenset({ZoneKind.ENTRANCE, ZoneKind.EXIT, ZoneKind.AISLE, ZoneKind.STAFF})
"""Kinds of zones that are not visited for their own sake."""


@dataclass(frozen=True, slots=True)
class PooledFigures:
    """Figures of pooled zones; None if the data do not support a value. A person in two zones counts twice.

    Attributes:
        estimates_disagree: whether the two estimates of the mean of whole visits differ by too much.
    """

    zones: tuple[str, ...]
    visits: Estimate
    mean_dwell_s: Estimate
    median_dwell_s: float | None
    person_seconds: float | None
    estimates_disagree: bool


def choose_pooled_zones(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """Return the zones worth a visit: all but doors, aisles and staff rooms, or all if none are left."""
    return tuple(zone for zone in zones if zone.kind not in PASSAGES) or tuple(zones)
