"""How well a history can be written at this moment, for a status line or a window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import Phrase, StoreError


def describe_wait(error: StoreError) -> Phrase:
    """Return why a recording cannot write now, as it tells it: what it counts waits until it can."""
    return Phrase(
        "{problem} {remedy} Recording goes on by itself.",
        {
            "problem": Phrase(error.problem_template, error.details),
            "remedy": Phrase(error.remedy_template, error.details),
        },
    )


class HistoryMode(StrEnum):
    """How much of what is observed is written."""

    FULL = "full"
    THINNED = "thinned"
    """One position a second and person: counts and stays go on, paths are coarser."""
    PAUSED = "paused"
    """No positions, and gaps instead of observation: the last room is kept for saying so."""


@dataclass(frozen=True, slots=True)
class HistoryCondition:
    """What is written, and what waits.

    Attributes:
        free_bytes: room on the disk of the history; None where nobody has looked.
        waiting_points: positions that are not on the disk yet.
        problem: what writing failed of, and how to mend it; None: it goes well.
        repair: what had to be made again when the history was opened, and what turned out to be lost since;
            None: nothing.
    """

    mode: HistoryMode = HistoryMode.FULL
    free_bytes: int | None = None
    waiting_points: int = 0
    problem: Phrase | None = None
    repair: Phrase | None = None

    @property
    def trouble(self) -> tuple[HistoryMode, str, str]:
        """What is wrong, so far as it is news when it differs: not how much room is left."""
        return self.mode, str(self.problem or ""), str(self.repair or "")

    def describe(self) -> Phrase | None:
        """What a person should know, in a sentence; None where all is well."""
        if self.problem is not None:
            return self.problem
        if self.mode is HistoryMode.FULL:
            return self.repair
        free = {"free": f"{(self.free_bytes or 0) / 2**20:.0f}"}
        if self.mode is HistoryMode.THINNED:
            return Phrase(
                "The disk is nearly full ({free} MiB left): positions are written once a second. Counts go "
                "on. Free some space, or shorten how long tracks are kept.",
                free,
            )
        return Phrase(
            "The disk is full ({free} MiB left): nothing is counted until there is room. "
            "Free some space; recording goes on by itself.",
            free,
        )


ALL_WELL = HistoryCondition()
