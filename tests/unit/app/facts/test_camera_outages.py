"""For how long a camera is down, and whom nobody blames."""

from __future__ import annotations

import dataclasses
import itertools

from app.facts.camera_outages import CameraOutages, find_lateness, list_live
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


def test_a_camera_is_down_since_it_was_last_analysed() -> None:
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
    assert find_lateness(show(age_s=9.0)) == 9.0
    assert find_lateness(show(CameraState.LOST, age_s=9.0)) is None


def test_a_camera_that_never_came_is_down_since_it_was_waited_for() -> None:
    outages = CameraOutages()
    outages.update(show(CameraState.CONNECTING), now_s=50.0)
    assert outages.update(show(CameraState.LOST), now_s=95.0) == {"north": 45.0}


def test_while_the_model_loads_and_after_a_file_has_ended_nobody_is_down() -> None:
    outages = CameraOutages()
    outages.update(show(), now_s=100.0)
    assert outages.update(show(CameraState.CONNECTING, loads=True), now_s=150.0) == {"north": None}
    assert outages.update(show(CameraState.CONNECTING), now_s=152.0) == {"north": 2.0}
    assert outages.update(show(CameraState.ENDED), now_s=200.0) == {"north": None}


def test_only_who_is_analysed_now_is_live() -> None:
    assert list_live(show()) == {"north"}
    assert list_live(show(age_s=3.0)) == frozenset()
    assert list_live(show(CameraState.LOST)) == frozenset()
    assert list_live(show(loads=True)) == frozenset()


def test_who_shows_nothing_of_now_is_not_live() -> None:
    assert list_live(show(CameraState.FROZEN)) == frozenset()
    assert list_live(show(CameraState.DARK)) == frozenset()
    status = show()
    blinded = ViewReport(ViewVerdict.BLINDED, cause=BlindCause.COVERED)
    covered = dataclasses.replace(status.cameras[0], view=blinded)
    assert list_live(dataclasses.replace(status, cameras=(covered,))) == frozenset()
