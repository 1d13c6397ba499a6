"""A venue whose visitors walk past one after the other; of every tenth the history knows nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.evaluation.clip_labels import (
    Clip,
    ClipLabels,
    CrossingLabel,
    HeadCountLabel,
    PlaceLabel,
    StayLabel,
)
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue
from app.validation.validation_labels import Consent, ValidationLabels
from tests.support.halls.builder import box, line, pair, write_history, zone

CAMERA = CameraId("north")
LINE, STAND = LineId("door"), ZoneId("stand")
FRAME_WH = (2000, 800)
START_S = datetime(2026, 3, 14, 1, 30, tzinfo=UTC).timestamp()
"""Half past nine in Shanghai."""
DURATION_S = 1500.0
EVERY_S = 5.0
WALK_M_S = 1.2
HALL_M = (20.0, 8.0)
LINE_X_M = 10.0
STAND_X_M = (11.0, 19.0)
UNSEEN_EVERY = 10
PIXELS_A_METRE = 100.0


def make_validated_venue(folder: Path) -> Venue:
    """The venue with its history; its camera looks straight down."""
    width, depth = HALL_M
    corners = [(1.0, 1.0), (width - 1, 1.0), (width - 1, depth - 1), (1.0, depth - 1), (10.0, 4.0)]
    pairs = pair([to_pixel(x, y) for x, y in corners], corners)
    venue = create_venue(
        folder / "hall3.expoflow",
        Exhibition("Spring fair", "Asia/Shanghai"),
        FloorPlan(box(0, 0, width, depth)),
        cameras=(VenueCamera(Camera(CAMERA, FRAME_WH, pairs)),),
        geometry=FloorGeometry(
            zones=(zone(STAND, box(STAND_X_M[0], 0, STAND_X_M[1], depth)),),
            lines=(line(LINE, (LINE_X_M, 0.1), (LINE_X_M, depth - 0.1)),),
        ),
    )
    write_history(
        venue.folder,
        CAMERA,
        [
            (moment, number, WALK_M_S * (moment - entered_s), find_lane(number))
            for number, entered_s in enumerate(list_entries())
            if number % UNSEEN_EVERY
            for moment in entered_s + np.arange(0.0, HALL_M[0] / WALK_M_S, 0.2)
        ],
        tracklets=len(list_entries()),
        spans=[(START_S, START_S + DURATION_S, round(5 * DURATION_S))],
    )
    return venue


def list_entries() -> list[float]:
    """When each visitor steps onto the floor, seconds since the epoch."""
    last_s = DURATION_S - HALL_M[0] / WALK_M_S
    return [START_S + at for at in np.arange(0.0, last_s, EVERY_S).tolist()]


def find_lane(number: int) -> float:
    """Where a visitor walks, so that no two are near each other."""
    return 1.5 + 1.25 * (number % 5)


def is_in_view(x_m: float) -> bool:
    """Whether a visitor who walked so far is on the floor; the last sample lies just before its edge."""
    return 0.0 <= x_m <= HALL_M[0] - 0.1


def to_pixel(x_m: float, y_m: float) -> tuple[float, float]:
    """Where a floor point is in the picture."""
    return PIXELS_A_METRE * x_m, FRAME_WH[1] - PIXELS_A_METRE * y_m


def label_clip(start_s: float, *, seconds: float = 60.0) -> ClipLabels:
    """What somebody sees who misses nothing."""
    clip = Clip(CAMERA, start_s, start_s + seconds)
    crossings, stays, clicks = [], [], []
    middle_s = start_s + seconds / 2
    for number, entered_s in enumerate(list_entries()):
        crossed_s = entered_s + LINE_X_M / WALK_M_S
        if clip.start_utc_s <= crossed_s < clip.end_utc_s:
            crossings.append(CrossingLabel(LINE, crossed_s, "in"))
        from_s, to_s = (entered_s + x / WALK_M_S for x in STAND_X_M)
        if clip.start_utc_s <= from_s and to_s <= clip.end_utc_s:
            stays.append(StayLabel(STAND, from_s, to_s))
        x_m = WALK_M_S * (middle_s - entered_s)
        if is_in_view(x_m):
            clicks.append(to_pixel(x_m, find_lane(number)))
    return ClipLabels(
        clip=clip,
        frame_size_wh=FRAME_WH,
        labelled_by="Li Wei",
        labelled_utc_s=START_S + 86400.0,
        lines=(LINE,),
        zones=(STAND,),
        crossings=tuple(crossings),
        heads=(HeadCountLabel(middle_s, tuple(clicks)),),
        stays=tuple(stays),
        places=(PlaceLabel(middle_s, to_pixel(5.0, 4.0), (5.0, 4.1)),),
    )


def label_venue(*, clips: int = 10) -> ValidationLabels:
    """Every second minute of the history, labelled."""
    return ValidationLabels(
        venue="hall3",
        begun_utc_s=START_S + 86400.0,
        clip_s=60.0,
        consent=Consent("Li Wei", START_S + 86400.0),
        clips=tuple(label_clip(START_S + 60.0 + 120.0 * number) for number in range(clips)),
    )
