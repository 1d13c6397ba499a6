"""The pages of the window: their order, icons and titles, and which of them are about a period."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from analytics.domain.errors import OutputError
from app.access.roles import Permission
from app.core.view_link import Shown


class Page(IntEnum):
    """A page, by its place in the navigation."""

    NOW = 0
    LIVE = 1
    FLOOR_PLAN = 2
    DWELL = 3
    FLOWS = 4
    EXHIBITION = 5
    COMPARE = 6
    FINDINGS = 7
    TIMELINE = 8
    REPORTS = 9
    EDIT_PLAN = 10
    COVERAGE = 11
    ACCURACY = 12
    DOCTOR = 13
    SETTINGS = 14


ICONS_AND_TITLES = {
    Page.NOW: ("now", "Now"),
    Page.LIVE: ("live", "Live"),
    Page.FLOOR_PLAN: ("plan", "Floor plan"),
    Page.DWELL: ("dwell", "Dwell"),
    Page.FLOWS: ("flows", "Flows"),
    Page.EXHIBITION: ("exhibition", "Exhibition"),
    Page.COMPARE: ("compare", "Compare"),
    Page.FINDINGS: ("findings", "Findings"),
    Page.TIMELINE: ("timeline", "Timeline"),
    Page.REPORTS: ("reports", "Reports"),
    Page.EDIT_PLAN: ("edit", "Edit plan"),
    Page.COVERAGE: ("coverage", "Coverage"),
    Page.ACCURACY: ("accuracy", "Accuracy"),
    Page.DOCTOR: ("doctor", "Doctor"),
    Page.SETTINGS: ("settings", "Settings"),
}
"""The titles are translated where they are shown."""
FIRST_OF_GROUPS = (Page.NOW, Page.FLOOR_PLAN, Page.EDIT_PLAN)
"""What happens, what happened, and what is set up."""
PAGES_OF_A_PERIOD = (
    Page.FLOOR_PLAN,
    Page.DWELL,
    Page.FLOWS,
    Page.EXHIBITION,
    Page.FINDINGS,
    Page.TIMELINE,
    Page.REPORTS,
)
WALL_PAGES = (Page.NOW, Page.FLOOR_PLAN)
"""What a screen for everybody shows unless others are asked for: no camera's picture."""
NEEDED_PERMISSIONS = {
    Page.EDIT_PLAN: Permission.EDIT_PLAN,
    Page.COVERAGE: Permission.EDIT_CAMERAS,
    Page.ACCURACY: Permission.VALIDATE,
}
"""Of pages that only change something; the others are for everybody who has signed in."""
PAGES_WITHOUT_A_VENUE = (Page.DOCTOR, Page.SETTINGS)
PAGE_OF = {
    Shown.FLOOR_PLAN: Page.FLOOR_PLAN,
    Shown.DWELL: Page.DWELL,
    Shown.FLOWS: Page.FLOWS,
    Shown.EXHIBITION: Page.EXHIBITION,
    Shown.COMPARE: Page.COMPARE,
    Shown.FINDINGS: Page.FINDINGS,
    Shown.TIMELINE: Page.TIMELINE,
    Shown.EDIT_PLAN: Page.EDIT_PLAN,
    Shown.COVERAGE: Page.COVERAGE,
}
"""Where a link leads."""


def parse_wall_pages(names: Sequence[str]) -> tuple[Page, ...]:
    """Pages by their names: ``now``, ``live``, ``floor-plan``.

    Raises:
        OutputError: there is no such page for a wall.
    """
    known = {"now": Page.NOW, "live": Page.LIVE, "floor-plan": Page.FLOOR_PLAN}
    for name in names:
        if name not in known:
            raise OutputError(
                "A wall shows no page '{name}'.", "Choose of: {names}.", name=name, names=", ".join(known)
            )
    return tuple(known[name] for name in names)
