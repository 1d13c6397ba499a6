"""Every situation that a person can mend, as an exception with a sentence and a remedy."""

from __future__ import annotations


class ExpoFlowError(Exception):
    """What went wrong and what to do about it, in words for the person at the keyboard.

    Both sentences are templates in English; their ``{fields}`` are filled from the keyword arguments, so
    that a translation can put them in another order.
    """

    def __init__(self, problem: str, remedy: str, **details: object) -> None:
        self.problem_template = problem
        self.remedy_template = remedy
        self.details = details
        super().__init__(f"{self.problem} {self.remedy}")

    @property
    def problem(self) -> str:
        """The sentence that says what went wrong."""
        return self.problem_template.format(**self.details)

    @property
    def remedy(self) -> str:
        """The sentence that says what to do."""
        return self.remedy_template.format(**self.details)

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


class ModelError(ExpoFlowError):
    """Weights that are absent, damaged or of the wrong kind."""


class StoreError(ExpoFlowError):
    """A database or archive that cannot be read or written."""


class PipelineError(ExpoFlowError):
    """Processes that cannot be started or kept running."""


class OutputError(ExpoFlowError):
    """A result that cannot be written (no permission, disk full)."""


class CredentialError(ExpoFlowError):
    """A user name or password that cannot be stored or found."""
