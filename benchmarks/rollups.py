"""A month of a hall with 16 cameras and 6,000 visitors a day: how long its pages take to read and compute it.

The month is made of rollups alone, for the tracks of 180,000 visitors would take a day to simulate: two days
of a fair with 48 stands and 1,000 visitors each are walked and counted by the code that fills the tables,
their tables of visitors are put beside each other six times over, with other numbers, moments and
stands, and the two days take turns for thirty days. Sums are left as they are: they have rows of zones,
minutes and cells; those of visits, moves and crossings are made again of all the visitors.
What the pages read has so the columns, the rows and the sizes of a real month; its figures are nobody's.

``python -m benchmarks.rollups [FOLDER]`` keeps the venue in FOLDER and takes it from there the next time.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.domain.camera import Camera, PointPair
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.exhibition import Exhibition
from analytics.domain.identifiers import CameraId
from analytics.domain.zone import ZoneKind
from analytics.rollups.period_facts import StretchFacts, compute_stretch_facts
from analytics.rollups.rollup_folder import RollupFolder
from analytics.rollups.stretch import RollupSettings, Stretch
from analytics.rollups.tables import (
    TABLES,
    list_way_steps,
    list_ways,
    sum_crossings,
    sum_moves_by_clock,
    sum_turns,
    sum_zone_uses,
)
from analytics.rollups.visit_lengths import count_visit_lengths
from analytics.rollups.zone_passages import count_passages
from analytics.store.sql_event_store import open_reader, open_store
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue, read_venue
from app.facts.camera_views import find_camera_views
from app.facts.period_facts import read_period_facts
from app.facts.period_stretches import find_key, plan_stretches
from app.facts.prepared_facts import find_unprepared
from tools.fairs.fair_hall import FairDesign, FairHall, build_hall
from tools.fairs.fair_programme import FairProgramme
from tools.fairs.itinerary_tracks import simulate_tracked_day

DAYS, FOLD, BASE_DAYS, BASE_VISITORS = 30, 6, 2, 1000.0
START_S = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
DAY_S, OPENS_S = 86_400.0, 9 * 3600.0
MONTH_S = (START_S, START_S + DAYS * DAY_S)
_WEEKS_S = ((START_S, START_S + 14 * DAY_S), (START_S + 14 * DAY_S, START_S + 28 * DAY_S))
_DAYS_S = ((START_S + 28 * DAY_S, START_S + 29 * DAY_S), (START_S + 29 * DAY_S, START_S + 30 * DAY_S))
_UNCHANGED = 12
"""Of the stands so many are said not to have changed, which a single day needs."""
_CAMERAS = (4, 4)
_FRAME_WH = (1280, 720)
_OVERLAP_M = 3.0
_VISITORS_APART = 1_000_000
_MOVED_S = 240.0
_SPANS_A_DAY = 3


def parse_folder() -> str | None:
    """Return the folder named on the command line, if any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="keeps the venue, and takes it from there the next time")
    folder: str | None = parser.parse_args().folder
    return folder


def main() -> None:
    """Make the month, or take it from the folder that is named, and print what every page costs."""
    with tempfile.TemporaryDirectory(prefix="expoflow-month-") as temporary:
        folder = Path(parse_folder() or temporary) / "Month.expoflow"
        if folder.exists() and find_unprepared(read_venue(folder)):
            # made by another version of the program
            shutil.rmtree(folder)
        venue = read_venue(folder) if folder.exists() else make_month(folder)
        size = RollupFolder(folder).measure_bytes()
        print(f"{DAYS} days of {round(BASE_VISITORS * FOLD)} visitors take {size / 1e6:.0f} MB")
        for name, read in _list_reads(venue).items():
            _measure(name, read)


def _list_reads(venue: Venue) -> dict[str, Callable[[], object]]:
    from app.comparison.comparison_figures import ComparisonChoice
    from app.comparison.comparison_view import compute_comparison
    from app.dwell import dwell_analysis as dwell_view
    from app.exhibition import exhibition_analysis as exhibition_view
    from app.findings import layout_findings
    from app.floor_plan.floor_analysis import analyse_floor
    from app.flows import flow_analysis as flow_view
    from app.overview.overview_analysis import compute_overview
    from app.reports.make_report import ReportOrder, make_report
    from app.reports.report_template import Template
    from app.timeline import timeline_view

    stands = tuple(str(zone.name) for zone in venue.geometry_at(START_S).zones if zone.kind is ZoneKind.BOOTH)
    return {
        "overview": lambda: compute_overview(venue=venue, period_s=MONTH_S),
        "reading every table": lambda: read_period_facts(venue=venue, period_s=MONTH_S),
        "floor plan": lambda: analyse_floor(venue=venue, period_s=MONTH_S, now_utc_s=MONTH_S[1] + DAY_S),
        "dwell": lambda: dwell_view.analyse_dwell(venue=venue, period=MONTH_S),
        "flows": lambda: flow_view.analyse_flows(venue=venue, period=MONTH_S),
        "exhibition": lambda: exhibition_view.analyse_exhibition(venue=venue, period_s=MONTH_S),
        "findings": lambda: layout_findings.search_venue(venue=venue, period_s=MONTH_S),
        "timeline": lambda: timeline_view.compute_timeline(venue=venue, period_s=MONTH_S),
        "compare two weeks": lambda: compute_comparison(venue=venue, choice=ComparisonChoice(*_WEEKS_S)),
        "compare two days": lambda: compute_comparison(
            venue=venue, choice=ComparisonChoice(*_DAYS_S, unchanged=stands[:_UNCHANGED])
        ),
        "report of the exhibition": lambda: make_report(venue, ReportOrder(Template.EXHIBITION, MONTH_S)),
    }


def _measure(name: str, read: Callable[[], object]) -> None:
    wall_s, cpu_s = [], []
    for _ in range(2):
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        read()
        wall_s.append(time.perf_counter() - began_s)
        cpu_s.append(time.process_time() - began_cpu_s)
    print(
        f"{name:24} first {wall_s[0]:6.2f} s ({cpu_s[0]:.2f} s of processor), "
        f"then {wall_s[1]:6.2f} s ({cpu_s[1]:.2f} s)",
        flush=True,
    )


def make_month(folder: Path, *, days: int = DAYS, visitors: float = BASE_VISITORS) -> Venue:
    """Make the venue and its days; ``visitors``: of each of the simulated days."""
    hall = build_hall(FairDesign(4, 6, (3.5, 2.5, 4.5) * 16, 4.0, entrance_at=1, exit_at=2))
    venue = _make_venue(folder, hall)
    writer = open_store(folder)
    for day in range(days):
        opens_s = START_S + day * DAY_S + OPENS_S
        for camera in venue.camera_names:
            for number in range(_SPANS_A_DAY):
                part_s = 8 * 3600.0 / _SPANS_A_DAY
                start_s = opens_s + number * part_s
                writer.write_span(ObservedSpan(camera, start_s, start_s + part_s - 2.0, int(part_s * 5)))
    writer.close()
    base = [_compute_day(venue, hall, seed, visitors) for seed in range(min(days, BASE_DAYS))]
    reader = open_reader(folder)
    kept = RollupFolder(folder)
    for day, stretch in enumerate(
        plan_stretches(
            venue=venue,
            reader=reader,
            period_s=(START_S, START_S + days * DAY_S),
            now_utc_s=MONTH_S[1] + DAY_S,
        )
    ):
        start_s, end_s = stretch.period_s
        kept.write(
            StretchFacts(start_s, end_s, stretch.geometry, base[day % BASE_DAYS]),
            key=find_key(venue, stretch),
        )
    reader.close()
    return venue


def _make_venue(folder: Path, hall: FairHall) -> Venue:
    across, along = _CAMERAS
    width_m, depth_m = hall.size_m[0] / across, hall.size_m[1] / along
    cameras = []
    for number in range(across * along):
        left, bottom = number % across * width_m - _OVERLAP_M, number // across * depth_m - _OVERLAP_M
        right, top = left + width_m + 2 * _OVERLAP_M, bottom + depth_m + 2 * _OVERLAP_M
        corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
        pixels = [(0.0, 720.0), (1280.0, 720.0), (1000.0, 60.0), (280.0, 60.0)]
        pairs = tuple(PointPair(u, v, x, y) for (u, v), (x, y) in zip(pixels, corners, strict=True))
        camera = Camera(CameraId(f"Camera {number + 1:02}"), frame_size_wh=_FRAME_WH, pairs=pairs)
        cameras.append(VenueCamera(camera))
    folder.parent.mkdir(parents=True, exist_ok=True)
    return create_venue(
        folder,
        Exhibition("A month", "UTC"),
        hall.make_plan(),
        cameras=tuple(cameras),
        geometry=hall.make_geometry(),
    )


def _compute_day(
    venue: Venue, hall: FairHall, seed: int, visitors: float = BASE_VISITORS
) -> dict[str, pd.DataFrame]:
    day = simulate_tracked_day(hall=hall, seed=seed, programme=FairProgramme(visitors=visitors))
    tracks = day.tracks.assign(time_s=day.tracks["time_s"] + OPENS_S)
    part_s = 8 * 3600.0 / _SPANS_A_DAY
    spans = pd.DataFrame(
        [
            (str(camera), OPENS_S + n * part_s, OPENS_S + (n + 1) * part_s - 2.0, round(part_s * 5))
            for camera in venue.camera_names
            for n in range(_SPANS_A_DAY)
        ],
        columns=["camera", "start_s", "end_s", "frames"],
    )
    stretch = Stretch(
        tracks=tracks[tracks["time_s"] < OPENS_S + 8 * 3600.0],
        spans=spans,
        start_utc_s=START_S,
        duration_s=DAY_S,
        plan=venue.plan,
        geometry=venue.geometry_versions[0],
        views=find_camera_views(venue),
    )
    facts = compute_stretch_facts(stretch)
    random = np.random.default_rng(seed)
    stands = [str(zone.name) for zone in venue.geometry_versions[0].zones if zone.kind is ZoneKind.BOOTH]
    others = [dict(zip(stands, random.permutation(stands), strict=True)) for _ in range(FOLD - 1)]
    moved_s = [0.0, *random.uniform(-_MOVED_S, _MOVED_S, FOLD - 1)]
    tables = {
        name: table if TABLES[name].is_sum else _multiply(name, table, [{}, *others], moved_s)
        for name, table in facts.tables.items()
        if name not in {"ways", "way_steps"}
    }
    # the table of visits has those that are counted, of which ways are not made
    visits = _multiply("visits", stretch.visits, [{}, *others], moved_s)
    return tables | _add_up(tables, visits)


def _add_up(tables: Mapping[str, pd.DataFrame], visits: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The sums that have more rows the more visitors there are, and their ways."""
    journeys, settings = tables["journeys"], RollupSettings()
    min_stop_s = settings.engagement.stop_s
    return {
        "zone_uses": sum_zone_uses(visits, journeys, start_utc_s=START_S, min_stop_s=min_stop_s),
        "move_sums": sum_moves_by_clock(tables["moves"], start_utc_s=START_S),
        "line_minutes": sum_crossings(tables["crossings"], start_utc_s=START_S),
        "line_turns": sum_turns(tables["first_turns"], start_utc_s=START_S),
        "visit_lengths": count_visit_lengths(visits, start_utc_s=START_S),
        "passages": count_passages(tables["stays"], tables["stops"], start_utc_s=START_S),
        "ways": list_ways(journeys),
        "way_steps": list_way_steps(visits, journeys, min_stop_s=min_stop_s),
    }


def _multiply(
    name: str, table: pd.DataFrame, stands: Sequence[Mapping[str, str]], moved_by_s: Sequence[float]
) -> pd.DataFrame:
    """As many times as there are moments; other visitors, who go to other stands in the same way."""
    parts = []
    for number, (other, moved_s) in enumerate(zip(stands, moved_by_s, strict=True)):
        part = table.assign(visitor=table["visitor"] + number * _VISITORS_APART)
        for column in {"zone", "from", "to"} & set(part.columns):
            part[column] = part[column].replace(other).astype("str")
        if "zones" in part.columns:
            ways = [tuple(other.get(zone, zone) for zone in zones) for zones in part["zones"]]
            part["zones"] = pd.Series(ways, index=part.index, dtype=object)
        for column in TABLES[name].times:
            if part[column].dtype == object:
                moved = [tuple(at + moved_s for at in times) for times in part[column]]
                part[column] = pd.Series(moved, index=part.index, dtype=object)
            else:
                part[column] = part[column] + moved_s
        parts.append(part)
    joined = pd.concat(parts, ignore_index=True)
    first = TABLES[name].times[0]
    return joined.sort_values([first, "visitor"], kind="stable", ignore_index=True)


if __name__ == "__main__":
    main()
