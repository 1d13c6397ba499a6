"""Links from a finding or an event to a place in the window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LinkTarget(StrEnum):
    """Pages and objects that can be linked to."""

    NOW = "now"
    LIVE = "live"
    OVERVIEW = "overview"
    FLOOR_PLAN = "floor-plan"
    DWELL = "dwell"
    FLOWS = "flows"
    EXHIBITION = "exhibition"
    COMPARE = "compare"
    FINDINGS = "findings"
    TIMELINE = "timeline"
    EDIT_PLAN = "edit-plan"
    COVERAGE = "coverage"
    DOCTOR = "doctor"


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A link to one page.

    Attributes:
        zone: to select; None keeps the selection.
        period_s: start and end to show, seconds since the epoch; None keeps the period.
        other_period_s: period to compare with, if any.
    """

    shown: LinkTarget
    zone: str | None = None
    period_s: tuple[float, float] | None = None
    other_period_s: tuple[float, float] | None = None
