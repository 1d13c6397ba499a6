"""What a pipeline is told to do: which cameras to read and what to find in them. Picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from vision.detection.detector_choice import DetectorChoice
from vision.sources.frame_source import SourceAddress


@dataclass(frozen=True, slots=True)
class CameraFeed:
    """One camera: where its pictures come from and how they become metres.

    Attributes:
        geometry: None for a camera that is not calibrated; it is read and watched, and counts nothing.
        reference_file: where what the calibrated view is recognised by is kept; None: nowhere.
        is_lossless: every due frame is analysed (a recording), rather than the newest (a live camera).
    """

    camera: Camera
    address: SourceAddress
    geometry: CameraGeometry | None
    is_lossless: bool
    reference_file: Path | None = None


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """Everything that one inference process and its capture processes need to know."""

    feeds: tuple[CameraFeed, ...]
    detector: DetectorChoice
