"""What each of the test scenes is made of: a hall, a crowd, cameras, and what their detectors get wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from analytics.domain.floor_geometry import Point
from tools.scenes.scene_cameras import FrameTiming
from tools.scenes.scene_halls import (
    make_crowded_hall,
    make_meeting_hall,
    make_queue_hall,
    make_stand_hall,
    make_wide_hall,
)
from tools.simulation.crowd.crowd_settings import CrowdSettings
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout
from tools.simulation.detector_simulation import DetectorErrors

_TYPICAL_ERRORS = DetectorErrors()
_TYPICAL_TIMING = FrameTiming()


@dataclass(frozen=True, slots=True)
class CameraMount:
    """How a camera hangs: place and height in metres, angles in degrees; and where its pairs are."""

    name: str
    position_m: tuple[float, float, float]
    heading_deg: float
    tilt_deg: float
    fov_deg: float
    pair_points_m: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """What a scene is made of.

    Attributes:
        banners_m: places (x, y) and heights of things that can be taken for people.
    """

    make_layout: Callable[[str], ExhibitionLayout]
    crowd: CrowdSettings
    mounts: tuple[CameraMount, ...]
    banners_m: tuple[tuple[float, float, float], ...] = ()
    errors: DetectorErrors = _TYPICAL_ERRORS
    timing: FrameTiming = _TYPICAL_TIMING


_PAIR_POINTS_M: tuple[Point, ...] = (
    (6.2, 4.2), (13.8, 4.2), (10.0, 4.5), (4.2, 8.0), (15.8, 8.0), (10.0, 8.5), (4.2, 10.8), (15.8, 10.8),
)  # fmt: skip
_WEST_PAIR_POINTS_M: tuple[Point, ...] = (
    (6.6, 4.2), (11.4, 4.2), (9.0, 5.6), (4.0, 8.0), (14.0, 8.0), (9.5, 9.0), (5.0, 10.8), (16.0, 10.8),
)  # fmt: skip
_EAST_PAIR_POINTS_M = tuple((26.0 - x, y) for x, y in _WEST_PAIR_POINTS_M)

_WALL_MOUNT = CameraMount("cam", (10.0, 0.0, 4.5), 90.0, 31.0, 82.0, _PAIR_POINTS_M)
_CORNER_MOUNTS = (
    CameraMount("northwest", (0.5, 12.0, 4.4), -38.0, 27.0, 80.0, _PAIR_POINTS_M),
    CameraMount("northeast", (19.5, 12.0, 5.0), -142.0, 29.0, 80.0, _PAIR_POINTS_M),
    CameraMount("southwest", (0.5, 0.3, 4.6), 38.0, 27.0, 80.0, _PAIR_POINTS_M),
    CameraMount("southeast", (19.5, 0.3, 4.2), 142.0, 26.0, 80.0, _PAIR_POINTS_M),
)
_BANNERS_M = ((7.8, 11.9, 2.0), (17.4, 11.0, 2.1))
"""Between the stands, outside every zone."""

_VISITORS = CrowdSettings(
    mean_stops=2.5,
    dwell_spread=0.8,
    passing_share=0.25,
    companion_shares=(0.8, 0.16, 0.04),
    shifts_per_s=0.03,
)
_GROUPS = replace(_VISITORS, arrivals_per_s=0.05, wanted_crowd=18, companion_shares=(0.15, 0.5, 0.25, 0.1))

SCENE_PLANS = {
    "sparse": ScenePlan(
        make_stand_hall, replace(_VISITORS, arrivals_per_s=0.04, wanted_crowd=5), (_WALL_MOUNT,), _BANNERS_M
    ),
    "busy": ScenePlan(
        make_stand_hall, replace(_VISITORS, arrivals_per_s=0.11, wanted_crowd=17), (_WALL_MOUNT,), _BANNERS_M
    ),
    "dense": ScenePlan(
        make_crowded_hall,
        replace(_VISITORS, arrivals_per_s=0.19, wanted_crowd=36),
        (_WALL_MOUNT,),
        # one beside a counter and thus within its zone
        (*_BANNERS_M, (12.8, 11.4, 2.0)),
    ),
    "low_mount": ScenePlan(
        make_stand_hall,
        replace(_VISITORS, arrivals_per_s=0.11, wanted_crowd=17),
        (CameraMount("cam", (10.0, -2.0, 3.0), 90.0, 15.0, 76.0, _PAIR_POINTS_M),),
        _BANNERS_M,
    ),
    "high_mount": ScenePlan(
        make_stand_hall,
        replace(_VISITORS, arrivals_per_s=0.11, wanted_crowd=17),
        (CameraMount("cam", (10.0, -0.5, 7.5), 90.0, 42.0, 84.0, _PAIR_POINTS_M),),
        _BANNERS_M,
    ),
    "two_cameras": ScenePlan(
        make_wide_hall,
        replace(_VISITORS, arrivals_per_s=0.16, wanted_crowd=26),
        (
            CameraMount("west", (7.5, 0.0, 4.5), 86.0, 31.0, 84.0, _WEST_PAIR_POINTS_M),
            CameraMount("east", (18.5, 0.0, 4.8), 94.0, 32.0, 84.0, _EAST_PAIR_POINTS_M),
        ),
    ),
    "queue": ScenePlan(
        make_queue_hall,
        replace(_VISITORS, arrivals_per_s=0.11, wanted_crowd=16, companion_shares=(), dwell_spread=0.6),
        (_WALL_MOUNT,),
        _BANNERS_M,
    ),
    "groups": ScenePlan(make_stand_hall, _GROUPS, (_WALL_MOUNT,), _BANNERS_M),
    "four_cameras": ScenePlan(make_stand_hall, _GROUPS, _CORNER_MOUNTS, _BANNERS_M),
    "meeting_point": ScenePlan(
        make_meeting_hall,
        replace(_VISITORS, arrivals_per_s=0.11, wanted_crowd=17),
        (_WALL_MOUNT,),
        _BANNERS_M,
    ),
}
