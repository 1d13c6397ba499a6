"""The protocol that every person detector implements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vision.pixel_types import Detections, Picture


class PendingDetections(Protocol):
    """A batch in progress."""

    def wait(self) -> list[Detections]:
        """Return one result per picture of the batch, in order."""


class Detector(Protocol):
    """Detector of people: batch in, batch out, several batches in flight where the device supports it."""

    @property
    def input_wh(self) -> tuple[int, int]:
        """Width and height of the network's input."""

    def submit(self, pictures: Sequence[Picture]) -> PendingDetections:
        """Submit a batch of BGR pictures of any sizes; returns as soon as the pictures were read."""

    def close(self) -> None:
        """Release the model and the device."""


def detect(detector: Detector, pictures: Sequence[Picture]) -> list[Detections]:
    """Detect in a batch and wait for it."""
    return detector.submit(pictures).wait()
