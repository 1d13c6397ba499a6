"""Labels of a validation on disk, without pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.domain.errors import LabelError, OutputError, Phrase
from analytics.evaluation.clip_labels import LABEL_FAULTS, Clip, ClipLabels
from app.access.guard import require
from app.access.roles import Permission
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically
from resources.bounded_file import read_bounded

if TYPE_CHECKING:
    from pydantic import TypeAdapter


FOLDER = "validation"
LABELS_FORMAT = 2
"""Version of the file format, raised when older readers would misread the file."""
WANTED_CLIPS = 40
"""Usual number of clips to label."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Consent to keep clips for labelling: by whom and when."""

    given_by: str
    given_utc_s: float


@dataclass(frozen=True, slots=True)
class SkippedClip:
    """A clip that could not be labelled; it is excluded from the scores, and reported.

    Attributes:
        reason: one of the window's ``SKIP_REASONS``, or a free text.
    """

    clip: Clip
    reason: str
    skipped_by: str
    skipped_utc_s: float


@dataclass(frozen=True, slots=True)
class ValidationLabels:
    """The labels of one validation of a venue.

    Attributes:
        begun_utc_s: start; names the file.
        clip_s: intended length of a clip.
        wanted_clips: number of clips to label.
        consent: None if no clip was kept, such as for labels made elsewhere.
        unfinished: labels of unfinished clips, which are not scored.
    """

    venue: str
    begun_utc_s: float
    clip_s: float
    consent: Consent | None = None
    clips: tuple[ClipLabels, ...] = ()
    wanted_clips: int = WANTED_CLIPS
    format: int = LABELS_FORMAT
    unfinished: tuple[ClipLabels, ...] = ()
    skipped: tuple[SkippedClip, ...] = ()

    def find(self, clip: Clip) -> ClipLabels | None:
        """Return the labels of a clip so far; None without any."""
        return next((labels for labels in self.clips if _is_same(labels.clip, clip)), None)

    def with_clip(self, labels: ClipLabels) -> ValidationLabels:
        """Return a copy with a clip's labels added or replaced, ordered by time."""
        others = [known for known in self.clips if not _is_same(known.clip, labels.clip)]
        ordered = sorted([*others, labels], key=lambda one: (one.clip.start_utc_s, one.clip.camera))
        return replace(self._without_unfinished(labels.clip), clips=tuple(ordered))

    def with_unfinished(self, labels: ClipLabels) -> ValidationLabels:
        """Return a copy with the labels of an unfinished clip."""
        others = self._without_unfinished(labels.clip)
        return replace(others, unfinished=(*others.unfinished, labels))

    def with_skipped(self, skipped: SkippedClip) -> ValidationLabels:
        """Return a copy with a skipped clip; its labels are dropped."""
        return replace(self._without_unfinished(skipped.clip), skipped=(*self.skipped, skipped))

    def _without_unfinished(self, clip: Clip) -> ValidationLabels:
        others = tuple(one for one in self.unfinished if not _is_same(one.clip, clip))
        return replace(self, unfinished=others)


def name_labels_file(venue_folder: Path, begun_utc_s: float) -> Path:
    """Return the file for a validation that begins now."""
    moment = datetime.fromtimestamp(begun_utc_s, tz=UTC)
    return venue_folder / FOLDER / f"labels-{moment:%Y%m%dT%H%M%SZ}.json"


def list_labels_files(venue_folder: Path) -> tuple[Path, ...]:
    """List all validations of a venue, newest first."""
    return tuple(sorted((venue_folder / FOLDER).glob("labels-*.json"), reverse=True))


def write_labels(file: Path, labels: ValidationLabels) -> None:
    """Write a validation atomically, creating its folder if needed.

    Raises:
        LabelError: a clip's labels contradict themselves; nothing was written.
        OutputError: the file cannot be written.
        AccessError: the signed-in user may not validate.
    """
    # as name_labels_file has it
    require(file.parent.parent, Permission.VALIDATE, action="labels saved", what={"file": file.name})
    _require_sound(file, labels.clips)
    content = _adapter().dump_python(labels, mode="json")
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(file, text + "\n")
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def read_labels(file: Path) -> ValidationLabels:
    """Read a validation.

    Raises:
        LabelError: it cannot be read, is of a newer version, or contradicts itself.
    """
    from pydantic import ValidationError

    try:
        content = json.loads(read_bounded(file).decode("utf-8-sig"))
    except OSError as error:
        raise convert_error(LabelError, error, file=file) from error
    except (ValueError, RecursionError):
        raise _not_labels(file, Phrase("it is not JSON")) from None
    number = content.get("format") if isinstance(content, dict) else None
    if isinstance(number, int) and number > LABELS_FORMAT:
        raise LabelError(
            "{file} was written by a newer version of ExpoFlow (format {format}).",
            "Update ExpoFlow.",
            file=file.name,
            format=number,
        )
    try:
        labels: ValidationLabels = _adapter().validate_python(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "format"
        raise _not_labels(file, Phrase("its field {field} is missing or invalid", {"field": where})) from None
    _require_sound(file, labels.clips)
    return labels


def _is_same(one: Clip, other: Clip) -> bool:
    return one.camera == other.camera and abs(one.start_utc_s - other.start_utc_s) < 0.5


def _require_sound(file: Path, clips: Sequence[ClipLabels]) -> None:
    for number, labels in enumerate(clips, start=1):
        fault = next(labels.find_faults(), None)
        if fault is not None:
            raise LabelError(
                "Clip {number} of {file}, of camera {camera}, contradicts itself: {fault}.",
                "Label the clip again.",
                number=number,
                file=file.name,
                camera=labels.clip.camera,
                fault=Phrase(LABEL_FAULTS[fault]),
            )


def _not_labels(file: Path, reason: Phrase) -> LabelError:
    return LabelError(
        "{file} contains no labels: {reason}.",
        "Choose a file of the folder 'validation' of a venue.",
        file=file.name,
        reason=reason,
    )


@cache
def _adapter() -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(ValidationLabels)
