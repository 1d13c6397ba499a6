"""Person detection by Ultralytics and PyTorch: NVIDIA devices, TensorRT engines and ``.pt`` weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analytics.domain.errors import ModelError
from vision.detection.clothing_colours import describe_clothes
from vision.detection.model_metadata import DEFAULT_IOU_THRESHOLD, require_model_file
from vision.detection.ultralytics_runtime import import_ultralytics, refuse_code
from vision.pixel_types import Detections, Picture


class UltralyticsDetector:
    """Implementation of `vision.detection.detector.Detector` that processes one batch at a time."""

    def __init__(
        self,
        model: Any,
        *,
        name: str,
        person_class: int,
        input_wh: tuple[int, int],
        device: str,
        minimum_score: float,
        iou_threshold: float,
    ) -> None:
        self._model = model
        self._name = name
        self._person_class = person_class
        self._input_wh = input_wh
        self._device = device
        self._minimum_score = minimum_score
        self._iou_threshold = iou_threshold

    @staticmethod
    def load(
        model_path: Path,
        *,
        device: str = "auto",
        minimum_score: float = 0.1,
        iou_threshold: float | None = None,
    ) -> UltralyticsDetector:
        """Load any model that Ultralytics reads: ``.pt``, ``.engine``, ``.onnx``, exported folders.

        Args:
            device: ``auto``, ``cpu``, ``cuda:0``, or another name of Ultralytics.

        Raises:
            ModelError: absent, damaged, not a detector of people, or torch is not installed.
        """
        require_model_file(model_path)
        ultralytics = import_ultralytics()
        import torch

        if device == "auto":
            device = "cuda:0" if torch.cuda.is_available() else "cpu"
        try:
            model = ultralytics.YOLO(str(model_path), task=None if model_path.suffix == ".pt" else "detect")
            task = model.task
            side, names = _prepare(model, device) if task == "detect" else ((0, 0), {})
        except Exception as error:
            refuse_code(model_path, error)
            raise ModelError(
                "Ultralytics cannot load the model {model}: {reason}",
                "Check the device, and that the file is complete and of a type that Ultralytics reads.",
                model=model_path.name,
                reason=_reason(error),
            ) from error
        person = next((index for index, name in names.items() if str(name).lower() == "person"), None)
        if task != "detect" or person is None:
            raise ModelError(
                "The model {model} does not detect people.",
                "Choose a detection model with the class 'person', such as yolo26n.",
                model=model_path.name,
            )
        return UltralyticsDetector(
            model,
            name=model_path.name,
            person_class=int(person),
            input_wh=(side[1], side[0]),
            device=device,
            minimum_score=minimum_score,
            iou_threshold=DEFAULT_IOU_THRESHOLD if iou_threshold is None else iou_threshold,
        )

    @property
    def input_wh(self) -> tuple[int, int]:
        """Width and height of the network's input; the largest, for a network of flexible size."""
        return self._input_wh

    @property
    def device(self) -> str:
        """Name of the device that runs the network, by PyTorch."""
        return self._device

    def submit(self, pictures: Sequence[Picture]) -> FinishedBatch:
        """Detect in a batch of BGR pictures; returns when PyTorch is finished.

        Raises:
            ModelError: the device failed.
        """
        if not pictures:
            return FinishedBatch([])
        try:
            results = self._model.predict(
                list(pictures),
                classes=[self._person_class],
                conf=self._minimum_score,
                iou=self._iou_threshold,
                imgsz=[self._input_wh[1], self._input_wh[0]],
                device=self._device,
                verbose=False,
                save=False,
            )
        except RuntimeError as error:
            raise ModelError(
                "The model {model} failed on {device}: {reason}",
                "Choose another device, or a smaller model.",
                model=self._name,
                device=self._device,
                reason=_reason(error),
            ) from error
        return FinishedBatch(
            [_to_detections(result.boxes, picture) for result, picture in zip(results, pictures, strict=True)]
        )

    def close(self) -> None:
        """Release the model."""
        self._model = None


class FinishedBatch:
    """Implementation of `vision.detection.detector.PendingDetections` with results already present."""

    def __init__(self, results: list[Detections]) -> None:
        self._results = results

    def wait(self) -> list[Detections]:
        """Return one result per picture, in order."""
        return self._results


def _prepare(model: Any, device: str) -> tuple[tuple[int, int], dict[int, str]]:
    """Return the input's height and width, and the class names; one run on grey sets up the device.

    Exported models provide both only once they are on the device.
    """
    grey = np.full((64, 64, 3), 114, np.uint8)
    model.predict(grey, device=device, verbose=False, save=False)
    height, width = model.predictor.imgsz
    return (int(height), int(width)), dict(model.predictor.model.names)


def _to_detections(boxes: Any, picture: Picture | None) -> Detections:
    """Return the detections, with clothing colours where a picture is given."""
    xyxy = boxes.xyxy.cpu().numpy().astype(np.float32).reshape(-1, 4)
    score = boxes.conf.cpu().numpy().astype(np.float32)
    order = np.argsort(-score, kind="stable")
    xyxy = xyxy[order]
    return Detections(xyxy, score[order], None if picture is None else describe_clothes(picture, xyxy))


def _reason(error: BaseException) -> str:
    """Return one line of an error; C++ libraries begin with the source location."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    reported = [line for line in lines if not line.startswith("Exception from")]
    return (reported or lines or [type(error).__name__])[0].strip()
