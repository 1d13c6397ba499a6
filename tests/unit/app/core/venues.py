"""A small venue that has one of everything, for tests to change."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

from analytics.domain.camera import Camera, PointPair
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from app.core.document import Venue, VenueCamera, VenueSettings
from vision.sources.frame_source import Pacing, SourceAddress, SourceKind

HALL = Polygon(((0.0, 0.0), (30.0, 0.0), (30.0, 20.0), (0.0, 20.0)))
PAIRS = (
    PointPair(100.0, 900.0, 1.0, 1.0),
    PointPair(1800.0, 900.0, 9.0, 1.0),
    PointPair(1300.0, 300.0, 9.0, 9.0),
    PointPair(600.0, 300.0, 1.0, 9.0),
)
FIRST = FloorGeometry(
    zones=(
        Zone(ZoneId("A1 展台"), ZoneKind.BOOTH, Polygon(((1.0, 1.0), (4.0, 1.0), (4.0, 3.5))), 5.0),
        Zone(ZoneId("aisle"), ZoneKind.AISLE, Polygon(((5.0, 1.0), (6.0, 1.0), (6.0, 9.0), (5.0, 9.0)))),
    ),
    lines=(CountingLine(LineId("door"), ZoneKind.ENTRANCE, Polyline(((0.0, 0.5), (0.0, 2.5))), 0.4),),
    label="as built",
)
SECOND = FloorGeometry(zones=FIRST.zones[:1], valid_from_utc_s=1764061200.123, label="after the move")


def make_full_venue(folder: Path) -> Venue:
    return Venue(
        folder=folder,
        exhibition=Exhibition(
            'The "Autumn" fair {1} 秋季展',
            "Asia/Shanghai",
            (OpeningHours(date(2026, 11, 25), time(9), time(18, 30)),),
        ),
        plan=FloorPlan(
            HALL,
            PlanPicture("plan.png", 0.02),
            (Obstacle("pillar", Polygon(((7.0, 7.0), (8.0, 7.0), (8.0, 8.0)))),),
        ),
        cameras=(
            VenueCamera(
                Camera(
                    CameraId("north"),
                    (1920, 1080),
                    PAIRS,
                    (((0.0, 0.0), (50.5, 0.0), (0.0, 60.0)),),
                    7.5,
                    privacy_mask=(((1800.0, 0.0), (1920.0, 0.0), (1920.0, 200.5), (1800.0, 150.0)),),
                ),
                SourceAddress(SourceKind.RTSP, "rtsp://10.0.0.7:554/live", "guard", transport="udp"),
            ),
            VenueCamera(
                Camera(CameraId("clip")),
                SourceAddress(
                    SourceKind.IMAGES,
                    "clips/one",
                    pacing=Pacing.REAL_TIME,
                    images_fps=12.5,
                    start_utc_s=1764061200.5,
                ),
            ),
            VenueCamera(Camera(CameraId("not yet mounted"))),
        ),
        geometry_versions=(FIRST, SECOND),
        settings=VenueSettings("yolo11s", "GPU", 4.0),
    )
