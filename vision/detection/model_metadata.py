"""Metadata of a model folder: the ``metadata.yaml`` that Ultralytics' exporters write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from analytics.domain.errors import ModelError
from resources.bounded_file import read_bounded

METADATA_NAME = "metadata.yaml"
MAX_FILE_BYTES = 256 * 1024
"""Size limit; thousands of classes take less."""
DEFAULT_IOU_THRESHOLD = 0.7
"""Ultralytics' own default."""


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """The part of the metadata that detection needs.

    Attributes:
        person_class: index of the class ``person``.
        largest_wh: size that the model was exported for; for a flexible model the largest to use.
        iou_threshold: overlap up to which two boxes are two people; a key of our own in the file.
    """

    class_count: int
    person_class: int
    largest_wh: tuple[int, int]
    stride: int
    iou_threshold: float = DEFAULT_IOU_THRESHOLD


def read_metadata(folder: Path) -> ModelMetadata | None:
    """Read the metadata of a model folder; None where there is none.

    Raises:
        ModelError: the file is invalid, or describes a model that does not detect people.
    """
    path = folder / METADATA_NAME
    try:
        raw = yaml.safe_load(read_bounded(path, most_bytes=MAX_FILE_BYTES).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        # ValueError: invalid UTF-8, or an impossible date
        raise _unreadable(path) from error
    if not isinstance(raw, dict):
        raise _unreadable(path)
    return parse_metadata(raw, path=path)


def parse_metadata(raw: dict[str, object], *, path: Path) -> ModelMetadata:
    """Validate and return metadata read from YAML or a checkpoint.

    Raises:
        ModelError: see `read_metadata`.
    """
    task = raw.get("task", "detect")
    if task != "detect":
        raise ModelError(
            "The model {model} is made for '{task}' rather than for detection.",
            "Choose a detection model, such as yolo26n.",
            model=path.parent.name,
            task=task,
        )
    try:
        names = _names(raw.get("names"))
    except ValueError as error:
        raise _unreadable(path) from error
    if not names:
        raise _unreadable(path)
    person_class = next((index for index, name in names.items() if name.lower() == "person"), None)
    if person_class is None:
        raise ModelError(
            "The model {model} has no class 'person', only {classes}.",
            "Choose a model that detects people, such as yolo26n.",
            model=path.parent.name,
            classes=", ".join(list(names.values())[:5]),
        )
    try:
        stride = int(str(raw.get("stride", 32)))
        largest_wh = _size_wh(raw.get("imgsz", [640, 640]))
        iou_threshold = float(str(raw.get("iou_threshold", DEFAULT_IOU_THRESHOLD)))
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise _unreadable(path) from error
    return ModelMetadata(max(names) + 1, person_class, largest_wh, stride, iou_threshold)


def _names(raw: object) -> dict[int, str]:
    if isinstance(raw, list):
        return {index: str(name) for index, name in enumerate(raw)}
    if isinstance(raw, dict) and all(str(index).isdigit() for index in raw):
        return {int(index): str(name) for index, name in raw.items()}
    return {}


def _size_wh(raw: object) -> tuple[int, int]:
    """Return width and height; Ultralytics writes height first, or one number for a square."""
    if isinstance(raw, int):
        return raw, raw
    if not isinstance(raw, list):
        raise TypeError(raw)
    return int(raw[1]), int(raw[0])


def _unreadable(path: Path) -> ModelError:
    return ModelError(
        "The description {file} of the model {model} cannot be parsed.",
        "Export the model again, or use the folder exactly as Ultralytics wrote it.",
        file=path.name,
        model=path.parent.name,
    )


def require_model_file(path: Path) -> None:
    """Raise ``ModelError`` unless the model's file or folder exists."""
    if not path.exists():
        raise ModelError(
            "There is no model at {path}.",
            "Check the path, or list the models with: python -m app models list",
            path=str(path),
        )
