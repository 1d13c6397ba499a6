"""The pages of the window, each with its position, title, icon and section of the guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from analytics.domain.errors import OutputError
from app.access.roles import Permission
from app.core.view_link import LinkTarget


class Page(IntEnum):
    """A page, by its number; the order of the navigation is that of `PAGES`."""

    NOW = 0
    LIVE = 1
    OVERVIEW = 2
    FLOOR_PLAN = 3
    DWELL = 4
    FLOWS = 5
    EXHIBITION = 6
    TIMELINE = 7
    FINDINGS = 8
    COMPARE = 9
    REPORTS = 10
    EDIT_PLAN = 11
    COVERAGE = 12
    ACCURACY = 13
    DOCTOR = 14
    SETTINGS = 15
    HALLS = 16
    """Shown for venues that are in a site."""


GROUPS = ("Now", "Understand", "Decide", "Report", "Set up")
"""Groups of pages, in the order of the navigation; English, translated where they are shown."""


@dataclass(frozen=True, slots=True)
class PageSpec:
    """The description of one page.

    Attributes:
        icon: its name.
        title: in English; translated where it is shown.
        group: what it is for, by its position in `GROUPS`.
        guide: the section that explains it.
        shown: what a link to it leads to.
        shows_period: whether it shows figures of a period.
        permission: the permission for a page that only changes something; None: it is for everybody who has
            signed in.
        needs_venue: whether it is about the open venue.
    """

    icon: str
    title: str
    group: int
    guide: str
    shown: LinkTarget | None = None
    shows_period: bool = False
    permission: Permission | None = None
    needs_venue: bool = True


PAGES: Mapping[Page, PageSpec] = {
    Page.HALLS: PageSpec("halls", "Halls", 0, "administrator.md#halls"),
    Page.NOW: PageSpec("now", "Now", 0, "staff.md#now", LinkTarget.NOW),
    Page.LIVE: PageSpec("live", "Live", 0, "staff.md#live", LinkTarget.LIVE),
    Page.OVERVIEW: PageSpec("overview", "Overview", 1, "manager.md#overview", LinkTarget.OVERVIEW, True),
    Page.FLOOR_PLAN: PageSpec("plan", "Floor plan", 1, "manager.md#floor-plan", LinkTarget.FLOOR_PLAN, True),
    Page.DWELL: PageSpec("dwell", "Dwell", 1, "manager.md#dwell", LinkTarget.DWELL, True),
    Page.FLOWS: PageSpec("flows", "Flows", 1, "manager.md#flows", LinkTarget.FLOWS, True),
    Page.EXHIBITION: PageSpec(
        "exhibition", "Exhibition", 1, "manager.md#exhibition", LinkTarget.EXHIBITION, True
    ),
    Page.TIMELINE: PageSpec("timeline", "Timeline", 1, "manager.md#timeline", LinkTarget.TIMELINE, True),
    Page.FINDINGS: PageSpec("findings", "Findings", 2, "manager.md#findings", LinkTarget.FINDINGS, True),
    Page.COMPARE: PageSpec("compare", "Compare", 2, "manager.md#compare", LinkTarget.COMPARE),
    Page.REPORTS: PageSpec("reports", "Reports", 3, "staff.md#reports", shows_period=True),
    Page.EDIT_PLAN: PageSpec(
        "edit",
        "Edit plan",
        4,
        "installer.md#plan",
        LinkTarget.EDIT_PLAN,
        permission=Permission.EDIT_PLAN,
    ),
    Page.COVERAGE: PageSpec(
        "coverage",
        "Coverage",
        4,
        "installer.md#coverage",
        LinkTarget.COVERAGE,
        permission=Permission.EDIT_CAMERAS,
    ),
    Page.ACCURACY: PageSpec(
        "accuracy", "Accuracy", 4, "installer.md#accuracy", permission=Permission.VALIDATE
    ),
    Page.DOCTOR: PageSpec(
        "doctor", "Doctor", 4, "administrator.md#doctor", LinkTarget.DOCTOR, needs_venue=False
    ),
    Page.SETTINGS: PageSpec("settings", "Settings", 4, "administrator.md#settings", needs_venue=False),
}
"""All pages, in the order of the navigation."""
PAGE_OF = {spec.shown: page for page, spec in PAGES.items() if spec.shown is not None}
"""The page of each kind of link target."""
WALL_PAGES = (Page.NOW, Page.FLOOR_PLAN)
"""Default pages of a wall screen; none of them shows a camera's picture."""
SECTIONS_OF_DIALOGS: Mapping[str, str] = {
    "AlarmRulesDialog": "staff.md#alarms",
    "AuditDialog": "administrator.md#audit",
    "BrokerDialog": "administrator.md#mqtt",
    "CalibrationDialog": "installer.md#calibrate",
    "CameraPictureDialog": "installer.md#masks",
    "DetectionDialog": "installer.md#seated",
    "CameraWizard": "installer.md#cameras",
    "ChessboardDialog": "installer.md#other-ways",
    "CountsDialog": "manager.md#counts",
    "CreateVenueDialog": "installer.md#venue",
    "DataExportDialog": "staff.md#export-data",
    "EraseDialog": "administrator.md#erase",
    "EventDialog": "manager.md#timeline",
    "FindingDecisionDialog": "manager.md#findings",
    "ImportTracksDialog": "installer.md#tracks",
    "LensDataSheetDialog": "installer.md#lens",
    "MailServerDialog": "staff.md#scheduled",
    "MovedCameraDialog": "installer.md#moved",
    "NoteDialog": "manager.md#timeline",
    "PasteNamesDialog": "installer.md#many-zones",
    "QuickSearchDialog": "index.md#window",
    "RecordingDialog": "installer.md#accuracy",
    "RectangleDialog": "installer.md#other-ways",
    "RedrawPastDialog": "installer.md#history",
    "ScheduleDialog": "staff.md#scheduled",
    "SchedulesDialog": "staff.md#scheduled",
    "SiteDialog": "administrator.md#site",
    "ShiftDialog": "manager.md#timeline",
    "StandGridDialog": "installer.md#many-zones",
    "StandImportDialog": "manager.md#rents",
    "SupportBundleDialog": "administrator.md#support",
    "TokenDialog": "administrator.md#rest",
    "NewTokenDialog": "administrator.md#rest",
    "UserDialog": "administrator.md#users",
    "WalkersDialog": "installer.md#other-ways",
    "PublicDialog": "administrator.md#public",
    "WebhookDialog": "administrator.md#webhooks",
}
"""Sections of the guide by the class name of a dialog, because dialogs are created anew each time."""


def find_section(dialog: str | None, page: int) -> str:
    """Return the section of the guide for the active dialog, or else for the page.

    Args:
        dialog: name of the class of the window in front; None for the main window.
        page: the page that is chosen.
    """
    return SECTIONS_OF_DIALOGS.get(dialog or "", PAGES[Page(page)].guide)


def parse_wall_pages(names: Sequence[str]) -> tuple[Page, ...]:
    """Parse a list of pages by name: ``now``, ``live``, ``floor-plan``.

    Raises:
        OutputError: there is no such page for a wall.
    """
    known = {"now": Page.NOW, "live": Page.LIVE, "floor-plan": Page.FLOOR_PLAN}
    for name in names:
        if name not in known:
            raise OutputError(
                "The wall screen cannot show the page '{name}'.",
                "Choose from: {names}.",
                name=name,
                names=", ".join(known),
            )
    return tuple(known[name] for name in names)
