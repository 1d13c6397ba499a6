"""The demonstration's hall for the renderer: walls, signs, visitors and a camera."""

from __future__ import annotations

import numpy as np

from tools.simulation.crowd.visitor_paths import VisitorState
from tools.simulation.crowd.walk_hall import WalkHall
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.backdrop import Face, cast_backdrop
from tools.simulation.rendering.figure import Appearance, Pose, draw_appearance
from tools.simulation.rendering.hall import Block, build_block, build_floor, build_walls, lay_sign_on
from tools.simulation.rendering.scene_renderer import Look, SceneRenderer
from tools.simulation.rendering.surfaces import make_cloudy, make_sign, write_name_on

_TEXELS_PER_M = 60
_WALL_HEIGHT_M = 3.6
_COUNTER_HEIGHT_M = 1.0
_COLOURS = ((150.0, 90.0, 40.0), (60.0, 110.0, 190.0), (90.0, 140.0, 70.0))
_STANDING_M_S = 0.15


def hang_demo_camera(*, hall: WalkHall, size_wh: tuple[int, int]) -> PinholeCamera:
    """Return a camera above the open front of the hall, with the middle of the floor in view."""
    width, depth = hall.size_m
    away, height = 2.6, 4.4
    tilt = float(np.arctan2(height - 0.6, depth * 0.55 + away))
    return PinholeCamera((width / 2, -away, height), np.pi / 2, tilt, float(np.deg2rad(78)), size_wh)


def build_demo_renderer(
    *, hall: WalkHall, camera: PinholeCamera, seed: int, oversampling: int = 2
) -> SceneRenderer:
    """Return a renderer of the hall with walls, counters and signs, without people."""
    rng = np.random.default_rng([seed, 1])
    faces = tuple(_furnish(hall, rng))
    backdrop = cast_backdrop(faces=faces, camera=camera, oversampling=oversampling)
    look = Look(exposure=1.0, warmth=1.03, blur_px=0.6, noise=2.5, shadow=0.45, vignette=0.25)
    return SceneRenderer(camera=camera, backdrop=backdrop, look=look, seed=seed)


def dress_visitor(*, visitor: int, seed: int) -> Appearance:
    """Return a visitor's appearance; equal numbers and seeds give the same person."""
    return draw_appearance(np.random.default_rng([seed, 2, visitor]))


def pose_visitor(moment: VisitorState) -> Pose:
    """Return the body's pose: legs swing with the speed; some who stand hold something."""
    stands = moment.speed_m_s < _STANDING_M_S
    swing = 0.04 if stands else float(np.clip(0.42 * moment.speed_m_s / 1.1, 0.12, 0.5))
    raised = (0, 0, 1, 0, 2, 0, 3, 0)[moment.visitor % 8] if stands else 0
    return Pose(moment.xy_m, moment.heading_rad, moment.step_rad, swing, raised)


def _furnish(hall: WalkHall, rng: np.random.Generator) -> list[Face]:
    width, depth = hall.size_m
    carpet = make_cloudy(
        size_wh=(int(width * _TEXELS_PER_M), int((depth + 3) * _TEXELS_PER_M)),
        colour=(128.0, 122.0, 116.0),
        grain=6,
        clouds=4,
        rng=rng,
    )
    floor = build_floor(size_m=(width, depth + 3), texture=carpet)
    faces = [Face((0.0, depth, 0.0), floor.along_m, floor.down_m, carpet)]
    walls = []
    for length in (width, depth, width, depth):
        wall = make_cloudy(
            size_wh=(int(length * _TEXELS_PER_M), int(_WALL_HEIGHT_M * _TEXELS_PER_M)),
            colour=(196.0, 200.0, 204.0),
            grain=2,
            clouds=4,
            rng=rng,
        )
        walls.append(wall)
    for left_m in (0.6, 6.1, 10.6):
        sign = make_sign(size_wh=(int(1.0 * _TEXELS_PER_M), int(1.4 * _TEXELS_PER_M)), rng=rng)
        lay_sign_on(wall=walls[2], sign=sign, left=int(left_m * _TEXELS_PER_M), top=int(0.9 * _TEXELS_PER_M))
    built = build_walls(
        size_m=hall.size_m, height_m=_WALL_HEIGHT_M, textures=(walls[0], walls[1], walls[2], walls[3])
    )
    faces += built[1:]  # the camera looks in through the front
    for number, stand in enumerate(hall.stands):
        left, low, right, high = stand.footprint
        colour = _COLOURS[number % len(_COLOURS)]
        name = write_name_on(
            size_wh=(int((right - left) * 90), int(_COUNTER_HEIGHT_M * 90)),
            colour=colour,
            name=str(stand.zone.name),
        )
        middle = ((left + right) / 2, (low + high) / 2)
        counter = Block(middle, (right - left, high - low, _COUNTER_HEIGHT_M))
        faces += build_block(block=counter, colour=colour, rng=rng, signs={0: name})
        if depth - high < 1.0:
            banner = Block((middle[0], high + 0.12), (right - left, 0.08, 2.5))
            board = write_name_on(
                size_wh=(int((right - left) * 90), 225), colour=colour, name=str(stand.zone.name)
            )
            faces += build_block(block=banner, colour=colour, rng=rng, signs={0: board})
    return faces
