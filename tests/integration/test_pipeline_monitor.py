"""A real pipeline, with scripted parts, as the window starts, sees and stops it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.access.audit_log import read_entries
from app.gui.session.pipeline_monitor import PipelineMonitor
from tests.support.scripted_pipeline import (
    PEOPLE,
    Journal,
    LoadScripted,
    OpenJournal,
    OpenScripted,
    make_feed,
    make_order_tracker,
    make_pixel_floor,
    make_plan,
)
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.plan import PipelinePlan

STARTS_WITHIN_MS = 30_000


def make_parts(folder: Path) -> PipelineParts:
    return PipelineParts(
        open_sink=OpenJournal(folder),
        open_source=OpenScripted(),
        load_detector=LoadScripted(),
        make_tracker=make_order_tracker,
        make_projection=make_pixel_floor,
    )


LOWER_HALF = ((0.0, 18.0), (64.0, 18.0), (64.0, 36.0), (0.0, 36.0))


@pytest.fixture
def plan() -> PipelinePlan:
    return make_plan(make_feed("cam", is_lossless=False))


@pytest.fixture
def monitor(qtbot: QtBot) -> Iterator[PipelineMonitor]:
    made = PipelineMonitor()
    yield made
    made.stop()
    qtbot.waitUntil(lambda: not made.is_active, timeout=STARTS_WITHIN_MS)


def count_people(monitor: PipelineMonitor) -> int:
    return sum(camera.people for camera in monitor.status.cameras) if monitor.status else 0


def count_reconnects(monitor: PipelineMonitor) -> int:
    return sum(camera.reconnects for camera in monitor.status.cameras) if monitor.status else 0


def test_a_pipeline_is_seen_from_start_to_stop(
    qtbot: QtBot, monitor: PipelineMonitor, plan: PipelinePlan, tmp_path: Path
) -> None:
    with qtbot.waitSignal(monitor.started, timeout=STARTS_WITHIN_MS):
        monitor.start(plan, make_parts(tmp_path))
        assert monitor.is_active
    qtbot.waitUntil(lambda: count_people(monitor) > 0, timeout=STARTS_WITHIN_MS)
    preview = monitor.preview("cam")
    assert preview is not None
    assert preview.copy_newest() is not None
    assert monitor.preview("no such camera") is None
    hidden = replace(plan.feeds[0].camera, frame_size_wh=(64, 36), privacy_mask=(LOWER_HALF,))
    monitor.change_masks([hidden])
    hidden_at_s: set[float] = set()

    def are_hidden() -> bool:
        copied = preview.copy_newest()
        if copied is not None and copied[0][:15].any() and not copied[0][18:].any():
            hidden_at_s.add(copied[1])
        return len(hidden_at_s) >= 3

    qtbot.waitUntil(are_hidden, timeout=STARTS_WITHIN_MS)
    monitor.connect_again("cam")
    qtbot.waitUntil(lambda: count_reconnects(monitor) == 1, timeout=STARTS_WITHIN_MS)
    with qtbot.waitSignal(monitor.stopped, timeout=STARTS_WITHIN_MS):
        monitor.stop()
        assert monitor.is_stopping
    assert not monitor.is_active
    assert monitor.preview("cam") is None
    assert Journal.read(tmp_path).closed == 1


def test_a_camera_comes_and_goes_with_its_picture(
    qtbot: QtBot, monitor: PipelineMonitor, plan: PipelinePlan, tmp_path: Path
) -> None:
    monitor.start(plan, make_parts(tmp_path))
    qtbot.waitUntil(lambda: count_people(monitor) > 0, timeout=STARTS_WITHIN_MS)
    monitor.change_cameras(replace(plan, feeds=(*plan.feeds, make_feed("other", is_lossless=False))))
    assert monitor.calibrations.keys() == {"cam", "other"}
    qtbot.waitUntil(lambda: count_people(monitor) == 2 * PEOPLE, timeout=STARTS_WITHIN_MS)
    assert monitor.preview("other") is not None
    monitor.change_cameras(plan)
    qtbot.waitUntil(lambda: monitor.preview("other") is None, timeout=STARTS_WITHIN_MS)
    qtbot.waitUntil(lambda: count_people(monitor) == PEOPLE, timeout=STARTS_WITHIN_MS)
    assert monitor.preview("cam") is not None


@pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")
def test_a_killed_pipeline_comes_back(
    qtbot: QtBot, monitor: PipelineMonitor, plan: PipelinePlan, tmp_path: Path
) -> None:
    monitor.start(plan, make_parts(tmp_path))
    qtbot.waitUntil(lambda: count_people(monitor) > 0, timeout=STARTS_WITHIN_MS)
    assert monitor.status is not None
    pid = monitor.status.processes[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        status = monitor.status
        return status is not None and status.processes[0].restarts == 1 and status.is_analysing

    qtbot.waitUntil(is_back, timeout=STARTS_WITHIN_MS)


def test_a_stop_while_it_starts_is_not_forgotten(
    qtbot: QtBot, monitor: PipelineMonitor, plan: PipelinePlan, tmp_path: Path
) -> None:
    with qtbot.waitSignal(monitor.stopped, timeout=STARTS_WITHIN_MS):
        monitor.start(plan, make_parts(tmp_path), tmp_path)
        monitor.stop()
    assert not monitor.is_active
    entries = read_entries(tmp_path)
    assert [entry.action for entry in entries] == ["recording stopped"]


def test_a_plan_without_cameras_fails_in_words(
    qtbot: QtBot, monitor: PipelineMonitor, tmp_path: Path
) -> None:
    with qtbot.waitSignal(monitor.failed) as failed:
        monitor.start(make_plan(), make_parts(tmp_path))
    assert failed.args[0].problem == "There is no camera to read."
    assert not monitor.is_active
