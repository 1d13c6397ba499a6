"""How many clips of each stratum are wanted, were taken, and are labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.evaluation.clip_labels import Clip
from app.validation.validation_labels import ValidationLabels

if TYPE_CHECKING:
    from analytics.evaluation.clip_plan import ClipPlan


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One stratum of which clips are wanted.

    Attributes:
        hour: of the venue's own clock.
        crowding: ``low``, ``medium`` or ``high``.
        wanted, waiting, labelled: clips.
    """

    camera: str
    hour: int
    crowding: str
    wanted: int
    waiting: int
    labelled: int

    @property
    def missing(self) -> int:
        """How many are still to be taken."""
        return max(0, self.wanted - self.waiting - self.labelled)


def list_plan_rows(
    plan: ClipPlan, labels: ValidationLabels | None, waiting: Sequence[Clip]
) -> tuple[PlanRow, ...]:
    """The strata of which clips are wanted, without anything that the system counted in them.

    Args:
        waiting: clips that were taken and are not labelled.
    """
    labelled = [] if labels is None else [one.clip.stratum for one in labels.clips]
    waits = [clip.stratum for clip in waiting]
    return tuple(
        PlanRow(
            str(one.load.stratum.camera),
            one.load.stratum.hour,
            one.load.stratum.crowding.value,
            one.clips,
            waits.count(one.load.stratum),
            labelled.count(one.load.stratum),
        )
        for one in plan.strata
        if one.clips
    )
