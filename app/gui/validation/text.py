"""What the page of the validation shows, as values, and what it says of clips and of the plan."""

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
from app.validation.validation_labels import PlanRow, ValidationLabels
from vision.sources.frame_source import SourceKind

if TYPE_CHECKING:
    from analytics.evaluation.clip_comparison import ClipComparison, MatchedCount
    from analytics.evaluation.clip_plan import ClipPlan


class ValidationStep(IntEnum):
    """The parts of the page, in the order in which they are gone through."""

    CONSENT = 0
    CLIPS = 1
    LABEL = 2
    RESULTS = 3


@dataclass(frozen=True, slots=True)
class RecordingChoice:
    """A camera, the recording that is its source, if any, and when it or the history began."""

    name: str
    file: str
    start_utc_s: float


@dataclass(frozen=True, slots=True)
class RecordingChoices:
    """What can be asked for where clips are taken of a recording; times are shown in ``time_zone``."""

    cameras: tuple[RecordingChoice, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class ResultFigure:
    """One number of all cameras, with what it rests on; ``value`` is a dash with too little labelled."""

    name: str
    value: str
    interval: str
    basis: str


ResultRow = tuple[tuple[str, str], ...]
"""A camera's cells: a value, and its interval."""


@dataclass(frozen=True, slots=True)
class ValidationResults:
    """What the labels have shown so far.

    Attributes:
        missing: what is still to be labelled, a sentence each.
        notes: under which conditions the numbers hold, a sentence each.
    """

    figures: tuple[ResultFigure, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[ResultRow, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class ValidationState:
    """Everything on the page but the clip that is labelled.

    Attributes:
        has_cameras: whether there is anything to validate.
        has_consent: whether clips may be taken now.
        kept: which clips exist, where and until when; empty without any consent.
        unfinished: what is left of an earlier session, in words.
        plan: the strata of which clips are wanted.
        needed: how much has to be labelled, in words.
        progress: how much of it was taken and labelled, in words, and as a share from 0 to 1.
        waiting: clips that can be labelled, value and words.
        chosen: the value of the one that is looked at.
        busy: what is being done, in words.
        is_collecting: whether clips are taken from the live cameras.
        collecting: what is being taken, in words, with its progress.
        is_recording: whether the live cameras give pictures.
        comparison: what the system found in the clip that was labelled last, a sentence each.
        problem, remedy: what went wrong.
    """

    step: ValidationStep = ValidationStep.CONSENT
    has_cameras: bool = False
    cameras: tuple[str, ...] = ()
    has_consent: bool = False
    kept: str = ""
    unfinished: str = ""
    plan: tuple[PlanRow, ...] = ()
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
    """A value that stands for a clip in lists."""
    return f"{clip.camera}@{clip.start_utc_s:.3f}"


def describe_kept(store: ClipStore, *, clips: int, until_utc_s: float, time_zone: str, in_file: bool) -> str:
    """Which clips exist, where, until when, and who agreed."""
    until = datetime.fromtimestamp(until_utc_s, find_time_zone(time_zone))
    place = (
        tr("encrypted in a file of this venue, its key in memory alone")
        if in_file
        else tr("encrypted in the memory of this computer alone")
    )
    count = trn("{n} clip exists", "{n} clips exist", clips)
    return tr(
        "{clips}, {megabytes:.1f} MB, {place}. All of it is gone by {until}. {name} agreed.",
        clips=count,
        megabytes=store.used_bytes / _MEGABYTE,
        place=place,
        until=f"{until:%H:%M}",
        name=store.consent.given_by,
    )


def describe_leftovers(names: Sequence[str]) -> str:
    """What was removed when the venue was opened."""
    return tr(
        "Removed clips that an earlier program left behind; nobody could read them: {file}",
        file=tr(", ").join(names),
    )


def describe_unfinished(labels: ValidationLabels | None, *, known: int) -> str:
    """What is left of clips whose pictures are gone before they were labelled to their end."""
    lost = 0 if labels is None else len(labels.unfinished) - known
    if lost <= 0:
        return ""
    return trn(
        "Of {n} clip that is gone the labels are incomplete; they are kept and count nowhere.",
        "Of {n} clips that are gone the labels are incomplete; they are kept and count nowhere.",
        lost,
    )


def describe_needed(plan: ClipPlan | None) -> str:
    """How many minutes must be labelled, and for which interval."""
    if plan is None:
        return ""
    words = tr(
        "Label {clips} clips of {seconds:.0f} s, {minutes:.0f} minutes in all, for plus or minus "
        "{margin:.1f} %.",
        clips=plan.clips,
        seconds=plan.clip_s,
        minutes=plan.minutes,
        margin=100 * (plan.margin or 0.0),
    )
    if plan.is_reachable:
        return words
    return (
        words
        + " "
        + tr(
            "There is too little to count: plus or minus {margin:.1f} % is out of reach.",
            margin=100 * plan.wanted_margin,
        )
    )


def describe_progress(plan: ClipPlan | None, rows: Sequence[PlanRow]) -> str:
    """How much of the plan was labelled, and how much of it waits."""
    if plan is None:
        return ""
    wanted, labelled = sum(row.wanted for row in rows), sum(min(row.labelled, row.wanted) for row in rows)
    waiting = sum(row.waiting for row in rows)
    return tr(
        "{done:.0f} of {all:.0f} minutes labelled, {waiting:.0f} taken and waiting",
        done=labelled * plan.clip_s / 60,
        all=wanted * plan.clip_s / 60,
        waiting=waiting * plan.clip_s / 60,
    )


def measure_progress(rows: Sequence[PlanRow]) -> float:
    """The share of the plan that was taken, 0 to 1; 0 without a plan."""
    wanted = sum(row.wanted for row in rows)
    return 1 - sum(row.missing for row in rows) / wanted if wanted else 0.0


def describe_collecting(clip: Clip | None, *, is_active: bool, is_complete: bool) -> str:
    """What is being taken from the live cameras."""
    if clip is not None:
        return tr("Taking a clip of {camera}", camera=display_name(str(clip.camera)))
    if not is_active:
        return ""
    if is_complete:
        return tr("All clips of the plan are there.")
    return tr("Waiting for an hour and crowding of which clips are wanted")


def list_waiting(
    clips: Sequence[Clip], labels: ValidationLabels | None, time_zone: str
) -> tuple[tuple[str, str], ...]:
    """Values and words of clips that can be labelled; a mark stands at one that was begun."""
    begun = [] if labels is None else [name_clip(one.clip) for one in labels.unfinished]
    return tuple(
        (name_clip(clip), ("… " if name_clip(clip) in begun else "") + describe_title(clip, time_zone))
        for clip in clips
    )


def list_recordings(venue: Venue | None, history: tuple[float, float] | None) -> RecordingChoices:
    """The cameras of a venue with the videos that are their sources."""
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
    """What the system counted in a clip beside what a person saw in it; None: it did not look."""
    if comparison is None:
        return (tr("The system did not look for the whole of this clip, so that it counts nowhere."),)
    sentences = []
    for name, count in (
        (tr("Crossings"), comparison.crossings),
        (tr("People in view"), comparison.heads),
        (tr("Stays followed"), comparison.stays),
    ):
        if count is not None:
            sentences.append(_say_count(name, count))
    if len(comparison.click_error_m):
        sentences.append(
            tr("On the floor: {length:.2f} m off on average", length=float(comparison.click_error_m.mean()))
        )
    return tuple(sentences)


def _say_count(name: str, count: MatchedCount) -> str:
    return tr(
        "{name}: you {true}, the system {found}, the same {matched}",
        name=name,
        true=count.true,
        found=count.found,
        matched=count.matched,
    )
