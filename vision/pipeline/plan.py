"""The task of a pipeline: the cameras to read and the objects to detect. Picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from vision.detection.detector_choice import DetectorChoice
from vision.sources.frame_source import SourceAddress


@dataclass(frozen=True, slots=True)
class CameraFeed:
    """One camera: the source of its pictures and their conversion to metres.

    Attributes:
        geometry: None for a camera that is not calibrated; it is read and watched, but counts nothing.
        reference_file: file for the reference of the calibrated view; None: not stored.
        is_lossless: every due frame is analysed (a recording), rather than the newest (a live camera).
        detector: None for that of the plan.
    """

    camera: Camera
    address: SourceAddress
    geometry: CameraGeometry | None
    is_lossless: bool
    reference_file: Path | None = None
    detector: DetectorChoice | None = None


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """Everything that one inference process and its capture processes need."""

    feeds: tuple[CameraFeed, ...]
    detector: DetectorChoice

    @property
    def detectors(self) -> tuple[DetectorChoice, ...]:
        """Return the detectors of the feeds, in their order."""
        return tuple(feed.detector or self.detector for feed in self.feeds)
