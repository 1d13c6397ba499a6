"""A camera is removed, and put back to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.domain.errors import VenueError
from analytics.domain.identifiers import CameraId
from app.cameras.edit_masks import RemoveCamera
from app.cli.venue import app
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.plan.saved_edits import save_edit, save_undo
from tests.unit.app.core.venues import make_full_venue


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    folder = tmp_path / "hall.expoflow"
    folder.mkdir()
    made = make_full_venue(folder)
    write_venue(made)
    return made


def test_each_camera_goes_alone_and_comes_back_to_its_place(venue: Venue) -> None:
    file = venue.folder / "venue.toml"
    before = file.read_bytes()
    assert venue.cameras
    for name in venue.camera_names:
        removed = save_edit(venue.folder, RemoveCamera(name))
        assert removed.changes.cameras
        left = read_venue(venue.folder)
        assert left.camera_names == tuple(other for other in venue.camera_names if other != name)
        assert left.geometry_versions == venue.geometry_versions
        assert left.corrections == venue.corrections
        save_undo(venue.folder, removed.step)
        assert file.read_bytes() == before


def test_a_camera_does_not_come_back_beside_another_of_its_name(venue: Venue) -> None:
    name = venue.camera_names[0]
    removed = save_edit(venue.folder, RemoveCamera(name))
    other = save_edit(venue.folder, RemoveCamera(venue.camera_names[-1])).venue
    write_venue(other.with_camera(venue.camera(name)))
    present = (venue.folder / "venue.toml").read_bytes()
    with pytest.raises(VenueError, match="have the name"):
        save_undo(venue.folder, removed.step)
    assert (venue.folder / "venue.toml").read_bytes() == present


def test_a_camera_that_is_not_there_is_not_removed(venue: Venue) -> None:
    with pytest.raises(VenueError, match="no camera"):
        save_edit(venue.folder, RemoveCamera(CameraId("cellar")))


def test_the_command_asks_first(venue: Venue) -> None:
    name = str(venue.camera_names[0])
    arguments = ["remove-camera", str(venue.folder), name]
    refused = CliRunner().invoke(app, arguments, input="n\n")
    assert refused.exit_code != 0
    assert name in read_venue(venue.folder).camera_names
    assert CliRunner().invoke(app, arguments, input="y\n").exit_code == 0
    assert name not in read_venue(venue.folder).camera_names
    for other in read_venue(venue.folder).camera_names:
        assert CliRunner().invoke(app, ["remove-camera", str(venue.folder), other, "--yes"]).exit_code == 0
    assert read_venue(venue.folder).cameras == ()
