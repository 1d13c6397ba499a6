"""Downtime and liveness of cameras."""

from __future__ import annotations

import dataclasses
import itertools

from app.facts.camera_outages import CameraOutages, list_live_cameras, measure_lag
from tests.support.halls.live_people import make_status
from vision.alignment.view_report import BlindCause, ViewReport, ViewVerdict
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import PipelineStatus

COUNT = itertools.count(1)


def show(
    state: CameraState = CameraState.STREAMING, age_s: float = 0.1, *, loads: bool = False
) -> PipelineStatus:
    status = make_status({"north": []}, time_s=0.0, age_s=age_s)
    camera = dataclasses.replace(status.cameras[0], state=state, analysed=next(COUNT))
    process = dataclasses.replace(status.processes[0], is_loading=loads)
    return dataclasses.replace(status, cameras=(camera,), processes=(process,))


def test_downtime_counts_from_the_last_analysed_frame() -> None:
    outages = CameraOutages()
    assert outages.update(show(), now_s=100.0) == {"north": 0.0}
    assert outages.update(show(CameraState.LOST), now_s=107.0) == {"north": 7.0}
    assert outages.update(show(CameraState.FROZEN), now_s=110.0) == {"north": 10.0}
    assert outages.update(show(), now_s=111.0) == {"north": 0.0}


def test_a_camera_that_streams_without_being_analysed_is_down() -> None:
    outages = CameraOutages()
    stalled = show()
    outages.update(stalled, now_s=100.0)
    assert outages.update(stalled, now_s=109.0) == {"north": 9.0}


def test_a_camera_that_is_analysed_late_is_not_down() -> None:
    outages = CameraOutages()
    outages.update(show(), now_s=100.0)
    assert outages.update(show(age_s=9.0), now_s=109.0) == {"north": 0.0}
    assert measure_lag(show(age_s=9.0)) == 9.0
    assert measure_lag(show(CameraState.LOST, age_s=9.0)) is None


def test_a_missing_camera_is_down_from_the_start() -> None:
    outages = CameraOutages()
    outages.update(show(CameraState.CONNECTING), now_s=50.0)
    assert outages.update(show(CameraState.LOST), now_s=95.0) == {"north": 45.0}


def test_no_camera_is_down_while_loading_or_after_the_end() -> None:
    outages = CameraOutages()
    outages.update(show(), now_s=100.0)
    assert outages.update(show(CameraState.CONNECTING, loads=True), now_s=150.0) == {"north": None}
    assert outages.update(show(CameraState.CONNECTING), now_s=152.0) == {"north": 2.0}
    assert outages.update(show(CameraState.ENDED), now_s=200.0) == {"north": None}


def test_only_analysed_cameras_are_live() -> None:
    assert list_live_cameras(show()) == {"north"}
    assert list_live_cameras(show(age_s=3.0)) == frozenset()
    assert list_live_cameras(show(CameraState.LOST)) == frozenset()
    assert list_live_cameras(show(loads=True)) == frozenset()


def test_blinded_or_late_cameras_are_not_live() -> None:
    assert list_live_cameras(show(CameraState.FROZEN)) == frozenset()
    assert list_live_cameras(show(CameraState.DARK)) == frozenset()
    status = show()
    blinded = ViewReport(ViewVerdict.BLINDED, cause=BlindCause.COVERED)
    covered = dataclasses.replace(status.cameras[0], view=blinded)
    assert list_live_cameras(dataclasses.replace(status, cameras=(covered,))) == frozenset()
