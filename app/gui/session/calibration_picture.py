"""One picture of a camera, in memory only: from the running recording, or from the camera itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.errors import SourceError
from app.cameras.probe_camera import probe_camera
from app.core.credentials import CredentialStore, add_credential
from app.core.document import Venue
from app.core.job import JobContext
from app.gui.session.translation import display_name
from vision.pipeline.frame_slots import FramePreview
from vision.pixel_types import Picture
from vision.sources.frame_source import SourceAddress
from vision.sources.stream_probe import StreamReport

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the full frame."""

SHORT_MEASURE_S = 0.2
"""Short, since only the first picture is used."""
_MARGIN_PART = 0.2
"""Margin around a box as a share of its size, since people have moved since their detection."""
_CELLS_ACROSS = 4
_MIN_CELL_PX = 4
MAX_WH = (1920, 1080)
"""Size limit of pictures to click in: with fewer pixels than the camera has, clicks are less precise."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraPicture:
    """A picture in memory.

    Attributes:
        frame_wh: size of the camera's pictures, of which this may be a smaller copy.
        rgb: shape (height, width, 3), RGB, row by row.
    """

    frame_wh: tuple[int, int]
    size_wh: tuple[int, int]
    rgb: bytes = field(repr=False)

    def to_array(self) -> Picture:
        """Return the pixels, shape (height, width, 3), RGB."""
        width, height = self.size_wh
        return np.frombuffer(self.rgb, np.uint8).reshape(height, width, 3)

    def without_people(self, people_xyxy: Sequence[Box]) -> CameraPicture:
        """Return a copy with people made unrecognisable; their boxes are in pixels of the frame."""
        hidden = self.to_array().copy()
        across, down = self.size_wh[0] / self.frame_wh[0], self.size_wh[1] / self.frame_wh[1]
        pixelate_people(
            hidden, [(x1 * across, y1 * down, x2 * across, y2 * down) for x1, y1, x2, y2 in people_xyxy]
        )
        return CameraPicture(self.frame_wh, self.size_wh, hidden.tobytes())


def pixelate_people(picture: Picture, people_xyxy: Sequence[Box]) -> None:
    """Pixelate people in place: a calibration needs only the floor.

    Args:
        picture: shape (height, width, 3).
        people_xyxy: their boxes, pixels.
    """
    height, width = picture.shape[:2]
    for left, top, right, bottom in people_xyxy:
        beside_px, above_px = _MARGIN_PART * (right - left), _MARGIN_PART * (bottom - top)
        first_column, last_column = max(0, int(left - beside_px)), min(width, int(right + beside_px) + 1)
        first_row, last_row = max(0, int(top - above_px)), min(height, int(bottom + above_px) + 1)
        cell_px = max(_MIN_CELL_PX, (last_column - first_column) // _CELLS_ACROSS)
        for row in range(first_row, last_row, cell_px):
            for column in range(first_column, last_column, cell_px):
                rows = slice(row, min(row + cell_px, last_row))
                columns = slice(column, min(column + cell_px, last_column))
                picture[rows, columns] = picture[rows, columns].mean(axis=(0, 1))


FetchPicture = Callable[[JobContext], CameraPicture]
"""Called in another thread."""


class ProbeCamera(Protocol):
    """A function that reads a camera briefly, like `probe_camera`."""

    def __call__(
        self,
        address: SourceAddress,
        *,
        context: JobContext,
        camera: str | None,
        measure_s: float,
        preview_max_wh: tuple[int, int],
        masked: Camera | None,
    ) -> StreamReport:
        """Read the camera's first picture and its measurements."""


def fetch_camera_picture(
    camera: str,
    *,
    venue: Venue,
    recorded: FramePreview | None,
    people_xyxy: Sequence[Box] = (),
    open_credentials: Callable[[], CredentialStore],
    context: JobContext,
    probe: ProbeCamera = probe_camera,
) -> CameraPicture:
    """Return the newest picture of the recording, or the first picture read from the camera.

    Args:
        recorded: where the recording's pictures of this camera are; None while it is not recorded.
        people_xyxy: who was found in its newest picture; they are made unrecognisable.

    Raises:
        SourceError: the camera gives none, or has no address.
        CredentialError: its password cannot be read.
        JobCancelled: the context was cancelled.
    """
    copied = None if recorded is None else recorded.copy_newest()
    if copied is not None:
        pixelate_people(copied[0], people_xyxy)
        height, width = copied[0].shape[:2]
        rgb = np.ascontiguousarray(copied[0][:, :, ::-1]).tobytes()
        return CameraPicture((width, height), (width, height), rgb)
    address = venue.address_of(camera)
    if address is None:
        raise SourceError(
            "Camera '{camera}' has no address to fetch a picture from.",
            "Enter an address, or import its point pairs from a file.",
            camera=display_name(camera),
        )
    full = add_credential(address, camera=venue.camera(camera).name, store=open_credentials())
    report = probe(
        full,
        context=context,
        camera=camera,
        measure_s=SHORT_MEASURE_S,
        preview_max_wh=MAX_WH,
        masked=venue.camera(camera).camera,
    )
    return CameraPicture(report.size_wh, report.preview_wh, report.preview_rgb)
