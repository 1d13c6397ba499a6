from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from analytics.domain.camera import PointPair
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.sql_event_store import open_store
from app.cli.program import main
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.plan.edit_geometry import MoveFigure
from app.plan.geojson import write_floor_geojson
from app.plan.geometry_replay import LineCount, ZoneCount, read_recent_tracks, replay_geometry
from app.plan.plan_shapes import Part, Shape
from app.plan.saved_edits import plan_step
from tests.support.halls.seen_hall import box, line, make_seen_hall, walk, zone

START_S = 1_764_061_200.0
WATCHED_S = 120.0


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """Six people walk through a door to a stand, stay for 10 s and leave; three in the last minute."""
    folder = tmp_path / "seen.expoflow"
    folder.mkdir()
    hall = make_seen_hall(
        zones=(zone("A1", box(6, 4, 9, 7)), zone("gone", box(6, 1, 9, 3))),
        lines=(line("door", (2, 3), (2, 8)),),
    )
    hall = dataclasses.replace(hall, folder=folder)
    write_venue(hall)
    paths = [
        [
            (20.0 * n + 0.5, 0.5, 5.0),
            (20.0 * n + 6, 7.5, 5.0),
            (20.0 * n + 16, 7.5, 5.2),
            (20.0 * n + 19, 7.5, 9.5),
        ]
        for n in range(6)
    ]
    tracks = walk(*paths)
    writer = open_store(folder)
    try:
        writer.write_points(
            [
                TrackPoint(
                    time_s=START_S + row.time_s,
                    camera=hall.cameras[0].name,
                    tracklet=TrackletId(int(row.tracklet)),
                    x_m=float(row.x_m),
                    y_m=float(row.y_m),
                    sigma_m=0.05,
                    height_m=None,
                    state=TrackState.CONFIRMED,
                )
                for row in tracks.itertuples()
            ]
        )
        writer.write_span(ObservedSpan(hall.cameras[0].name, START_S, START_S + WATCHED_S, 600))
        writer.flush()
    finally:
        writer.close()
    return read_venue(folder)


def test_the_last_minute_is_counted_by_both_geometries(venue: Venue) -> None:
    recent = read_recent_tracks(venue, last_s=60.0)
    assert recent is not None
    assert recent.duration_s == pytest.approx(60.0, abs=0.5)
    step = plan_step(venue, MoveFigure(Shape(Part.LINES, "door"), (0.0, 4.0)))
    changed = step.redo(venue).geometry_versions[0]
    changed = FloorGeometry((*changed.zones[:1], zone("new", box(6.5, 8, 8.5, 9.9))), changed.lines)
    replay = replay_geometry(venue, changed=changed, recent=recent)
    assert replay.people == 3
    before, after = replay.zones["A1"]
    assert before == after
    assert before.visits == 3
    assert before.person_seconds == pytest.approx(3 * 12.3, rel=0.1)
    assert replay.lines["door"] == (LineCount(3, 0), LineCount(0, 0))
    assert replay.zones["new"][0] == ZoneCount(None, None)
    assert replay.zones["gone"] == (ZoneCount(0, 0.0), ZoneCount(None, None))


def test_without_a_history_there_is_nothing_to_replay(tmp_path: Path) -> None:
    assert read_recent_tracks(make_seen_hall(), last_s=60.0) is None


def test_zones_are_tried_from_the_command_line(
    venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "zones.geojson"
    write_floor_geojson(file, FloorGeometry((zone("A1", box(1, 1, 2, 2)),), ()))
    assert main(["venue", "try-zones", str(venue.folder), "--zones", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["people"] == 3
    assert said["zones"]["A1"]["before"]["visits"] == 3
    assert said["zones"]["A1"]["after"]["visits"] == 0
    assert said["lines"]["door"]["after"] == {"in": None, "out": None}
    assert main(["venue", "try-zones", str(venue.folder), "--zones", str(file)]) == 0
    assert "person-seconds" in capsys.readouterr().out
    assert read_venue(venue.folder) == venue


def test_a_venue_is_checked_from_the_command_line(venue: Venue, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["venue", "check", str(venue.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
    dark = dataclasses.replace(
        venue, geometry_versions=(FloorGeometry((zone("dark", box(15, 2, 18, 5)),), ()),)
    )
    write_venue(dark)
    assert main(["venue", "check", str(venue.folder), "--json", "--minutes", "0"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["rule"] == "zone-not-observed"
    assert (finding["part"], finding["name"], finding["verdict"]) == ("zones", "dark", "failed")
    assert 15 < finding["x_m"] < 18
    assert main(["venue", "check", str(venue.folder)]) == 1
    assert "dark" in capsys.readouterr().out


def test_a_calibration_that_is_none_does_not_end_the_check(
    venue: Venue, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = venue.cameras[0]
    pairs = tuple(PointPair(u, u, u, u) for u in (0.0, 1.0, 2.0, 3.0))
    broken = dataclasses.replace(entry, camera=dataclasses.replace(entry.camera, pairs=pairs))
    write_venue(dataclasses.replace(venue, cameras=(broken,)))
    assert main(["venue", "check", str(venue.folder), "--json"]) == 1
    assert [finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]] == [
        "camera-not-calibrated"
    ]


def test_a_file_that_cannot_be_read_is_said_and_not_checked(
    venue: Venue, capsys: pytest.CaptureFixture[str]
) -> None:
    (venue.folder / "venue.toml").write_text("format = 'x'", encoding="utf-8")
    assert main(["venue", "check", str(venue.folder), "--json"]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert "venue.toml" in said.err
