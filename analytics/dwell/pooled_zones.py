"""Several zones taken together: which ones, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.estimate import Estimate

PASSAGES = frozenset({ZoneKind.ENTRANCE, ZoneKind.EXIT, ZoneKind.AISLE, ZoneKind.STAFF})
"""Where nobody comes for a visit."""


@dataclass(frozen=True, slots=True)
class PooledFigures:
    """None where the data do not carry a value; a person in two zones counts in both.

    Attributes:
        zones: the names of the zones that were taken together.
        estimates_disagree: whether the two estimates of the mean of whole visits differ by too much.
    """

    zones: tuple[str, ...]
    visits: Estimate
    mean_dwell_s: Estimate
    median_dwell_s: float | None
    person_seconds: float | None
    estimates_disagree: bool


def choose_pooled_zones(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones to visit: doors, aisles and staff rooms are left out, unless there is nothing else."""
    return tuple(zone for zone in zones if zone.kind not in PASSAGES) or tuple(zones)
