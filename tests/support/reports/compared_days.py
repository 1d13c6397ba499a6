"""A venue with a history of days on which everybody's stays are known: they walk in, stand, walk out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.domain.zone import Zone
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue
from tests.support.halls.builder import box, line, write_history, zone

CAMERA = CameraId("cam")
FIRST_DAY = date(2026, 3, 2)
STANDS = ("A", "B", "C")
OPENS = time(10, 0)
OPEN_S = 3600.0
STEP_S = 0.5
WALK_M_S = 1.0
DAY_FACTORS = (0.98, 1.03, 1.0, 0.97)
"""What a day does to the stays at every stand."""


def make_stand(name: str, *, width_m: float = 3.0) -> Zone:
    """A square, three metres from the stands beside it."""
    bottom_m = 6.0 * STANDS.index(name)
    return zone(name, box(4.0, bottom_m, 4.0 + width_m, bottom_m + 3))


def make_compared_venue(folder: Path, *, days: int, geometry: FloorGeometry | None = None) -> Venue:
    """A venue that is open for an hour on each of some days, its only camera without a calibration."""
    entrance = line("entrance", (0.0, -3.0), (0.0, 18.0))
    closes = (datetime.combine(FIRST_DAY, OPENS) + timedelta(seconds=OPEN_S)).time()
    return create_venue(
        folder / "fair.expoflow",
        Exhibition(
            "Fair",
            "UTC",
            tuple(OpeningHours(FIRST_DAY + timedelta(days=n), OPENS, closes) for n in range(days)),
        ),
        FloorPlan(box(-4.0, -3.0, 12.0, 18.0)),
        cameras=(VenueCamera(Camera(CAMERA, (640, 360))),),
        geometry=geometry
        or FloorGeometry(zones=tuple(make_stand(name) for name in STANDS), lines=(entrance,)),
    )


def find_opening_s(day: int) -> float:
    """When a day opens, seconds since the epoch."""
    return datetime.combine(FIRST_DAY + timedelta(days=day), OPENS, tzinfo=UTC).timestamp()


def record_day(venue: Venue, day: int, *, stays_s: Mapping[str, float], visits: int = 8) -> None:
    """Write a day on which so many people come to each stand, one after the other, and stay for so long."""
    start_s, first_s = find_opening_s(day), 10.0
    rows: list[tuple[float, int, float, float]] = []
    for number, stand in enumerate(list(stays_s) * visits):
        # within the day they differ by a tenth, and by the day's own factor
        seconds = stays_s[stand] * DAY_FACTORS[day % len(DAY_FACTORS)] * (0.9 + 0.2 * (number % 3) / 2)
        way_s = np.arange(-7.0, seconds + 8.0, STEP_S)
        x_m = 5.5 + np.minimum(0.0, way_s) * WALK_M_S - np.maximum(0.0, way_s - seconds) * WALK_M_S
        y_m = 6.0 * STANDS.index(stand) + 1.5
        rows += [(start_s + first_s + at_s, number, x, y_m) for at_s, x in zip(way_s, x_m, strict=True)]
        first_s += seconds + 40.0
    assert first_s < OPEN_S
    write_history(
        venue.folder,
        CAMERA,
        rows,
        tracklets=visits * len(stays_s),
        spans=[(start_s, start_s + OPEN_S, round(OPEN_S / STEP_S))],
    )
