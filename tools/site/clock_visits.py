"""Count the visits of people who walk from one machine's camera to another's while a clock is wrong.

Three aisles, 20 m long, have the same visitors, and a camera at either end whose views overlap by 2 m. In the
first, the second camera's machine has a clock that is ahead, in the second one that is behind; both cameras
of the third are read by one machine whose clock is right. Visitors and visits are counted by the product from
the hub's history.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Engine, update

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.coverage import CameraView
from analytics.results.summary import compute_results
from app.facts.identified_period import identify_period
from app.site.schema import camera

LENGTH_M, WIDTH_M, OVERLAP_M = 20.0, 10.0, 2.0
SPEED_M_S = 0.8
VISITOR_EVERY_S = 1.5
LANES = 5
STANDS_M = (4.0, 10.0, 16.0)
"""Middles of the stands' zones; at one of them a visitor stops."""
STAND_LENGTH_M = 4.0
NOISE_M = 0.1
AHEAD, BEHIND, ALONE = "aisle 1", "aisle 2", "aisle 3"
WEST, EAST = "west", "east"
_VIEWS_M = {WEST: (0.0, (LENGTH_M + OVERLAP_M) / 2), EAST: ((LENGTH_M - OVERLAP_M) / 2, LENGTH_M)}


def name_camera(aisle: str, end: str) -> str:
    """Return the name of an aisle's camera."""
    return f"{aisle} {end}"


def find_visitors(name: str, time_s: float) -> list[tuple[int, float, float]]:
    """Return number and place of the people whom a camera sees at a time, seconds since the epoch."""
    start_m, end_m = _VIEWS_M[name.rsplit(" ", 1)[1]]
    noise = random.Random(zlib.crc32(f"{name} {time_s:.3f}".encode()))
    seen = []
    longest_s = LENGTH_M / SPEED_M_S + 5.0
    for number in range(int((time_s - longest_s) / VISITOR_EVERY_S), int(time_s / VISITOR_EVERY_S) + 1):
        own = random.Random(number)
        stop_m, stop_s = own.choice(STANDS_M), own.uniform(1.0, 4.0)
        walked_s = time_s - number * VISITOR_EVERY_S
        reached_s = stop_m / SPEED_M_S
        x_m = SPEED_M_S * (min(walked_s, reached_s) + max(0.0, walked_s - reached_s - stop_s))
        if walked_s >= 0 and start_m <= x_m <= end_m:
            y_m = (number % LANES + 0.5) * WIDTH_M / LANES
            seen.append((number, x_m + noise.gauss(0, NOISE_M), y_m + noise.gauss(0, NOISE_M)))
    return seen


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted in an aisle.

    Attributes:
        visits: visits of the stands.
    """

    visitors: int
    visits: float


def count_aisle(
    aisle: str, tracks: pd.DataFrame, spans: pd.DataFrame, period_s: tuple[float, float]
) -> Counts:
    """Identify the visitors of an aisle's cameras, and count them and their visits."""
    names = [name_camera(aisle, end) for end in (WEST, EAST)]
    views = [_make_view(name) for name in names]
    zones = [_make_stand(number, middle_m) for number, middle_m in enumerate(STANDS_M, start=1)]
    period = identify_period(
        tracks=tracks[tracks["camera"].isin(names)],
        spans=spans[spans["camera"].isin(names)],
        period_s=period_s,
        views=views,
        zones=zones,
    )
    results = compute_results(
        tracks=period.tracks,
        spans=period.spans,
        zones=zones,
        lines=(),
        duration_s=period_s[1] - period_s[0],
        views=views,
        doors=period.doors,
    )
    return Counts(period.tracks["visitor"].nunique(), float(len(results.visits)))


def shift(
    tables: tuple[pd.DataFrame, pd.DataFrame], name: str, seconds: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return tracks and spans with the times of one camera as they would be without a correction."""
    tracks, spans = tables
    late_s = [np.where(table["camera"] == name, seconds, 0.0) for table in tables]
    return (
        tracks.assign(time_s=tracks["time_s"] + late_s[0]),
        spans.assign(start_s=spans["start_s"] + late_s[1], end_s=spans["end_s"] + late_s[1]),
    )


def place_cameras(engine: Engine, readers: Sequence[tuple[str, str]]) -> None:
    """Choose the machine of each camera, as a person does."""
    with engine.begin() as connection:
        for name, machine in readers:
            connection.execute(update(camera).where(camera.c.name == name).values(wanted_machine=machine))


def _make_view(name: str) -> CameraView:
    start_m, end_m = _VIEWS_M[name.rsplit(" ", 1)[1]]
    geometry = CameraGeometry(np.array([[0.01, 0.0, start_m], [0.0, 0.01, 0.0], [0.0, 0.0, 1.0]]))
    return CameraView(CameraId(name), geometry, (round((end_m - start_m) * 100), round(WIDTH_M * 100)))


def _make_stand(number: int, middle_m: float) -> Zone:
    left_m, right_m = middle_m - STAND_LENGTH_M / 2, middle_m + STAND_LENGTH_M / 2
    outline = Polygon(((left_m, 0.0), (right_m, 0.0), (right_m, WIDTH_M), (left_m, WIDTH_M)))
    return Zone(ZoneId(f"stand {number}"), ZoneKind.BOOTH, outline)
