"""Which weights run on what device through which adapter. Picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """Which weights run on what.

    Attributes:
        model_path: an OpenVINO model folder, or a weights file that ultralytics reads.
        adapter: ``openvino`` or ``ultralytics``.
        device: as the adapter names it (``CPU``, ``GPU``, ``cuda:0``), or ``auto``.
        minimum_score: weaker detections are not reported; the tracker's second stage wants weak ones.
        iou_threshold: for the suppression of overlapping boxes, where the model's head needs it; None for
            what the model was made for.
        cache_folder: where OpenVINO keeps compiled networks for a faster start; None for nowhere.
    """

    model_path: Path
    adapter: str = "openvino"
    device: str = "auto"
    minimum_score: float = 0.1
    iou_threshold: float | None = None
    cache_folder: Path | None = None
