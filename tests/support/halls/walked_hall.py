"""A venue in which people walked from stand to stand, seen by one camera that misses the hall's right end."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import CameraId
from app.core.document import Venue, VenueCamera
from tests.support.halls.builder import box, line, pair, write_history, zone

CAMERA = CameraId("north")
NOW_UTC_S = datetime(2026, 3, 14, 4, 0, tzinfo=UTC).timestamp()
"""Noon of an open day in Shanghai."""
STOPS = {"Robotics": (4.0, 3.5), "VR corner": (13.0, 3.0), "Café": (9.0, 9.5)}
SEEN_UNTIL_X_M = 15.0


@dataclass(slots=True)
class SetClock:
    """Stands still until it is set."""

    now_s: float = NOW_UTC_S

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


def make_hall(folder: Path, *, zone_names: tuple[str, ...] = tuple(STOPS)) -> Venue:
    """A hall of 20 m x 12 m, open from 9 to 17 on the day of ``NOW_UTC_S`` and the day before."""
    places = list(STOPS.values())
    zones = tuple(
        zone(name, box(x - 2.5, y - 2.0, x + 2.5, y + 2.0))
        for name, (x, y) in zip(zone_names, places, strict=True)
    )
    pairs = pair(
        [(0, 480), (640, 480), (520, 60), (120, 60)],
        [(1.0, 0.0), (SEEN_UNTIL_X_M, 0.0), (SEEN_UNTIL_X_M, 12.0), (1.0, 12.0)],
    )
    days = (date(2026, 3, 13), date(2026, 3, 14))
    return Venue(
        folder=folder / "hall.expoflow",
        exhibition=Exhibition(
            "Spring Tech Expo",
            "Asia/Shanghai",
            tuple(OpeningHours(day, time(9), time(17)) for day in days),
        ),
        plan=FloorPlan(
            box(0, 0, 20, 12),
            obstacles=(
                Obstacle("stand 1", box(3.2, 4.6, 4.8, 5.6)),
                Obstacle("stand 2", box(12, 0.4, 14, 1.4)),
                Obstacle("bar", box(8, 10.9, 10, 11.7)),
            ),
        ),
        cameras=(VenueCamera(Camera(CAMERA, frame_size_wh=(640, 480), pairs=pairs)),),
        geometry_versions=(FloorGeometry(zones, (line("door", (0.6, 5), (0.6, 7)),)),),
    )


def walk_through(
    venue: Venue,
    *,
    start_s: float,
    duration_s: float,
    people: int = 40,
    seed: int = 1,
    hz: float = 2.0,
    rounds: int = 1,
) -> None:
    """Write the paths of people who come in by the door, stop at two stands, as often as said, and leave."""
    random = np.random.default_rng(seed)
    rows: list[tuple[float, int, float, float]] = []
    for number in range(people):
        at_s = start_s + random.uniform(0, max(1.0, duration_s - 60))
        stops = [*random.permutation(list(STOPS.values()))[:2]] * rounds
        path = [(0.3, 6.0), *(tuple(stop + random.normal(0, 0.7, 2)) for stop in stops), (0.3, 6.0)]
        for index, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(path)):
            steps = max(2, int(math.hypot(x1 - x0, y1 - y0) / 1.2 * hz))
            stay = int(random.uniform(5, 40) * hz) if index < len(stops) else 0
            for share in [*np.linspace(0, 1, steps), *np.ones(stay)]:
                at_s += 1 / hz
                wobble = random.normal(0, 0.05, 2)
                x, y = x0 + (x1 - x0) * share + wobble[0], y0 + (y1 - y0) * share + wobble[1]
                if at_s < start_s + duration_s and x < SEEN_UNTIL_X_M:
                    rows.append((at_s, number, x, y))
    venue.folder.mkdir(parents=True, exist_ok=True)
    write_history(
        venue.folder,
        CAMERA,
        rows,
        tracklets=people,
        spans=[(start_s, start_s + duration_s, int(duration_s * hz))],
        sigma_m=0.1,
        clock=SetClock(start_s + duration_s),
    )


DOOR_M = (9.0, 6.5)
"""A place amid the view where ``use_door`` lets people come and go."""


def use_door(venue: Venue, *, start_s: float, duration_s: float = 300.0, hz: float = 5.0) -> None:
    """Write the paths of people who vanish at ``DOOR_M`` every 15 s, and of those who come out 2 s later."""
    rows: list[tuple[float, int, float, float]] = []
    for number, at_s in enumerate(np.arange(10.0, duration_s - 10, 15.0).tolist()):
        for step in range(round(6 * hz)):
            y_m = DOOR_M[1] - 1.1 * step / hz
            rows.append((start_s + at_s - step / hz, 2 * number, DOOR_M[0], y_m))
            rows.append((start_s + at_s + 2 + step / hz, 2 * number + 1, DOOR_M[0] + 0.1, y_m))
    venue.folder.mkdir(parents=True, exist_ok=True)
    spans = [(start_s, start_s + duration_s, int(duration_s * hz))]
    write_history(
        venue.folder, CAMERA, sorted(rows), tracklets=2 * len(rows), spans=spans, sigma_m=0.1,
        clock=SetClock(start_s + duration_s),
    )  # fmt: skip
