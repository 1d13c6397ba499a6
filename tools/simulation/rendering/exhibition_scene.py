"""The demonstration's exhibition hall as its four cameras see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from analytics.domain.camera import Camera, PixelPolygon, PointPair
from analytics.domain.identifiers import CameraId
from tools.simulation.crowd.exhibition_hall import CAFE, SIZE_M, STAGE, ExhibitionLayout, Furniture
from tools.simulation.crowd.walk_hall import Rectangle
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.backdrop import Backdrop, Face, cast_backdrop
from tools.simulation.rendering.hall import (
    Block,
    Colour,
    build_block,
    build_floor,
    build_walls,
    lay_sign_on,
)
from tools.simulation.rendering.scene_renderer import Look, SceneRenderer
from tools.simulation.rendering.surfaces import make_cloudy, make_sign, write_name_on

FRAME_SIZE_WH = (640, 360)

_TEXELS_PER_M = 40
_WALL_HEIGHT_M = 7.5
_MOUNTED_AT_M = 6.5
_TILT_RAD = float(np.deg2rad(34.0))
_HORIZONTAL_FOV_RAD = float(np.deg2rad(86.0))
_CARPETS: dict[str, Colour] = {STAGE: (62.0, 58.0, 96.0), CAFE: (92.0, 124.0, 140.0)}
_COLOURS: tuple[Colour, ...] = (
    (150.0, 90.0, 40.0),
    (60.0, 110.0, 190.0),
    (90.0, 140.0, 70.0),
    (130.0, 70.0, 120.0),
    (50.0, 60.0, 170.0),
    (140.0, 130.0, 50.0),
)
_DARK: Colour = (52.0, 48.0, 46.0)
_WALL: Colour = (150.0, 168.0, 178.0)
_TALL_M = 2.0
"""Higher than this, what belongs to no stand is a wall."""


@dataclass(frozen=True, slots=True)
class HallCamera:
    """One of the hall's cameras.

    Attributes:
        own_area: the part of the floor in which it counts; the four parts do not overlap, although the
            cameras' views do, because a person seen by two cameras would be counted twice.
    """

    name: CameraId
    x_m: float
    faces_north: bool
    own_area: Rectangle

    def to_pinhole(self, size_wh: tuple[int, int] = FRAME_SIZE_WH) -> PinholeCamera:
        """Return the camera's position, high on the southern or northern wall."""
        y_m = 0.3 if self.faces_north else SIZE_M[1] - 0.3
        heading = np.pi / 2 if self.faces_north else -np.pi / 2
        return PinholeCamera(
            (self.x_m, y_m, _MOUNTED_AT_M), float(heading), _TILT_RAD, _HORIZONTAL_FOV_RAD, size_wh
        )


HALL_CAMERAS = (
    HallCamera(CameraId("Entrance"), 10.0, True, (0.0, 0.0, 20.0, 12.4)),
    HallCamera(CameraId("Café"), 30.0, True, (20.0, 0.0, 40.0, 12.4)),
    HallCamera(CameraId("Stage"), 13.5, False, (0.0, 12.4, 22.6, 25.0)),
    HallCamera(CameraId("Exit"), 31.0, False, (22.6, 12.4, 40.0, 25.0)),
)
"""The Stage and the Exit camera both see the floor between them, and each looks over the whole hall beyond
its own part; every camera is masked outside of its part."""


def calibrate_hall_camera(camera: HallCamera, *, analysed_fps: float) -> Camera:
    """Return a camera's point pairs and the mask of what lies outside its area."""
    view = camera.to_pinhole()
    floor = _find_own_floor(camera)
    left, low, right, high = floor.bounds
    grid = [
        (x, y)
        for y in np.linspace(low + 0.5, high - 0.5, 4).tolist()
        for x in np.linspace(left + 0.5, right - 0.5, 5).tolist()
        if shapely.contains_xy(floor, x, y)
    ]
    pixels = view.to_geometry().project_to_pixel(np.array(grid)).tolist()
    pairs = tuple(
        PointPair(round(u, 2), round(v, 2), round(x, 3), round(y, 3))
        for (x, y), (u, v) in zip(grid, pixels, strict=True)
    )
    return Camera(camera.name, FRAME_SIZE_WH, pairs, _make_mask(view, floor), analysed_fps)


def cast_exhibition(
    *, layout: ExhibitionLayout, view: PinholeCamera, oversampling: int = 2, seed: int = 5
) -> Backdrop:
    """Render the hall without people, as one camera sees it."""
    rng = np.random.default_rng([seed, 1])
    faces = _furnish(layout, rng, is_open_in_the_south=view.position_m[1] < 0.0)
    return cast_backdrop(faces=tuple(faces), camera=view, oversampling=oversampling)


def build_exhibition_renderer(*, layout: ExhibitionLayout, view: PinholeCamera, seed: int) -> SceneRenderer:
    """Return a renderer of one camera's field of view, without people."""
    look = Look(exposure=1.02, warmth=1.02, blur_px=0.5, noise=2.0, shadow=0.45, vignette=0.2)
    return SceneRenderer(
        camera=view, backdrop=cast_exhibition(layout=layout, view=view), look=look, seed=seed
    )


def _find_own_floor(camera: HallCamera) -> shapely.Polygon:
    """Return the part of a camera's own area that is in its picture."""
    view = camera.to_pinhole()
    width, height = view.size_wh
    corners = np.array([(0.0, height), (width, height), (width, 0.0), (0.0, 0.0)])
    seen = shapely.Polygon(view.to_geometry().project_to_floor(corners))
    floor = seen.intersection(shapely.box(*camera.own_area))
    assert isinstance(floor, shapely.Polygon)
    return floor


def _make_mask(view: PinholeCamera, floor: shapely.Polygon) -> tuple[PixelPolygon, ...]:
    width, height = view.size_wh
    own = shapely.Polygon(view.to_geometry().project_to_pixel(np.asarray(floor.exterior.coords)))
    # left and right of the middle apart, so that no part of the mask has a hole
    middle = own.centroid.x
    polygons = []
    for half in (shapely.box(0, 0, middle, height), shapely.box(middle, 0, width, height)):
        rest = half.difference(own.buffer(0.05))
        for part in shapely.get_parts(rest):
            if part.geom_type == "Polygon" and part.area > 4.0:
                outline = shapely.simplify(part, 0.2).exterior.coords[:-1]
                polygons.append(tuple((round(float(u), 1), round(float(v), 1)) for u, v in outline))
    return tuple(polygons)


def _furnish(layout: ExhibitionLayout, rng: np.random.Generator, *, is_open_in_the_south: bool) -> list[Face]:
    width, depth = layout.hall.size_m
    texels = _TEXELS_PER_M
    floor = make_cloudy(
        size_wh=(int(width * texels), int(depth * texels)),
        colour=(134.0, 130.0, 126.0),
        grain=5,
        clouds=4,
        rng=rng,
    )
    colour_of = {
        str(stand.zone.name): _COLOURS[number % len(_COLOURS)]
        for number, stand in enumerate(layout.hall.stands)
    }
    for stand in layout.hall.stands:
        xy = np.asarray(stand.zone.outline.points)
        (left, low), (right, high) = xy.min(axis=0), xy.max(axis=0)
        name = str(stand.zone.name)
        soft = tuple(0.35 * c + 0.65 * 120 for c in colour_of[name])
        carpet = make_cloudy(
            size_wh=(int((right - left) * texels), int((high - low) * texels)),
            colour=_CARPETS.get(name, (soft[0], soft[1], soft[2])),
            grain=6,
            clouds=3,
            rng=rng,
        )
        lay_sign_on(wall=floor, sign=carpet, left=int(left * texels), top=int((depth - high) * texels))
    faces = [build_floor(size_m=layout.hall.size_m, texture=floor)]
    walls = [_paint_wall(length, rng) for length in (width, depth, width, depth)]
    built = build_walls(
        size_m=layout.hall.size_m, height_m=_WALL_HEIGHT_M, textures=(walls[0], walls[1], walls[2], walls[3])
    )
    # a camera outside looks in through the open south
    faces += built[1:] if is_open_in_the_south else built
    for item in layout.furniture:
        colour = colour_of.get(item.stand, _DARK)
        faces += _build_item(item, colour, rng)
    for stand in layout.hall.stands:
        faces += _build_tower(str(stand.zone.name), stand.footprint, colour_of[str(stand.zone.name)], rng)
    return faces


def _paint_wall(length_m: float, rng: np.random.Generator) -> np.typing.NDArray[np.uint8]:
    texels = _TEXELS_PER_M // 2
    wall = make_cloudy(
        size_wh=(int(length_m * texels), int(_WALL_HEIGHT_M * texels)),
        colour=(186.0, 190.0, 194.0),
        grain=2,
        clouds=4,
        rng=rng,
    )
    for left_m in np.arange(3.0, length_m - 3.0, 6.5).tolist():
        sign = make_sign(size_wh=(int(2.2 * texels), int(1.6 * texels)), rng=rng)
        lay_sign_on(wall=wall, sign=sign, left=int(left_m * texels), top=int(2.4 * texels))
    wall[-int(0.25 * texels) :] = (96, 92, 90)
    return wall


def _build_item(item: Furniture, colour: Colour, rng: np.random.Generator) -> list[Face]:
    left, low, right, high = item.footprint
    size = (right - left, high - low, item.height_m)
    block = Block(((left + right) / 2, (low + high) / 2), size)
    if not item.stand or item.name == STAGE or min(size) < 0.3:
        return build_block(block=block, colour=_WALL if item.height_m > _TALL_M else _DARK, rng=rng)
    if size[0] < 1.0:
        return build_block(block=block, colour=_WALL, rng=rng)
    title = item.name.removesuffix(" counter").replace("é", "e").upper()
    board = write_name_on(size_wh=(int(size[0] * 90), int(item.height_m * 90)), colour=colour, name=title)
    return build_block(block=block, colour=colour, rng=rng, signs={0: board, 2: board})


def _build_tower(name: str, footprint: Rectangle, colour: Colour, rng: np.random.Generator) -> list[Face]:
    """Return a slim column in the stand's colours, which hides hardly anyone."""
    left, low, right, high = footprint
    if name == CAFE:
        return []
    if name == STAGE:
        posts = ((left + 0.15, high - 0.15), (right - 0.15, high - 0.15))
        blocks = [Block(post, (0.22, 0.22, 2.6)) for post in posts]
    else:
        blocks = [Block((right - 0.3, (low + high) / 2), (0.45, 0.45, 2.2))]
    faces = []
    for block in blocks:
        sign = write_name_on(size_wh=(60, 240), colour=colour, name=name[:2].upper())
        faces += build_block(block=block, colour=colour, rng=rng, signs=dict.fromkeys(range(4), sign))
    return faces
