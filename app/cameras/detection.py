"""Detection settings of one camera (network, frames a second, least score of a new track), and their cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from analytics.domain.camera import MAX_NEW_TRACK_SCORE, MIN_NEW_TRACK_SCORE
from analytics.domain.errors import ModelError, Phrase, VenueError
from analytics.domain.identifiers import CameraId
from app.core.child_command import run_child_command
from app.core.document import Venue
from app.core.job import JobContext

MEASURED_S = 3.0
"""Enough to tell networks apart that differ by a tenth in speed."""


@dataclass(frozen=True, slots=True)
class SetDetection:
    """Set how people are found in a camera's pictures, from the next start of its recording.

    Attributes:
        model_name: name of a network on this machine; empty for the venue's.
        analysed_fps: None keeps the rate.
    """

    camera: CameraId
    model_name: str
    new_track_score: float
    analysed_fps: float | None = None

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Change the detection of '{camera}'", {"camera": self.camera})

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit.

        Raises:
            VenueError: there is no such camera, or a value is out of its limits.
        """
        if not MIN_NEW_TRACK_SCORE <= self.new_track_score <= MAX_NEW_TRACK_SCORE:
            raise VenueError(
                "The score of a new track is {value:g}.",
                "Enter a number from {least:g} to {most:g}.",
                value=self.new_track_score,
                least=MIN_NEW_TRACK_SCORE,
                most=MAX_NEW_TRACK_SCORE,
            )
        before = venue.camera(self.camera)
        camera = replace(
            before.camera,
            model_name=self.model_name,
            new_track_score=self.new_track_score,
            analysed_fps=self.analysed_fps or before.camera.analysed_fps,
        )
        return venue.with_camera(replace(before, camera=camera))


@dataclass(frozen=True, slots=True)
class DetectionCost:
    """Cost of a network on this machine.

    Attributes:
        pictures_per_s: of the network.
        load, load_before: share of the time of the machine, or of its accelerator, that the networks of all
            cameras need with it, and need now. Above 1 frames are dropped.
    """

    pictures_per_s: float
    load: float
    load_before: float


def measure_speed(model_name: str, device: str, context: JobContext) -> float:
    """Return the pictures a second of a network on this machine, measured in a child process.

    Raises:
        ModelError: it is missing or cannot be run.
        JobCancelled: the context was cancelled.
    """
    options = ("--seconds", f"{MEASURED_S:g}", "--device", device, "--json")
    answer = run_child_command(("models", "bench", model_name, *options), context, kind=ModelError)
    return float(json.loads(answer)["pictures_per_s"])


def measure_detection(  # noqa: PLR0917
    venue: Venue,
    camera: str,
    model_name: str,
    analysed_fps: float,
    context: JobContext,
    measure: Callable[[str, str, JobContext], float] = measure_speed,
) -> DetectionCost:
    """Measure for some seconds what another network would cost; slower while something else runs.

    Args:
        model_name: of the network for the camera; empty for the venue's.

    Raises:
        ModelError: a network is missing or cannot be run.
        JobCancelled: the context was cancelled.
    """
    own = venue.settings.model_name
    before = [(e.camera.model_name or own, _read_rate(venue, str(e.name))) for e in venue.cameras]
    after = [
        (model_name or own, analysed_fps) if str(e.name) == camera else rate
        for e, rate in zip(venue.cameras, before, strict=True)
    ]
    speeds = {
        name: measure(name, venue.settings.device, context)
        for name in dict.fromkeys([model_name or own, *(name for name, _ in before)])
    }
    return DetectionCost(speeds[model_name or own], _sum_load(after, speeds), _sum_load(before, speeds))


def _read_rate(venue: Venue, camera: str) -> float:
    return venue.camera(camera).camera.analysed_fps or venue.settings.analysed_fps


def _sum_load(cameras: Sequence[tuple[str, float]], speeds: dict[str, float]) -> float:
    return sum(fps / speeds[name] for name, fps in cameras)
