"""Where in the window something can be seen: what a finding or an event leads to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shown(StrEnum):
    """What can be led to."""

    FLOOR_PLAN = "floor-plan"
    DWELL = "dwell"
    FLOWS = "flows"
    EXHIBITION = "exhibition"
    COMPARE = "compare"
    FINDINGS = "findings"
    TIMELINE = "timeline"
    EDIT_PLAN = "edit-plan"
    COVERAGE = "coverage"


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One view.

    Attributes:
        zone: to be selected; None leaves what is.
        period_s: start and end, seconds since the epoch, to be looked at; None leaves what is.
        other_period_s: what it is compared with, where two are.
    """

    shown: Shown
    zone: str | None = None
    period_s: tuple[float, float] | None = None
    other_period_s: tuple[float, float] | None = None
