"""A venue's cameras: their pictures, masks and calibration pairs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely

from analytics.domain.errors import CalibrationError, GeometryError, Phrase
from analytics.domain.floor_geometry import Polygon, find_self_intersection
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import Lens

PixelPolygon = tuple[tuple[float, float], ...]
"""Corners (u_px, v_px); the first corner is not repeated at the end."""

MAX_SHAPE_DIFFERENCE = 0.02
"""Allowed relative difference of two aspect ratios: streams round to multiples of 8 or 16 pixels."""


@dataclass(frozen=True, slots=True)
class PointPair:
    """A point clicked in the picture and measured on the floor."""

    u_px: float
    v_px: float
    x_m: float
    y_m: float


NEW_TRACK_SCORE = 0.45
MIN_NEW_TRACK_SCORE, MAX_NEW_TRACK_SCORE = 0.1, 0.95


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of a venue, without the address it is read from.

    Attributes:
        frame_size_wh: size of the picture in which pairs and masks were drawn; a stream of another size and
            the same shape is scaled to it.
        pairs: at least four, or none while the camera is not calibrated.
        mask: polygons in pixels; a person whose foot point lies in one is ignored.
        privacy_mask: polygons in pixels that are blackened before the picture is used. Needs
            ``frame_size_wh``, or it would lie elsewhere in a stream of another size.
        analysed_fps: maximum number of frames analysed per second; None: every frame (recordings).
        lens: radial distortion; None: none. Needs ``frame_size_wh``.
        pair_sigma_px: standard deviation of the pairs' pixels where they stand for a calibration of another
            kind; None: they were clicked, and the residuals give it.
        new_track_score: score, 0 to 1, of the detections that begin a track; people who are found less surely
            count once they repeat at one place and move.
        model_name: the network that finds people in its pictures; empty for the venue's.
        seats: floor on which people sit, of stages and cafés; there they count from weaker evidence. Follows
            from the zones and is not stored with the camera.
        obstacles: outlines on the floor, and heights in metres, of what hides the floor behind it. Follows
            from the plan and is not stored with the camera.
        may_be_dark: a black picture means a dark hall and counts as observed; otherwise it is a gap.
        gives_persons: a sensor that looks straight down and whose tracks are whole persons, which are neither
            joined nor left out.
    """

    name: CameraId
    frame_size_wh: tuple[int, int] | None = None
    pairs: tuple[PointPair, ...] = ()
    mask: tuple[PixelPolygon, ...] = ()
    analysed_fps: float | None = 5.0
    lens: Lens | None = None
    privacy_mask: tuple[PixelPolygon, ...] = ()
    pair_sigma_px: float | None = None
    may_be_dark: bool = False
    new_track_score: float = NEW_TRACK_SCORE
    model_name: str = ""
    seats: tuple[Polygon, ...] = ()
    obstacles: tuple[tuple[Polygon, float], ...] = ()
    gives_persons: bool = False

    def __post_init__(self) -> None:
        if self.privacy_mask and self.frame_size_wh is None:
            raise ValueError("a privacy mask needs the size of the pictures that it was drawn in")

    @property
    def calibration(self) -> tuple[object, ...]:
        """Return everything that decides where on the floor a person is; equal if nothing of it changed."""
        return self.frame_size_wh, self.pairs, self.mask, self.lens, self.pair_sigma_px

    @property
    def unobserved(self) -> tuple[PixelPolygon, ...]:
        """Both masks together: parts of the picture in which people are not counted."""
        return self.mask + self.privacy_mask

    def scaled_to(self, size_wh: tuple[int, int]) -> Camera:
        """Return the camera with pairs and masks scaled to a picture of another size.

        A camera without a frame size is taken to have been drawn in this size.

        Raises:
                CalibrationError: the shapes differ by more than 2 %, as after cropping or rotation.
        """
        if self.frame_size_wh is None or self.frame_size_wh == size_wh:
            return dataclasses.replace(self, frame_size_wh=size_wh)
        (from_width, from_height), (to_width, to_height) = self.frame_size_wh, size_wh
        if abs((to_width * from_height) / (to_height * from_width) - 1) > MAX_SHAPE_DIFFERENCE:
            raise CalibrationError(
                "Camera '{name}' was calibrated at {was_width}x{was_height} pixels; {is_width}x{is_height} "
                "has a different aspect ratio.",
                "Restore the aspect ratio of the camera's stream, or calibrate the camera again.",
                name=self.name,
                was_width=from_width,
                was_height=from_height,
                is_width=to_width,
                is_height=to_height,
            )
        by_u, by_v = to_width / from_width, to_height / from_height
        return dataclasses.replace(
            self,
            frame_size_wh=size_wh,
            pairs=tuple(PointPair(p.u_px * by_u, p.v_px * by_v, p.x_m, p.y_m) for p in self.pairs),
            mask=_scale(self.mask, by_u, by_v),
            privacy_mask=_scale(self.privacy_mask, by_u, by_v),
            pair_sigma_px=None if self.pair_sigma_px is None else self.pair_sigma_px * math.sqrt(by_u * by_v),
        )

    def with_frame_size(self, size_wh: tuple[int, int] | None) -> Camera:
        """Return the camera with pairs from pictures of another size, and its masks scaled to it.

        None leaves the size unchanged.

        Raises:
            CalibrationError: it has masks, and the shapes differ.
        """
        if size_wh is None or size_wh == self.frame_size_wh:
            return self
        scaled = self.scaled_to(size_wh) if self.unobserved else self
        return dataclasses.replace(
            self, frame_size_wh=size_wh, mask=scaled.mask, privacy_mask=scaled.privacy_mask
        )


def _scale(polygons: tuple[PixelPolygon, ...], by_u: float, by_v: float) -> tuple[PixelPolygon, ...]:
    return tuple(tuple((u * by_u, v * by_v) for u, v in polygon) for polygon in polygons)


def check_pixel_polygon(points: Iterable[tuple[float, float]], *, what: str | Phrase) -> PixelPolygon:
    """Return the checked corners of a mask polygon; ``what`` names it in errors.

    Raises:
            GeometryError: fewer than three points, not finite, smaller than one pixel, or self-intersecting.
    """
    checked = tuple((float(u), float(v)) for u, v in points)
    if len(checked) > 1 and checked[0] == checked[-1]:
        checked = checked[:-1]
    if not all(math.isfinite(u) and math.isfinite(v) for u, v in checked):
        raise GeometryError(
            "{what} has a coordinate that is not a number.", "Specify every corner in pixels.", what=what
        )
    if len(set(checked)) < 3:
        raise GeometryError("{what} has fewer than three corners.", "Draw at least three corners.", what=what)
    shape = shapely.Polygon(checked)
    if not shape.is_valid:
        u, v = find_self_intersection(shape)
        raise GeometryError(
            "{what} crosses itself at pixel {u:.0f}, {v:.0f}.",
            "Move its corners so that no two sides cross.",
            what=what,
            u=u,
            v=v,
        )
    if shape.area < 1:
        raise GeometryError("{what} is smaller than a pixel.", "Draw it larger.", what=what)
    return checked
