"""``venue masks``, ``add-mask``, ``remove-mask`` and ``may-be-dark``, as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from app.cli.venue import app
from app.core.file_format import read_venue
from tests.support.windows.drawn_picture import make_drawn_venue, make_hall_camera


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_a_mask_is_added_listed_and_removed(tmp_path: Path) -> None:
    venue = make_drawn_venue(tmp_path, make_hall_camera())
    name = str(venue.cameras[0].name)
    corners = ("--corners", "0,0 200,0 200,150.5")
    assert run("add-mask", venue.folder, name, "privacy", *corners)[0] == 0
    assert run("add-mask", venue.folder, name, "ignore", *corners, "--frame-size", "1280x720")[0] == 0
    camera = read_venue(venue.folder).camera(name).camera
    assert camera.privacy_mask == (((0.0, 0.0), (200.0, 0.0), (200.0, 150.5)),)
    assert camera.mask == (((0.0, 0.0), (100.0, 0.0), (100.0, 75.2)),)
    code, listed = run("masks", venue.folder, "--json")
    assert code == 0
    assert [(entry["kind"], entry["number"]) for entry in json.loads(listed)] == [
        ("privacy", 1),
        ("ignore", 1),
    ]
    assert "200,150.5" in run("masks", venue.folder)[1]
    assert run("remove-mask", venue.folder, name, "privacy", "--number", "1")[0] == 0
    assert read_venue(venue.folder).camera(name).camera.privacy_mask == ()


def test_dark_pictures_of_a_camera_can_be_allowed(tmp_path: Path) -> None:
    venue = make_drawn_venue(tmp_path, make_hall_camera())
    before = (venue.folder / "venue.toml").read_bytes()
    name = str(venue.cameras[0].name)
    code, output = run("may-be-dark", venue.folder, name)
    assert code == 0
    assert "count as observed" in output
    assert read_venue(venue.folder).camera(name).camera.may_be_dark
    code, output = run("may-be-dark", venue.folder, name, "--no")
    assert code == 0
    assert "count as a gap" in output
    assert (venue.folder / "venue.toml").read_bytes() == before
    assert run("may-be-dark", venue.folder, "nowhere")[0] != 0
