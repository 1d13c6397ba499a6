"""Results of the doctor's checks, with their remedies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Point


class Verdict(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    ABSENT = "absent"
    WARNING = "warning"
    FAILED = "failed"


class Topic(StrEnum):
    """The subject of a check; results of one topic are shown together."""

    MACHINE = "machine"
    MODELS = "models"
    DISK = "disk"
    PASSWORDS = "passwords"
    CAMERAS = "cameras"
    GEOMETRY = "geometry"


class Fix(StrEnum):
    """A repair that the window offers as a button."""

    NOTHING = ""
    CHANGE_CAMERA = "change-camera"
    ENTER_PASSWORD = "enter-password"  # noqa: S105 the name of a button
    CALIBRATE = "calibrate"
    SHOW_VIEW = "show-view"
    DRAW_MASK = "draw-mask"
    CHOOSE_MODEL = "choose-model"
    EDIT_PLAN = "edit-plan"
    OPEN_FOLDER = "open-folder"
    CONNECT_AGAIN = "connect-again"
    START_RECORDING = "start-recording"
    RESTART_RECORDING = "restart-recording"


NO_WORDS = Phrase("")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check.

    Attributes:
        rule: identifier of the check, such as ``disk-room``.
        subject: the object checked, such as ``camera north``.
        remedy: what to do; empty if nothing is wrong.
        name: name of the camera, model, zone or folder, for the fix.
        part: for the plan, the list that the name is in, such as ``zones``.
    """

    rule: str
    topic: Topic
    verdict: Verdict
    subject: Phrase
    detail: Phrase
    remedy: Phrase = NO_WORDS
    fix: Fix = Fix.NOTHING
    name: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class GeometryFault:
    """A problem of a zone, a line, an obstacle or the plan that impairs or prevents counting.

    Attributes:
        rule: identifier of the broken rule, such as ``zone-overlap``.
        subject: the object concerned, such as ``zone 'A1'``.
        part, name: list and name of the object: ``zones`` and ``A1``; empty name for the plan.
        place_m: position on the floor; None if it has none.
        problem, remedy: translatable sentences.
        share: affected share, 0 to 1; None if not applicable.
    """

    rule: str
    verdict: Verdict
    part: str
    name: str
    subject: Phrase
    problem: Phrase
    remedy: Phrase
    place_m: Point | None = None
    share: float | None = None


def sort_results(findings: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the results with the worst first, otherwise in their original order."""
    order = list(Verdict)
    return tuple(sorted(findings, key=lambda finding: -order.index(finding.verdict)))


def worst_verdict(findings: Sequence[CheckResult | GeometryFault]) -> Verdict:
    """Return the worst verdict of several results."""
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.OK)
