"""``findings.toml``: decisions about findings, beside ``venue.toml``, read and written as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from analytics.domain.clock import Clock, SystemClock
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.toml_file import EpochTime, TomlFile
from app.error_reporting import ErrorTemplates

FILE_NAME = "findings.toml"


class FindingState(StrEnum):
    """State of a finding, as a person has set it."""

    OPEN = "open"
    PLANNED = "planned"
    DONE = "done"
    """The layout was changed."""
    REJECTED = "rejected"
    """It is hidden from now on, for a reason."""


@dataclass(frozen=True, slots=True)
class FindingDecision:
    """Decision about one finding, identified by kind and place.

    Attributes:
        reason: why it was rejected.
        owner: who takes care of it.
        due_on: day by which it is to be done.
        note: free text.
        changed_on: day of the change of layout, for measuring its effect.
        decided_utc_s: time of the decision.
    """

    kind: str
    place: str
    decided_utc_s: Annotated[EpochTime, Field(alias="decided_at")] = 0.0
    state: Annotated[FindingState, Field(strict=False)] = FindingState.OPEN
    reason: str = ""
    owner: str = ""
    due_on: Annotated[date | None, Field(strict=True)] = None
    note: str = ""
    changed_on: Annotated[date | None, Field(strict=True)] = None

    @property
    def key(self) -> tuple[str, str]:
        """Key of the finding."""
        return self.kind, self.place

    @property
    def is_empty(self) -> bool:
        """Return whether the decision holds no information."""
        return self == FindingDecision(self.kind, self.place, self.decided_utc_s)

    @property
    def is_rejected(self) -> bool:
        """Return whether the finding is hidden from now on."""
        return self.state is FindingState.REJECTED

    def is_overdue(self, today: date) -> bool:
        """Return whether it should have been done before today."""
        is_waiting = self.state in (FindingState.OPEN, FindingState.PLANNED)
        return is_waiting and self.due_on is not None and self.due_on < today


_RECORDS = TypeAdapter(tuple[FindingDecision, ...])
_REQUIRED = {"decided_at": None, "state": None}
_FILE = TomlFile(
    FILE_NAME,
    lambda document: _RECORDS.validate_python(
        tuple(_REQUIRED | entry for entry in document.get("decisions", ()))
    ),
    ErrorTemplates(
        "{file} is not a file of finding decisions that this version can read: {cause}.",
        "Remove it, or restore an intact copy. If removed, decisions must be made again.",
    ),
)
_LEFT_OUT_IF_EMPTY = ("reason", "owner", "due_on", "note", "changed_on")


def read_decisions(folder: Path) -> tuple[FindingDecision, ...]:
    """Return all decisions of a venue in the order in which they were made; none without a file.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    return _FILE.read(folder) or ()


def write_decisions(folder: Path, decisions: tuple[FindingDecision, ...]) -> None:
    """Replace all decisions of a venue.

    Raises:
        VenueError: the file cannot be written.
    """
    packed = _RECORDS.dump_python(decisions, by_alias=True)
    written = [
        {name: value for name, value in entry.items() if value or name not in _LEFT_OUT_IF_EMPTY}
        for entry in packed
    ]
    _FILE.write(folder, {"decisions": written})


@changes_venue(Permission.NOTE, "finding decided", lambda decision, *_: {"finding": decision.key})
def decide_finding(
    folder: Path, decision: FindingDecision, clock: Clock | None = None
) -> tuple[FindingDecision, ...]:
    """Replace the decision about a finding; an empty one removes it.

    Returns:
        All decisions in force.

    Raises:
        VenueError: the file of decisions cannot be read or written.
    """
    decisions = tuple(known for known in read_decisions(folder) if known.key != decision.key)
    if not decision.is_empty:
        decisions = (*decisions, replace(decision, decided_utc_s=(clock or SystemClock()).now_utc_s()))
    write_decisions(folder, decisions)
    return decisions
