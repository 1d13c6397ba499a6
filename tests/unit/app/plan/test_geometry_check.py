from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analytics.domain.camera import PointPair
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, Obstacle
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.store.sql_event_store import open_store
from analytics.visitors.doors import LearnedDoor
from app.cli.program import main
from app.core.change_set import Part
from app.core.check_results import GeometryFault, Verdict, worst_verdict
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.plan.edit_geometry import MoveShape
from app.plan.geometry_check import ObservedTracks, check_geometry
from app.plan.geometry_replay import LineCount, ZoneCount, read_recent_tracks, replay_geometry
from app.plan.plan_shapes import Shape
from tests.support.halls.seen_hall import box, line, make_seen_hall, walk, zone

DOOR = zone("gate", box(0, 3, 2, 7), ZoneKind.ENTRANCE)


def check(
    *zones: Zone, lines: tuple[CountingLine, ...] = (), obstacles: tuple[Obstacle, ...] = ()
) -> list[GeometryFault]:
    return check_geometry(make_seen_hall(zones=zones, lines=lines, obstacles=obstacles))


def rules(findings: list[GeometryFault]) -> list[tuple[str, str, str]]:
    return [(finding.name, finding.rule, finding.verdict.value) for finding in findings]


def watch(tracks: pd.DataFrame, duration_s: float) -> ObservedTracks:
    spans = pd.DataFrame(
        {"camera": ["above"], "start_s": [0.0], "end_s": [duration_s], "frames": [int(duration_s * 5)]}
    )
    return ObservedTracks(tracks, spans, duration_s)


def test_a_good_plan_has_no_findings() -> None:
    good = check(DOOR, zone("A1", box(4, 4, 7, 7)), lines=(line("door", (1, 3), (1, 7)),))
    assert good == []
    assert worst_verdict(good) is Verdict.OK


def test_a_place_where_many_people_appear_and_disappear_is_proposed_as_a_door() -> None:
    watched = replace(
        watch(walk([(0, 2, 2), (600, 2, 2)]), 600.0), learned_doors=(LearnedDoor((5.0, 5.0), 14, 12),)
    )
    (found,) = check_geometry(make_seen_hall(), watched=watched)
    assert (found.rule, found.name, found.verdict) == ("door-in-view", "above", Verdict.WARNING)
    assert found.place_m == (5.0, 5.0)
    assert "y = 5.0 m, 14 people appeared and 12 disappeared within 10 minutes" in str(found.problem)


def test_zones_that_lie_on_each_other_are_found_with_their_share() -> None:
    (found,) = check(zone("A1", box(2, 2, 6, 4)), zone("A2", box(5, 2, 7, 4)))
    assert (found.name, found.rule, found.share) == ("A1", "zone-overlap", pytest.approx(0.5))
    assert "50 % of the smaller one overlaps zone 'A2'" in str(found.problem)
    assert found.place_m is not None
    assert 5 <= found.place_m[0] <= 6
    assert check(zone("A1", box(2, 2, 6, 4)), zone("A2", box(5.99, 2, 8, 4))) == []


def test_zones_beyond_the_hall_are_found() -> None:
    found = check(zone("half", box(8, 8, 9, 12)), zone("all", box(1, 11, 4, 14)))
    assert ("half", "zone-outside-plan", "warning") in rules(found)
    assert ("all", "zone-outside-plan", "failed") in rules(found)
    assert found[0].verdict is Verdict.FAILED


def test_zones_under_obstacles_are_found() -> None:
    stand = Obstacle("stand", box(2, 2, 5, 5))
    covered, mostly, around = box(3, 3, 4, 4), box(3, 3, 5.5, 5), box(2, 1, 8, 5)
    assert rules(check(zone("covered", covered), obstacles=(stand,))) == [
        ("covered", "zone-under-obstacle", "failed")
    ]
    assert rules(check(zone("mostly", mostly), obstacles=(stand,))) == [
        ("mostly", "zone-under-obstacle", "warning")
    ]
    assert check(zone("around", around), obstacles=(stand,)) == []


def test_a_zone_that_no_camera_sees_or_not_all_is_found() -> None:
    found = check(zone("dark", box(15, 2, 18, 5)), zone("edge", box(8, 2, 14, 5)))
    assert rules(found) == [
        ("dark", "zone-not-observed", "failed"),
        ("edge", "zone-partly-observed", "warning"),
    ]
    assert found[1].share == pytest.approx(1 / 3, abs=0.05)
    assert found[1].place_m is not None
    assert found[1].place_m[0] > 10


def test_few_frames_a_second_over_seats_are_found() -> None:
    seats, stand = zone("talks", box(2, 2, 6, 4), ZoneKind.STAGE), zone("A1", box(2, 5, 6, 7))
    venue = make_seen_hall(zones=(seats, stand, zone("café", box(15, 2, 18, 4), ZoneKind.CATERING)))
    (entry,) = venue.cameras
    slow = venue.with_camera(replace(entry, camera=replace(entry.camera, analysed_fps=2.0)))
    assert ("talks", "few-frames-over-seats", "warning") in rules(check_geometry(slow))
    assert {f.name for f in check_geometry(slow) if f.rule == "few-frames-over-seats"} == {"talks"}
    enough = venue.with_camera(replace(entry, camera=replace(entry.camera, analysed_fps=5.0)))
    assert "few-frames-over-seats" not in {f.rule for f in check_geometry(enough)}


def test_a_zone_narrower_than_the_error_of_the_positions_is_found() -> None:
    narrow = zone("strip", box(2, 2, 8, 2.4))
    assert rules(check(narrow)) == [("strip", "zone-too-small", "warning")]
    wider = zone("strip", box(2, 2, 8, 2.8))
    assert check(wider) == []
    blurred = walk([(0, 3, 2.5), (5, 4, 2.5)]).assign(sigma_m=0.5)
    venue = make_seen_hall(zones=(wider,))
    assert [f.rule for f in check_geometry(venue, watched=watch(blurred, 5))] == ["zone-too-small"]


def test_an_outline_that_crosses_itself_is_found_before_anything_else_is_asked_of_it() -> None:
    bow = Polygon(((2, 2), (6, 6), (6, 2), (2, 6)))
    assert rules(check(zone("bow", bow), zone("A1", box(2, 2, 6, 6)))) == [
        ("bow", "zone-crosses-itself", "failed")
    ]


def test_a_line_that_no_camera_sees_can_never_count() -> None:
    (found,) = check(lines=(line("far", (17, 2), (17, 6)),))
    assert (found.rule, found.verdict) == ("line-not-observed", Verdict.FAILED)
    assert str(found.problem) == "It can never count: no camera sees it."


def test_a_line_of_which_one_side_is_seen_can_never_count() -> None:
    venue = make_seen_hall(lines=(line("edge", (0, 2), (0, 6)),))
    (found,) = check_geometry(venue)
    assert "only one side" in str(found.problem)


def test_a_line_that_is_seen_in_part_is_found_with_its_share() -> None:
    (found,) = check(lines=(line("across", (5, 5), (15, 5)),))
    assert (found.rule, found.verdict) == ("line-partly-observed", Verdict.WARNING)
    assert found.share == pytest.approx(0.5, abs=0.05)


def test_a_line_shorter_than_its_door_is_found() -> None:
    (found,) = check(DOOR, lines=(line("door", (1, 4), (1, 6)),))
    assert found.rule == "line-shorter-than-door"
    assert "2.0 m of the 4.0 m of zone 'gate'" in str(found.problem)


def test_lines_at_the_same_door_are_found() -> None:
    first, second = line("door", (1, 3), (1, 7)), line("door too", (2, 3), (2, 7))
    assert [f.rule for f in check(lines=(first, second))] == ["line-counts-twice"]
    out = dataclasses.replace(second, kind=ZoneKind.EXIT)
    assert check(lines=(first, out)) == []
    elsewhere = line("other door", (6, 3), (6, 7))
    square = line("side door", (3, 8), (6, 8))
    assert check(lines=(first, elsewhere, square)) == []


def test_lines_beyond_the_hall_or_under_an_obstacle_are_found() -> None:
    stand = Obstacle("stand", box(2, 2, 8, 8))
    found = check(lines=(line("buried", (4, 4), (4, 6)), line("out", (3, 12), (6, 12))), obstacles=(stand,))
    assert ("buried", "line-under-obstacle", "failed") in rules(found)
    assert ("out", "line-outside-plan", "failed") in rules(found)
    knot = CountingLine(found[0].name, ZoneKind.EXIT, Polyline(((2, 2), (6, 6), (6, 2), (2, 6))))
    assert [f.rule for f in check(lines=(knot,))] == ["line-crosses-itself"]


def test_an_obstacle_beyond_the_hall_is_found() -> None:
    (found,) = check(obstacles=(Obstacle("pillar", box(19, 4, 21, 6)),))
    assert (found.rule, found.share) == ("obstacle-outside-plan", pytest.approx(0.5))


def test_people_who_stand_on_a_line_are_found_and_those_who_cross_it_are_not() -> None:
    door = line("door", (5, 2), (5, 8))
    venue = make_seen_hall(lines=(door,))
    crossing = [[(10.0 * n, 2.0, 5.0), (10.0 * n + 5, 8.0, 5.0)] for n in range(5)]
    assert check_geometry(venue, watched=watch(walk(*crossing), 60)) == []
    waiting = [(0.0, 3.0, 4.0), (2.0, 4.95, 4.0), (22.0, 4.95, 4.0), (24.0, 3.0, 4.0)]
    (found,) = check_geometry(venue, watched=watch(walk(*crossing, waiting), 60))
    assert found.rule == "line-stood-on"
    assert found.share == pytest.approx(20 / 60, abs=0.02)
    assert found.place_m == pytest.approx((4.95, 4.0), abs=0.1)


def test_people_who_pass_beside_a_line_are_found() -> None:
    venue = make_seen_hall(lines=(line("door", (5, 2), (5, 6)),))
    through = [(0.0, 2.0, 4.0), (5.0, 8.0, 4.0)]
    beside = [(0.0, 2.0, 6.5), (5.0, 8.0, 6.5)]
    far = [(0.0, 2.0, 8.5), (5.0, 8.0, 8.5)]
    (found,) = check_geometry(venue, watched=watch(walk(through, beside, far), 60))
    assert found.rule == "line-passed-beside"
    assert "1 of 2 people" in str(found.problem)


def test_a_camera_that_is_not_calibrated_is_named_and_zones_are_not_said_to_be_unseen() -> None:
    venue = make_seen_hall(zones=(zone("dark", box(12, 2, 15, 5)),), is_calibrated=False)
    (found,) = check_geometry(venue)
    assert (found.name, found.rule, found.verdict) == ("above", "camera-not-calibrated", Verdict.WARNING)


def test_a_calibration_that_is_none_is_a_finding_not_a_failure_of_the_check() -> None:
    venue = make_seen_hall()
    entry = venue.cameras[0]
    line_of_pairs = tuple(PointPair(u, u, u, u) for u in (0.0, 1.0, 2.0, 3.0))
    bad = dataclasses.replace(entry, camera=dataclasses.replace(entry.camera, pairs=line_of_pairs))
    (found,) = check_geometry(dataclasses.replace(venue, cameras=(bad,)))
    assert (found.rule, found.verdict) == ("camera-not-calibrated", Verdict.FAILED)


def test_zones_that_are_not_saved_are_checked_too() -> None:
    drawn = FloorGeometry(zones=(zone("dark", box(12, 2, 15, 5)),))
    assert [f.rule for f in check_geometry(make_seen_hall(), geometry=drawn)] == ["zone-not-observed"]


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
    changed = MoveShape(Shape(Part.LINES, "door"), (0.0, 4.0)).apply(venue).geometry_versions[0]
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
