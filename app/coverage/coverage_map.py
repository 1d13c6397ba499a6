"""Coverage of a floor by all cameras, cell by cell: number, image scale, position error and occlusion."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.camera_geometry import MEAN_HEIGHT_M
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import FloorPlan, Obstacle
from analytics.domain.zone import Zone
from analytics.metrics.coverage import FloorGrid
from app.core.job import JobContext
from app.coverage.camera_mounting import MountedCamera
from vision.tracking.floor_projection import FOOT_SIGMA_HEIGHTS
from vision.tracking.floor_view import MAX_SIGMA_M

BODY_WIDTH_M = 0.5
"""Shoulder width of an adult, as of the simulated visitors; people behind are hidden."""
PEOPLE_PER_M2 = 2.3 / 9.29
"""Exhibit Surveys 2007: 2.3 visitors on 100 square feet of net exhibit area, on average."""
NETWORK_WH = (640, 640)
"""Input size of the official models; a larger picture is shrunk to fit."""
_FLAT = 1e-9
_MAX_SHADOW = 1000.0
"""Shadow length in camera heights for obstacles as high as the camera; it ends beyond every wall."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverageValues:
    """One camera's values at n floor points; NaN where not visible or unknown.

    Attributes:
        is_seen: shape (n,), as of ``CameraView.sees``, with useful positions.
        pixels_per_metre: shape (n,), across the line of sight.
        person_px: shape (n,), height of a standing person in the detector's picture.
        error_m: shape (n,), root mean square position error from calibration and foot pixel.
        strip_m: shape (n,), length of the strip in front of the point in which a person hides its feet.
        towards: shape (n, 2), unit vectors to the place below the camera.
        is_blocked: shape (n,), behind an obstacle.
    """

    is_seen: BoolArray
    pixels_per_metre: FloatArray
    person_px: FloatArray
    error_m: FloatArray
    strip_m: FloatArray
    towards: FloatArray
    is_blocked: BoolArray

    def select(self, rows: slice) -> CoverageValues:
        """Return the values of some of the points."""
        return CoverageValues(*(getattr(self, field.name)[rows] for field in fields(self)))

    def measure_hidden(self, people_per_m2: float) -> FloatArray:
        """Return the probability, shape (n,), that feet at each point are hidden; NaN as above."""
        crowd = -np.expm1(-people_per_m2 * BODY_WIDTH_M * self.strip_m)
        return np.where(self.is_blocked & self.is_seen, 1.0, crowd)


def measure_camera(
    camera: MountedCamera, xy_m: FloatArray, *, obstacles: Sequence[Obstacle] = ()
) -> CoverageValues:
    """Measure the view of a camera at floor points, shape (n, 2).

    A person of height h who is d metres nearer to a camera at height H hides the feet of one at the distance
    D if the line of sight is lower there than h: H d / D < h, so the strip is h D / H long. Obstacles hide by
    their own heights; those without one hide nothing.
    """
    geometry = camera.view.geometry
    uv_px = geometry.project_to_pixel(xy_m)
    is_seen = camera.view.sees(xy_m)
    count = len(xy_m)
    unknown = np.full(count, np.nan)
    person_px, strip_m, towards = unknown, unknown, np.full((count, 2), np.nan)
    is_blocked = np.zeros(count, bool)
    if camera.vertical is not None and camera.mounting is not None:
        pose = camera.mounting.pose
        person_px = _measure_person(camera, xy_m, uv_px)
        way = np.array([pose.x_m, pose.y_m]) - xy_m
        distance_m = np.hypot(way[:, 0], way[:, 1])
        towards = way / np.maximum(distance_m, 1e-9)[:, None]
        strip_m = np.where(is_seen, min(1.0, MEAN_HEIGHT_M / pose.height_m) * distance_m, np.nan)
        is_blocked = _find_blocked((pose.x_m, pose.y_m, pose.height_m), xy_m, obstacles)
    error_m = _measure_error(camera, uv_px, person_px)
    with np.errstate(invalid="ignore"):
        is_seen = is_seen & ~(error_m > MAX_SIGMA_M)
    return CoverageValues(
        is_seen=is_seen,
        pixels_per_metre=np.where(is_seen, _measure_density(camera, uv_px), np.nan),
        person_px=np.where(is_seen, person_px * compute_detector_scale(camera.view.frame_size_wh), np.nan),
        error_m=np.where(is_seen, error_m, np.nan),
        strip_m=np.where(is_seen, strip_m, np.nan),
        towards=towards,
        is_blocked=is_blocked,
    )


def compute_detector_scale(size_wh: tuple[int, int]) -> float:
    """Return the factor by which pictures are shrunk for the detector."""
    return min(NETWORK_WH[0] / size_wh[0], NETWORK_WH[1] / size_wh[1], 1.0)


def cast_shadow(place_m: tuple[float, float, float], obstacle: Obstacle) -> shapely.Geometry:
    """Compute the floor hidden from (x, y, height) behind an obstacle, including its own floor."""
    x, y, height_m = place_m
    base = obstacle.outline.to_shape()
    if obstacle.height_m is None or obstacle.height_m <= 0:
        return base
    stretch = _MAX_SHADOW
    if obstacle.height_m < height_m:
        stretch = min(stretch, height_m / (height_m - obstacle.height_m))
    ring = np.asarray(obstacle.outline.points)
    cast = np.array([x, y]) + stretch * (ring - np.array([x, y]))
    if _is_convex(obstacle.outline):
        return shapely.MultiPoint(np.concatenate([ring, cast])).convex_hull
    following = np.arange(1, len(ring) + 1) % len(ring)
    # each side of the upper edge sweeps a quadrangle; together with both ends they are the whole shadow
    sides = np.stack([ring, ring[following], cast[following], cast], axis=1)
    parts = [shapely.make_valid(shapely.Polygon(side)) for side in sides]
    return shapely.union_all([base, shapely.Polygon(cast), *parts])


@lru_cache(maxsize=4096)
def _is_convex(outline: Polygon) -> bool:
    """Return whether an outline is convex; shadows of convex outlines are computed faster."""
    shape = outline.to_shape()
    return bool(shape.convex_hull.area - shape.area <= _FLAT * shape.area)


def _find_blocked(
    place_m: tuple[float, float, float], xy_m: FloatArray, obstacles: Sequence[Obstacle]
) -> BoolArray:
    blocked = np.zeros(len(xy_m), bool)
    for obstacle in obstacles:
        if obstacle.height_m is not None:
            shadow = cast_shadow(place_m, obstacle)
            shapely.prepare(shadow)
            blocked |= shapely.contains_xy(shadow, xy_m[:, 0], xy_m[:, 1])
    return blocked


def _measure_person(camera: MountedCamera, xy_m: FloatArray, uv_px: FloatArray) -> FloatArray:
    geometry = camera.view.geometry
    pixel_from_floor = np.linalg.inv(geometry.floor_from_pixel)
    assert camera.vertical is not None
    top = np.column_stack([xy_m, np.ones(len(xy_m))]) @ pixel_from_floor.T
    top += MEAN_HEIGHT_M * camera.vertical
    with np.errstate(divide="ignore", invalid="ignore"):
        straight = np.where(top[:, 2:] > 1e-12, top[:, :2] / top[:, 2:], np.nan)
    top_px = straight if geometry.lens is None else geometry.lens.distort(straight)
    return np.asarray(np.hypot(*(top_px - uv_px).T), np.float64)


def _measure_density(camera: MountedCamera, uv_px: FloatArray) -> FloatArray:
    """Compute one over the smaller singular value of the Jacobian, metres per pixel."""
    jacobian = camera.view.geometry.compute_jacobian(uv_px)
    squares = (jacobian**2).sum(axis=(1, 2))
    determinant = jacobian[:, 0, 0] * jacobian[:, 1, 1] - jacobian[:, 0, 1] * jacobian[:, 1, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        larger = np.sqrt((squares + np.sqrt(np.maximum(squares**2 - 4 * determinant**2, 0.0))) / 2)
        return np.asarray(larger / np.abs(determinant), np.float64)


def _measure_error(camera: MountedCamera, uv_px: FloatArray, person_px: FloatArray) -> FloatArray:
    """Combine the errors of calibration and foot pixel; the latter is left out where unknown."""
    feet_px = np.nan_to_num(person_px)[:, None] * FOOT_SIGMA_HEIGHTS
    with np.errstate(divide="ignore", invalid="ignore"):
        if camera.uncertainty is not None:
            covariance = camera.uncertainty.compute_covariance(uv_px, feet_px)
        else:
            covariance = camera.view.geometry.compute_floor_covariance(uv_px, feet_px)
        return np.asarray(np.sqrt(np.trace(covariance, axis1=1, axis2=2)), np.float64)


CELL_M = 0.25
MAX_CELLS = 60_000
"""Maximum number of cells; in larger halls cells grow, as finer ones would not be visible."""
MAX_DRAGGED_CELLS = 2000
"""Maximum number of cells while dragging, measured within a few milliseconds."""


class CoverageLayer(StrEnum):
    """The quantity that a map shows."""

    CAMERAS = "cameras"
    DENSITY = "density"
    PERSON = "person"
    ERROR = "error"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, eq=False)
class CoverageMap:
    """Coverage on a grid over the hall; arrays have its shape (rows, columns).

    Attributes:
        is_floor: cells with their middle in the hall and in no obstacle.
        cameras: number of cameras that see each cell; 0 off the floor.
        density: pixels per metre across the line of sight, of the best camera.
        person_px: height of a standing person for the detector, of the best camera.
        error_m: root mean square position error, of the best camera.
        hidden: probability that feet are hidden from all cameras.

    The last four are NaN where no camera sees the floor, and where it is not known.
    """

    grid: FloorGrid
    is_floor: BoolArray
    cameras: npt.NDArray[np.int64]
    density: FloatArray
    person_px: FloatArray
    error_m: FloatArray
    hidden: FloatArray

    @property
    def is_seen(self) -> BoolArray:
        """Return the cells that at least one camera sees."""
        return np.asarray(self.cameras > 0, np.bool_)

    def layer(self, layer: CoverageLayer) -> FloatArray:
        """Return the values of a layer."""
        match layer:
            case CoverageLayer.CAMERAS:
                return np.where(self.is_seen, self.cameras.astype(np.float64), np.nan)
            case CoverageLayer.DENSITY:
                return self.density
            case CoverageLayer.PERSON:
                return self.person_px
            case CoverageLayer.ERROR:
                return self.error_m
            case CoverageLayer.HIDDEN:
                return self.hidden


class CoverageSurvey:
    """Repeated coverage computation while one camera moves; the others are measured once."""

    def __init__(
        self,
        plan: FloorPlan,
        *,
        cell_m: float = CELL_M,
        max_cells: int = MAX_CELLS,
        people_per_m2: float = PEOPLE_PER_M2,
    ) -> None:
        grid = FloorGrid.around(plan.outline, cell_m=cell_m)
        while grid.rows * grid.columns > max_cells:
            cell_m *= 1.25
            grid = FloorGrid.around(plan.outline, cell_m=cell_m)
        self.grid = grid
        self._plan, self._people_per_m2 = plan, people_per_m2
        centres = grid.centres()
        hall = plan.outline.to_shape()
        shapely.prepare(hall)
        is_floor = shapely.contains_xy(hall, centres[:, 0], centres[:, 1])
        for obstacle in plan.obstacles:
            is_floor &= ~shapely.contains_xy(obstacle.outline.to_shape(), centres[:, 0], centres[:, 1])
        self._is_floor = is_floor
        self._points = centres[is_floor]
        self._known: dict[str, tuple[object, CoverageValues]] = {}

    def survey(self, cameras: Sequence[MountedCamera], *, context: JobContext | None = None) -> CoverageMap:
        """Compute the map of these cameras; one that is the same object as before is not measured again."""
        figures = []
        known: dict[str, tuple[object, CoverageValues]] = {}
        for number, camera in enumerate(cameras):
            if context is not None:
                context.checkpoint(number, len(cameras))
            before = self._known.get(camera.name)
            if before is None or before[0] is not camera:
                measured = measure_camera(camera, self._points, obstacles=self._plan.obstacles)
                before = (camera, measured)
            known[camera.name] = before
            figures.append(before[1])
        self._known = known
        return self._spread(combine_coverage(figures, len(self._points), people_per_m2=self._people_per_m2))

    def _spread(self, figures: CombinedCoverage) -> CoverageMap:
        arrays: dict[str, FloatArray] = {}
        for field in dataclasses.fields(CombinedCoverage):
            values = np.full(len(self._is_floor), np.nan)
            values[self._is_floor] = getattr(figures, field.name)
            arrays[field.name] = values.reshape(self.grid.shape)
        cameras = np.nan_to_num(arrays.pop("cameras")).astype(np.int64)
        is_floor = self._is_floor.reshape(self.grid.shape)
        return CoverageMap(grid=self.grid, is_floor=is_floor, cameras=cameras, **arrays)


@dataclass(frozen=True, slots=True, eq=False)
class CombinedCoverage:
    """Combined values of several cameras at n points, each array of shape (n,); see `CoverageMap`."""

    cameras: npt.NDArray[np.int64]
    density: FloatArray
    person_px: FloatArray
    error_m: FloatArray
    hidden: FloatArray

    def select(self, rows: slice) -> CombinedCoverage:
        """Return the values of some of the points."""
        return CombinedCoverage(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


def combine_coverage(
    figures: Sequence[CoverageValues], count: int, *, people_per_m2: float = PEOPLE_PER_M2
) -> CombinedCoverage:
    """Return the best values of several cameras at ``count`` points."""
    if not figures:
        unknown = np.full(count, np.nan)
        return CombinedCoverage(np.zeros(count, np.int64), unknown, unknown, unknown, unknown)
    # floor behind an obstacle is in the picture, and yet not seen
    cameras = np.sum([f.is_seen & ~f.is_blocked for f in figures], axis=0)
    hidden = combine_hidden(figures, people_per_m2=people_per_m2)
    return CombinedCoverage(
        cameras=cameras,
        density=_best([_visible(f, f.pixels_per_metre) for f in figures], largest=True),
        person_px=_best([_visible(f, f.person_px) for f in figures], largest=True),
        error_m=_best([_visible(f, f.error_m) for f in figures], largest=False),
        hidden=np.where(cameras > 0, hidden, np.nan),
    )


def combine_hidden(figures: Sequence[CoverageValues], *, people_per_m2: float) -> FloatArray:
    """Return the probability, shape (n,), that a random crowd hides someone's feet from all cameras.

    People are a Poisson process of a density rho. One camera's strip of the area a is empty with the
    likelihood exp(-rho a), two strips together with exp(-rho (a1 + a2 - common)), so both cameras are
    hidden with 1 - exp(-rho a1) - exp(-rho a2) + exp(-rho (a1 + a2 - common)). Two strips of the width w
    whose directions differ by theta part after w / (2 sin(theta / 2)); up to there they are taken as one,
    which is never too favourable. Of three cameras or more the best and its best partner count.
    """
    single = np.array([f.measure_hidden(people_per_m2) for f in figures])
    hidden = _best(list(single), largest=False)
    if len(figures) < 2:
        return hidden
    filled = np.where(np.isfinite(single), single, np.inf)
    best = filled.argmin(axis=0)
    at = np.arange(single.shape[1])
    strips = np.array([f.strip_m for f in figures])
    towards = np.array([f.towards for f in figures])
    is_open = np.array([f.is_seen & ~f.is_blocked for f in figures])
    own_m, own_towards, is_own_open = strips[best, at], towards[best, at], is_open[best, at]
    rate = people_per_m2 * BODY_WIDTH_M
    for other, strip_m in enumerate(strips):
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.linalg.norm(own_towards - towards[other], axis=1)
            common_m = np.minimum(np.minimum(own_m, strip_m), BODY_WIDTH_M / apart)
            both = -np.expm1(-rate * own_m) - np.exp(-rate * strip_m)
            both += np.exp(-rate * (own_m + strip_m - common_m))
        is_pair = is_own_open & is_open[other] & (best != other) & np.isfinite(both)
        hidden = np.where(is_pair, np.fmin(hidden, both), hidden)
    return hidden


def _visible(figures: CoverageValues, values: FloatArray) -> FloatArray:
    return np.where(figures.is_blocked, np.nan, values)


def _best(values: list[FloatArray], *, largest: bool) -> FloatArray:
    reduce = np.fmax.reduce if largest else np.fmin.reduce
    return np.asarray(reduce(np.array(values)), np.float64)


ZONE_POINTS = 400
"""Sample points per zone, which give shares to a few per cent."""
MAX_CELL_M = 0.5


@dataclass(frozen=True, slots=True)
class ZoneCoverage:
    """Coverage of one zone's floor, within the hall and without the obstacles.

    Attributes:
        area_m2: floor area; 0 without floor.
        unseen_m2: not seen by any camera.
        overlap_m2: seen by two cameras or more.
        hidden_m2: expected part of the seen floor hidden by people.
        unseen_middle_m: middle of the unseen part; None if all is seen.
        person_px: median height of a person for the detector; None if unknown, like the others.
        density: median pixels per metre of floor.
        error_m: median root mean square position error.
        cameras: names of cameras that see any of it.
    """

    name: str
    area_m2: float
    unseen_m2: float
    overlap_m2: float
    hidden_m2: float
    unseen_middle_m: Point | None
    person_px: float | None
    density: float | None
    error_m: float | None
    cameras: tuple[str, ...]

    @property
    def missed_m2(self) -> float:
        """Return the floor on which positions would be missed, unseen or hidden, square metres."""
        return self.unseen_m2 + self.hidden_m2


@dataclass(frozen=True, slots=True, eq=False)
class ZoneFloor:
    """Points spread evenly over a zone's floor, shape (n, 2), each representing an equal area."""

    name: str
    points_m: FloatArray
    point_m2: float

    def summarise(self, combined: CombinedCoverage, cameras: tuple[str, ...]) -> ZoneCoverage:
        """Summarise the coverage of the zone from the values at its points and the cameras that see any."""
        is_unseen = combined.cameras == 0
        hidden = np.where(is_unseen, 0.0, np.nan_to_num(combined.hidden))
        middle = None
        if is_unseen.any():
            x, y = self.points_m[is_unseen].mean(axis=0)
            middle = (float(x), float(y))
        return ZoneCoverage(
            name=self.name,
            area_m2=len(self.points_m) * self.point_m2,
            unseen_m2=float(is_unseen.sum() * self.point_m2),
            overlap_m2=float((combined.cameras > 1).sum() * self.point_m2),
            hidden_m2=float(hidden.sum() * self.point_m2),
            unseen_middle_m=middle,
            **_find_medians(combined),
            cameras=cameras,
        )


def spread_points(zone: Zone, plan: FloorPlan, *, points: int = ZONE_POINTS) -> ZoneFloor:
    """Spread about ``points`` points over a zone's floor; more in large zones, none without floor."""
    floor = shapely.make_valid(zone.outline.to_shape())
    floor = shapely.intersection(floor, plan.outline.to_shape())
    for obstacle in plan.obstacles:
        floor = shapely.difference(floor, obstacle.outline.to_shape())
    area_m2 = float(shapely.area(floor))
    if area_m2 <= 0:
        return ZoneFloor(str(zone.name), np.empty((0, 2)), 0.0)
    cell_m = min(MAX_CELL_M, float(np.sqrt(area_m2 / points)))
    left, bottom, right, top = shapely.bounds(floor)
    x, y = np.meshgrid(
        np.arange(left + cell_m / 2, right, cell_m), np.arange(bottom + cell_m / 2, top, cell_m)
    )
    places = np.column_stack([x.ravel(), y.ravel()])
    places = places[shapely.contains_xy(floor, places[:, 0], places[:, 1])]
    if not len(places):
        places = shapely.get_coordinates(shapely.point_on_surface(floor))
    # the points stand for the floor's true area, though cells at its border are whole or not at all
    return ZoneFloor(str(zone.name), places, area_m2 / len(places))


def measure_zones(
    cameras: Sequence[MountedCamera],
    zones: Sequence[Zone],
    plan: FloorPlan,
    *,
    people_per_m2: float = PEOPLE_PER_M2,
) -> tuple[ZoneCoverage, ...]:
    """Measure the coverage of each zone, in the order of the zones."""
    names = [camera.name for camera in cameras]
    found = []
    for zone in zones:
        floor = spread_points(zone, plan)
        figures = [measure_camera(camera, floor.points_m, obstacles=plan.obstacles) for camera in cameras]
        combined = combine_coverage(figures, len(floor.points_m), people_per_m2=people_per_m2)
        found.append(floor.summarise(combined, list_covering_cameras(figures, names)))
    return tuple(found)


def list_covering_cameras(figures: Sequence[CoverageValues], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of cameras that see any of the measured points."""
    return tuple(
        name for name, f in zip(names, figures, strict=True) if bool((f.is_seen & ~f.is_blocked).any())
    )


def _find_medians(combined: CombinedCoverage) -> dict[str, float | None]:
    medians: dict[str, float | None] = {}
    for name, values in (
        ("person_px", combined.person_px),
        ("density", combined.density),
        ("error_m", combined.error_m),
    ):
        known = values[np.isfinite(values)]
        medians[name] = float(np.median(known)) if len(known) else None
    return medians
