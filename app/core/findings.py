"""What a check of the system found, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Point


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    ABSENT = "absent"
    WARNING = "warning"
    FAILED = "failed"


class Topic(StrEnum):
    """What a finding is about; findings of one topic are shown together."""

    MACHINE = "machine"
    MODELS = "models"
    DISK = "disk"
    PASSWORDS = "passwords"
    CAMERAS = "cameras"
    GEOMETRY = "geometry"


class Fix(StrEnum):
    """What the window can do about a finding when a button is pressed."""

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
class Finding:
    """One thing that was checked.

    Attributes:
        rule: what was checked, for a machine: ``disk-room``.
        subject: what it is about, such as ``camera north``.
        detail: what was found.
        remedy: what to do; without words where nothing is wrong.
        name: of the camera, the model, the zone or the folder, for whoever mends it.
        part: of a finding about the plan, which list the name is in: ``zones``.
    """

    rule: str
    topic: Topic
    verdict: Verdict
    subject: Phrase
    detail: Phrase
    remedy: Phrase = NO_WORDS
    mend: Fix = Fix.NOTHING
    name: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class GeometryFinding:
    """Something about a zone, a line, an obstacle or the plan that counts badly, or not at all.

    Attributes:
        rule: what was broken, for a machine: ``zone-overlap``.
        subject: what it is about, such as ``zone 'A1'``.
        part, name: the same for a machine: ``zones`` and ``A1``; the name is empty for the plan.
        place_m: where on the floor; None where it is no place.
        problem, remedy: sentences to be translated.
        share: how much of it is concerned, 0 to 1; None where that has no meaning.
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


def sort_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The worst first; of the same verdict, in the order in which they came."""
    order = list(Verdict)
    return tuple(sorted(findings, key=lambda finding: -order.index(finding.verdict)))


def worst_verdict(findings: Sequence[Finding | GeometryFinding]) -> Verdict:
    """The worst of several findings."""
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.OK)
