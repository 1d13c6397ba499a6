"""Values and texts of the validation page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from analytics.domain.exhibition import find_time_zone
from analytics.evaluation.clip_labels import Clip
from app.core.document import Venue
from app.gui.session.translation import display_name, tr, trn
from app.gui.validation.clip_labelling_model import describe_title
from app.validation.validation_certificate import Certificate
from app.validation.validation_clips import ClipStore
from app.validation.validation_labels import ValidationLabels
from vision.sources.frame_source import SourceKind

if TYPE_CHECKING:
    from analytics.evaluation.clip_comparison import ClipComparison, MatchedCount


class ValidationStep(IntEnum):
    """The steps of the page, in order."""

    CONSENT = 0
    CLIPS = 1
    LABEL = 2
    RESULTS = 3


@dataclass(frozen=True, slots=True)
class RecordingChoice:
    """A camera, its recording if its source is one, and the start of it or of the history."""

    name: str
    file: str
    start_utc_s: float


@dataclass(frozen=True, slots=True)
class RecordingChoices:
    """The choices for clips from a recording; times are shown in ``time_zone``."""

    cameras: tuple[RecordingChoice, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class ResultFigure:
    """One number for all cameras, with its basis; ``value`` is a dash with too few labels."""

    name: str
    value: str
    interval: str
    basis: str


ResultRow = tuple[tuple[str, str], ...]
"""Cells of a camera: a value, and its interval."""


@dataclass(frozen=True, slots=True)
class ValidationResults:
    """The results of the labels so far.

    Attributes:
        missing: labels that are still needed, a sentence each.
        notes: conditions of the numbers, a sentence each.
    """

    figures: tuple[ResultFigure, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[ResultRow, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class ValidationState:
    """Everything that the page shows except the open clip.

    Attributes:
        has_consent: clips may be captured.
        kept: description of the stored clips; empty without consent.
        unfinished: leftovers of an earlier session, as text.
        needed: clips to label, as text; empty before the first choice.
        progress: as text, and as a share from 0 to 1.
        waiting: values and texts of clips to label.
        chosen: value of the open clip.
        is_collecting: clips are captured from live cameras.
        collecting: capture in progress, as text.
        is_recording: live cameras deliver pictures.
        comparison: the system's counts of the last finished clip, a sentence each.
    """

    step: ValidationStep = ValidationStep.CONSENT
    has_cameras: bool = False
    cameras: tuple[str, ...] = ()
    has_consent: bool = False
    kept: str = ""
    unfinished: str = ""
    needed: str = ""
    progress: str = ""
    progress_share: float = 0.0
    waiting: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    labelled: int = 0
    busy: str = ""
    is_collecting: bool = False
    collecting: str = ""
    collecting_done: tuple[float, float] = (0.0, 0.0)
    is_recording: bool = False
    comparison: tuple[str, ...] = ()
    results: ValidationResults | None = None
    problem: str = ""
    remedy: str = ""


_MEGABYTE = 2**20


def name_clip(clip: Clip) -> str:
    return f"{clip.camera}@{clip.start_utc_s:.3f}"


def describe_storage(
    store: ClipStore, *, clips: int, until_utc_s: float, time_zone: str, in_file: bool
) -> str:
    """Describe the stored clips: where, until when, and by whose consent."""
    until = datetime.fromtimestamp(until_utc_s, find_time_zone(time_zone))
    place = (
        tr("encrypted in a file of this venue, with the key only in memory")
        if in_file
        else tr("encrypted, only in this computer's memory")
    )
    count = trn("{n} clip exists", "{n} clips exist", clips)
    return tr(
        "{clips}, {megabytes:.1f} MB, {place}. Everything will be removed by {until}. Consent given "
        "by {name}.",
        clips=count,
        megabytes=store.used_bytes / _MEGABYTE,
        place=place,
        until=f"{until:%H:%M}",
        name=store.consent.given_by,
    )


def describe_leftovers(names: Sequence[str]) -> str:
    """Describe what was removed when the venue was opened."""
    return tr("Removed unreadable clips left by an earlier run: {file}", file=tr(", ").join(names))


def describe_unfinished(labels: ValidationLabels | None, *, known: int) -> str:
    """Describe unfinished clips whose pictures no longer exist."""
    lost = 0 if labels is None else len(labels.unfinished) - known
    if lost <= 0:
        return ""
    return trn(
        "{n} removed clip has incomplete labels; they are kept but not scored.",
        "{n} removed clips have incomplete labels; they are kept but not scored.",
        lost,
    )


def describe_needed(labels: ValidationLabels | None) -> str:
    if labels is None:
        return ""
    return tr(
        "Label {clips} clips of {seconds:.0f} s, {minutes:.0f} minutes in total.",
        clips=labels.wanted_clips,
        seconds=labels.clip_s,
        minutes=labels.wanted_clips * labels.clip_s / 60,
    )


def describe_progress(labels: ValidationLabels | None, *, waiting: int) -> str:
    """Describe how many clips are labelled, and how many are waiting."""
    if labels is None:
        return ""
    return tr(
        "{done} of {all} clips labelled, {waiting} captured and waiting",
        done=len(labels.clips),
        all=labels.wanted_clips,
        waiting=waiting,
    )


def measure_progress(labels: ValidationLabels | None, *, waiting: int) -> float:
    """Return the captured share of the clips, 0 to 1; 0 before the first choice."""
    return 0.0 if labels is None else min(1.0, (len(labels.clips) + waiting) / labels.wanted_clips)


def describe_collecting(clip: Clip | None, *, is_active: bool, is_complete: bool) -> str:
    if clip is not None:
        return tr("Capturing a clip of {camera}", camera=display_name(str(clip.camera)))
    if not is_active:
        return ""
    if is_complete:
        return tr("All clips have been captured.")
    return tr("Waiting for the next clip, which begins at a random moment")


def list_waiting(
    clips: Sequence[Clip], labels: ValidationLabels | None, time_zone: str
) -> tuple[tuple[str, str], ...]:
    """Return values and texts of waiting clips; started ones have a mark."""
    begun = [] if labels is None else [name_clip(one.clip) for one in labels.unfinished]
    return tuple(
        (name_clip(clip), ("… " if name_clip(clip) in begun else "") + describe_title(clip, time_zone))
        for clip in clips
    )


def list_recordings(venue: Venue | None, history: tuple[float, float] | None) -> RecordingChoices:
    if venue is None:
        return RecordingChoices((), "UTC")
    begun_s = 0.0 if history is None else history[0]
    choices = []
    for entry in venue.cameras:
        address = entry.address
        is_video = address is not None and address.kind is SourceKind.VIDEO
        start_s = None if address is None else address.start_utc_s
        choices.append(
            RecordingChoice(
                str(entry.name),
                address.location if address is not None and is_video else "",
                begun_s if start_s is None else start_s,
            )
        )
    return RecordingChoices(tuple(choices), venue.exhibition.time_zone)


def describe_comparison(comparison: ClipComparison | None) -> tuple[str, ...]:
    """Describe the system's counts of a clip beside the labels; None: it was not analysed."""
    if comparison is None:
        return (tr("This clip was not completely analysed, so it is excluded from the results."),)
    sentences = []
    for name, count in (
        (tr("Crossings"), comparison.crossings),
        (tr("People in view"), comparison.heads),
        (tr("Labelled stays"), comparison.stays),
    ):
        if count is not None:
            sentences.append(_format_count(name, count))
    if len(comparison.click_error_m):
        sentences.append(
            tr("Mean floor error: {length:.2f} m", length=float(comparison.click_error_m.mean()))
        )
    return tuple(sentences)


def _format_count(name: str, count: MatchedCount) -> str:
    return tr(
        "{name}: labelled {true}, counted {found}, matching {matched}",
        name=name,
        true=count.true,
        found=count.found,
        matched=count.matched,
    )
