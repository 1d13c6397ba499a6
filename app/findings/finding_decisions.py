"""``findings.toml``: decisions about findings, beside ``venue.toml``; read and written as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import Phrase, VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.toml_file import EpochTime, read_toml_file, write_toml_file

FILE_NAME = "findings.toml"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class FindingDecision:
    """What was decided about one finding, which is recognised by its kind and place.

    Attributes:
        is_dismissed: it is not to be told again; ``reason`` says why.
        note: in one's own words.
        changed_on: since that day the layout is another one, so that before and after can be compared.
        decided_utc_s: when this was written.
    """

    kind: str
    place: str
    decided_utc_s: Annotated[EpochTime, Field(alias="decided_at")] = 0.0
    is_dismissed: bool = False
    reason: str = ""
    note: str = ""
    changed_on: Annotated[date | None, Field(strict=True)] = None

    @property
    def key(self) -> tuple[str, str]:
        """Of the finding."""
        return self.kind, self.place

    @property
    def is_empty(self) -> bool:
        """It says nothing."""
        return not (self.is_dismissed or self.note or self.changed_on)


_FILE = TypeAdapter(tuple[FindingDecision, ...])
_REQUIRED = {"decided_at": None, "is_dismissed": None}
_LEFT_OUT_IF_EMPTY = ("reason", "note", "changed_on")


def read_decisions(folder: Path) -> tuple[FindingDecision, ...]:
    """All decisions of a venue, in the order in which they were made; none where there is no file.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    known = read_toml_file(
        folder / FILE_NAME,
        lambda document: _FILE.validate_python(
            tuple(_REQUIRED | entry for entry in document.get("decisions", ()))
        ),
        format_known=FORMAT,
        make_unreadable=_make_unreadable,
    )
    return () if known is None else known


def write_decisions(folder: Path, decisions: tuple[FindingDecision, ...]) -> None:
    """Replace all decisions of a venue.

    Raises:
        VenueError: the file cannot be written.
    """
    packed = _FILE.dump_python(decisions, by_alias=True)
    written = [
        {name: value for name, value in entry.items() if value or name not in _LEFT_OUT_IF_EMPTY}
        for entry in packed
    ]
    write_toml_file(folder / FILE_NAME, {"format": FORMAT, "decisions": written})


def _make_unreadable(file: Path, cause: str | Phrase) -> VenueError:
    return VenueError(
        "{file} is no file of decisions about findings that this version understands: {cause}.",
        "Take it away, or put back a copy that was all right; decisions in it are then to be made again.",
        file=file,
        cause=cause,
    )


@changes_venue(Permission.NOTE, "finding decided", lambda decision, *_: {"finding": decision.key})
def decide_finding(
    folder: Path, decision: FindingDecision, clock: Clock | None = None
) -> tuple[FindingDecision, ...]:
    """Let a decision hold in the place of an earlier one about the same finding; an empty one takes it back.

    Returns:
        All that hold now.

    Raises:
        VenueError: the file of decisions cannot be read or written.
    """
    kept = tuple(known for known in read_decisions(folder) if known.key != decision.key)
    if not decision.is_empty:
        kept = (*kept, replace(decision, decided_utc_s=(clock or SystemClock()).now_utc_s()))
    write_decisions(folder, kept)
    return kept
