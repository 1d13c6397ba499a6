"""The protocol behind which every person detector stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vision.pixel_types import Detections, Picture


class PendingDetections(Protocol):
    """A batch that is being worked on."""

    def wait(self) -> list[Detections]:
        """One result per picture of the batch, in its order."""


class Detector(Protocol):
    """Finds people; batch in, batch out, several batches under way at once where the device can."""

    @property
    def input_wh(self) -> tuple[int, int]:
        """Width and height of what the network sees."""

    def submit(self, pictures: Sequence[Picture]) -> PendingDetections:
        """Start on a batch of BGR pictures of any sizes; returns as soon as the pictures were read."""

    def close(self) -> None:
        """Let go of the model and the device."""


def detect(detector: Detector, pictures: Sequence[Picture]) -> list[Detections]:
    """Detect in a batch and wait for it."""
    return detector.submit(pictures).wait()
