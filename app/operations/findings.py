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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; ``remedy`` is empty where nothing is wrong."""

    what: str
    verdict: Verdict
    detail: str
    remedy: str = ""


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


def worst_verdict(findings: Sequence[Finding | GeometryFinding]) -> Verdict:
    """The worst of several findings."""
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.OK)
