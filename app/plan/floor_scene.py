"""A venue's floor as drawable shapes, with the people and zones that a plan shows on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, PlanPicture
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import UNKNOWN, Estimate
from app.core.document import Venue

Point = tuple[float, float]
Ring = tuple[Point, ...]

_ACROSS_STEPS = 20
_DOWN_STEPS = 400
"""Rows of pixels that are sampled: the floor near the horizon lies within a few of them."""
_FARTHEST = 3.0
"""Maximum distance, in floor sizes: floor farther away is beyond every wall."""


@dataclass(frozen=True, slots=True)
class PlanShape:
    """A named polygon or line, metres; ``colour`` as of its zone or line."""

    name: str
    points: Ring
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class CameraShape:
    """A camera: the rings of its visible floor, and the middle of its near edge."""

    name: str
    view: tuple[Ring, ...]
    place: Point


@dataclass(frozen=True, slots=True)
class FloorScene:
    """The static shapes of a floor.

    Attributes:
        picture_place: scale and position of the picture.
    """

    outline: Ring
    obstacles: tuple[PlanShape, ...] = ()
    zones: tuple[PlanShape, ...] = ()
    lines: tuple[PlanShape, ...] = ()
    cameras: tuple[CameraShape, ...] = ()
    picture: str | None = None
    picture_place: PlanPicture | None = None


@dataclass(frozen=True, slots=True)
class LiveDot:
    """A person's current and recent positions, oldest first, metres."""

    tail: Ring

    @property
    def place(self) -> Point:
        """Current position."""
        return self.tail[-1]


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone's row beside the plan; None for unknown values.

    Attributes:
        people_now: None while no camera is analysed.
        of_place: what the layer shows of the stand and its place; only in such layers.
    """

    figures: ZoneFigures
    people_now: int | None = None
    of_place: Estimate = UNKNOWN

    @property
    def name(self) -> str:
        """The zone's name."""
        return self.figures.name


def describe_floor(venue: Venue, geometry: FloorGeometry) -> FloorScene:
    """Return the floor of a venue with one version of zones and lines; uncalibrated cameras are left out."""
    plan = venue.plan
    cameras = []
    for entry in venue.cameras:
        try:
            camera_geometry = venue.camera_geometry(entry.name)
        except CalibrationError:
            continue
        if camera_geometry is not None and entry.camera.frame_size_wh is not None:
            shape = compute_visible_floor(
                str(entry.name), camera_geometry, entry.camera.frame_size_wh, outline=plan.outline
            )
            if shape is not None:
                cameras.append(shape)
    picture = venue.plan_picture_file
    return FloorScene(
        outline=plan.outline.points,
        obstacles=tuple(PlanShape(o.name, o.outline.points) for o in plan.obstacles),
        zones=tuple(PlanShape(str(zone.name), zone.outline.points, zone.colour) for zone in geometry.zones),
        lines=tuple(PlanShape(str(line.name), line.path.points, line.colour) for line in geometry.lines),
        cameras=tuple(cameras),
        picture=None if picture is None else str(picture),
        picture_place=plan.picture,
    )


def compute_visible_floor(
    name: str, geometry: CameraGeometry, frame_size_wh: tuple[int, int], *, outline: Polygon
) -> CameraShape | None:
    """Compute the part of a floor that a camera sees; None if it sees nothing of it."""
    floor = outline.to_shape()
    seen = geometry.project_to_floor(_sample_frame(frame_size_wh))
    left, bottom, right, top = floor.bounds
    middle, size = np.array([(left + right) / 2, (bottom + top) / 2]), max(right - left, top - bottom)
    seen = seen[np.isfinite(seen).all(axis=1)]
    seen = seen[np.abs(seen - middle).max(axis=1) <= _FARTHEST * size]
    if geometry.lens is None:
        # straight lines stay straight and the frame is convex, therefore so is what it sees of a floor
        border = shapely.MultiPoint(seen).convex_hull
    else:
        border = shapely.make_valid(shapely.Polygon(seen)) if len(seen) > 2 else shapely.Polygon()
    view = border.intersection(floor)
    rings = tuple(
        tuple((float(x), float(y)) for x, y in shapely.get_coordinates(ring))
        for part in shapely.get_parts(view)
        if isinstance(part, shapely.Polygon)
        for ring in (part.exterior, *part.interiors)
    )
    if not rings:
        return None
    width_px, height_px = frame_size_wh
    near = geometry.project_to_floor(np.array([[width_px / 2, float(height_px)]]))[0]
    if not np.isfinite(near).all():
        near = shapely.get_coordinates(view.centroid)[0]
    return CameraShape(name, rings, (float(near[0]), float(near[1])))


def _sample_frame(frame_size_wh: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Sample pixels along the border of a frame, which bound the visible floor."""
    width_px, height_px = frame_size_wh
    across = np.linspace(0.0, width_px, _ACROSS_STEPS)
    down = np.linspace(0.0, height_px, _DOWN_STEPS)
    return np.concatenate(
        [
            np.column_stack([np.zeros(_DOWN_STEPS), down[::-1]]),
            np.column_stack([across, np.full(_ACROSS_STEPS, 0.0)]),
            np.column_stack([np.full(_DOWN_STEPS, float(width_px)), down]),
            np.column_stack([across[::-1], np.full(_ACROSS_STEPS, float(height_px))]),
        ]
    )
