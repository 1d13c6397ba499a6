"""The choice of weights, device and adapter for detection. Picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """Weights, and the device and adapter that run them.

    Attributes:
        model_path: an OpenVINO model folder, or a weights file that ultralytics reads.
        adapter: ``openvino`` or ``ultralytics``.
        device: device by the adapter's name (``CPU``, ``GPU``, ``cuda:0``), or ``auto``.
        minimum_score: weaker detections are not reported; the tracker's second stage uses weak ones.
        iou_threshold: threshold for overlapping boxes, where the model's head needs it; None for the
            model's default.
        cache_folder: folder for OpenVINO's compiled networks, for a faster start; None for no cache.
    """

    model_path: Path
    adapter: str = "openvino"
    device: str = "auto"
    minimum_score: float = 0.1
    iou_threshold: float | None = None
    cache_folder: Path | None = None
