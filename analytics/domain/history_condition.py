"""State of writing the history, for a status line or window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import Phrase, StoreError


def describe_pending_writes(error: StoreError) -> Phrase:
    """Return why a recording cannot write now; its counts wait until it can."""
    return Phrase(
        "{problem} {remedy} Recording continues automatically.",
        {
            "problem": Phrase(error.problem_template, error.details),
            "remedy": Phrase(error.remedy_template, error.details),
        },
    )


class HistoryMode(StrEnum):
    """Amount of observation data that is written."""

    FULL = "full"
    THINNED = "thinned"
    """One position per second and person: counts and stays continue, paths are coarser."""
    PAUSED = "paused"
    """No positions, and gaps instead of observation: the last space is reserved for recording the gaps."""


@dataclass(frozen=True, slots=True)
class HistoryCondition:
    """The state of writing the history.

    Attributes:
        free_bytes: free space on the history's disk; None if not measured yet.
        waiting_points: positions not yet on disk.
        problem: why writing failed and how to fix it; None: no problem.
        repair: what was rebuilt when the history was opened, and what was found lost since; None: nothing.
    """

    mode: HistoryMode = HistoryMode.FULL
    free_bytes: int | None = None
    waiting_points: int = 0
    problem: Phrase | None = None
    repair: Phrase | None = None

    @property
    def trouble(self) -> tuple[HistoryMode, str, str]:
        """Mode, problem and repair, to detect a change worth reporting; free space is left out."""
        return self.mode, str(self.problem or ""), str(self.repair or "")

    def describe(self) -> Phrase | None:
        """Return a sentence for the user; None if there is nothing to report."""
        if self.problem is not None:
            return self.problem
        if self.mode is HistoryMode.FULL:
            return self.repair
        free = {"free": f"{(self.free_bytes or 0) / 2**20:.0f}"}
        if self.mode is HistoryMode.THINNED:
            return Phrase(
                "The disk is nearly full ({free} MiB left): positions are written once a second. "
                "Counting continues. Free some space, or shorten the retention of tracks.",
                free,
            )
        return Phrase(
            "The disk is full ({free} MiB left): nothing is counted until there is room. Free "
            "some space; recording resumes automatically.",
            free,
        )


HEALTHY_HISTORY = HistoryCondition()
