"""What the page of the validation shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from app.validation.validation_certificate import Certificate
from app.validation.validation_strata import PlanRow


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
