"""Cameras as the floor knows them: what they see and how their pixels become metres."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.identifiers import CameraId


@dataclass(frozen=True, slots=True)
class PointPair:
    """One point seen in the picture and measured on the floor."""

    u_px: float
    v_px: float
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of a venue, without the address it is read from.

    Attributes:
        frame_size_wh: the size of the picture in which pairs and mask were drawn; a stream of another size
            and the same shape is scaled to it.
        pairs: at least four, or none while the camera is not calibrated.
        mask: polygons in pixels; a person whose foot point lies in one is ignored.
        analysed_fps: how many frames a second are analysed at most; None: every frame (recordings).
    """

    name: CameraId
    frame_size_wh: tuple[int, int] | None = None
    pairs: tuple[PointPair, ...] = ()
    mask: tuple[tuple[tuple[float, float], ...], ...] = ()
    analysed_fps: float | None = 5.0
