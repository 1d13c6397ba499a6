"""The shipped demonstration ends yesterday whatever the date, and is complete when it is unpacked."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analytics.rollups.rollup_folder import RollupFolder
from analytics.rollups.stretch import Stretch
from analytics.rollups.tables import TABLES
from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.demo.ready_venue import is_demo_venue, list_show_days, open_demo_venue, unpack_demo_venue
from app.facts.period_stretches import find_key, plan_stretches
from app.facts.prepared_facts import find_unprepared
from app.floor_plan.corrected_period import PlaceState, list_places
from app.timeline.timeline_file import read_timeline
from resources.demo import DEMO_FOLDER
from tests.support.halls.known_crowd import make_track_table
from tests.support.halls.walked_hall import SetClock
from tools.demo.corrected_days import read_corrected_period

TODAY = date(2031, 2, 28)
ZONE = ZoneInfo("Asia/Shanghai")
"""Of the demonstration's venue."""
MOST_BYTES = 25_000_000


def at(day: date, hour: int = 9) -> float:
    return datetime.combine(day, time(hour), ZONE).timestamp()


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return unpack_demo_venue(tmp_path_factory.mktemp("new") / "demo.expoflow", clock=SetClock(at(TODAY)))


def test_its_days_end_yesterday(venue: Venue) -> None:
    days = list_show_days(venue)
    assert [datetime.fromtimestamp(start_s, ZONE) for start_s, _ in days] == [
        datetime.combine(TODAY - timedelta(days=number), time(10), ZONE) for number in (3, 2, 1)
    ]
    assert venue == read_venue(venue.folder)
    assert is_demo_venue(venue)
    timeline = read_timeline(venue.folder)
    for item in (*timeline.events, *timeline.shifts):
        assert any(start_s <= item.start_s < item.end_s <= end_s for start_s, end_s in days)
    # the layout that changed did so before the second day
    assert days[0][1] < (venue.geometry_versions[1].valid_from_utc_s or 0.0) < days[1][0]


def test_the_hall_is_observed_while_it_is_open_and_empty_at_both_ends(venue: Venue) -> None:
    reader = open_reader(venue.folder)
    try:
        for opens_s, closes_s in list_show_days(venue):
            spans = reader.read_spans(opens_s, closes_s)
            assert sorted(spans["camera"]) == sorted(map(str, venue.camera_names))
            assert (spans["start_s"] == opens_s).all()
            assert (spans["end_s"] > closes_s - 1.0).all()
            assert reader.count_points(opens_s, closes_s) > 500_000
            # a detector's false boxes may be there
            first, last = ((opens_s, opens_s + 5.0), (closes_s - 60.0, closes_s))
            assert all(reader.read_tracks(*ends)["tracklet"].nunique() < 5 for ends in (first, last))
    finally:
        reader.close()


def test_its_tables_are_there_at_once(venue: Venue) -> None:
    assert find_unprepared(venue, clock=SetClock(at(TODAY))) == ()


def test_its_tables_are_what_would_be_computed_now(venue: Venue) -> None:
    """Run ``python -m tools.demo.make --only tables`` where this fails."""
    shipped = read_venue(DEMO_FOLDER)
    rollups = RollupFolder(DEMO_FOLDER).find_all()
    shift_s = list_show_days(venue)[0][0] - list_show_days(shipped)[0][0]
    reader = open_reader(venue.folder)
    try:
        planned = plan_stretches(
            venue=venue, reader=reader, period_s=(-math.inf, math.inf), now_utc_s=at(TODAY)
        )
    finally:
        reader.close()
    nominal = [
        replace(
            stretch,
            period_s=(stretch.period_s[0] - shift_s, stretch.period_s[1] - shift_s),
            spans=stretch.spans.assign(
                start_s=stretch.spans["start_s"] - shift_s, end_s=stretch.spans["end_s"] - shift_s
            ),
        )
        for stretch in planned
    ]
    # the keys contain all settings and decisions
    assert [rollup.key for rollup in rollups] == [find_key(shipped, stretch) for stretch in nominal]
    columns = {name: list(table.columns) for name, table in compute_small_tables(shipped).items()}
    for rollup in rollups:
        assert {name: table.version for name, table in rollup.tables.items()} == {
            name: table.version for name, table in TABLES.items()
        }
        files = {name: rollup.folder / f"{name}.parquet" for name in TABLES}
        assert {name: pq.read_schema(file).names for name, file in files.items()} == columns


def compute_small_tables(venue: Venue) -> dict[str, pd.DataFrame]:
    """Return all tables of a visitor who stands in the entrance for two minutes."""
    seconds = np.arange(120)
    stretch = Stretch(
        tracks=make_track_table(
            time_s=seconds,
            tracklet=np.ones(120),
            visitor=np.ones(120),
            x_m=np.full(120, 1.0),
            y_m=np.full(120, 4.0),
            camera="hall",
        ),
        spans=pd.DataFrame({"camera": ["hall"], "start_s": [0.0], "end_s": [120.0], "frames": [120]}),
        start_utc_s=at(TODAY),
        duration_s=120.0,
        plan=venue.plan,
        geometry=venue.geometry_versions[-1],
        views=(),
    )
    return {name: table.compute(stretch) for name, table in TABLES.items()}


@pytest.mark.slow
def test_no_place_waits_for_a_decision(venue: Venue) -> None:
    hours = list_show_days(venue)[-1][0] + 3600.0 * np.arange(2, 4)
    corrected = read_corrected_period(venue, start_utc_s=hours[0], end_utc_s=hours[1])
    states = {place.state for place in list_places(venue.corrections, corrected.identified)}
    assert PlaceState.KEPT in states
    assert PlaceState.PROPOSED not in states


def test_every_camera_has_its_clip(venue: Venue) -> None:
    for name in venue.camera_names:
        address = venue.address_of(name)
        assert address is not None
        assert Path(address.location).is_file()


def test_it_is_kept_for_the_day_and_unpacked_anew_on_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "demo.expoflow"
    first = unpack_demo_venue(folder, clock=SetClock(at(TODAY)))
    write_venue(replace(first, targets=()))
    assert open_demo_venue(folder, clock=SetClock(at(TODAY, 23))).targets == ()
    assert open_demo_venue(folder, clock=SetClock(at(TODAY + timedelta(days=1)))).targets == first.targets


def test_another_venue_with_clips_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mine.expoflow"
    mine = unpack_demo_venue(folder, clock=SetClock(at(TODAY)))
    write_venue(replace(mine, exhibition=replace(mine.exhibition, name="Mine")))
    again = open_demo_venue(folder, clock=SetClock(at(TODAY + timedelta(days=9))))
    assert again.exhibition == replace(mine.exhibition, name="Mine")


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in DEMO_FOLDER.rglob("*") if file.is_file()) < MOST_BYTES
