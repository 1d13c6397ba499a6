"""The dialog for a camera's detection: the cost of a network is told before it is used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.camera import Camera
from analytics.domain.identifiers import CameraId
from analytics.domain.zone import ZoneKind
from app.cameras.detection import DetectionCost, SetDetection, measure_detection
from app.core.document import Venue, VenueCamera
from app.core.job import JobContext
from app.gui.cameras.detection import DetectionDialog, DetectionViewModel
from app.gui.session.app_state import AppState
from app.plan.plan_shapes import GeometryEdit
from tests.support.halls.seen_hall import box, make_seen_hall, zone
from tests.support.halls.walked_hall import CAMERA, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return make_hall(tmp_path).with_camera(VenueCamera(Camera(CameraId("south"), analysed_fps=10.0)))


def test_the_load_counts_every_camera_with_its_own_network(venue: Venue) -> None:
    def measure(name: str, _device: str, _context: JobContext) -> float:
        return {"yolo11n-int8": 50.0, "yolo26s": 20.0}[name]

    cost = measure_detection(venue, str(CAMERA), "yolo26s", 5.0, JobContext(), measure)
    assert cost == DetectionCost(20.0, pytest.approx(5 / 20 + 10 / 50), pytest.approx(15 / 50))
    entry = venue.camera("south")
    venue = venue.with_camera(replace(entry, camera=replace(entry.camera, model_name="yolo26s")))
    load = measure_detection(venue, str(CAMERA), "", 2.0, JobContext(), measure).load
    assert load == pytest.approx(2 / 50 + 10 / 20)


@pytest.mark.parametrize(("load", "tone"), [(0.4, "muted"), (0.9, "warning")])
def test_a_larger_network_is_measured_and_then_applied(
    qtbot: QtBot, venue: Venue, load: float, tone: str
) -> None:
    state, edits = AppState(), list[GeometryEdit]()
    state.show_venue(venue)
    viewmodel = DetectionViewModel(
        str(CAMERA),
        app_state=state,
        job_runner=InlineJobRunner(),
        edit=lambda edit: not edits.append(edit),
        measure=lambda *_: DetectionCost(12.0, load, 0.2),
    )
    dialog = DetectionDialog(viewmodel)
    qtbot.addWidget(dialog)
    assert not dialog.use.isEnabled()
    viewmodel.choose(model_name="yolo26s")
    assert "yolo26s analyses about 12 pictures a second" in dialog.cost.text()
    assert viewmodel.state.tone == tone
    assert ("frames would be dropped" in dialog.cost.text()) == (tone == "warning")
    dialog.score.setValue(0.3)
    dialog.use.click()
    assert edits == [SetDetection(CAMERA, "yolo26s", 0.3, 5.0)]


def test_few_frames_a_second_over_seats_are_said(qtbot: QtBot) -> None:
    venue = make_seen_hall(zones=(zone("talks", box(2, 2, 6, 4), ZoneKind.STAGE),))
    state = AppState()
    state.show_venue(venue)
    viewmodel = DetectionViewModel(
        str(venue.cameras[0].name),
        app_state=state,
        job_runner=InlineJobRunner(),
        edit=lambda _edit: True,
        measure=lambda *_: DetectionCost(12.0, 0.4, 0.2),
    )
    dialog = DetectionDialog(viewmodel)
    qtbot.addWidget(dialog)
    assert dialog.seats.isHidden()
    dialog.fps.setValue(2.0)
    assert not dialog.seats.isHidden()
    assert "It sees talks" in dialog.seats.text()
    dialog.fps.setValue(5.0)
    assert dialog.seats.isHidden()
