"""Choose the network that a command runs, and download it if necessary."""

from __future__ import annotations

from pathlib import Path

from analytics.domain.clock import SystemClock
from analytics.domain.errors import ModelError
from app.core.document import Venue
from app.maintenance.model_library import get_model
from app.settings.file import models_folder
from app.settings.paths import cache_folder
from vision.detection.child_task import ProgressListener, ignore_progress
from vision.detection.detector_choice import DetectorChoice
from vision.detection.model_catalogue import (
    DEMONSTRATION_MODEL,
    SHIPPED_MODEL,
    ModelKind,
    locate_model,
    read_catalogue,
)
from vision.pipeline.pipeline_parts import AUTOMATIC
from vision.sources.frame_source import SourceKind


def choose_detector(
    model: str | None,
    *,
    device: str,
    minimum_score: float,
    on_progress: ProgressListener = ignore_progress,
) -> DetectorChoice:
    """Return the detector of a network name or path, by default the one that ships;
    official weights are downloaded.

    Raises:
        ModelError: the network is not on this machine and cannot be downloaded; the remedy tells how to
            get it.
    """
    path = locate_or_fetch(model or SHIPPED_MODEL, on_progress=on_progress)
    return DetectorChoice(
        path, adapter=AUTOMATIC, device=device, minimum_score=minimum_score, cache_folder=cache_folder()
    )


def needs_another_model(venue: Venue) -> bool:
    """Return whether a venue with real cameras uses the network that was trained on rendered people only."""
    return venue.settings.model_name == DEMONSTRATION_MODEL and any(
        entry.address is not None and entry.address.kind is not SourceKind.CLIP for entry in venue.cameras
    )


def locate_or_fetch(model: str, *, on_progress: ProgressListener = ignore_progress) -> Path:
    """Return the path of a network on this machine, after downloading missing official weights.

    Raises:
        ModelError: as `choose_detector`.
    """
    try:
        return locate_model(model, user_folder=models_folder())
    except ModelError:
        entry = read_catalogue().find(model)
        if entry is None or entry.kind is not ModelKind.OFFICIAL or (models_folder() / model).exists():
            raise
    get_model(model, user_folder=models_folder(), clock=SystemClock(), listener=on_progress)
    return locate_model(model, user_folder=models_folder())
