"""A small fair with all that reports tell of: eight stands, a stage, eight days, an event and a gap."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from analytics.domain.arrays import Interval
from analytics.domain.camera import Camera
from analytics.domain.event_sink import Gap
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.identifiers import CameraId
from analytics.domain.timed_event import TimedEvent, TimedNote
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue
from app.timeline.timeline_file import Timeline, write_timeline
from tests.support.halls.builder import pair, write_history
from tools.fairs.fair_hall import FairDesign, build_hall
from tools.fairs.fair_programme import FairProgramme
from tools.fairs.itinerary_tracks import simulate_tracked_day

CAMERA = CameraId("overview")
FIRST_DAY = date(2026, 3, 2)
DAYS, OPEN_S, VISITORS = 8, 900.0, 20.0
LAST_VISITORS = 60.0
DAY_S = 86_400.0
OPENS_S = datetime(2026, 3, 2, 1, 0, tzinfo=UTC).timestamp()
"""Nine o'clock in Shanghai on the first day."""
MIDNIGHT_S = OPENS_S - 9 * 3600.0
LAST_DAY_S: Interval = (MIDNIGHT_S + (DAYS - 1) * DAY_S, MIDNIGHT_S + DAYS * DAY_S)
WEEK_S: Interval = (MIDNIGHT_S + DAY_S, MIDNIGHT_S + DAYS * DAY_S)
BEFORE_S: Interval = (MIDNIGHT_S, MIDNIGHT_S + 4 * DAY_S)
AFTER_S: Interval = (MIDNIGHT_S + 4 * DAY_S, MIDNIGHT_S + DAYS * DAY_S)
STAND = "B1"
FAIR_FOLDER = "fair.expoflow"
FRAME_WH = (1280, 720)


def make_reported_hall(folder: Path) -> Venue:
    """The venue with its history; on its last four days the stand ``A1`` draws far more visitors."""
    hall = build_hall(FairDesign(2, 2, (3.5, 2.5, 4.5, 3.0) * 2, 4.0, entrance_at=0, exit_at=1))
    width_m, depth_m = hall.size_m
    corners = [(0.0, 0.0), (width_m - 5.0, 0.0), (width_m - 5.0, depth_m), (0.0, depth_m)]
    pixels = [(0.0, 720.0), (1280.0, 720.0), (1000.0, 60.0), (280.0, 60.0)]
    pairs = pair(pixels, corners)
    hours = tuple(OpeningHours(FIRST_DAY + timedelta(days=day), time(9), time(10)) for day in range(DAYS))
    venue = create_venue(
        folder / FAIR_FOLDER,
        Exhibition("Spring Tech Fair", "Asia/Shanghai", hours),
        hall.make_plan(),
        cameras=(VenueCamera(Camera(CAMERA, FRAME_WH, pairs)),),
        geometry=hall.make_geometry(),
    )
    for day in range(DAYS):
        visitors = LAST_VISITORS if day == DAYS - 1 else VISITORS
        programme = FairProgramme(
            open_s=OPEN_S, visitors=visitors, pulls={"A1": 6.0} if day >= DAYS // 2 else {}
        )
        tracked = simulate_tracked_day(hall=hall, seed=day, programme=programme)
        seen = tracked.tracks[tracked.tracks["x_m"] < width_m - 5.0]
        opens_s = OPENS_S + day * DAY_S
        ends_s = opens_s + 3600.0
        write_history(
            venue.folder,
            CAMERA,
            zip(opens_s + seen["time_s"], seen["tracklet"], seen["x_m"], seen["y_m"], strict=True),
            tracklets=int(3 * visitors),
            spans=[(opens_s, ends_s, 5 * 3600)],
            gaps=[Gap(CAMERA, ends_s, ends_s + 180.0, "camera lost")],
        )
    talk_s = OPENS_S + (DAYS - 1) * DAY_S + 300.0
    write_timeline(
        venue.folder,
        Timeline(
            (TimedEvent("Opening talk", talk_s, talk_s + 600.0, "Stage"),),
            (TimedNote(talk_s + 900.0, "The lights went out for a minute."),),
        ),
    )
    return venue
