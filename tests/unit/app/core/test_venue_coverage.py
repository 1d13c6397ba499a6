"""``venue coverage`` and ``venue plan-camera`` on a hall with one planned camera."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.domain.errors import GeometryError
from app.cli.venue import app
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from tests.support.halls.planned_hall import box, install, make_planned_venue, plan_camera, zone

ZONES = (zone("seen", box(6.0, 5.0, 8.0, 7.0)), zone("corner", box(0.0, 0.0, 2.0, 1.0)))


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    made = make_planned_venue(zones=ZONES, cameras=[install(plan_camera())], folder=tmp_path / "h.expoflow")
    made.folder.mkdir()
    write_venue(made)
    return made


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception is not None:
        raise result.exception
    return result.output


def test_a_planned_camera_is_put_on_the_plan_changed_and_taken_off(venue: Venue) -> None:
    run("plan-camera", venue.folder, "east", "--at", "20,6.5", "--heading", "180", "--frame-size", "1280x720")
    (east,) = read_venue(venue.folder).planned_cameras
    assert (east.x_m, east.y_m, east.heading_deg, east.frame_size_wh) == (20.0, 6.5, 180.0, (1280, 720))
    run("plan-camera", venue.folder, "east", "--height", "5.5", "--tilt", "40", "--fov", "95")
    (east,) = read_venue(venue.folder).planned_cameras
    assert (east.x_m, east.height_m, east.tilt_deg, east.horizontal_fov_deg) == (20.0, 5.5, 40.0, 95.0)
    run("plan-camera", venue.folder, "east", "--remove")
    assert read_venue(venue.folder).planned_cameras == ()


def test_the_report_is_for_machines_and_people(venue: Venue) -> None:
    run("plan-camera", venue.folder, "east", "--at", "20,6", "--heading", "180", "--tilt", "45")
    report = json.loads(run("coverage", venue.folder, "--json"))
    assert report["hall"]["floor_m2"] == 240.0
    assert 0 < report["hall"]["overlap_m2"] < report["hall"]["seen_m2"] < 240.0
    west, east = report["cameras"]
    assert (west["name"], west["planned"], west["height_m"], west["tilt_deg"]) == ("west", False, 4.0, 30.0)
    assert (east["name"], east["planned"], east["heading_deg"]) == ("east", True, 180.0)
    assert [z["name"] for z in report["zones"]] == ["seen", "corner"]
    assert report["zones"][1]["unseen_m2"] == pytest.approx(2.0, abs=0.1)
    unseen = next(advice for advice in report["advice"] if advice["kind"] == "unseen")
    assert unseen["sentence"] == "No camera sees corner: 2.0 m²."
    told = run("coverage", venue.folder)
    assert "No camera sees corner: 2.0 m²." in told
    assert "of 240.0 m² of floor are in clear view" in told


def test_less_of_a_crowd_hides_less(venue: Venue) -> None:
    few, many = (
        json.loads(run("coverage", venue.folder, "--json", "--density", d))["zones"][0]["hidden_m2"]
        for d in ("0.1", "1")
    )
    assert 0 < few < many


def test_a_camera_without_a_place_or_out_of_limits_is_refused(venue: Venue) -> None:
    with pytest.raises(SystemExit):
        run("plan-camera", venue.folder, "east")
    with pytest.raises(SystemExit):
        run("plan-camera", venue.folder, "east", "--at", "here")
    with pytest.raises(GeometryError, match="height"):
        run("plan-camera", venue.folder, "east", "--at", "1,1", "--height", "99")


def test_a_camera_that_is_not_calibrated_is_said_to_be(venue: Venue) -> None:
    bare = dataclasses.replace(venue.cameras[0].camera, pairs=())
    write_venue(dataclasses.replace(venue, cameras=(dataclasses.replace(venue.cameras[0], camera=bare),)))
    report = json.loads(run("coverage", venue.folder, "--json"))
    assert report["cameras"][0]["calibrated"] is False
    assert report["hall"]["hidden_share"] is None
    assert "not calibrated" in run("coverage", venue.folder)
