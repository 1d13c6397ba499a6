"""Loading of the chosen detector."""

from __future__ import annotations

from pathlib import Path

from analytics.domain.errors import ModelError
from vision.detection.detector_choice import DetectorChoice
from vision.detection.model_metadata import require_model_file
from vision.detection.openvino_detector import OpenVinoDetector
from vision.detection.ultralytics_detector import UltralyticsDetector

OPENVINO = "openvino"
ULTRALYTICS = "ultralytics"

AnyDetector = OpenVinoDetector | UltralyticsDetector
"""Detectors that implement `vision.detection.detector.Detector` and name their device."""

_ULTRALYTICS_SUFFIXES = (".pt", ".engine", ".onnx", ".torchscript")


def choose_adapter(model_path: Path) -> str:
    """Return the adapter for a model: ``openvino`` wherever it can read the model, as it needs no torch.

    Raises:
        ModelError: neither adapter reads such a file.
    """
    suffix = model_path.suffix.lower()
    if suffix == ".xml" or (model_path.is_dir() and any(model_path.glob("*.xml"))):
        return OPENVINO
    if suffix in _ULTRALYTICS_SUFFIXES or model_path.is_dir():
        return ULTRALYTICS
    require_model_file(model_path)
    raise ModelError(
        "{path} is not a detection model.",
        "Choose an OpenVINO model folder, or weights ending in .pt, .engine or .onnx.",
        path=str(model_path),
    )


def load_detector(choice: DetectorChoice) -> AnyDetector:
    """Load the weights on the device that were chosen.

    Raises:
        ModelError: the model or the device cannot be used, or the adapter is unknown or not installed.
    """
    if choice.adapter == OPENVINO:
        return OpenVinoDetector.load(
            choice.model_path,
            device=choice.device,
            minimum_score=choice.minimum_score,
            iou_threshold=choice.iou_threshold,
            cache_folder=choice.cache_folder,
        )
    if choice.adapter == ULTRALYTICS:
        return UltralyticsDetector.load(
            choice.model_path,
            device=choice.device,
            minimum_score=choice.minimum_score,
            iou_threshold=choice.iou_threshold,
        )
    raise ModelError(
        "There is no detector adapter called '{adapter}'.",
        "Choose {openvino} or {ultralytics}.",
        adapter=choice.adapter,
        openvino=OPENVINO,
        ultralytics=ULTRALYTICS,
    )
