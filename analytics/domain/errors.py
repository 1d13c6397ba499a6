"""Every situation that a person can mend, as an exception with a sentence and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a sentence that has words of its own, such as ``zone '{name}'``, kept as a template.

    Attributes:
        template: in English, with ``{fields}``.
        fields: their values, which may be phrases too.
    """

    template: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill_template(self.template, self.fields)


def fill_template(
    template: str, fields: Mapping[str, object], translate: Callable[[str], str] = lambda text: text
) -> str:
    """A template with its fields filled in, itself and every phrase among them translated."""
    values = {
        name: fill_template(value.template, value.fields, translate) if isinstance(value, Phrase) else value
        for name, value in fields.items()
    }
    return translate(template).format(**values)


class ExpoFlowError(Exception):
    """What went wrong and what to do about it, in words for the person at the keyboard.

    Both sentences are templates in English; their ``{fields}`` are filled from the keyword arguments, so
    that a translation can put them in another order. A value with words of its own is a `Phrase`.
    """

    def __init__(self, problem: str, remedy: str, **details: object) -> None:
        self.problem_template = problem
        self.remedy_template = remedy
        self.details = details
        super().__init__(f"{self.problem} {self.remedy}")

    @property
    def problem(self) -> str:
        """The sentence that says what went wrong."""
        return fill_template(self.problem_template, self.details)

    @property
    def remedy(self) -> str:
        """The sentence that says what to do."""
        return fill_template(self.remedy_template, self.details)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problem_template, self.remedy_template, self.details)


def _rebuild(
    kind: type[ExpoFlowError], problem: str, remedy: str, details: dict[str, object]
) -> ExpoFlowError:
    return kind(problem, remedy, **details)


class GeometryError(ExpoFlowError):
    """A zone, line or outline that cannot be used (crosses itself, too few points, no area)."""


class CalibrationError(ExpoFlowError):
    """Point pairs that give no homography (too few, collinear, not a number)."""


class VenueError(ExpoFlowError):
    """A venue folder or file that cannot be read, written or understood."""


class SourceError(ExpoFlowError):
    """A camera or video that gives no pictures."""


class DetectionFileError(ExpoFlowError):
    """A file of detections that cannot be read, or of which nothing can be used."""


class ModelError(ExpoFlowError):
    """Weights that are absent, damaged or of the wrong kind."""


class StoreError(ExpoFlowError):
    """A database or archive that cannot be read or written."""


class DamagedStoreError(StoreError):
    """A database whose contents are broken; opening it for writing makes it again."""


class BusyStoreError(StoreError):
    """A store that another process writes into at the moment."""


class FullDiskError(StoreError):
    """A database or archive that cannot be written because its disk is full; it can be once there is room."""


class PipelineError(ExpoFlowError):
    """Processes that cannot be started or kept running."""


class ResultFileError(ExpoFlowError):
    """A result that cannot be read or understood."""


class LabelError(ExpoFlowError):
    """Labels of a validation that cannot be read, or contradict themselves or the venue."""


class ClipError(ExpoFlowError):
    """A clip for labelling that cannot be taken, kept or shown."""


class OutputError(ExpoFlowError):
    """A result that cannot be written (no permission, disk full)."""


class CredentialError(ExpoFlowError):
    """A user name or password that cannot be stored or found."""


class AccessError(ExpoFlowError):
    """Somebody who has not signed in, or whose role may not do it."""
