"""What a pipeline is told to do: which cameras to read and what to find in them. Picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from vision.sources.frame_source import SourceAddress


@dataclass(frozen=True, slots=True)
class CameraFeed:
    """One camera: where its pictures come from and how they become metres.

    Attributes:
        geometry: None for a camera that is not calibrated; it is read and watched, and counts nothing.
        is_lossless: every due frame is analysed (a recording), rather than the newest (a live camera).
    """

    camera: Camera
    address: SourceAddress
    geometry: CameraGeometry | None
    is_lossless: bool


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """Which weights run on what.

    Attributes:
        model_path: an OpenVINO model folder, or a weights file that ultralytics reads.
        adapter: ``openvino`` or ``ultralytics``.
        device: as the adapter names it (``CPU``, ``GPU``, ``cuda:0``), or ``auto``.
        minimum_score: weaker detections are not reported; the tracker's second stage wants weak ones.
        iou_threshold: for the suppression of overlapping boxes, where the model's head needs it.
    """

    model_path: Path
    adapter: str = "openvino"
    device: str = "auto"
    minimum_score: float = 0.1
    iou_threshold: float = 0.7


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """Everything that one inference process and its capture processes need to know.

    Attributes:
        tracker: ``two_stage`` (ours), or ``bytetrack`` and ``botsort`` of ultralytics.
    """

    feeds: tuple[CameraFeed, ...]
    detector: DetectorChoice
    tracker: str = "two_stage"
