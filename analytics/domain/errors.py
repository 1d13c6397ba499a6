"""Errors that a user can fix, each with a problem and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A translatable part of a sentence, such as ``zone '{name}'``, kept as a template.

    Attributes:
        template: English text with ``{fields}``.
        fields: their values, which may be phrases themselves.
    """

    template: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill_template(self.template, self.fields)


def fill_template(
    template: str, fields: Mapping[str, object], translate: Callable[[str], str] = lambda text: text
) -> str:
    """Return a template with its fields filled in; the template and every phrase in it are translated."""
    if not template:
        # the catalogue's entry of the empty text is its header
        return ""
    values = {
        name: fill_template(value.template, value.fields, translate) if isinstance(value, Phrase) else value
        for name, value in fields.items()
    }
    return translate(template).format(**values)


class ExpoFlowError(Exception):
    """An error with a problem and a remedy for the user.

    Both sentences are English templates; their ``{fields}`` are filled from the keyword arguments, so that a
    translation can reorder them. A value that needs translation is a `Phrase`.
    """

    def __init__(self, problem: str, remedy: str, **details: object) -> None:
        self.problem_template = problem
        self.remedy_template = remedy
        self.details = details
        super().__init__(f"{self.problem} {self.remedy}")

    @property
    def problem(self) -> str:
        """The sentence that states the problem."""
        return fill_template(self.problem_template, self.details)

    @property
    def remedy(self) -> str:
        """The sentence that states the remedy."""
        return fill_template(self.remedy_template, self.details)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problem_template, self.remedy_template, self.details)


def _rebuild(
    kind: type[ExpoFlowError], problem: str, remedy: str, details: dict[str, object]
) -> ExpoFlowError:
    return kind(problem, remedy, **details)


class GeometryError(ExpoFlowError):
    """An error for an unusable zone, line or outline (self-intersecting, too few points, no area)."""


class CalibrationError(ExpoFlowError):
    """An error for point pairs that define no homography (too few, collinear, not a number)."""


class VenueError(ExpoFlowError):
    """An error for a venue folder or file that cannot be read, written or understood."""


class SourceError(ExpoFlowError):
    """An error for a camera or video that delivers no pictures."""


class DetectionFileError(ExpoFlowError):
    """An error for a detections file that cannot be read or has no usable row."""


class ModelError(ExpoFlowError):
    """An error for weights that are missing, damaged or of the wrong kind."""


class StoreError(ExpoFlowError):
    """An error for a database or archive that cannot be read or written."""


class DamagedStoreError(StoreError):
    """An error for a damaged database; opening it for writing rebuilds it."""


class BusyStoreError(StoreError):
    """An error for a store into which another process is writing."""


class FullDiskError(StoreError):
    """An error for a database or archive that cannot be written because its disk is full."""


class PipelineError(ExpoFlowError):
    """An error for processes that cannot be started or kept running."""


class ResultFileError(ExpoFlowError):
    """An error for a result that cannot be read or understood."""


class LabelError(ExpoFlowError):
    """An error for validation labels that cannot be read, or contradict themselves or the venue."""


class ClipError(ExpoFlowError):
    """An error for a labelling clip that cannot be recorded, stored or shown."""


class OutputError(ExpoFlowError):
    """An error for a result that cannot be written (no permission, disk full)."""


class CredentialError(ExpoFlowError):
    """An error for a user name or password that cannot be stored or found."""


class AccessError(ExpoFlowError):
    """An error for a user who is not signed in or whose role lacks a permission."""
