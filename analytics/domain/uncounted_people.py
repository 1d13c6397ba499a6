"""People who were there and not counted, as far as weak detections tell."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.domain.identifiers import CameraId

LOW_COUNT_SHARE = 0.1
"""Share of the people present from which a count is called low."""


@dataclass(frozen=True, slots=True)
class UncountedPeople:
    """A stretch of one camera's time in which probably not everybody was counted.

    Attributes:
        start_s, end_s: seconds since the epoch.
        counted, uncounted: mean numbers of people in view during it; the second is an estimate.
    """

    camera: CameraId
    start_s: float
    end_s: float
    counted: float
    uncounted: float

    @property
    def share(self) -> float:
        """Share of the people present who were not counted."""
        people = self.counted + self.uncounted
        return self.uncounted / people if people > 0 else 0.0

    def to_event(self) -> CameraEvent:
        """Return the line of the log that says so."""
        detail = f"{self.start_s:.3f} {self.counted:.3f} {self.uncounted:.3f}"
        return CameraEvent(self.end_s, self.camera, CameraEventKind.UNCOUNTED, detail)

    @classmethod
    def from_event(cls, *, time_s: float, camera: str, detail: str) -> UncountedPeople | None:
        """Return what a line of the log says; None where its detail is of another form."""
        try:
            start_s, counted, uncounted = map(float, detail.split())
        except ValueError:
            return None
        return cls(CameraId(camera), start_s, time_s, counted, uncounted)
