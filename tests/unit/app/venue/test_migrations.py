from __future__ import annotations

import copy
import dataclasses
import tomllib
from pathlib import Path

import pytest

from analytics.domain.camera import PointPair
from analytics.domain.errors import VenueError
from analytics.domain.zone import ZoneKind
from app.venue.file_format import read_venue, write_venue
from app.venue.file_schema import CURRENT_FORMAT
from app.venue.migrations import MIGRATIONS, migrate
from vision.sources.frame_source import SourceKind

FORMAT_0 = """
format = 0

[exhibition]
name = "Spring fair"
timezone = "Europe/Berlin"

[plan]
outline = [[0, 0], [30, 0], [30, 20], [0, 20]]

[[zones]]
name = "A1"
kind = "booth"
polygon = [[1, 1], [4, 1], [4, 3]]

[[lines]]
name = "door"
kind = "entrance"
points = [[0, 1], [0, 3]]

[[cameras]]
name = "north"
url = "rtsp://10.0.0.7/live"
fps = 4
points = [[100, 900, 1, 1], [1800, 900, 9, 1], [1300, 300, 9, 9], [600, 300, 1, 9]]

[[cameras]]
name = "clip"
url = "day.mp4"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "spring.expoflow"
    made.mkdir()
    (made / "venue.toml").write_text(FORMAT_0)
    return made


def test_an_old_file_is_read_as_it_was_meant(folder: Path) -> None:
    venue = read_venue(folder)
    assert venue.exhibition.time_zone == "Europe/Berlin"
    (geometry,) = venue.geometry_versions
    assert (geometry.valid_from_utc_s, geometry.zones[0].kind) == (None, ZoneKind.BOOTH)
    assert geometry.zones[0].outline.points == ((1.0, 1.0), (4.0, 1.0), (4.0, 3.0))
    assert geometry.lines[0].path.points == ((0.0, 1.0), (0.0, 3.0))
    north, clip = venue.cameras
    assert north.camera.pairs[1] == PointPair(1800.0, 900.0, 9.0, 1.0)
    assert north.camera.analysed_fps == 4.0
    assert north.address is not None
    assert (north.address.kind, north.address.location) == (SourceKind.RTSP, "rtsp://10.0.0.7/live")
    assert clip.address is not None
    assert clip.address.kind is SourceKind.VIDEO


def test_reading_leaves_the_old_file_and_the_first_writing_keeps_it(folder: Path) -> None:
    venue = read_venue(folder)
    assert (folder / "venue.toml").read_text() == FORMAT_0

    write_venue(venue)
    write_venue(dataclasses.replace(venue, cameras=venue.cameras[:1]))

    assert (folder / "venue.toml.format0.bak").read_text() == FORMAT_0
    assert tomllib.loads((folder / "venue.toml").read_text(encoding="utf-8"))["format"] == CURRENT_FORMAT
    assert read_venue(folder).geometry_versions == venue.geometry_versions


def test_an_old_address_with_a_password_is_refused_and_not_shown(folder: Path) -> None:
    (folder / "venue.toml").write_text(FORMAT_0.replace("rtsp://", "rtsp://guard:geheim@"))
    with pytest.raises(VenueError, match="camera 1 'north' > source > location") as caught:
        read_venue(folder)
    assert "geheim" not in str(caught.value)


def test_cameras_of_a_format_without_lenses_have_none(folder: Path) -> None:
    write_venue(read_venue(folder))
    text = (folder / "venue.toml").read_text(encoding="utf-8")
    assert "lens" not in text
    (folder / "venue.toml").write_text(text.replace("format = 3", "format = 1"), encoding="utf-8")
    assert [entry.camera.lens for entry in read_venue(folder).cameras] == [None, None]


def test_cameras_of_a_format_without_privacy_masks_have_none_and_keep_what_is_ignored(folder: Path) -> None:
    mask = "mask = [[[0, 0], [90, 0], [0, 60]]]\n"
    text = FORMAT_0.replace('name = "clip"\n', f'name = "clip"\n{mask}')
    (folder / "venue.toml").write_text(text, encoding="utf-8")
    write_venue(read_venue(folder))
    text = (folder / "venue.toml").read_text(encoding="utf-8")
    assert "privacy" not in text
    (folder / "venue.toml").write_text(text.replace("format = 3", "format = 2"), encoding="utf-8")
    clip = read_venue(folder).cameras[1].camera
    assert (clip.mask, clip.privacy_mask) == ((((0.0, 0.0), (90.0, 0.0), (0.0, 60.0)),), ())


def test_every_earlier_format_has_a_migration() -> None:
    assert sorted(MIGRATIONS) == list(range(CURRENT_FORMAT))


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"zones": 5, "lines": "x", "cameras": {"a": 1}, "exhibition": 3},
        {"zones": [5], "cameras": [None, {"points": 7, "url": 3}, {"points": [[1, 2]]}]},
    ],
)
def test_a_damaged_old_file_is_left_for_the_checks_to_refuse(raw: dict[str, object]) -> None:
    before = copy.deepcopy(raw)
    migrated = migrate(raw, from_format=0, to_format=CURRENT_FORMAT)
    assert migrated["format"] == CURRENT_FORMAT
    assert raw == before
