"""One picture of a camera, in memory alone: of the recording that runs, or from the camera itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from analytics.domain.errors import SourceError
from app.gui.translation import display_name
from app.jobs.job import JobContext
from app.operations.probe_camera import probe_camera
from app.venue.credentials import CredentialStore, add_credential
from app.venue.document import Venue
from vision.pipeline.frame_slots import FramePreview
from vision.pixel_types import Picture
from vision.sources.frame_source import SourceAddress
from vision.sources.stream_probe import StreamReport

SHORT_MEASURE_S = 0.2
"""Only the first picture is wanted."""
LARGEST_WH = (1920, 1080)
"""A hand is off by a pixel or two: of fewer pixels than the camera has, that is more on the floor."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraPicture:
    """A picture in memory alone.

    Attributes:
        frame_wh: size of the camera's pictures, of which this may be a smaller copy.
        rgb: shape (height, width, 3), RGB, row by row.
    """

    frame_wh: tuple[int, int]
    size_wh: tuple[int, int]
    rgb: bytes = field(repr=False)

    def to_array(self) -> Picture:
        """Shape (height, width, 3), RGB."""
        width, height = self.size_wh
        return np.frombuffer(self.rgb, np.uint8).reshape(height, width, 3)


class ProbeCamera(Protocol):
    """Reads a camera for a moment, as `probe_camera` does."""

    def __call__(
        self,
        address: SourceAddress,
        *,
        context: JobContext,
        camera: str | None,
        measure_s: float,
        preview_largest_wh: tuple[int, int],
    ) -> StreamReport:
        """Its first picture, and more."""


def fetch_camera_picture(
    camera: str,
    *,
    venue: Venue,
    recorded: FramePreview | None,
    open_credentials: Callable[[], CredentialStore],
    context: JobContext,
    probe: ProbeCamera = probe_camera,
) -> CameraPicture:
    """The newest picture of the recording, or the first that the camera gives when it is asked.

    Args:
        recorded: where the recording's pictures of this camera are; None while it is not recorded.

    Raises:
        SourceError: the camera gives none, or has no address.
        CredentialError: its password cannot be read.
        JobCancelled: the context was cancelled.
    """
    copied = None if recorded is None else recorded.copy_newest()
    if copied is not None:
        height, width = copied[0].shape[:2]
        rgb = np.ascontiguousarray(copied[0][:, :, ::-1]).tobytes()
        return CameraPicture((width, height), (width, height), rgb)
    address = venue.address_of(camera)
    if address is None:
        raise SourceError(
            "Camera '{camera}' has no address to fetch a picture from.",
            "Give it one, or import its point pairs from a file.",
            camera=display_name(camera),
        )
    full = add_credential(address, camera=venue.camera(camera).name, store=open_credentials())
    report = probe(
        full, context=context, camera=camera, measure_s=SHORT_MEASURE_S, preview_largest_wh=LARGEST_WH
    )
    return CameraPicture(report.size_wh, report.preview_wh, report.preview_rgb)
