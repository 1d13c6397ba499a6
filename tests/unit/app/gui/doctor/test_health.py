"""The health page: who records, lines that break where nothing was measured, and words in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.gui.doctor.health import HealthView, HealthViewModel, describe_lines
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.plan.edit_venue import create_hall
from app.recording.announcement import RecorderKind
from app.recording.health_log import HealthLog
from app.recording.health_sample import CameraSample, HealthSample
from app.recording.recording_session import RecordingSession
from tests.support.servers.other_recorder import announce_living_process
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import make_status
from vision.pipeline.pipeline_status import PipelineStatus, ProcessStatus

SAMPLE = HealthSample(
    at_utc_s=0.0, cpu_share=0.5, recorder_cpu_cores=1.25, recorder_memory_bytes=500_000_000,
    memory_free_bytes=4_000_000_000, disk_free_bytes=80_000_000_000, write_lag_s=0.6, pictures_under_way=2,
    waiting_points=0, restarts=0, processes=3, threads=20,
    cameras=(CameraSample("north", "streaming", 10.0, 5.0, 0.0, 0.2, 0),),
)  # fmt: skip


def test_a_line_breaks_where_nothing_was_measured() -> None:
    times_s = (0.0, 30.0, 60.0, 600.0, 630.0)
    samples = [replace(SAMPLE, at_utc_s=at_s, write_lag_s=at_s / 100.0) for at_s in times_s]
    samples[1] = replace(samples[1], write_lag_s=None)
    lines = {line.title: line for line in describe_lines(samples)}
    lag = lines["Age of the newest data on disk"]
    assert [[at_s for at_s, _ in piece] for piece in lag.pieces] == [[0.0], [60.0], [600.0, 630.0]]
    assert (lag.value, lag.range) == ("6.3 s", "0.0 s to 6.3 s")
    assert lines["north, analysed"].value == "5.0/s"
    assert lines["Processor, total"].value == "50 %"
    assert describe_lines(()) == ()


def test_what_is_not_known_is_not_shown_as_nothing() -> None:
    samples = [replace(SAMPLE, write_lag_s=None, cameras=())]
    lag = describe_lines(samples)[0]
    assert (lag.value, lag.range, lag.pieces) == ("–", "", ())


def test_the_page_shows_who_records_and_every_camera(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    venue = create_hall(tmp_path / "Hall.expoflow", name="Hall", time_zone="UTC", size_m=(10.0, 8.0))
    state, runner = AppState(), InlineJobRunner()
    viewmodel = HealthViewModel(app_state=state, job_runner=runner)
    view = HealthView(viewmodel)
    qtbot.addWidget(view)
    view.show()
    assert view.empty.isVisible()
    state.show_venue(venue)
    assert view.headline.text() == "This venue is not being recorded on this machine."
    with RecordingSession(venue.folder, RecorderKind.WINDOW, slots=()) as session:
        process = ProcessStatus("inference", 1, 5.0, 0, False, "")
        session.show(PipelineStatus(cameras=(make_status("north", age_s=0.25),), processes=(process,)))
        HealthLog(venue.folder).add(replace(SAMPLE, at_utc_s=session.announcement.since_utc_s - 30.0))  # type: ignore[union-attr]
        viewmodel.update()
        assert view.headline.text().startswith("Recorded by this window since")
        model = view.table.model()
        shown = [model.index(0, column).data() for column in range(model.columnCount())]
        assert shown[:2] == ["north", "streaming"]
        assert "0.2 s" in shown or "0.3 s" in shown
        assert any(line.title == "north, delay" for line in viewmodel.state.lines)
        install_language(qapp, "zh_CN")
        qtbot.waitUntil(lambda: view.headline.text().endswith("由此窗口记录"))
    announce_living_process(venue.folder)
    viewmodel.update()
    # its board cannot be read, so that no figure of now is shown
    assert viewmodel.state.cameras == ()
    assert viewmodel.state.note
    view.hide()
