from __future__ import annotations

import dataclasses
import errno
import os
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.lens import Lens
from analytics.domain.zone import Zone, ZoneKind
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue, read_venue, write_venue
from app.core.venue_lock import LOCK_NAME
from resources import atomic_file
from tests.unit.app.core.venues import HALL, PAIRS, make_full_venue
from vision.sources.frame_source import SourceAddress, SourceKind

MINIMAL = """
format = 3
[exhibition]
name = "Fair"
time_zone = "Europe/Berlin"
[plan]
outline = [[0, 0], [30, 0], [30, 20]]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "hall.expoflow"
    made.mkdir()
    return made


@pytest.fixture
def full_venue(folder: Path) -> Venue:
    return make_full_venue(folder)


def read_text(folder: Path, text: str) -> Venue:
    (folder / "venue.toml").write_text(text, encoding="utf-8")
    return read_venue(folder)


def refuse(folder: Path, text: str) -> VenueError:
    with pytest.raises(VenueError) as caught:
        read_text(folder, text)
    return caught.value


def test_how_exactly_pairs_are_known_is_kept(folder: Path) -> None:
    text = MINIMAL + CAMERA
    venue = read_text(folder, text + "pair_sigma_px = 6.5\n")
    assert venue.cameras[-1].camera.pair_sigma_px == 6.5
    write_venue(venue)
    assert read_venue(folder) == venue
    assert "pair_sigma_px: must be above 0" in refuse(folder, text + "pair_sigma_px = 0").problem


def test_the_score_that_begins_a_track_is_kept_for_a_camera(folder: Path) -> None:
    text = MINIMAL.replace("format = 1", "format = 3") + CAMERA
    venue = read_text(folder, text + "new_track_score = 0.3\n")
    assert venue.cameras[-1].camera.new_track_score == 0.3
    write_venue(venue)
    assert read_venue(folder) == venue
    assert "new_track_score: must be at least 0.1" in refuse(folder, text + "new_track_score = 0").problem


def test_a_camera_that_may_be_dark_is_kept_and_others_say_nothing_of_it(folder: Path) -> None:
    text = MINIMAL.replace("format = 1", "format = 3") + CAMERA
    assert not read_text(folder, text).cameras[-1].camera.may_be_dark
    venue = read_text(folder, text + "may_be_dark = true\n")
    assert venue.cameras[-1].camera.may_be_dark
    write_venue(venue)
    assert read_venue(folder) == venue
    lit = replace(venue.cameras[-1], camera=replace(venue.cameras[-1].camera, may_be_dark=False))
    write_venue(venue.with_camera(lit))
    assert "may_be_dark" not in (folder / "venue.toml").read_text(encoding="utf-8")
    assert "may_be_dark" in refuse(folder, text + 'may_be_dark = "at night"').problem


def test_a_lens_is_read_with_the_size_of_its_pictures(folder: Path) -> None:
    text = MINIMAL
    text += '[[cameras]]\nname = "north"\nlens = {division = -0.3}\n'
    fault = "camera 1 'north': a lens needs a frame size"
    assert fault in refuse(folder, text).problem
    camera = read_text(folder, text + "frame_size = [1280, 720]\n").cameras[0].camera
    assert camera.lens == Lens(-0.3)
    beyond = text.replace("-0.3", "-0.95") + "frame_size = [1280, 720]\n"
    assert "lens > division: must be at least -0.9" in refuse(folder, beyond).problem


def test_a_privacy_mask_is_read_with_the_size_of_its_pictures(folder: Path) -> None:
    """Without it, the mask would cover another part of a stream of another size."""
    text = MINIMAL
    text += '[[cameras]]\nname = "north"\nprivacy_mask = [[[0, 0], [90, 0], [0, 60]]]\n'
    fault = "camera 1 'north': a privacy mask needs the frame size"
    assert fault in refuse(folder, text).problem
    camera = read_text(folder, text + "frame_size = [1280, 720]\n").cameras[0].camera
    assert camera.privacy_mask == (((0.0, 0.0), (90.0, 0.0), (0.0, 60.0)),)
    crossed = text.replace("[0, 60]", "[0, 60], [90, 60]") + "frame_size = [1280, 720]\n"
    assert "privacy mask polygon 1 of camera 'north' crosses itself" in refuse(folder, crossed).problem


def test_what_is_written_is_read_back(full_venue: Venue) -> None:
    write_venue(full_venue)
    assert read_venue(full_venue.folder) == full_venue


def test_the_file_is_for_people_too(full_venue: Venue) -> None:
    write_venue(full_venue)
    text = (full_venue.folder / "venue.toml").read_text(encoding="utf-8")
    assert text.startswith("# A venue of ExpoFlow")
    assert "    [4.0, 3.5],\n" in text
    assert "frame_size = [1920, 1080]\n" in text
    assert "valid_from = 2025-11-25T09:00:00.123000Z\n" in text
    assert text.index("[exhibition]") < text.index("[[cameras]]") < text.index("[[geometry]]")


def test_numbers_within_a_text_are_left_alone(folder: Path) -> None:
    label = "[\n 1.0,\n 2.0\n]\nx = 2026-01-01 00:00:00+00:00\n"
    geometry = FloorGeometry(label=label)
    write_venue(Venue(folder, Exhibition("[ 1, 2 ]", "UTC"), FloorPlan(HALL), geometry_versions=(geometry,)))
    assert read_venue(folder).geometry_versions[0].label == label


def test_a_minimal_file_by_hand_is_enough(folder: Path) -> None:
    venue = read_text(folder, MINIMAL)
    assert venue.cameras == ()
    assert venue.geometry_versions == (FloorGeometry(),)
    assert venue.plan.outline.points == ((0.0, 0.0), (30.0, 0.0), (30.0, 20.0))


def test_a_file_with_a_byte_order_mark_and_other_line_ends_is_read(folder: Path) -> None:
    (folder / "venue.toml").write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert read_venue(folder).exhibition.name == "Fair"


def test_a_camera_without_a_rate_takes_the_venues(folder: Path) -> None:
    venue = read_text(
        folder,
        MINIMAL + '[settings]\nanalysed_fps = 3\n[[cameras]]\nname = "a"\n'
        '[[cameras]]\nname = "b"\nanalysed_fps = 8\n',
    )
    assert [c.camera.analysed_fps for c in venue.cameras] == [3.0, 8.0]


def test_geometry_versions_are_put_in_the_order_of_time(folder: Path) -> None:
    venue = read_text(
        folder,
        MINIMAL
        + "[[geometry]]\nvalid_from = 2026-11-26T00:00:00+08:00\n[[geometry]]\nlabel = 'first'\n"
        + "[[geometry]]\nvalid_from = 2026-11-25T10:00:00Z\n",
    )
    assert [g.valid_from_utc_s for g in venue.geometry_versions] == [None, 1795600800.0, 1795622400.0]


CAMERA = '[[cameras]]\nname = "south"\n[[cameras]]\nname = "north"\n'
ZONE = '[[geometry]]\n[[geometry.zones]]\nname = "A1"\nkind = "booth"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            MINIMAL + CAMERA + "analysed_fps = -1",
            "camera 2 'north' > analysed_fps: must be above 0 (it is -1)",
        ),
        (MINIMAL + CAMERA + "analysed_fps = nan", "camera 2 'north' > analysed_fps: must be a finite number"),
        (MINIMAL + CAMERA + "analysed_fps = '5'", "camera 2 'north' > analysed_fps: must be a number"),
        (
            MINIMAL + CAMERA + "analysed_fsp = 5",
            "analysed_fsp: is not a field of this section; did you mean 'analysed_fps'?",
        ),
        (MINIMAL + CAMERA + "frame_size = [1920]", "frame_size: needs at least 2 values (it has 1)"),
        (MINIMAL + CAMERA + "frame_size = [1920.5, 3]", "frame_size number 1: must be a whole number"),
        (
            MINIMAL + CAMERA + "pairs = [{u_px = 1, v_px = 1, x_m = 1, y_m = 1}]",
            "camera 2 'north' > pairs: a calibration needs at least four point pairs (it has 1)",
        ),
        (
            MINIMAL + CAMERA + "pairs = [{u_px = 1, v_px = 1, x_m = 1}]",
            "camera 2 'north' > pair 1 > y_m: is missing",
        ),
        (
            MINIMAL + CAMERA + "mask = [[[0, 0], [9, 9], [9, 0], [0, 9]]]",
            "mask polygon 1 of camera 'north' crosses itself",
        ),
        (
            MINIMAL + '[[cameras]]\nname = "a"\n[[cameras]]\nname = "a"',
            "cameras: 2 cameras have the name 'a'",
        ),
        (
            MINIMAL + '[[cameras]]\nname = " a"',
            "must be text without line breaks and without leading or trailing spaces",
        ),
        (MINIMAL + '[[cameras]]\nname = ""', "camera 1 '' > name: must not be empty"),
        (MINIMAL + ZONE, "layout version 1 > zone 1 'A1' > outline: is missing"),
        (
            MINIMAL + ZONE + "outline = [[0, 0], [2, 2], [2, 0], [0, 2]]",
            "The outline of zone 'A1' crosses itself",
        ),
        (MINIMAL + ZONE + "outline = [[0, 0], [2]]", "zone 1 'A1' > corner 2: needs at least 2 values"),
        (MINIMAL + ZONE + "outline = [[0, 0], [2, 2]]", "zone 'A1' has 2 different points"),
        (
            MINIMAL + ZONE.replace("booth", "both"),
            "zone 1 'A1' > kind: 'both' is not one of 'booth', 'aisle'",
        ),
        (MINIMAL + "[[geometry]]\n[[geometry]]\n", "Two layout versions start at the same time"),
        (MINIMAL + "[[geometry]]\nvalid_from = 2026-11-25T10:00:00\n", "must include its time zone"),
        (MINIMAL + "[[geometry]]\nvalid_from = 0001-01-01T00:00:00+14:00\n", "must be in the years 1970 to"),
        (
            MINIMAL + "[[exhibition.opening_hours]]\nday = 9999-12-31\nopens = 09:00:00\ncloses = 01:00:00",
            "opening hours 1 > day: must be in the years 1970 to",
        ),
        (MINIMAL.replace("Europe/Berlin", "Mars/Olympus"), "There is no time zone 'Mars/Olympus'"),
        (
            MINIMAL.replace("[[0, 0], [30, 0], [30, 20]]", "[[0, 0], [0.01, 0], [0, 0.01]]"),
            "outline of the plan encloses",
        ),
        (MINIMAL.replace('name = "Fair"', ""), "exhibition > name: is missing"),
        (MINIMAL.replace("[plan]", "[plane]"), "plan: is missing"),
        (
            MINIMAL + '[plan.picture]\nfile_name = "../x.png"\nmetres_per_pixel = 1',
            "must be the name of a file in the venue's folder",
        ),
        (MINIMAL.replace("format = 3", ""), "format: must be a whole number"),
        (MINIMAL.replace("format = 3", 'format = "1"'), "format: must be a whole number"),
        (MINIMAL.replace("format = 3", "format = true"), "format: must be a whole number"),
        ("format = 3", "exhibition: is missing; plan: is missing"),
        (MINIMAL[:60], "is damaged or incomplete"),
        ("\0" * 500, "is damaged or incomplete"),
        ("a = " + "[" * 100_000, "is damaged or incomplete"),
    ],
)
def test_a_bad_file_is_refused_with_the_field_and_the_file(folder: Path, text: str, words: str) -> None:
    error = refuse(folder, text)
    assert error.problem.startswith("venue.toml")
    assert words in error.problem
    assert str(folder / "venue.toml") in error.remedy


def test_only_the_first_faults_are_listed(folder: Path) -> None:
    error = refuse(
        folder, MINIMAL + "".join(f'[[cameras]]\nname = "{n}"\nanalysed_fps = 0\n' for n in range(9))
    )
    assert error.problem.count("must be above 0") == 3
    assert error.problem.endswith("; and 6 more.")


def test_a_file_that_is_not_utf_8_is_refused(folder: Path) -> None:
    (folder / "venue.toml").write_bytes(MINIMAL.replace("Fair", "中文").encode("gbk"))
    with pytest.raises(VenueError, match="not UTF-8 text"):
        read_venue(folder)


@pytest.mark.parametrize(
    "location",
    [
        "rtsp://guard:geheim@10.0.0.7/live",
        "rtsp://guard:ge/heim@10.0.0.7/live",
        "rtsp://geheim@10.0.0.7/live",
        "http://10.0.0.7/snap.cgi?user=guard&password=geheim",
        "http://10.0.0.7/snap.cgi?user=guard&pwd=geheim",
    ],
)
def test_an_address_with_credentials_is_refused_without_showing_them(folder: Path, location: str) -> None:
    error = refuse(folder, MINIMAL + CAMERA + f'source = {{ kind = "rtsp", location = "{location}" }}')
    assert (
        "camera 2 'north' > source > location: the address contains a user name or password" in error.problem
    )
    assert "keyring" in error.problem
    assert "heim" not in str(error) + repr(error) + repr(error.__cause__) + repr(error.__context__)


@pytest.mark.parametrize(
    "location", ["http://10.0.0.7:80/a@b", "rtsp://[fe80::1]/cam@1", "rtsp://h/", "a:b@c.mp4"]
)
def test_an_address_with_an_at_sign_elsewhere_is_accepted(folder: Path, location: str) -> None:
    venue = read_text(folder, MINIMAL + CAMERA + f'source = {{ kind = "rtsp", location = "{location}" }}')
    assert venue.address_of("north") == SourceAddress(SourceKind.RTSP, location)


@pytest.mark.parametrize("field", ["password", "pwd", "Password", "token"])
def test_a_field_for_a_password_is_refused_without_showing_it(folder: Path, field: str) -> None:
    error = refuse(
        folder, MINIMAL + CAMERA + f'source = {{ kind = "rtsp", location = "rtsp://h/", {field} = "geheim" }}'
    )
    assert f"source > {field}: passwords are never kept in this file" in error.problem
    assert "geheim" not in str(error) + repr(error.__context__)


def test_the_file_of_a_newer_version_is_neither_read_nor_replaced(folder: Path, full_venue: Venue) -> None:
    error = refuse(folder, "format = 99\nwho_knows = 1\n")
    assert (
        error.problem == "venue.toml was written by a newer ExpoFlow (format 99; this one supports up to 3)."
    )
    assert "Update" in error.remedy
    with pytest.raises(VenueError, match="newer ExpoFlow"):
        write_venue(full_venue)
    assert (folder / "venue.toml").read_text() == "format = 99\nwho_knows = 1\n"
    assert list_files(folder) == ["venue.toml"]


def test_a_file_of_an_earlier_format_is_not_read_and_kept_when_it_is_replaced(
    folder: Path, full_venue: Venue
) -> None:
    before = MINIMAL.replace("format = 3", "format = 2")
    error = refuse(folder, before)
    assert "venue.toml is in format 2" in error.problem
    write_venue(full_venue)
    assert (folder / "venue.toml.format2.bak").read_text() == before
    assert read_venue(folder) == full_venue


def list_files(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if file.name != LOCK_NAME]


def test_a_missing_folder_a_foreign_folder_and_an_empty_one(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(VenueError, match=r"There is no venue .*absent\.expoflow"):
        read_venue(tmp_path / "absent.expoflow")
    (tmp_path / "photos").mkdir()
    with pytest.raises(
        VenueError, match=r"'photos' is not a valid name.* Use a name such as photos\.expoflow"
    ):
        read_venue(tmp_path / "photos")
    with pytest.raises(VenueError, match=r"hall\.expoflow is not a venue: it has no file venue\.toml"):
        read_venue(folder)
    with pytest.raises(VenueError, match="Choose a venue's folder"):
        read_venue(folder / "venue.toml")


def test_a_relative_folder_is_made_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "venue.toml").write_text(MINIMAL)
    monkeypatch.chdir(folder)
    assert read_venue(Path()).folder == folder


def test_a_new_venue_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, plan = tmp_path / "new.expoflow", FloorPlan(HALL)
    venue = create_venue(folder, Exhibition("Fair", "UTC"), plan)
    assert read_venue(folder) == venue
    with pytest.raises(VenueError, match="already exists"):
        create_venue(folder, Exhibition("Fair", "UTC"), plan)
    with pytest.raises(VenueError, match=r"Use a name such as new\.expoflow"):
        create_venue(tmp_path / "new", Exhibition("Fair", "UTC"), plan)
    with pytest.raises(VenueError, match=r"absent.* does not exist"):
        create_venue(tmp_path / "absent" / "x.expoflow", Exhibition("Fair", "UTC"), plan)

    monkeypatch.setattr(atomic_file, "_flush_to_disk", fail_with(errno.ENOSPC))
    with pytest.raises(VenueError, match=r"disk is full; '.*venue\.toml' was not written"):
        create_venue(tmp_path / "late.expoflow", Exhibition("Fair", "UTC"), plan)
    assert not (tmp_path / "late.expoflow").exists()


def fail_with(code: int) -> object:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "no permission to use"),
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only disk"),
    ],
)
def test_a_folder_that_cannot_be_written_keeps_its_file(
    full_venue: Venue, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    write_venue(full_venue)
    before = (full_venue.folder / "venue.toml").read_bytes()
    monkeypatch.setattr(tempfile, "mkstemp", fail_with(code))

    with pytest.raises(VenueError, match=words):
        write_venue(dataclasses.replace(full_venue, cameras=()))

    assert (full_venue.folder / "venue.toml").read_bytes() == before
    assert list_files(full_venue.folder) == ["venue.toml"]


def test_the_last_good_file_is_kept_and_a_damaged_one_too(full_venue: Venue) -> None:
    folder = full_venue.folder
    write_venue(full_venue)
    good = (folder / "venue.toml").read_text(encoding="utf-8")
    write_venue(dataclasses.replace(full_venue, cameras=()))
    assert (folder / "venue.toml.bak").read_text(encoding="utf-8") == good

    (folder / "venue.toml").write_text("my edits [")
    write_venue(full_venue)
    assert (folder / "venue.toml.damaged").read_text() == "my edits ["
    assert (folder / "venue.toml.bak").read_text(encoding="utf-8") == good
    assert read_venue(folder) == full_venue


def test_writing_the_same_again_leaves_the_backup_alone(full_venue: Venue) -> None:
    write_venue(full_venue)
    write_venue(full_venue)
    assert list_files(full_venue.folder) == ["venue.toml"]


def test_what_could_not_be_read_back_is_not_written(full_venue: Venue) -> None:
    write_venue(full_venue)
    bow_tie = Zone(ZoneId("knot"), ZoneKind.BOOTH, Polygon(((0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0))))
    few_pairs = VenueCamera(Camera(CameraId("east"), pairs=PAIRS[:3]))
    nowhere = VenueCamera(Camera(CameraId("east"), pairs=(*PAIRS, PointPair(float("nan"), 0, 0, 0))))
    for broken, words in (
        (full_venue.with_geometry(FloorGeometry(zones=(bow_tie,))), "zone 'knot' crosses itself"),
        (full_venue.with_camera(few_pairs), r"'east' > pairs: .*at least four .*\(it has 3\)"),
        (full_venue.with_camera(nowhere), "'east' > pair 5 > u_px: must be a finite number"),
    ):
        with pytest.raises(VenueError, match=words):
            write_venue(broken)
    assert read_venue(full_venue.folder) == full_venue


@pytest.mark.skipif(os.name == "nt", reason="file modes are those of POSIX")
def test_everybody_may_read_the_file(full_venue: Venue) -> None:
    write_venue(full_venue)
    assert stat.S_IMODE((full_venue.folder / "venue.toml").stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"name": " door "}, "camera 1 ' door ' > name"),
        ({"name": "x" * 101}, "> name: must be at most 100 characters long"),
        ({"analysed_fps": 500.0}, "camera 1 'door' > analysed_fps: must be at most 120 (it is 500)"),
    ],
)
def test_a_value_that_cannot_be_kept_is_named_and_no_file_is_blamed(
    folder: Path, full_venue: Venue, entered: dict[str, object], field: str
) -> None:
    write_venue(full_venue)
    before = (folder / "venue.toml").read_bytes()
    camera = Camera(CameraId("door"))
    wrong = dataclasses.replace(camera, **entered)  # type: ignore[arg-type]
    with pytest.raises(VenueError) as caught:
        write_venue(dataclasses.replace(full_venue, cameras=(VenueCamera(wrong),)))
    assert field in caught.value.problem
    assert caught.value.remedy == "Enter another value; nothing was changed."
    assert "venue.toml" not in str(caught.value)
    assert (folder / "venue.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["CON.expoflow", "a?b.expoflow", "nul .expoflow"])
def test_no_venue_gets_a_name_that_windows_refuses(tmp_path: Path, name: str) -> None:
    with pytest.raises(VenueError, match="not a valid name"):
        create_venue(tmp_path / name, Exhibition("Fair", "UTC"), FloorPlan(HALL))
    assert list(tmp_path.iterdir()) == []
