"""``findings.toml``: decisions about findings, beside ``venue.toml``; read and written as a whole."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from analytics.domain.errors import VenueError
from app.error_reporting import explain_error
from app.venue.toml_text import format_toml
from resources.atomic_file import write_text_atomically

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
    is_dismissed: bool = False
    reason: str = ""
    note: str = ""
    changed_on: date | None = None
    decided_utc_s: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """Of the finding."""
        return self.kind, self.place

    @property
    def is_empty(self) -> bool:
        """It says nothing."""
        return not (self.is_dismissed or self.note or self.changed_on)


def read_decisions(folder: Path) -> tuple[FindingDecision, ...]:
    """All decisions of a venue, in the order in which they were made; none where there is no file.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    file = folder / FILE_NAME
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise explain_error(VenueError, error, file=file) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _make_unreadable(file, str(error)) from error
    try:
        if document["format"] != FORMAT:
            raise _make_unreadable(file, f"format {document['format']}")
        return tuple(_unpack(entry) for entry in document.get("decisions", ()))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _make_unreadable(file, str(error)) from error


def write_decisions(folder: Path, decisions: tuple[FindingDecision, ...]) -> None:
    """Replace all decisions of a venue.

    Raises:
        VenueError: the file cannot be written.
    """
    file = folder / FILE_NAME
    document = {"format": FORMAT, "decisions": [_pack(decision) for decision in decisions]}
    try:
        write_text_atomically(file, format_toml(document))
    except OSError as error:
        raise explain_error(VenueError, error, file=file) from error


def _pack(decision: FindingDecision) -> dict[str, object]:
    packed: dict[str, object] = {
        "kind": decision.kind,
        "place": decision.place,
        "decided_at": datetime.fromtimestamp(decision.decided_utc_s, UTC),
        "is_dismissed": decision.is_dismissed,
    }
    if decision.reason:
        packed["reason"] = decision.reason
    if decision.note:
        packed["note"] = decision.note
    if decision.changed_on is not None:
        packed["changed_on"] = decision.changed_on
    return packed


def _unpack(entry: dict[str, Any]) -> FindingDecision:
    changed_on, decided_at = entry.get("changed_on"), entry["decided_at"]
    if changed_on is not None and not isinstance(changed_on, date):
        raise ValueError(f"changed_on = {changed_on}")
    return FindingDecision(
        kind=str(entry["kind"]),
        place=str(entry["place"]),
        is_dismissed=bool(entry["is_dismissed"]),
        reason=str(entry.get("reason", "")),
        note=str(entry.get("note", "")),
        changed_on=changed_on,
        decided_utc_s=decided_at.timestamp(),
    )


def _make_unreadable(file: Path, cause: str) -> VenueError:
    return VenueError(
        "{file} is no file of decisions about findings that this version understands: {cause}.",
        "Take it away, or put back a copy that was all right; decisions in it are then to be made again.",
        file=file,
        cause=cause,
    )
