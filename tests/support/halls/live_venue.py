"""A venue with as many network cameras as asked for, and a clock that stands."""

from __future__ import annotations

from pathlib import Path

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from app.core.document import Venue, VenueCamera
from vision.sources.frame_source import SourceAddress, SourceKind

_CORNERS = ((0.0, 0.0), (40.0, 0.0), (40.0, 25.0), (0.0, 25.0))


class FrozenClock:
    """Shows what it is set to."""

    def __init__(self, now_s: float = 1_700_000_000.0) -> None:
        self.now_s = now_s

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


def make_live_venue(folder: Path, cameras: int, *, analysed_fps: float = 5.0) -> Venue:
    """Cameras are named ``camera 1`` and so on; nothing is written."""
    address = SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/stream")
    return Venue(
        folder / "Fair.expoflow",
        Exhibition("Fair", "UTC"),
        FloorPlan(Polygon.from_points(_CORNERS, what="the floor")),
        tuple(
            VenueCamera(Camera(CameraId(f"camera {n + 1}"), analysed_fps=analysed_fps), address)
            for n in range(cameras)
        ),
    )
