"""Where a calibration's picture comes from, what its size means, and what happens when saving fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.job import JobContext
from app.gui.calibration.calibration_draft import (
    CalibrationDraft,
    DraftHistory,
    DraftPoint,
    UnsavedDrafts,
    list_points,
)
from app.gui.calibration.model import CalibrationViewModel
from app.gui.session.app_state import AppState
from app.gui.session.units import install_units
from tests.support.halls.live_venue import make_live_venue
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import PicturePreview, ScriptedMonitor, make_status, make_track
from tools.simulation.rendering.exhibition_scene import FRAME_SIZE_WH, HALL_CAMERAS, calibrate_hall_camera
from vision.sources.frame_source import SourceAddress
from vision.sources.stream_probe import StreamReport

NAME = "camera 1"
HALL = calibrate_hall_camera(HALL_CAMERAS[0], analysed_fps=5.0)
MASK = (((0.0, 0.0), (100.0, 0.0), (0.0, 100.0)),)

Make = Callable[..., CalibrationViewModel]


class StillCamera:
    """Gives one grey picture of any size to whoever probes it, and notes what was asked."""

    def __init__(self, size_wh: tuple[int, int] = FRAME_SIZE_WH, error: SourceError | None = None) -> None:
        self.size_wh, self.error = size_wh, error
        self.asked: list[SourceAddress] = []
        self.masked: Camera | None = None

    def __call__(
        self,
        address: SourceAddress,
        *,
        context: JobContext,
        camera: str | None,
        measure_s: float,
        preview_max_wh: tuple[int, int],
        masked: Camera | None,
    ) -> StreamReport:
        self.asked.append(address)
        self.masked = masked
        if self.error is not None:
            raise self.error
        scale = min(1.0, preview_max_wh[0] / self.size_wh[0])
        preview_wh = (round(self.size_wh[0] * scale), round(self.size_wh[1] * scale))
        grey = bytes([90]) * (3 * preview_wh[0] * preview_wh[1])
        return StreamReport(
            self.size_wh, "", "", None, None, 0.0, 0.0, None, None, None, 1, 0, preview_wh, grey
        )


@pytest.fixture
def make(qapp: QApplication, tmp_path: Path) -> Make:
    def make_viewmodel(
        camera: Camera,
        probe: StillCamera,
        monitor: ScriptedMonitor | None = None,
        drafts: UnsavedDrafts | None = None,
    ) -> CalibrationViewModel:
        venue = make_live_venue(tmp_path, 1)
        (entry,) = venue.cameras
        known = replace(camera, name=entry.name)
        venue = venue.with_camera(replace(entry, camera=known))
        venue.folder.mkdir(exist_ok=True)
        write_venue(venue)
        app_state = AppState()
        app_state.show_venue(venue)
        viewmodel = CalibrationViewModel(
            NAME,
            venue=venue,
            app_state=app_state,
            job_runner=InlineJobRunner(),
            monitor=monitor or ScriptedMonitor(),
            open_credentials=MemoryCredentialStore,
            probe=probe,
            drafts=drafts,
        )
        app_state.setParent(viewmodel)
        return viewmodel

    return make_viewmodel


def read_saved(tmp_path: Path) -> Venue:
    return read_venue(tmp_path / "Fair.expoflow")


def test_while_it_records_the_recordings_picture_is_taken(make: Make) -> None:
    monitor, probe = ScriptedMonitor(), StillCamera()
    blue = np.zeros((*FRAME_SIZE_WH[::-1], 3), np.uint8)
    blue[:, :, 0] = 200
    monitor.pictures[NAME] = PicturePreview(blue)
    monitor.show_starting()
    viewmodel = make(HALL, probe, monitor)
    viewmodel.open()
    assert viewmodel.state.picture is not None
    assert viewmodel.state.picture.to_array()[5, 5].tolist() == [0, 0, 200]
    assert not probe.asked


def test_people_in_the_recordings_picture_are_made_unrecognisable(make: Make) -> None:
    monitor = ScriptedMonitor()
    noise = np.random.default_rng(1).integers(0, 255, (*FRAME_SIZE_WH[::-1], 3)).astype(np.uint8)
    monitor.pictures[NAME] = PicturePreview(noise)
    counted, uncounted = (100.0, 50.0, 140.0, 150.0), (600.0, 300.0, 650.0, 400.0)
    monitor.show_status(make_status(NAME, tracks=(make_track(1, counted),), found_xyxy=(uncounted,)))
    viewmodel = make(HALL, StillCamera(), monitor)
    viewmodel.open()
    assert viewmodel.state.picture is not None
    shown = viewmodel.state.picture.to_array()
    for left, top, right, bottom in ((100, 50, 140, 150), (600, 300, 640, 360)):
        colours = np.unique(shown[top:bottom, left:right].reshape(-1, 3), axis=0)
        assert len(colours) < 60
    assert (shown[200:290, :560] == noise[200:290, :560, ::-1]).all()


def test_without_a_recording_the_camera_is_asked_and_a_fault_is_said(make: Make) -> None:
    probe = StillCamera(error=SourceError("It is gone.", "Plug it in."))
    viewmodel = make(HALL, probe)
    viewmodel.open()
    assert (viewmodel.state.problem, viewmodel.state.remedy) == ("It is gone.", "Plug it in.")
    # what the points give is known without a picture, but nothing can be laid on the floor
    assert viewmodel.state.preview is not None
    assert viewmodel.state.preview.warped is None
    probe.error = None
    viewmodel.fetch_picture()
    assert probe.masked is not None
    assert probe.masked.name == NAME
    assert not viewmodel.state.problem
    assert viewmodel.state.preview.warped is not None


def test_a_camera_of_unknown_size_takes_that_of_its_picture(make: Make, tmp_path: Path) -> None:
    viewmodel = make(replace(HALL, frame_size_wh=None, pairs=(), mask=()), StillCamera((3840, 2160)))
    assert viewmodel.state.frame_wh is None
    viewmodel.editor.click_picture((1.0, 1.0))
    assert viewmodel.state.points == ()
    viewmodel.open()
    assert viewmodel.state.frame_wh == (3840, 2160)
    assert viewmodel.state.picture is not None
    assert viewmodel.state.picture.size_wh == (1920, 1080)
    for pair in HALL.pairs:
        viewmodel.editor.click_picture((6 * pair.u_px, 6 * pair.v_px))
        viewmodel.editor.click_plan((pair.x_m, pair.y_m))
    viewmodel.save()
    saved = read_saved(tmp_path).camera(NAME).camera
    assert saved.frame_size_wh == (3840, 2160)
    assert saved.pairs[0].u_px == pytest.approx(6 * HALL.pairs[0].u_px)


@pytest.mark.parametrize("mask", [(), MASK])
def test_pictures_of_another_shape_begin_anew_unless_a_mask_was_drawn(
    make: Make, mask: tuple[tuple[tuple[float, float], ...], ...]
) -> None:
    viewmodel = make(replace(HALL, mask=mask), StillCamera((640, 480)))
    viewmodel.editor.select(2)
    viewmodel.open()
    assert "a different aspect ratio" in viewmodel.state.problem
    if mask:
        assert viewmodel.state.frame_wh == FRAME_SIZE_WH
        assert len(viewmodel.state.points) == len(HALL.pairs)
    else:
        assert viewmodel.state.frame_wh == (640, 480)
        assert viewmodel.state.points == ()
        assert viewmodel.state.selected is None


def test_a_failure_to_save_is_said_and_what_was_clicked_stays(make: Make, tmp_path: Path) -> None:
    viewmodel = make(HALL, StillCamera())
    viewmodel.open()
    viewmodel.editor.nudge_floor(0, (0.05, 0.0))
    shutil.rmtree(tmp_path / "Fair.expoflow")
    viewmodel.save()
    assert viewmodel.state.problem
    assert viewmodel.state.can_save
    assert viewmodel.state.can_stop
    assert viewmodel.state.points[0].floor == pytest.approx((HALL.pairs[0].x_m + 0.05, HALL.pairs[0].y_m))


def test_a_save_can_be_undone_the_next_time_the_window_opens(make: Make, tmp_path: Path) -> None:
    drafts = UnsavedDrafts()
    viewmodel = make(HALL, StillCamera(), drafts=drafts)
    viewmodel.open()
    viewmodel.editor.remove(0)
    viewmodel.save()
    viewmodel.close()
    saved = read_saved(tmp_path).camera(NAME).camera
    assert len(saved.pairs) == len(HALL.pairs) - 1
    again = make(saved, StillCamera(), drafts=drafts)
    again.open()
    assert not again.state.can_save
    again.editor.undo()
    again.save()
    assert read_saved(tmp_path).camera(NAME).camera.pairs == HALL.pairs


def test_places_are_typed_in_the_unit_that_is_shown(make: Make, qapp: QApplication) -> None:
    install_units(qapp, "imperial")
    viewmodel = make(HALL, StillCamera())
    viewmodel.editor.select(0)
    viewmodel.editor.enter_place((10.0, 20.0))
    assert viewmodel.state.points[0].floor == pytest.approx((3.048, 6.096))
    assert viewmodel.state.place == pytest.approx((10.0, 20.0))


PIXEL, FLOOR = (10.0, 20.0), (1.0, 2.0)
PAIR = PointPair(10.0, 20.0, 1.0, 2.0)


def test_the_two_halves_of_a_pair_may_be_clicked_in_either_order() -> None:
    for draft in (
        CalibrationDraft().with_pixel(PIXEL).with_floor(FLOOR),
        CalibrationDraft().with_floor(FLOOR).with_pixel(PIXEL),
    ):
        assert draft.pairs == (PAIR,)
        assert draft.open_point is None


def test_a_second_click_in_the_picture_corrects_the_first() -> None:
    draft = CalibrationDraft().with_pixel((0.0, 0.0)).with_pixel(PIXEL)
    assert draft.points == (DraftPoint(pixel=PIXEL),)
    assert draft.pairs == ()
    assert draft.with_floor(FLOOR).with_pixel((3.0, 4.0)).points[1] == DraftPoint(pixel=(3.0, 4.0))


def test_steps_are_taken_back_and_done_again() -> None:
    history = DraftHistory(CalibrationDraft())
    first = history.draft.with_pixel(PIXEL)
    history.do(first)
    second = first.with_floor(FLOOR)
    history.do(second)
    history.undo()
    assert history.draft == first
    assert history.can_redo
    history.redo()
    assert history.draft == second
    history.undo()
    history.undo()
    assert history.draft == CalibrationDraft()
    assert not history.can_undo
    history.undo()
    assert history.draft == CalibrationDraft()


def test_a_new_step_forgets_what_was_taken_back() -> None:
    history = DraftHistory(CalibrationDraft())
    history.do(history.draft.with_pixel(PIXEL))
    history.undo()
    history.do(history.draft.with_floor(FLOOR))
    assert not history.can_redo


def test_one_drag_is_one_step_and_the_next_another() -> None:
    start = CalibrationDraft(list_points([PAIR]))
    history = DraftHistory(start)
    for drag in (1, 2):
        for u_px in (11.0, 12.0, 13.0):
            point = DraftPoint((drag * u_px, 20.0), FLOOR)
            history.do(history.draft.with_point(0, point), gesture=("pixel", drag))
    history.undo()
    assert history.draft.pairs[0].u_px == 13.0
    history.undo()
    assert history.draft == start


@pytest.mark.parametrize("is_calibrated_otherwise", [False, True])
def test_a_draft_is_kept_until_the_camera_is_calibrated_otherwise(is_calibrated_otherwise: bool) -> None:
    camera = Camera(CameraId("door"), (640, 360))
    history, drafts, folder = DraftHistory(CalibrationDraft()), UnsavedDrafts(), Path("Fair.expoflow")
    drafts.store(folder, camera, history)
    pairs = (PAIR,) if is_calibrated_otherwise else ()
    now = Camera(CameraId("door"), (640, 360), pairs)
    assert drafts.load(folder, now) is (None if is_calibrated_otherwise else history)
    assert drafts.load(Path("Other.expoflow"), camera) is None
