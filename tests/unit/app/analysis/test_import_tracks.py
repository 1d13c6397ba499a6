"""Positions of other sensors: every format gives the same history, and a wrong file changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.clock import parse_utc
from analytics.domain.errors import DetectionFileError, ExpoFlowError, StoreError, VenueError
from analytics.store.sql_event_store import open_reader
from app.analysis.import_tracks import (
    Identities,
    ImportedTracks,
    import_tracks,
    list_imports,
    preview_tracks,
    read_covered_floor,
)
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.job import JobCancelled, JobContext
from app.facts.camera_views import find_camera_views
from app.facts.period_facts import read_period_facts
from app.privacy.erase_period import erase_period
from tests.support.halls.walked_hall import SetClock, make_hall

START = "2026-03-13T09:00:00Z"
START_S = parse_utc(START)
CLOCK = SetClock(START_S + 86_400 + 1800)
FPS = 5.0


def walk(people: int = 3, *, seconds: float = 60.0) -> pd.DataFrame:
    """People who stand at *Robotics* for twenty seconds each and then go on, each in a lane of their own."""
    parts = []
    for number in range(people):
        since_s = np.arange(0.0, seconds, 1 / FPS)
        x_m = 4.0 + np.clip(since_s - 20.0, 0.0, None) * 0.2
        table = pd.DataFrame({"time_s": since_s + 30.0 * number, "x_m": x_m, "y_m": 3.2 + 0.3 * number})
        parts.append(table.assign(track_id=f"p{number}"))
    return pd.concat(parts).sort_values(["time_s", "track_id"])[["time_s", "track_id", "x_m", "y_m"]].round(4)


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path / "hall.expoflow")
    venue.folder.mkdir(parents=True, exist_ok=True)
    write_venue(venue)
    return venue


def add(venue: Venue, file: Path, **options: object) -> ImportedTracks:
    given = {"sensor": "lidar", "start_utc_s": START_S, "clock": CLOCK} | options
    return import_tracks(into=read_venue(venue.folder), file=file, **given)  # type: ignore[arg-type]


def as_csv(table: pd.DataFrame, file: Path) -> None:
    table.to_csv(file, index=False)


def as_parquet_in_utc(table: pd.DataFrame, file: Path) -> None:
    moments = pd.to_datetime((table["time_s"] + START_S) * 1e6, unit="us", utc=True)
    table.assign(time_utc=moments).drop(columns="time_s").to_parquet(file)


def as_csv_in_utc(table: pd.DataFrame, file: Path) -> None:
    moments = pd.to_datetime((table["time_s"] + START_S) * 1e6, unit="us", utc=True)
    table.assign(time_utc=moments.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")).drop(columns="time_s").to_csv(
        file, index=False
    )


def as_pedpy(table: pd.DataFrame, file: Path) -> None:
    lines = ["# PedPy trajectory", f"# framerate: {FPS:.2f}", "# id frame x/m y/m"]
    lines += [
        f"{row.track_id[1:]} {round(row.time_s * FPS)} {row.x_m} {row.y_m}" for row in table.itertuples()
    ]
    file.write_text("\n".join(lines) + "\n")


def as_jupedsim(table: pd.DataFrame, file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE metadata(key TEXT, value TEXT)")
        database.execute("INSERT INTO metadata VALUES ('fps', ?)", (str(FPS),))
        database.execute("CREATE TABLE trajectory_data(frame INTEGER, id INTEGER, pos_x REAL, pos_y REAL)")
        rows = [
            (round(row.time_s * FPS), int(row.track_id[1:]), row.x_m, row.y_m) for row in table.itertuples()
        ]
        database.executemany("INSERT INTO trajectory_data VALUES (?, ?, ?, ?)", rows)
        database.commit()


def read_history(venue: Venue) -> pd.DataFrame:
    with closing(open_reader(venue.folder)) as reader:
        tracks = reader.read_tracks()
    table = tracks[tracks["camera"] == "lidar"][["time_s", "tracklet", "x_m", "y_m", "sigma_m"]]
    numbered = table.assign(tracklet=table["tracklet"] - table["tracklet"].min())
    return numbered.sort_values(["tracklet", "time_s"], ignore_index=True)


@pytest.mark.parametrize(
    "write", [as_csv, as_csv_in_utc, as_parquet_in_utc, as_pedpy, as_jupedsim], ids=lambda f: f.__name__
)
def test_every_format_gives_the_same_history(
    hall: Venue, tmp_path: Path, write: Callable[[pd.DataFrame, Path], None]
) -> None:
    table = walk()
    write(table, tmp_path / "tracks.any")
    found = add(hall, tmp_path / "tracks.any")
    assert (found.positions, found.people, found.skipped.total) == (len(table), 3, 0)
    history = read_history(hall)
    expected = table.assign(tracklet=table["track_id"].str[1:].astype(int), time_s=table["time_s"] + START_S)
    expected = expected.sort_values(["tracklet", "time_s"])
    assert history["time_s"].to_numpy() == pytest.approx(expected["time_s"].to_numpy(), abs=1e-5)
    assert history["tracklet"].tolist() == expected["tracklet"].tolist()
    assert history["x_m"].to_numpy() == pytest.approx(expected["x_m"].to_numpy(), abs=0.001)
    assert history["sigma_m"].to_numpy() == pytest.approx(0.1, abs=1e-6)


def test_a_second_import_changes_nothing(hall: Venue, tmp_path: Path) -> None:
    as_csv(walk(), tmp_path / "tracks.csv")
    assert add(hall, tmp_path / "tracks.csv").is_new
    before = read_history(hall)
    assert not add(hall, tmp_path / "tracks.csv").is_new
    pd.testing.assert_frame_equal(read_history(hall), before)


def read_table(venue: Venue, name: str) -> pd.DataFrame:
    facts = read_period_facts(
        venue=read_venue(venue.folder), period_s=(START_S - 60, START_S + 1800), names=(name,), clock=CLOCK
    )
    assert facts is not None
    return facts.tables[name]


def test_the_zones_of_every_page_count_its_people(hall: Venue, tmp_path: Path) -> None:
    as_csv(walk(), tmp_path / "tracks.csv")
    add(hall, tmp_path / "tracks.csv")
    visits = read_table(hall, "visits")
    at_stand = visits[visits["zone"] == "Robotics"]
    zone = next(z for z in hall.geometry_versions[0].zones if str(z.name) == "Robotics")
    right_m = zone.outline.to_shape().bounds[2]
    assert len(at_stand) == 3
    assert float(at_stand["seconds"].mean()) == pytest.approx(20.0 + (right_m - 4.0) / 0.2, abs=1.0)


def test_interrupted_tracks_are_two_persons_or_joined_as_tracklets(hall: Venue, tmp_path: Path) -> None:
    table = walk(people=1)
    cut = table[(table["time_s"] < 8.0) | (table["time_s"] > 10.0)]
    split = cut.assign(track_id=np.where(cut["time_s"] < 9.0, "a", "b"))
    as_csv(split, tmp_path / "tracks.csv")
    assert add(hall, tmp_path / "tracks.csv").people == 2
    assert read_table(hall, "journeys")["visitor"].nunique() == 2
    as_csv(split, tmp_path / "again.csv")
    other = make_hall(tmp_path / "other" / "hall.expoflow")
    other.folder.mkdir(parents=True, exist_ok=True)
    write_venue(other)
    add(other, tmp_path / "again.csv", identities=Identities.TRACKLETS)
    assert read_table(other, "journeys")["visitor"].nunique() == 1


def test_rows_that_cannot_be_used_are_counted_and_named(hall: Venue, tmp_path: Path) -> None:
    lines = walk(people=1).to_csv(index=False).splitlines()
    lines[2] = "zero,p0,4.0,3.2"
    lines[4] = lines[4].replace("p0", "")
    lines[6] = "1.0,p0,500,3.2"
    lines[8] = "0.2,p0,4.0,3.2"
    lines[10] = lines[9]
    lines[12] = "2.2,p0"
    (tmp_path / "tracks.csv").write_text("\n".join(lines) + "\n")
    found = add(hall, tmp_path / "tracks.csv")
    assert found.skipped.lines == {
        "no_number": (3,),
        "no_id": (5,),
        "outside_hall": (7,),
        "clock_back": (9,),
        "doubled": (11,),
        "too_many_columns": (13,),
    }
    assert found.positions == len(lines) - 1 - 6


def test_a_night_without_anybody_is_not_observed(hall: Venue, tmp_path: Path) -> None:
    table = walk(people=1)
    late = table.assign(time_s=table["time_s"] + 7200.0)
    as_csv(pd.concat([table, late]), tmp_path / "tracks.csv")
    found = add(hall, tmp_path / "tracks.csv")
    assert found.people == 2
    assert [round(end - start) for start, end in found.observed_s] == [60, 60]


def test_the_covered_floor_is_what_is_seen(hall: Venue, tmp_path: Path) -> None:
    (tmp_path / "area.geojson").write_text(
        '{"type": "Polygon", "coordinates": [[[0, 0], [8, 0], [8, 4], [2, 4], [2, 8], [0, 8], [0, 0]]]}'
    )
    as_csv(walk(), tmp_path / "tracks.csv")
    add(hall, tmp_path / "tracks.csv", covered=read_covered_floor(tmp_path / "area.geojson"))
    view = next(v for v in find_camera_views(read_venue(hall.folder)) if v.camera == "lidar")
    places = np.array([(1.0, 1.0), (7.0, 3.0), (1.0, 7.0), (4.0, 6.0), (9.0, 1.0), (1.0, 9.0)])
    assert view.sees(places).tolist() == [True, True, True, False, False, False]
    with pytest.raises(VenueError, match="another floor"):
        add(hall, tmp_path / "tracks.csv", identities=Identities.TRACKLETS)


def in_pixels(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(x_m=table["x_m"] * 100, y_m=table["y_m"] * 100)


@pytest.mark.parametrize(
    ("change", "options", "kind", "words"),
    [
        (in_pixels, {}, DetectionFileError, "outside of the hall"),
        (lambda table: table.drop(columns="track_id"), {}, DetectionFileError, "track_id"),
        (lambda table: table.iloc[:0], {}, DetectionFileError, ""),
        (lambda table: pd.concat([table] * 3), {}, DetectionFileError, "of the same track_id"),
        (lambda table: table.assign(track_id=range(len(table))), {}, DetectionFileError, "one position"),
        (lambda table: table.assign(time_s="13.03.2026 09:00"), {}, DetectionFileError, "invalid time"),
        (lambda table: table, {"start_utc_s": None}, DetectionFileError, "beginning"),
        (lambda table: table, {"start_utc_s": START_S + 5 * 86_400}, DetectionFileError, "future"),
        (lambda table: table, {"start_utc_s": START_S + 86_400 + 600}, StoreError, "current hour"),
        (lambda table: table, {"sensor": "north"}, VenueError, "is a camera"),
    ],
)
def test_a_wrong_file_changes_nothing(
    hall: Venue,
    tmp_path: Path,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    options: dict[str, object],
    kind: type[ExpoFlowError],
    words: str,
) -> None:
    as_csv(change(walk()), tmp_path / "tracks.csv")
    before = (hall.folder / "venue.toml").read_bytes()
    with pytest.raises(kind) as caught:
        add(hall, tmp_path / "tracks.csv", **options)
    assert words in caught.value.problem
    assert caught.value.remedy
    assert (hall.folder / "venue.toml").read_bytes() == before
    assert not (hall.folder / "events.sqlite").exists()


def test_a_preview_changes_nothing(hall: Venue, tmp_path: Path) -> None:
    table = walk()
    as_csv(table, tmp_path / "tracks.csv")
    before = sorted(path.name for path in hall.folder.iterdir())
    found = preview_tracks(tmp_path / "tracks.csv", start_utc_s=START_S, venue=hall)
    assert (found.positions, found.people, found.skipped.total) == (len(table), 3, 0)
    assert found.period_s == pytest.approx((START_S, START_S + float(table["time_s"].max())))
    low, high = found.places_m.min(axis=0), found.places_m.max(axis=0)
    assert low == pytest.approx(table[["x_m", "y_m"]].min().to_numpy(), abs=0.01)
    assert high == pytest.approx(table[["x_m", "y_m"]].max().to_numpy(), abs=0.01)
    assert sorted(path.name for path in hall.folder.iterdir()) == before


def test_an_import_is_taken_out_alone(hall: Venue, tmp_path: Path) -> None:
    early, late = walk(people=1), walk(people=2)
    as_csv(pd.concat([early, early.assign(time_s=early["time_s"] + 7200.0)]), tmp_path / "early.csv")
    as_csv(late.assign(time_s=late["time_s"] + 20_000.0), tmp_path / "late.csv")
    add(hall, tmp_path / "early.csv")
    CLOCK.now_s += 1.0
    add(hall, tmp_path / "late.csv")
    venue = read_venue(hall.folder)
    newest, oldest = list_imports(venue)
    assert [(one.file, str(one.sensor)) for one in (newest, oldest)] == [
        ("late.csv", "lidar"),
        ("early.csv", "lidar"),
    ]
    assert oldest.period_s == pytest.approx((START_S, START_S + 7260.0), abs=1.0)
    erase_period(venue, oldest.period_s, camera=oldest.sensor, clock=CLOCK)
    assert list_imports(venue) == (newest,)
    assert len(read_history(hall)) == len(late)
    assert add(hall, tmp_path / "early.csv").is_new
    assert len(read_history(hall)) == len(late) + 2 * len(early)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_cancelled_import_changes_nothing(hall: Venue, tmp_path: Path, after: int) -> None:
    """While the file is read, and before each hour that would be written."""
    table = walk(people=1)
    late = table.assign(time_s=table["time_s"] + 3600.0)
    as_csv(pd.concat([table, late]), tmp_path / "tracks.csv")
    calls = 0

    def is_cancelled() -> bool:
        nonlocal calls
        calls += 1
        return calls >= after

    with pytest.raises(JobCancelled):
        add(hall, tmp_path / "tracks.csv", context=JobContext(is_cancelled=is_cancelled))
    assert list_imports(read_venue(hall.folder)) == ()
    assert add(hall, tmp_path / "tracks.csv").is_new
    assert len(read_history(hall)) == 2 * len(table)
