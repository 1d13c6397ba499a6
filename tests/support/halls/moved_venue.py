"""A venue with one camera that was calibrated exactly, and the report of its having been turned."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera, PointPair
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import Lens
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue
from tests.support.halls.watched_hall import CAMERA, HALL, nudge_camera
from vision.alignment.view_report import ViewReport, ViewVerdict

FULL_WH = (1920, 1080)
SMALL_WH = (480, 270)
REFERENCE, NOW = CAMERA.scaled(4), nudge_camera(0.05).scaled(4)
FLOOR = [(x, y) for x in (2.0, 6.0, 10.0) for y in (2.5, 5.0, 7.5)]


def make_moved_venue(folder: Path, *, lens: Lens | None = None) -> Venue:
    pixels = REFERENCE.to_geometry().project_to_pixel(np.array(FLOOR)).tolist()
    pairs = tuple(PointPair(u, v, x, y) for (x, y), (u, v) in zip(FLOOR, pixels, strict=True))
    corner = ((0.0, 0.0), (300.0, 0.0), (300.0, 200.0), (0.0, 200.0))
    camera = Camera(CameraId("door"), FULL_WH, pairs, (corner,), lens=lens, privacy_mask=(corner,))
    return create_venue(
        folder / "Fair.expoflow",
        Exhibition("Fair", "UTC"),
        FloorPlan(Polygon.from_points([(0, 0), (12, 0), (12, 8), (0, 8)], what="the floor")),
        cameras=(VenueCamera(camera),),
        geometry=FloorGeometry(zones=tuple(stand.zone for stand in HALL.stands)),
    )


def make_moved_view() -> ViewReport:
    """Of a camera that was turned so that its picture moved by 5 % of its width: the exact homography."""
    small = 1 / 4 * np.eye(3) * np.array([1, 1, 4])
    turn = small @ REFERENCE.intrinsics @ REFERENCE.rotation @ NOW.rotation.T
    motion = turn @ np.linalg.inv(NOW.intrinsics) @ np.linalg.inv(small)
    motion /= motion[2, 2]
    return ViewReport(
        ViewVerdict.MOVED,
        steady_until_s=100.0,
        noticed_s=130.0,
        reference_from_now=tuple((float(a), float(b), float(c)) for a, b, c in motion),
        shift_part=0.05,
        rms_px=0.9,
        points=100,
        size_wh=SMALL_WH,
    )
