"""Which section of the guide explains a page of the window, and which a dialog."""

from __future__ import annotations

from collections.abc import Mapping

from app.gui.session.pages import Page

FIRST = "index.md#welcome"
TOPICS_OF_PAGES: Mapping[Page, str] = {
    Page.NOW: "staff.md#now",
    Page.LIVE: "staff.md#live",
    Page.FLOOR_PLAN: "manager.md#floor-plan",
    Page.DWELL: "manager.md#dwell",
    Page.FLOWS: "manager.md#flows",
    Page.EXHIBITION: "manager.md#exhibition",
    Page.COMPARE: "manager.md#compare",
    Page.FINDINGS: "manager.md#findings",
    Page.TIMELINE: "manager.md#timeline",
    Page.REPORTS: "staff.md#reports",
    Page.EDIT_PLAN: "installer.md#plan",
    Page.COVERAGE: "installer.md#coverage",
    Page.ACCURACY: "installer.md#accuracy",
    Page.DOCTOR: "administrator.md#doctor",
    Page.SETTINGS: "administrator.md#settings",
}
TOPICS_OF_DIALOGS: Mapping[str, str] = {
    "AlarmRulesDialog": "staff.md#alarms",
    "AuditDialog": "administrator.md#audit",
    "BrokerDialog": "administrator.md#mqtt",
    "CalibrationDialog": "installer.md#calibrate",
    "CameraPictureDialog": "installer.md#masks",
    "CameraWizard": "installer.md#cameras",
    "ChessboardDialog": "installer.md#other-ways",
    "CountsDialog": "manager.md#counts",
    "CreateVenueDialog": "installer.md#venue",
    "DataExportDialog": "staff.md#export-data",
    "EraseDialog": "administrator.md#erase",
    "EventDialog": "manager.md#timeline",
    "FindingDecisionDialog": "manager.md#findings",
    "LensDataSheetDialog": "installer.md#lens",
    "MailServerDialog": "staff.md#scheduled",
    "MovedCameraDialog": "installer.md#moved",
    "NoteDialog": "manager.md#timeline",
    "PasteNamesDialog": "installer.md#many-zones",
    "RecordingDialog": "installer.md#accuracy",
    "RectangleDialog": "installer.md#other-ways",
    "RedrawPastDialog": "installer.md#history",
    "ScheduleDialog": "staff.md#scheduled",
    "SchedulesDialog": "staff.md#scheduled",
    "ShiftDialog": "manager.md#timeline",
    "StandGridDialog": "installer.md#many-zones",
    "SupportBundleDialog": "administrator.md#support",
    "TokenDialog": "administrator.md#rest",
    "TokenShownDialog": "administrator.md#rest",
    "UserDialog": "administrator.md#users",
    "WalkersDialog": "installer.md#other-ways",
    "WebhookDialog": "administrator.md#webhooks",
}
"""By the names of their classes: one that is made anew each time is known by nothing else."""


def find_topic(dialog: str | None, page: int) -> str:
    """The section for where somebody is: their dialog's, or else the page's.

    Args:
        dialog: name of the class of the window in front; None for the main window.
        page: the page that is chosen.
    """
    if dialog is not None and dialog in TOPICS_OF_DIALOGS:
        return TOPICS_OF_DIALOGS[dialog]
    return TOPICS_OF_PAGES.get(Page(page), FIRST)
