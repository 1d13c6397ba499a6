"""Demo exhibition as a venue: a simulated hall whose four cameras are rendered live."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from app.core.document import FOLDER_SUFFIX, Venue, VenueCamera, VenueSettings
from app.core.file_format import create_venue, write_venue
from app.error_reporting import convert_error
from app.settings.paths import data_folder
from vision.sources.frame_source import SourceAddress, SourceKind

if TYPE_CHECKING:
    from vision.simulation.crowd.exhibition_hall import ExhibitionLayout

CROWD_FILE = "demo-crowd.npz"
PREPARED_LAYOUTS = ("A", "B")
"""Layouts of the days before the venue was created; the last is also that of the live view."""

LIVE_FPS = 5.0
PREPARED_FPS = 2.0
PICTURES_PER_S = 5.0
"""Frame rate of the live cameras, all analysed; low, so that rendering leaves time for the history."""

_MODEL = "expoflow-demo"
_SEED = 1
_OPENING_TIME = time(10)
_OPEN_DAYS_AHEAD = 7


@dataclass(frozen=True, slots=True)
class PreparedDay:
    """A day of prepared history.

    Attributes:
        number: 1 for the earliest.
        start_s, end_s: opening hours, seconds since the epoch.
    """

    number: int
    layout: str
    start_s: float
    end_s: float
    seed: int


def create_demo_venue(
    folder: Path,
    *,
    clock: Clock | None = None,
    time_zone: str = "UTC",
    crowd_period_s: float = 300.0,
    open_minutes: int = 180,
    on_progress: Callable[[float, float], None] = lambda _done, _total: None,
) -> Venue:
    """Create the venue of the demo exhibition and the crowd of its live cameras; takes seconds.

    `app.demo.prepared_days.generate_prepared_days` adds the history of the two days before.

    Args:
        folder: ``NAME.expoflow``, which must not exist.
        crowd_period_s: period after which the live visitors repeat.
        open_minutes: opening time of each of the two days.
        on_progress: called with (done, total).

    Raises:
        ExpoFlowError: JuPedSim is not installed, or the folder cannot be made.
    """
    from vision.simulation.rendering.exhibition_scene import HALL_CAMERAS, calibrate_hall_camera

    clock = clock or SystemClock()
    from app.access.audit_witness import forget_head
    from vision.simulation.crowd.crowd_file import Crowd, write_crowd
    from vision.simulation.crowd.crowd_simulation import simulate_endless_crowd
    from vision.simulation.crowd.exhibition_hall import make_exhibition

    live = make_exhibition(PREPARED_LAYOUTS[-1])
    exhibition = _make_exhibition(clock, time_zone, open_minutes)
    days = [hours.day for hours in exhibition.opening_hours]
    cameras = tuple(
        VenueCamera(
            calibrate_hall_camera(camera, analysed_fps=LIVE_FPS),
            SourceAddress(SourceKind.RENDERED, CROWD_FILE, images_fps=PICTURES_PER_S),
        )
        for camera in HALL_CAMERAS
    )
    venue = create_venue(
        folder,
        exhibition,
        _make_plan(live),
        cameras=cameras,
        geometry=_make_geometry(PREPARED_LAYOUTS[0], valid_from_utc_s=None),
        settings=VenueSettings(model_name=_MODEL, analysed_fps=LIVE_FPS),
    )
    forget_head(venue.folder)
    try:
        paths = simulate_endless_crowd(
            layout=live,
            period_s=crowd_period_s,
            seed=_SEED,
            on_progress=lambda share: on_progress(share, 1.0),
        )
        second_s = exhibition.day_interval_utc(days[1])[0]
        venue = venue.with_geometry(_make_geometry(PREPARED_LAYOUTS[1], valid_from_utc_s=second_s))
        write_venue(venue)
        write_crowd(venue.folder / CROWD_FILE, Crowd(live.name, _SEED, paths))
    except BaseException as error:
        with contextlib.suppress(OSError):
            shutil.rmtree(venue.folder)
        if isinstance(error, OSError):
            raise convert_error(VenueError, error, file=venue.folder) from error
        raise
    return venue


def find_demo_folder() -> Path:
    """Return this machine's folder of the demo exhibition, which may not exist yet."""
    return data_folder() / f"Demo exhibition{FOLDER_SUFFIX}"


def is_demo_venue(venue: Venue) -> bool:
    """Return whether a venue is a demo exhibition, whose history can be prepared."""
    kinds = {camera.address.kind for camera in venue.cameras if camera.address is not None}
    return SourceKind.RENDERED in kinds and (venue.folder / CROWD_FILE).exists()


def list_prepared_days(venue: Venue) -> tuple[PreparedDay, ...]:
    """Return the days before the venue was created, in order of time."""
    hours = sorted(venue.exhibition.opening_hours, key=lambda entry: entry.day)[: len(PREPARED_LAYOUTS)]
    days = []
    for number, (layout, entry) in enumerate(zip(PREPARED_LAYOUTS, hours, strict=False), start=1):
        (start_s, end_s), *_ = venue.exhibition.opening_intervals_utc(entry.day)
        days.append(PreparedDay(number, layout, start_s, end_s, seed=100 + number))
    return tuple(days)


def _make_exhibition(clock: Clock, time_zone: str, open_minutes: int) -> Exhibition:
    without_hours = Exhibition("Demo exhibition", time_zone)
    today = without_hours.local_day(clock.now_utc_s())
    closing_time = _add_minutes(_OPENING_TIME, open_minutes)
    past_days = [today - timedelta(days=days_ago) for days_ago in range(len(PREPARED_LAYOUTS), 0, -1)]
    hours = [OpeningHours(day, _OPENING_TIME, closing_time) for day in past_days]
    coming_days: list[date] = [today + timedelta(days=number) for number in range(_OPEN_DAYS_AHEAD)]
    # the live cameras run at any time of day
    hours += [OpeningHours(day, time(0), time(0)) for day in coming_days]
    return replace(without_hours, opening_hours=tuple(hours))


def _add_minutes(start: time, minutes: int) -> time:
    hours, rest = divmod(start.hour * 60 + start.minute + minutes, 60)
    return time(hours, rest)


def _make_plan(layout: ExhibitionLayout) -> FloorPlan:
    """Return the plan of the hall in its current layout."""
    from vision.simulation.crowd.exhibition_hall import SIZE_M

    width, depth = SIZE_M
    outline = Polygon.from_points([(0, 0), (width, 0), (width, depth), (0, depth)], what="the plan")
    obstacles = []
    for item in layout.furniture:
        left, low, right, high = item.footprint
        corners = [(left, low), (right, low), (right, high), (left, high)]
        polygon = Polygon.from_points(corners, what=f"obstacle '{item.name}'")
        obstacles.append(Obstacle(item.name, polygon, item.height_m))
    return FloorPlan(outline, None, tuple(obstacles))


def _make_geometry(layout: str, *, valid_from_utc_s: float | None) -> FloorGeometry:
    from vision.simulation.crowd.exhibition_hall import make_exhibition

    made = make_exhibition(layout)
    return FloorGeometry(made.zones, made.hall.lines, valid_from_utc_s, f"Layout {layout}")
