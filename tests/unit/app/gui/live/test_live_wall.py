"""The wall's state follows the venue and the pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.access.audit_log import read_entries
from app.core.change_set import ChangeSet
from app.core.document import MEMBERSHIP_FILE
from app.core.privacy_file import FILE_NAME, PreviewMode, PrivacySettings
from app.error_reporting import ErrorReport
from app.gui.live.model import LiveWallState, LiveWallViewModel, WallPhase
from app.gui.live.preview_feed import Box
from app.gui.session.app_state import AppState
from app.gui.session.camera_words import CameraHealth
from app.privacy.edit_privacy import change_privacy
from tests.conftest import LogGuard
from tests.support.halls.live_venue import FrozenClock, make_live_venue
from tests.support.windows.drawn_picture import STAND, find_pixel, make_drawn_venue, make_hall_camera
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import PicturePreview, ScriptedMonitor, make_status, make_track
from tools.simulation.rendering.exhibition_scene import FRAME_SIZE_WH
from vision.pipeline.messages import CameraState
from vision.pixel_types import Picture

ANNA = make_track(7, (10.0, 0.0, 20.0, 40.0))
MASKED = (1.0, 0.0, 2.0, 4.0)
"""Somebody whom the detector found, but who does not count."""


class Wall:
    """A view-model between a venue and a pipeline that the test sets."""

    def __init__(self) -> None:
        self.app_state = AppState()
        self.monitor = ScriptedMonitor()
        self.clock = FrozenClock(1_700_000_000.0)
        self.viewmodel = LiveWallViewModel(
            app_state=self.app_state, job_runner=InlineJobRunner(), monitor=self.monitor, clock=self.clock
        )

    @property
    def state(self) -> LiveWallState:
        return self.viewmodel.state


@pytest.fixture
def wall(qapp: object) -> Wall:
    return Wall()


def test_without_a_venue_and_without_a_camera_there_is_no_wall(wall: Wall, tmp_path: Path) -> None:
    assert wall.state.phase is WallPhase.NO_VENUE
    wall.app_state.show_venue(make_live_venue(tmp_path, 0))
    assert wall.state.phase is WallPhase.NO_CAMERA
    wall.app_state.show_venue(make_live_venue(tmp_path, 1))
    assert wall.state.phase is WallPhase.IDLE
    wall.app_state.close_venue()
    assert wall.state.phase is WallPhase.NO_VENUE


@pytest.mark.parametrize(
    ("cameras", "size", "pages"), [(1, 1, 1), (2, 4, 1), (5, 9, 1), (16, 16, 1), (40, 16, 3)]
)
def test_the_wall_is_as_large_as_the_venue_needs(
    wall: Wall, tmp_path: Path, cameras: int, size: int, pages: int
) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, cameras))
    assert (wall.state.size, wall.state.pages) == (size, pages)
    assert len(wall.state.tiles) == min(cameras, size)


def test_pages_are_turned_within_the_wall_and_kept_when_its_size_changes(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 9))
    wall.viewmodel.set_size(4)
    wall.viewmodel.turn_page(1)
    assert [tile.camera for tile in wall.state.tiles] == ["camera 5", "camera 6", "camera 7", "camera 8"]
    wall.viewmodel.set_size(1)
    assert [tile.camera for tile in wall.state.tiles] == ["camera 5"]
    wall.viewmodel.turn_page(100)
    assert wall.state.page == 8
    wall.viewmodel.turn_page(-100)
    assert wall.state.page == 0


def test_one_camera_fills_the_wall_and_gives_it_back(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 4))
    wall.viewmodel.enlarge("camera 3")
    assert (wall.state.enlarged, [tile.camera for tile in wall.state.tiles]) == ("camera 3", ["camera 3"])
    wall.viewmodel.enlarge(None)
    assert len(wall.state.tiles) == 4
    wall.viewmodel.enlarge("camera 3")
    wall.app_state.show_venue(make_live_venue(tmp_path, 2))
    assert wall.state.enlarged is None


def test_a_live_camera_shows_its_people_with_their_trails(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 2))
    wall.monitor.show_starting()
    assert wall.state.phase is WallPhase.STARTING
    moved = make_track(7, (30.0, 0.0, 40.0, 44.0))
    for time_s, track in ((5.0, ANNA), (5.2, moved)):
        wall.monitor.show_status(
            make_status("camera 1", people=1, tracks=(track,), tracks_time_s=time_s, dropped=3),
            make_status("camera 2", CameraState.CONNECTING),
        )
    assert wall.state.phase is WallPhase.RUNNING
    first, second = wall.state.tiles
    assert (first.words.health, first.people, first.dropped) == (CameraHealth.LIVE, 1, 3)
    assert (first.tracks, first.trails) == ((moved,), (((15.0, 40.0), (35.0, 44.0)),))
    assert (second.words.health, second.people) == (CameraHealth.WAITING, None)
    assert (wall.state.people, wall.state.live, wall.state.cameras) == (1, 1, 2)


def test_a_camera_that_another_machine_reads_is_no_camera_to_be_started(wall: Wall, tmp_path: Path) -> None:
    venue = make_live_venue(tmp_path, 2)
    venue.folder.mkdir(exist_ok=True)
    (venue.folder / MEMBERSHIP_FILE).touch()
    wall.app_state.show_venue(venue)
    wall.monitor.show_status(make_status("camera 1", people=1))
    words = wall.state.tiles[1].words
    assert (words.health, words.problem) == (CameraHealth.IDLE, "This machine does not read this camera.")


def test_an_offline_camera_says_since_when_and_has_no_people(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 1))
    wall.monitor.show_status(make_status("camera 1", CameraState.LOST, age_s=60.0, people=0))
    (tile,) = wall.state.tiles
    assert (tile.words.health, tile.since, tile.people) == (CameraHealth.OFFLINE, "22:12:20", None)
    assert not tile.has_picture
    wall.clock.now_s += 500
    wall.monitor.show_status(make_status("camera 1", CameraState.RESTARTING, age_s=560.0))
    assert wall.state.tiles[0].since == "22:12:20"
    wall.monitor.show_status(make_status("camera 1"))
    assert wall.state.tiles[0].since == ""


def test_after_the_recording_nothing_looks_live(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 1))
    wall.monitor.show_status(make_status("camera 1", people=1, tracks=(ANNA,), tracks_time_s=5.0))
    wall.monitor.show_stopped()
    (tile,) = wall.state.tiles
    assert wall.state.phase is WallPhase.IDLE
    assert (tile.words.health, tile.people, tile.tracks) == (CameraHealth.IDLE, None, ())


def test_a_slow_camera_may_be_silent_for_longer(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 1, analysed_fps=0.2))
    wall.monitor.show_status(make_status("camera 1"))
    assert wall.state.tiles[0].stale_after_s == pytest.approx(15.0)


def test_why_the_recording_failed_stays_until_it_is_started_again(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 1))
    wall.monitor.failed.emit(ErrorReport("The model is gone.", "Fetch it.", ""))
    assert (wall.state.problem, wall.state.remedy) == ("The model is gone.", "Fetch it.")
    asked: list[bool] = []
    wall.viewmodel.start_requested.connect(lambda: asked.append(True))
    wall.viewmodel.request_start()
    assert asked == [True]
    assert wall.state.problem == ""


def test_faces_are_blurred_and_only_where_the_venue_allows_it_not(wall: Wall, tmp_path: Path) -> None:
    venue = make_live_venue(tmp_path, 1)
    venue.folder.mkdir()
    wall.app_state.show_venue(venue)
    wall.viewmodel.blur(False)
    assert (wall.state.is_blurred, wall.state.previews) == (True, PreviewMode.BLURRED)
    change_privacy(venue.folder, PrivacySettings(PreviewMode.PLAIN))
    wall.app_state.show_venue(venue)
    assert wall.state.is_blurred
    wall.viewmodel.blur(False)
    wall.viewmodel.show_boxes(False)
    assert (wall.state.is_blurred, wall.state.shows_boxes) == (False, False)
    wall.viewmodel.blur(True)
    entries = read_entries(venue.folder)
    assert [(entry.action, dict(entry.what)) for entry in entries] == [
        ("privacy changed", {"previews": "blurred -> plain"}),
        ("blurring changed", {"heads": "blurred -> shown"}),
        ("blurring changed", {"heads": "shown -> blurred"}),
    ]


def test_where_only_silhouettes_may_be_shown_no_picture_can_be_had(
    wall: Wall, tmp_path: Path, log_guard: LogGuard
) -> None:
    venue = make_live_venue(tmp_path, 1)
    venue.folder.mkdir()
    wall.app_state.show_venue(venue)
    wall.monitor.show_status(make_status("camera 1", tracks=(ANNA,)))
    wall.monitor.pictures["camera 1"] = PicturePreview(np.zeros((4, 4, 3), np.uint8))
    assert wall.viewmodel.preview("camera 1") is not None
    change_privacy(venue.folder, PrivacySettings(PreviewMode.SILHOUETTES))
    wall.app_state.announce(ChangeSet(settings=True), initiator=None)
    assert wall.viewmodel.preview("camera 1") is None
    failures: list[ErrorReport] = []
    wall.viewmodel.failed.connect(failures.append)
    wall.viewmodel.save_snapshot("camera 1", tmp_path / "picture.png", lambda _picture, _people: b"picture")
    assert len(failures) == 1
    assert not (tmp_path / "picture.png").exists()
    # a file that nobody understands closes, and does not open
    (venue.folder / FILE_NAME).write_text("format = 1\npreviews = 'everything'\n")
    log_guard.expect("cannot be read")
    wall.app_state.show_venue(venue)
    assert wall.state.previews is PreviewMode.SILHOUETTES


def test_zones_lie_on_the_pictures_of_a_calibrated_camera_in_its_streams_size(
    wall: Wall, tmp_path: Path
) -> None:
    venue = make_drawn_venue(tmp_path, make_hall_camera())
    name = str(venue.cameras[0].name)
    wall.app_state.show_venue(venue)
    half_wh = (FRAME_SIZE_WH[0] // 2, FRAME_SIZE_WH[1] // 2)
    wall.monitor.show_status(make_status(name, size_wh=half_wh))
    assert wall.state.tiles[0].zones == ()
    wall.viewmodel.show_zones(True)
    assert wall.state.shows_zones
    zone, line = wall.state.tiles[0].zones
    assert (zone.name, line.name) == ("Glass", "door")
    u_px, v_px = find_pixel(*STAND[0])
    assert zone.corners[0] == pytest.approx((u_px / 2, v_px / 2), abs=0.2)
    wall.monitor.show_status(make_status(name, size_wh=half_wh, people=1))
    assert wall.state.tiles[0].zones[0] is zone, "nothing is projected again"
    wall.monitor.show_status(make_status(name, size_wh=(480, 480)))
    assert wall.state.tiles[0].zones == (), "of another shape it shows something else"


def test_a_snapshot_is_the_newest_picture_with_its_people(wall: Wall, tmp_path: Path) -> None:
    picture = np.full((4, 6, 3), 9, np.uint8)
    wall.app_state.show_venue(make_live_venue(tmp_path, 1))
    wall.monitor.pictures["camera 1"] = PicturePreview(picture)
    wall.monitor.show_status(
        make_status("camera 1", people=1, tracks=(ANNA,), tracks_time_s=5.0, found_xyxy=(MASKED,))
    )
    given: list[tuple[Picture, tuple[Box, ...]]] = []
    saved: list[str] = []

    def encode(shown: Picture, people: tuple[Box, ...]) -> bytes:
        given.append((shown, people))
        return b"picture"

    wall.viewmodel.snapshot_saved.connect(saved.append)
    wall.viewmodel.save_snapshot("camera 1", tmp_path / "shot.png", encode)
    ((shown, people),) = given
    assert (shown == picture).all()
    assert people == (ANNA.xyxy, MASKED), "also those who do not count"
    assert saved == [str(tmp_path / "shot.png")]
    assert (tmp_path / "shot.png").read_bytes() == b"picture"


def test_there_is_no_snapshot_of_a_camera_that_is_not_live(wall: Wall, tmp_path: Path) -> None:
    wall.app_state.show_venue(make_live_venue(tmp_path, 1))
    wall.monitor.pictures["camera 1"] = PicturePreview(np.zeros((4, 6, 3), np.uint8))
    wall.monitor.show_status(make_status("camera 1", CameraState.LOST))
    failed: list[ErrorReport] = []
    wall.viewmodel.failed.connect(failed.append)
    wall.viewmodel.save_snapshot("camera 1", tmp_path / "shot.png", lambda _picture, _tracks: b"old")
    assert "camera 1" in failed[0].problem
    assert failed[0].remedy
    assert not (tmp_path / "shot.png").exists()
