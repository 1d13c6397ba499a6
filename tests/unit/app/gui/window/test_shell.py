"""What the frame of the window can do, without a window."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import ModelError
from analytics.domain.history_condition import HistoryCondition, HistoryMode
from analytics.store.sql_event_store import open_store
from app.core.change_set import ChangeSet
from app.core.document import MEMBERSHIP_FILE, Venue
from app.core.file_format import read_venue
from app.gui.session.app_state import AppState
from app.gui.session.camera_words import explain_recorder
from app.gui.session.job_runner import JobRunner
from app.gui.session.notification import Notification
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.settings import model as settings_module
from app.gui.settings.model import SettingsViewModel
from app.gui.window.background_work import RecorderWatch
from app.gui.window.shell import ANNOUNCE_EVERY_POLLS, NewVenue, ShellViewModel
from app.plan.edit_venue import choose_model, create_hall
from app.recording.announcement import Announcement
from app.recording.stop_request import is_stop_requested
from tests.support.halls.live_venue import make_live_venue
from tests.support.scripted_pipeline import make_feed, make_plan
from tests.support.servers.other_recorder import announce_living_process
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import make_status as make_camera_status
from vision.alignment.view_report import ViewReport, ViewVerdict
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus
from vision.pipeline.plan import PipelinePlan


class ScriptedMonitor(QObject):
    """Does at once what it is told, and shows the status that a test gives it."""

    updated = Signal(object)
    failed = Signal(object)
    started = Signal()
    stopped = Signal()
    external_stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.recorder: Announcement | None = None
        self.status: PipelineStatus | None = None
        self.is_active = False
        self.is_stopping = False
        self.plans: list[PipelinePlan] = []
        self.masked: list[str] = []

    @property
    def is_recording_here(self) -> bool:
        return self.is_active and self.recorder is None

    def attach(self, _folder: Path, recorder: Announcement) -> None:
        self.recorder, self.is_active = recorder, True
        self.started.emit()

    def start(self, plan: PipelinePlan, _parts: object, _venue_folder: Path) -> None:
        self.plans.append(plan)
        self.is_active = True
        self.started.emit()

    def stop(self) -> None:
        if self.is_active:
            self.is_active, self.recorder = False, None
            self.stopped.emit()

    def change_masks(self, cameras: Sequence[Camera]) -> None:
        self.masked += [camera.name for camera in cameras if camera.privacy_mask]

    @property
    def calibrations(self) -> dict[str, tuple[object, ...]]:
        feeds = self.plans[-1].feeds if self.is_active else ()
        return {feed.camera.name: feed.camera.calibration for feed in feeds}

    def change_cameras(self, plan: PipelinePlan) -> None:
        self.plans.append(plan)

    def show(self, status: PipelineStatus) -> None:
        self.status = status
        self.updated.emit(status)


@dataclass
class Shell:
    app_state: AppState
    runner: InlineJobRunner
    monitor: ScriptedMonitor
    viewmodel: ShellViewModel
    told: list[Notification]
    error: list[Exception]


@pytest.fixture
def shell(qtbot: QtBot) -> Iterator[Shell]:
    app_state, runner, monitor = AppState(), InlineJobRunner(), ScriptedMonitor()
    error: list[Exception] = []

    def plan(venue: Venue) -> PipelinePlan:
        if error:
            raise error[0]
        feeds = [replace(make_feed(one.name, is_lossless=False), camera=one.camera) for one in venue.cameras]
        return make_plan(*(feeds or [make_feed("cam", is_lossless=False)]))

    viewmodel = ShellViewModel(
        app_state=app_state,
        job_runner=runner,
        monitor=monitor,  # type: ignore[arg-type]
        make_plan=plan,
    )
    told: list[Notification] = []
    viewmodel.notified.connect(told.append)
    yield Shell(app_state, runner, monitor, viewmodel, told, error)
    runner.shutdown()


def make_venue(folder: Path, name: str = "fair") -> Path:
    return create_hall(folder / f"{name}.expoflow", name=name, time_zone="UTC", size_m=(40, 25)).folder


def make_camera(state: CameraState = CameraState.STREAMING, people: int = 3) -> CameraStatus:
    return make_camera_status("cam", state, fps_analysed=4.96, people=people)


def make_status(*cameras: CameraStatus, restarts: int = 0) -> PipelineStatus:
    process = ProcessStatus("inference", 7, 3.0, restarts, is_loading=False, detail="")
    return PipelineStatus(cameras=cameras, processes=(process,))


def test_a_venue_is_created_and_shown(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.create_venue(NewVenue(tmp_path / "new.expoflow", "New", "UTC", (30, 20)))
    assert shell.viewmodel.state.title == "New"
    assert shell.viewmodel.state.has_venue
    assert not shell.told


def test_a_venue_that_cannot_be_opened_is_told_with_a_remedy(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(tmp_path / "none.expoflow")
    assert "none.expoflow" in shell.told[0].problem
    assert shell.told[0].remedy
    assert shell.app_state.venue is None


def test_recording_starts_and_stops(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.start_recording()
    assert not shell.monitor.plans, "there is no venue yet"
    shell.viewmodel.open_venue(make_venue(tmp_path))
    shell.viewmodel.toggle_recording()
    assert shell.viewmodel.state.is_recording
    assert len(shell.monitor.plans) == 1
    shell.viewmodel.toggle_recording()
    assert not shell.viewmodel.state.is_recording


def test_a_privacy_mask_reaches_the_recording_that_runs(shell: Shell, tmp_path: Path) -> None:
    venue = make_live_venue(tmp_path, 2)
    shell.app_state.show_venue(venue)
    shell.viewmodel.start_recording()
    assert not shell.monitor.masked
    camera = replace(
        venue.cameras[1].camera, frame_size_wh=(64, 36), privacy_mask=(((0, 0), (9, 0), (0, 9)),)
    )
    changed = venue.with_camera(replace(venue.cameras[1], camera=camera))
    shell.app_state.replace_venue(changed, ChangeSet(cameras=True), initiator=None)
    assert shell.monitor.masked == [camera.name]


def test_a_camera_that_is_added_is_read_while_the_others_go_on(shell: Shell, tmp_path: Path) -> None:
    shell.app_state.show_venue(make_live_venue(tmp_path, 2))
    shell.viewmodel.start_recording()
    changed = make_live_venue(tmp_path, 3)
    shell.app_state.replace_venue(changed, ChangeSet(cameras=True), initiator=None)
    assert [len(plan.feeds) for plan in shell.monitor.plans] == [2, 3]
    shell.app_state.replace_venue(changed, ChangeSet(cameras=True), initiator=None)
    assert len(shell.monitor.plans) == 2


def test_a_camera_that_is_calibrated_is_analysed_by_that_at_once(shell: Shell, tmp_path: Path) -> None:
    venue = make_live_venue(tmp_path, 2)
    shell.app_state.show_venue(venue)
    shell.viewmodel.start_recording()
    entry = venue.cameras[1]
    pairs = tuple(PointPair(u, v, u / 100, v / 100) for u, v in ((0, 0), (90, 0), (90, 90), (0, 90)))
    changed = venue.with_camera(replace(entry, camera=replace(entry.camera, pairs=pairs)))
    shell.app_state.replace_venue(changed, ChangeSet(cameras=True), initiator=None)
    assert [plan.feeds[1].camera.pairs == pairs for plan in shell.monitor.plans] == [False, True]


def test_a_missing_model_leaves_the_recording_off(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(make_venue(tmp_path))
    shell.error.append(ModelError("The model {name} is missing.", "Fetch it.", name="yolo"))
    shell.viewmodel.start_recording()
    (told,) = shell.told
    assert told.problem == "The model yolo is missing."
    assert told.leads_to_models
    assert "comes with ExpoFlow" in told.remedy
    assert not shell.viewmodel.state.is_recording
    assert not shell.viewmodel.state.is_waiting


def test_the_pipeline_is_summed_up(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(make_venue(tmp_path))
    shell.viewmodel.start_recording()
    lost = make_camera(CameraState.RESTARTING, people=0)
    shell.monitor.show(make_status(make_camera(), lost, restarts=2))
    state = shell.viewmodel.state
    assert (state.cameras_live, state.people, state.restarts) == (1, 3, 2)
    assert state.fps_analysed == 9.9


def test_an_analysis_that_is_started_again_is_told_once(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(make_venue(tmp_path))
    shell.viewmodel.start_recording()
    shell.monitor.show(make_status(make_camera()))
    assert not shell.told
    for _ in range(3):
        shell.monitor.show(make_status(make_camera(), restarts=1))
    assert ["restarts automatically" in told.problem for told in shell.told] == [True]


def test_a_disk_that_fills_and_has_room_again_is_told_once_each(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(make_venue(tmp_path))
    shell.viewmodel.start_recording()
    shell.monitor.show(make_status(make_camera()))
    assert not shell.told
    for free_mib in (900, 800):
        thinned = HistoryCondition(HistoryMode.THINNED, free_mib * 2**20)
        shell.monitor.show(replace(make_status(make_camera()), history=thinned))
    (told,) = shell.told
    assert "nearly full (900 MiB left)" in told.problem
    shell.monitor.show(make_status(make_camera()))
    assert [told.tone for told in shell.told] == ["bad", "good"]


def test_a_real_camera_beside_the_demonstrations_model_is_told(shell: Shell, tmp_path: Path) -> None:
    venue = make_live_venue(tmp_path, 1)
    drawn = replace(venue, settings=replace(venue.settings, model_name="expoflow-demo"))
    shell.app_state.show_venue(venue)
    shell.app_state.replace_venue(venue, ChangeSet(cameras=True), initiator=None)
    assert not shell.told
    shell.app_state.replace_venue(drawn, ChangeSet(cameras=True), initiator=None)
    assert [told.leads_to_models for told in shell.told] == [True]
    shell.viewmodel.start_recording()
    assert [told.leads_to_models for told in shell.told] == [True, True]


def test_pages_hear_of_a_growing_history(qtbot: QtBot, shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(make_venue(tmp_path))
    begun_utc_s = time.time()
    shell.viewmodel.start_recording()
    with qtbot.waitSignal(shell.app_state.changed, timeout=0) as changed:
        for _ in range(ANNOUNCE_EVERY_POLLS):
            shell.monitor.show(make_status(make_camera()))
    assert changed.args[0].concerns(None)
    assert not changed.args[0].concerns((0.0, begun_utc_s))


def test_another_venue_ends_the_recording_of_this_one_once_that_is_agreed(
    shell: Shell, tmp_path: Path
) -> None:
    asked: list[Callable[[], None]] = []
    shell.viewmodel.confirm_leaving = asked.append
    shell.viewmodel.open_venue(make_venue(tmp_path))
    assert not asked, "nothing is recorded"
    shell.viewmodel.start_recording()
    new = tmp_path / "new.expoflow"
    shell.viewmodel.create_venue(NewVenue(new, "new", "UTC", (20, 10)))
    shell.viewmodel.open_venue(make_venue(tmp_path, "other"))
    assert shell.monitor.is_active
    assert (shell.viewmodel.state.title, new.exists(), len(asked)) == ("fair", False, 2)
    asked[-1]()
    assert not shell.monitor.is_active
    assert shell.viewmodel.state.title == "other"


def test_a_camera_that_was_moved_is_told_once_and_leads_to_its_view(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(make_venue(tmp_path))
    shell.viewmodel.start_recording()
    shell.monitor.show(make_status(make_camera()))
    moved = replace(make_camera(), view=ViewReport(ViewVerdict.MOVED, 100.0, 120.0, shift_part=0.05))
    for _look in range(3):
        shell.monitor.show(make_status(moved))
    told = [notice for notice in shell.told if notice.leads_to_view_of]
    assert [(notice.problem, notice.leads_to_view_of) for notice in told] == [
        ("cam: The camera was moved.", "cam")
    ]
    shell.monitor.show(make_status(make_camera()))
    shell.monitor.show(make_status(moved))
    assert len([notice for notice in shell.told if notice.leads_to_view_of]) == 2


def test_a_recording_starts_again_to_use_what_was_changed(shell: Shell, tmp_path: Path) -> None:
    shell.viewmodel.open_venue(make_venue(tmp_path))
    shell.viewmodel.restart_recording()
    assert not shell.monitor.plans, "nothing runs"
    shell.viewmodel.start_recording()
    shell.viewmodel.restart_recording()
    assert len(shell.monitor.plans) == 2
    assert shell.monitor.is_active


def test_a_recording_waits_for_the_model_chosen_just_before(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    planned: list[str] = []

    def choose_slowly(folder: Path, name: str) -> Venue:
        may_write.wait(10.0)
        return choose_model(folder, name)

    def plan(venue: Venue) -> PipelinePlan:
        planned.append(venue.settings.model_name)
        return make_plan(make_feed("cam", is_lossless=False))

    monkeypatch.setattr(settings_module, "choose_model", choose_slowly)
    app_state, runner, monitor = AppState(), JobRunner(), ScriptedMonitor()
    settings = SettingsViewModel(app_state=app_state, job_runner=runner, monitor=PipelineMonitor())
    viewmodel = ShellViewModel(
        app_state=app_state,
        job_runner=runner,
        monitor=monitor,  # type: ignore[arg-type]
        make_plan=plan,
    )
    app_state.open_venue(make_venue(tmp_path))
    try:
        settings.use_model("expoflow-demo")
        viewmodel.start_recording()
        assert viewmodel.state.is_waiting
        qtbot.wait(50)
        assert not planned, "the choice is not written yet"
        may_write.set()
        qtbot.waitUntil(lambda: monitor.is_active)
        assert planned == ["expoflow-demo"]

        # of another venue, nothing is recorded
        monitor.stop()
        may_write.clear()
        settings.use_model("yolo26n")
        viewmodel.start_recording()
        viewmodel.show_venue(read_venue(make_venue(tmp_path, "other")))
        may_write.set()
        qtbot.waitUntil(lambda: not viewmodel.state.is_waiting)
        assert (planned, monitor.is_active) == (["expoflow-demo"], False)
    finally:
        may_write.set()
        runner.shutdown()


def test_a_venue_that_a_service_records_is_looked_at_and_not_recorded_twice(
    shell: Shell, tmp_path: Path
) -> None:
    venue = create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10.0, 8.0))
    service = announce_living_process(venue.folder)
    watch = RecorderWatch(app_state=shell.app_state, monitor=shell.monitor)  # type: ignore[arg-type]
    shell.viewmodel.show_venue(venue)
    assert shell.monitor.recorder == service
    assert "by a service since" in shell.viewmodel.state.recorded_by
    shell.viewmodel.stop_other_recording()
    assert is_stop_requested(venue.folder, service)
    shell.monitor.stop()
    assert shell.viewmodel.state.recorded_by == ""
    shell.viewmodel.start_recording()
    assert not shell.monitor.plans
    assert "already being recorded by a service" in shell.told[-1].problem
    assert "record --stop" in shell.told[-1].remedy
    shell.app_state.close_venue()
    watch.deleteLater()


def test_a_history_of_a_newer_expoflow_is_told_and_the_venue_is_shown(shell: Shell, tmp_path: Path) -> None:
    folder = make_venue(tmp_path)
    open_store(folder).close()
    with contextlib.closing(sqlite3.connect(folder / "events.sqlite")) as connection:
        connection.execute("INSERT INTO schema_version VALUES (1000, 0)")
        connection.commit()
    shell.viewmodel.open_venue(folder)
    assert shell.viewmodel.state.title == "fair"
    assert "newer version of ExpoFlow" in shell.told[-1].problem


def test_recording_in_a_site_is_to_take_part_in_it(shell: Shell, tmp_path: Path) -> None:
    asked: list[bool] = []
    answers = [True, True, False]

    def take_part(is_on: bool) -> bool:
        asked.append(is_on)
        return answers.pop(0)

    shell.viewmodel.take_part = take_part
    folder = make_venue(tmp_path)
    (folder / MEMBERSHIP_FILE).touch()
    shell.viewmodel.open_venue(folder)
    shell.viewmodel.start_recording()
    assert not shell.monitor.plans
    assert "takes part in the site" in shell.told[-1].problem
    assert shell.viewmodel.end_part()
    shell.viewmodel.start_recording()
    assert asked == [True, False, True]
    assert len(shell.monitor.plans) == 1, "the site does not answer"
    shell.monitor.show(make_status(make_camera()))
    assert (shell.viewmodel.state.cameras_live, shell.viewmodel.state.cameras) == (1, 1)
    told = announce_living_process(folder)
    assert "stops taking part" in explain_recorder(told, hides_status=False, is_in_site=True)
    assert "continues" in explain_recorder(told, hides_status=False)
