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


class LinkPart(StrEnum):
    """Parts of pages that can be linked to."""

    STAND = "stand"
    """Page Exhibition: one stand."""
    STANDS = "stands"
    """Page Exhibition: all stands."""
    BY_HOUR = "by-hour"
    """Page Dwell: figures by hour."""
    STAFF = "staff"
    """Page Timeline: staff and visitors by hour."""
    EFFECTS = "effects"
    """Page Timeline: effects of events."""
    ROUTES = "routes"
    """Page Flows: common routes."""


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A link to one page.

    Attributes:
        part: part of the page to show; None for the one shown last.
        zone: to select; None keeps the selection.
        period_s: start and end to show, seconds since the epoch; None keeps the period.
        other_period_s: period to compare with, if any.
    """

    shown: LinkTarget
    part: LinkPart | None = None
    zone: str | None = None
    period_s: tuple[float, float] | None = None
    other_period_s: tuple[float, float] | None = None
