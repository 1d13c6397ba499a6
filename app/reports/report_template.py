"""Which reports there are, and which sections each has."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from analytics.domain.errors import Phrase


class Template(StrEnum):
    """A sort of report."""

    DAILY = "daily"
    WEEK = "week"
    EXHIBITION = "exhibition"
    STAND = "stand"
    COMPARISON = "comparison"
    OPERATIONS = "operations"
    CERTIFICATE = "certificate"
    """Of the accuracy; of the clips that were labelled, whatever period is asked for."""


class SectionKey(StrEnum):
    """A part of a report."""

    SUMMARY = "summary"
    DAYS = "days"
    HEATMAP = "heatmap"
    DWELL = "dwell"
    ENGAGEMENT = "engagement"
    FLOWS = "flows"
    FINDINGS = "findings"
    EVENTS = "events"
    STAND = "stand"
    PEERS = "peers"
    CHANGES = "changes"
    CAMERAS = "cameras"
    ACCURACY = "accuracy"
    BY_CAMERA = "by_camera"
    CONDITIONS = "conditions"
    QUALITY = "quality"
    METHODS = "methods"


_UNDERSTAND = (
    SectionKey.HEATMAP,
    SectionKey.DWELL,
    SectionKey.ENGAGEMENT,
    SectionKey.FLOWS,
    SectionKey.FINDINGS,
)
_TRUST = (SectionKey.QUALITY, SectionKey.METHODS)
SECTIONS: Mapping[Template, tuple[SectionKey, ...]] = {
    Template.DAILY: (SectionKey.SUMMARY, *_UNDERSTAND, SectionKey.EVENTS, *_TRUST),
    Template.WEEK: (SectionKey.SUMMARY, SectionKey.DAYS, *_UNDERSTAND, *_TRUST),
    Template.EXHIBITION: (SectionKey.SUMMARY, SectionKey.DAYS, *_UNDERSTAND, SectionKey.EVENTS, *_TRUST),
    Template.STAND: (SectionKey.STAND, SectionKey.PEERS, *_TRUST),
    Template.COMPARISON: (SectionKey.CHANGES, *_TRUST),
    Template.OPERATIONS: (SectionKey.CAMERAS, SectionKey.QUALITY, SectionKey.METHODS),
    Template.CERTIFICATE: (
        SectionKey.ACCURACY,
        SectionKey.BY_CAMERA,
        SectionKey.CONDITIONS,
        SectionKey.METHODS,
    ),
}
"""In their order; any but the first can be left out."""

TITLES: Mapping[Template, Phrase] = {
    Template.DAILY: Phrase("Daily summary"),
    Template.WEEK: Phrase("The week"),
    Template.EXHIBITION: Phrase("The whole exhibition"),
    Template.STAND: Phrase("Your stand"),
    Template.COMPARISON: Phrase("Comparison"),
    Template.OPERATIONS: Phrase("Operations and cameras"),
    Template.CERTIFICATE: Phrase("Accuracy certificate"),
}

SECTION_TITLES: Mapping[SectionKey, Phrase] = {
    SectionKey.SUMMARY: Phrase("Summary"),
    SectionKey.DAYS: Phrase("Day by day"),
    SectionKey.HEATMAP: Phrase("Where visitors were"),
    SectionKey.DWELL: Phrase("How long they stayed"),
    SectionKey.ENGAGEMENT: Phrase("What stands made of it"),
    SectionKey.FLOWS: Phrase("Where they went"),
    SectionKey.FINDINGS: Phrase("What stands out"),
    SectionKey.EVENTS: Phrase("Events"),
    SectionKey.STAND: Phrase("Visitors of the stand"),
    SectionKey.PEERS: Phrase("Among the other stands"),
    SectionKey.CHANGES: Phrase("What changed"),
    SectionKey.CAMERAS: Phrase("Cameras"),
    SectionKey.ACCURACY: Phrase("Accuracy"),
    SectionKey.BY_CAMERA: Phrase("By camera"),
    SectionKey.CONDITIONS: Phrase("Conditions and limits"),
    SectionKey.QUALITY: Phrase("How sure this is"),
    SectionKey.METHODS: Phrase("Definitions and versions"),
}
