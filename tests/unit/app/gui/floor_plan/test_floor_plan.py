from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.floor_plan.floor_analysis import analyse_floor
from app.floor_plan.floor_map import FloorLayer, FloorResults
from app.gui.floor_plan.model import JOB_KEY, ZONES_EVERY, FloorPlanViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle
from app.gui.session.period_figures import RefreshPace
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.units import install_units
from tests.support.halls.live_people import make_status
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner


@dataclass
class Page:
    app_state: AppState
    monitor: PipelineMonitor
    model: FloorPlanViewModel
    clock: SetClock
    jobs: list[JobHandle]
    runner: InlineJobRunner


@pytest.fixture
def page(qapp: QApplication) -> Iterator[Page]:
    app_state, monitor, runner = AppState(), PipelineMonitor(), InlineJobRunner()
    jobs: list[JobHandle] = []
    runner.job_started.connect(jobs.append)
    clock = SetClock()
    model = FloorPlanViewModel(
        app_state=app_state,
        job_runner=runner,
        monitor=monitor,
        clock=clock,
        pace=RefreshPace(lambda: 0.0),
    )
    yield Page(app_state, monitor, model, clock, jobs, runner)
    model.set_active(False)


def test_without_a_venue_a_message_is_shown(page: Page) -> None:
    page.model.set_active(True)
    assert page.model.state.scene is None
    assert page.model.state.message == "No venue is open."
    assert page.jobs == []


def test_without_history_a_remedy_is_shown(page: Page, tmp_path: Path) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(make_hall(tmp_path))
    state = page.model.state
    assert state.scene is not None
    assert state.heat is None
    assert "No data yet" in state.message
    assert [
        (row.figures.visits.value, row.figures.mean_dwell_s.value, row.people_now) for row in state.rows
    ] == [(None, None, None)] * 3


def test_nothing_is_computed_while_inactive(page: Page, walked: Venue) -> None:
    page.app_state.show_venue(walked)
    assert page.jobs == []
    page.model.set_active(True)
    assert len(page.jobs) == 1
    page.model.set_active(False)
    page.model.set_active(True)
    assert len(page.jobs) == 1


def test_another_period_is_computed_and_named(page: Page, walked: Venue) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    first = page.model.state
    assert first.heat is not None
    assert first.period_text == "2026-03-14 11:53–12:00"
    page.app_state.set_period((NOW_UTC_S - 86_400, NOW_UTC_S - 86_200))
    second = page.model.state
    assert second.heat is not None
    assert second.heat is not first.heat
    assert second.period_text == "2026-03-13 12:00–12:03"
    assert [row.figures.visits for row in second.rows] != [row.figures.visits for row in first.rows]
    page.app_state.set_period((NOW_UTC_S - 50_000, NOW_UTC_S - 40_000))
    assert page.model.state.heat is None
    assert "No data for this period" in page.model.state.message


def test_a_reading_is_the_value_of_the_cell(page: Page, walked: Venue) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    results = page.model._results
    assert results is not None
    assert results.heatmap is not None
    heatmap = results.heatmap
    row, column = np.unravel_index(np.nanargmax(heatmap.person_seconds_per_m2), heatmap.grid.shape)
    x = heatmap.grid.x_m + (column + 0.5) * heatmap.grid.cell_m
    y = heatmap.grid.y_m + (row + 0.5) * heatmap.grid.cell_m
    reading = page.model.read_at(float(x), float(y))
    assert reading.value == heatmap.person_seconds_per_m2[row, column]
    assert reading.coverage == pytest.approx(1.0)
    page.model.set_per_hour(True)
    per_hour = page.model.read_at(float(x), float(y)).value
    assert per_hour == pytest.approx(float(heatmap.person_seconds_per_m2[row, column]) * 3600 / 400)
    assert page.model.state.unit.endswith("hour")


def test_values_and_scale_follow_the_units(page: Page, walked: Venue, qapp: QApplication) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    in_metres, heat = page.model.read_at(13.0, 3.0), page.model.state.heat
    assert in_metres.value is not None
    assert heat is not None
    page.model.set_scale_locked(True)
    install_units(qapp, "imperial")
    page.model.retranslate()
    reading, shown = page.model.read_at(13.0, 3.0), page.model.state.heat
    assert shown is not None
    assert reading.value == pytest.approx(in_metres.value * 0.3048**2)
    assert shown.top == pytest.approx(heat.top * 0.3048**2)
    shares = [np.nanmax(picture.values) / picture.top for picture in (shown, heat)]
    assert shares[0] == pytest.approx(shares[1])
    assert page.model.state.unit == "person-seconds per ft²"
    assert "x 42.7 ft, y 9.8 ft" in page.model.describe_reading(reading)


def test_readings_without_a_value_give_the_reason(page: Page, walked: Venue) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    unseen = page.model.read_at(19.5, 6.0)
    assert unseen.value is None
    assert unseen.coverage == 0.0
    assert "Not enough observations" in page.model.describe_reading(unseen)
    outside = page.model.read_at(-3.0, 50.0)
    assert (outside.value, outside.coverage, outside.zone) == (None, None, None)
    assert page.model.describe_reading(outside) == "x -3.0 m, y 50.0 m"
    assert page.model.read_at(13.0, 3.0).zone == "VR corner"


def test_people_now_are_counted_by_zone(page: Page, walked: Venue) -> None:
    page.app_state.show_venue(walked)
    heat = page.model.state.heat
    page.monitor.updated.emit(make_status({"north": [(4.0, 3.0), (4.5, 3.5), (9.0, 6.5)]}, time_s=1.0))
    state = page.model.state
    assert state.people_now == 3
    assert [row.people_now for row in state.rows] == [2, 0, 0]
    assert state.heat is heat
    page.monitor.updated.emit(make_status({"north": []}, time_s=2.0, is_running=False))
    assert page.model.state.people_now is None
    assert page.model.state.rows[0].people_now is None


def test_a_late_analysis_shows_unknown_not_zero(page: Page, walked: Venue) -> None:
    page.app_state.show_venue(walked)
    page.monitor.updated.emit(make_status({"north": [(4.0, 3.0)]}, time_s=1.0))
    assert page.model.state.delay == ""
    page.monitor.updated.emit(make_status({"north": [(4.0, 3.0)]}, time_s=2.0, age_s=7.2))
    state = page.model.state
    assert (state.dots, state.people_now) == ((), None)
    assert [row.people_now for row in state.rows] == [None, None, None]
    assert state.delay.startswith("The analysis is 7 s behind")
    page.monitor.updated.emit(make_status({"north": []}, time_s=9.0))
    assert (page.model.state.people_now, page.model.state.delay) == (0, "")
    assert [row.people_now for row in page.model.state.rows] == [0, 0, 0]
    page.monitor.updated.emit(make_status({"north": []}, time_s=9.0, age_s=60.0, is_running=False))
    assert (page.model.state.people_now, page.model.state.delay) == (None, "")


def test_only_the_running_period_is_refreshed(page: Page, walked: Venue) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    figures = page.model.state.rows
    for _ in range(ZONES_EVERY):
        page.model.refresh()
        assert page.model.state.rows == figures
    assert len(page.jobs) == 1 + ZONES_EVERY
    page.app_state.set_period((NOW_UTC_S - 86_400, NOW_UTC_S - 86_200))
    done = len(page.jobs)
    page.model.refresh()
    assert len(page.jobs) == done


def test_a_change_of_the_history_is_computed_and_one_of_the_settings_is_not(
    page: Page, walked: Venue
) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    page.app_state.announce(ChangeSet(settings=True), initiator=None)
    assert len(page.jobs) == 1
    page.app_state.announce(ChangeSet(events=True), initiator=None)
    assert len(page.jobs) == 2


def test_an_unreadable_history_is_reported(page: Page, tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    venue.events_file.write_bytes(b"no database at all, but long enough to look like one" * 40)
    page.model.set_active(True)
    page.app_state.show_venue(venue)
    assert page.model.state.heat is None
    assert page.model.state.message
    assert "Traceback" not in page.model.state.message


def test_a_growing_history_does_not_cancel_the_computation(page: Page, walked: Venue) -> None:
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    running = page.runner.keep_busy(JOB_KEY)
    before = len(page.jobs)
    page.app_state.announce(ChangeSet(events=True), initiator=page)
    assert not running.is_cancelled
    assert len(page.jobs) == before
    page.app_state.announce(ChangeSet(zones=True), initiator=page)
    assert running.is_cancelled
    assert len(page.jobs) == before + 1


def test_another_layer_is_computed_without_the_zones_unless_they_are_still_missing(
    page: Page, walked: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal: list[bool] = []

    def compute(**arguments: object) -> FloorResults:
        signal.append(bool(arguments["with_zones"]))
        return analyse_floor(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("app.gui.floor_plan.model.analyse_floor", compute)
    page.model.set_active(True)
    page.app_state.show_venue(walked)
    visits = [row.figures.visits for row in page.model.state.rows]
    page.model.set_layer(FloorLayer.SPEED)
    assert signal == [True, False]
    assert [row.figures.visits for row in page.model.state.rows] == visits
    assert page.model.state.heat is not None
    # as after a computation that another one has cancelled
    page.model._lacks_zones = True
    page.model.set_layer(FloorLayer.PRESENCE)
    page.model.set_layer(FloorLayer.SPEED)
    assert signal == [True, False, True, False]
