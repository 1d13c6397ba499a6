from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from analytics.domain.clock import parse_utc
from analytics.domain.errors import PipelineError, StoreError, VenueError
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.sql_event_store import open_reader, open_store
from app.cli.program import main
from app.core.document import Venue
from app.core.file_format import create_venue, read_venue
from app.demo.demo_exhibition import (
    CROWD_FILE,
    create_demo_venue,
    is_demo_venue,
    list_prepared_days,
)
from app.demo.demo_truth import compare_day_with_truth
from app.demo.prepared_days import (
    find_missing_cameras,
    generate_prepared_days,
    prepare_day,
)
from tests.support.halls.walked_hall import SetClock
from tests.support.simulator import needs_simulator
from vision.simulation.crowd import crowd_simulation
from vision.simulation.crowd.crowd_file import read_crowd
from vision.simulation.crowd.visitor_paths import VisitorPaths

pytestmark = needs_simulator

NOON = parse_utc("2026-11-25T12:00:00Z")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """With one minute of history on each of the two days, which is never made."""
    return create_demo_venue(
        tmp_path_factory.mktemp("demo") / "demo.expoflow",
        clock=SetClock(NOON),
        crowd_period_s=30.0,
        open_minutes=1,
    )


@pytest.fixture(scope="module")
def venue(made: Venue, tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """The same in another place, with its history or without."""
    folder = tmp_path_factory.mktemp("copy") / "demo.expoflow"
    shutil.copytree(made.folder, folder)
    return read_venue(folder)


@pytest.fixture(scope="module")
def prepared(venue: Venue) -> Venue:
    """The venue with its history."""
    for day in list_prepared_days(venue):
        prepare_day(venue, day)
    return venue


def test_the_venue_has_calibrated_live_cameras_and_two_layouts(venue: Venue) -> None:
    back = read_venue(venue.folder)
    assert back == venue
    assert [str(name) for name in back.camera_names] == ["Entrance", "Café", "Stage", "Exit"]
    for name in back.camera_names:
        address = back.address_of(name)
        assert address is not None
        assert address.is_live
        assert Path(address.location) == venue.folder / CROWD_FILE
        assert back.camera_geometry(name) is not None
    assert read_crowd(venue.folder / CROWD_FILE).layout == "B"
    labels = [geometry.label for geometry in back.geometry_versions]
    assert labels == ["Layout A", "Layout B"]
    assert back.settings.model_name == "expoflow-demo"


def test_the_days_are_those_before_today_each_with_the_zones_of_its_layout(venue: Venue) -> None:
    first, second = list_prepared_days(venue)
    assert first.start_s == parse_utc("2026-11-23T10:00:00Z")
    assert second.start_s == parse_utc("2026-11-24T10:00:00Z")
    assert second.end_s - second.start_s == 60.0
    assert venue.geometry_at(first.end_s).label == "Layout A"
    assert venue.geometry_at(second.start_s).label == venue.geometry_at(NOON).label == "Layout B"
    assert not venue.exhibition.opening_intervals_utc(date(2026, 11, 22))


def test_an_existing_folder_is_unchanged(venue: Venue) -> None:
    before = (venue.folder / "venue.toml").read_bytes()
    with pytest.raises(VenueError, match="already"):
        create_demo_venue(venue.folder, clock=SetClock(NOON), crowd_period_s=5.0)
    assert (venue.folder / "venue.toml").read_bytes() == before


def test_the_command_creates_the_venue_once_with_json_progress(
    made: Venue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With visitors that were let in already; the slow test of the command lets in others."""

    def let_in(*, on_progress: Callable[[float], None], **_options: object) -> VisitorPaths:
        on_progress(1.0)
        return read_crowd(made.folder / CROWD_FILE).paths

    monkeypatch.setattr(crowd_simulation, "simulate_endless_crowd", let_in)
    folder = tmp_path / "hall.expoflow"
    command = ["demo-exhibition", "--venue", str(folder), "--no-history", "--json", "--time-zone"]
    assert main([*command, "Asia/Shanghai"]) == 0
    progress = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert progress == [{"done": 1.0, "total": 1.0}]
    venue = read_venue(folder)
    assert is_demo_venue(venue)
    assert venue.exhibition.time_zone == "Asia/Shanghai"
    before = (folder / "venue.toml").read_bytes()
    assert main([*command, "UTC"]) == 0
    assert (folder / "venue.toml").read_bytes() == before


def test_a_prepared_day_is_added_to_the_history_once(prepared: Venue) -> None:
    first, second = list_prepared_days(prepared)
    prepare_day(prepared, first)
    assert not any(find_missing_cameras(prepared, day) for day in (first, second))
    reader = open_reader(prepared.folder)
    try:
        tracks = [reader.read_tracks(day.start_s, day.end_s) for day in (first, second)]
        spans = reader.read_spans()
    finally:
        reader.close()
    assert len(spans) == 8
    assert set(spans["frames"]) == {120}
    for table in tracks:
        assert set(table["camera"]) >= {"Entrance", "Stage"}
        assert not table.duplicated(["time_s", "tracklet"]).any()
        assert table.groupby("tracklet")["camera"].nunique().max() == 1
        assert table["time_s"].diff().min() >= 0
    assert not set(tracks[0]["tracklet"]) & set(tracks[1]["tracklet"])


def test_the_numbers_of_a_prepared_day_are_near_the_truth(prepared: Venue) -> None:
    day = list_prepared_days(prepared)[0]
    rows = {row.name: row for row in compare_day_with_truth(prepared, day)}
    people = rows["people in view, mean"]
    assert people.truth is not None
    assert people.measured is not None
    assert people.measured != people.truth
    assert abs(people.measured / people.truth - 1) < 0.25
    floor = rows["floor error, median"].measured
    assert floor is not None
    assert 0.03 < floor < 0.4
    seconds = [row for name, row in rows.items() if name.endswith("person-seconds")]
    assert len(seconds) == 14
    true_sum, measured_sum = (
        sum(getattr(row, key) or 0.0 for row in seconds) for key in ("truth", "measured")
    )
    assert abs(measured_sum / true_sum - 1) < 0.25


def test_a_day_is_added_during_a_recording(made: Venue, tmp_path: Path) -> None:
    shutil.copytree(made.folder, tmp_path / "demo.expoflow")
    venue = read_venue(tmp_path / "demo.expoflow")
    day = list_prepared_days(venue)[0]
    short = dataclasses.replace(day, end_s=day.start_s + 20.0)
    recording = open_store(venue.folder)
    try:
        own = recording.reserve_tracklets(10)
        recording.write_points([make_live_point(own, NOON), make_live_point(own, NOON + 1)])
        recording.flush()
        recording.write_points([make_live_point(own, NOON + 2)])

        prepare_day(venue, short)

        later = recording.reserve_tracklets(10)
        recording.write_points([make_live_point(later, NOON + 3)])
        recording.flush()
        recording.archive_now()
    finally:
        recording.close()
    assert not find_missing_cameras(venue, short)
    # opening again mends what a kill left behind: it must find nothing to mend
    open_store(venue.folder).close()
    reader = open_reader(venue.folder)
    try:
        live = reader.read_tracks(NOON, NOON + 10)
        past = reader.read_tracks(short.start_s, short.end_s)
        spans = reader.read_spans(short.start_s, short.end_s)
    finally:
        reader.close()
    assert live["time_s"].tolist() == [NOON, NOON + 1, NOON + 2, NOON + 3]
    assert len(spans) == 4
    assert len(past) > 100
    assert not set(past["tracklet"]) & {int(own), int(later)}
    assert not past.duplicated(["time_s", "tracklet"]).any()


def make_live_point(tracklet: TrackletId, time_s: float) -> TrackPoint:
    return TrackPoint(time_s, CameraId("Stage"), tracklet, 15.0, 17.0, 0.1, None, TrackState.CONFIRMED)


def test_tracked_points_are_reused_after_a_failed_write(
    made: Venue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(made.folder, tmp_path / "demo.expoflow")
    venue = read_venue(tmp_path / "demo.expoflow")
    day = list_prepared_days(venue)[0]
    short = dataclasses.replace(day, end_s=day.start_s + 10.0)
    (venue.folder / "events.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError):
        prepare_day(venue, short)
    (venue.folder / "events.sqlite").unlink()
    points_file = venue.folder / "prepared" / "day-1" / "points.npz"
    written = points_file.stat().st_mtime_ns
    prepare_day(venue, short)
    assert points_file.stat().st_mtime_ns == written
    assert not find_missing_cameras(venue, short)


def test_cancelling_ends_the_preparation(made: Venue) -> None:
    progress: list[tuple[float, float]] = []
    is_complete = generate_prepared_days(
        made, lambda done, total: progress.append((done, total)), lambda: len(progress) >= 2
    )
    assert not is_complete
    assert all(total == 2.0 for _, total in progress)


def test_only_a_demo_venue_can_be_prepared(venue: Venue, tmp_path: Path) -> None:
    plain = create_venue(tmp_path / "hall.expoflow", venue.exhibition, venue.plan)
    assert is_demo_venue(venue)
    assert not is_demo_venue(plain)
    with pytest.raises(PipelineError, match="not a demo exhibition"):
        generate_prepared_days(plain, lambda *_: None, lambda: False)
