from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.gui.app_state import AppState
from app.gui.fonts import load_fonts
from app.gui.job_runner import JobRunner
from app.gui.table_models.cell_text import ABSENT, format_duration, format_number
from app.gui.theme import DARK, LIGHT, current_theme, install_theme
from app.gui.translation import install_language
from app.gui.viewmodels.dwell_dashboard import DwellDashboardViewModel, Phase
from app.gui.views.dwell_dashboard import DwellDashboardView
from app.gui.widgets.dwell_chart import DwellChart
from app.jobs.job import JobContext
from app.operations import dwell_view
from app.operations.change_set import ChangeSet
from app.operations.dwell_figures import DwellAnalysis, DwellView, select_view
from app.operations.dwell_view import analyse_dwell
from app.operations.export_period import export_period
from app.venue.document import Venue
from tests.support.inline_job_runner import InlineJobRunner
from tests.support.known_history import FIRST, SECOND, UNOBSERVED, make_known_venue


class FixedClock:
    def __init__(self, now_utc_s: float) -> None:
        self.now_s = now_utc_s

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_known_venue(tmp_path_factory.mktemp("known"))


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[None]:
    load_fonts()
    # a style sheet for all widgets takes its time: only where a test took another
    if current_theme() is not LIGHT or not qapp.styleSheet():
        install_theme(qapp, LIGHT)
    install_language(qapp, "en")
    yield
    install_language(qapp, "en")


@pytest.fixture
def state() -> AppState:
    return AppState()


@pytest.fixture
def viewmodel(state: AppState) -> DwellDashboardViewModel:
    return DwellDashboardViewModel(app_state=state, job_runner=InlineJobRunner(), clock=FixedClock(SECOND[1]))


@pytest.fixture
def page(qtbot: QtBot, viewmodel: DwellDashboardViewModel) -> DwellDashboardView:
    view = DwellDashboardView(viewmodel)
    qtbot.addWidget(view)
    view.resize(1180, 680)
    view.show()
    return view


@pytest.fixture(scope="module")
def analyses() -> dict[object, DwellAnalysis]:
    """What was computed of this module's venue already."""
    return {}


@pytest.fixture
def second(
    page: DwellDashboardView,
    state: AppState,
    venue: Venue,
    analyses: dict[object, DwellAnalysis],
    monkeypatch: pytest.MonkeyPatch,
) -> DwellDashboardView:
    analyse = dwell_view.analyse_dwell

    def analyse_once(*, venue: Venue, period: tuple[float, float], job: JobContext) -> DwellAnalysis:
        if period not in analyses:
            analyses[period] = analyse(venue=venue, period=period, job=job)
        return analyses[period]

    monkeypatch.setattr(dwell_view, "analyse_dwell", analyse_once)
    page.hide()
    state.show_venue(venue)
    state.set_period(SECOND)
    page.show()
    return page


@pytest.fixture(scope="module")
def expected(venue: Venue) -> DwellView:
    """All zones of the second half hour."""
    view = select_view(analyse_dwell(venue=venue, period=SECOND), None)
    assert view is not None
    return view


def tile_values(page: DwellDashboardView) -> list[str]:
    return [tile.value for tile in page.tiles]


def test_the_tiles_are_the_summary_of_the_zone(
    second: DwellDashboardView, state: AppState, venue: Venue, tmp_path: Path
) -> None:
    state.select_zone("stand")
    exported = export_period(venue=venue, start_utc_s=SECOND[0], end_utc_s=SECOND[1], out_folder=tmp_path)
    summary = exported.summary["zones"]["stand"]  # type: ignore[index]
    low, high = summary["mean_dwell_interval_s"]
    visits, people, mean, median, person_seconds = tile_values(second)
    assert visits == format_number(summary["visits"])
    assert mean == format_duration(summary["mean_dwell_s"])
    assert median == format_duration(summary["median_dwell_s"])
    assert person_seconds == format_number(summary["person_seconds"])
    assert 0 < float(people) < 10
    assert format_duration(low) in second.tiles[2].detail
    assert format_duration(high) in second.tiles[2].detail


def test_the_table_is_the_summary_of_every_zone(second: DwellDashboardView, expected: DwellView) -> None:
    rows = {row[0]: row for row in second.zone_list.shown_rows()}
    assert rows.keys() == {"stand", "front row", "door"}
    for zone in expected.zones:
        assert rows[zone.name][1] == format_number(zone.figures.visits)
        assert rows[zone.name][3] == format_duration(zone.figures.mean_dwell_s)
        assert rows[zone.name][8] == ("disagree" if zone.figures.estimates_disagree else "agree")


def test_the_change_is_against_the_period_before(second: DwellDashboardView, expected: DwellView) -> None:
    now, then = expected.figures, expected.previous
    assert then is not None
    assert now.visits is not None
    assert then.visits is not None
    share = 100 * (now.visits / then.visits - 1)
    assert second.tiles[0].change == f"▲ {share:.1f} % more"
    assert "2026-03-14 17:00–17:30" in second.tiles[0].toolTip()


def test_without_an_observed_period_before_there_is_a_dash(page: DwellDashboardView, state: AppState) -> None:
    assert [tile.change for tile in page.tiles] == [ABSENT] * 5


def test_the_first_period_has_nothing_before_it(second: DwellDashboardView, state: AppState) -> None:
    state.set_period(FIRST)
    assert [tile.change for tile in second.tiles] == [ABSENT] * 5
    assert tile_values(second)[0] != ABSENT
    assert "not observed" in second.tiles[0].toolTip()


def test_choosing_a_zone_is_the_windows_choice(second: DwellDashboardView, state: AppState) -> None:
    all_visits = tile_values(second)[0]
    second.zone_choice.setCurrentIndex(second.zone_choice.findData("front row"))
    second.zone_choice.activated.emit(second.zone_choice.currentIndex())
    assert state.zone_selected == "front row"
    assert int(tile_values(second)[0]) < int(all_visits)
    assert [series.zone for series in second.occupancy.series] == ["front row"]
    state.select_zone(None)
    assert second.zone_choice.currentText() == "All zones"
    assert tile_values(second)[0] == all_visits


def test_a_zone_of_another_layout_is_said_to_be_absent(second: DwellDashboardView, state: AppState) -> None:
    state.select_zone("moon base")
    assert "moon base" in second.empty_text.text()
    assert second.zone_choice.currentText() == "moon base"


def test_estimates_that_disagree_are_flagged(
    second: DwellDashboardView, state: AppState, expected: DwellView
) -> None:
    flagged = {zone.name for zone in expected.zones if zone.figures.estimates_disagree}
    assert flagged
    assert flagged < {zone.name for zone in expected.zones}
    for zone in expected.zones:
        state.select_zone(zone.name)
        assert second.disagreement.isHidden() == (zone.name not in flagged)
        assert bool(second.disagreement.text()) == (zone.name in flagged)


def test_rows_are_sorted_and_filtered(second: DwellDashboardView, qtbot: QtBot) -> None:
    table = second.zone_list.table
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    counts = [int(row[1]) for row in second.zone_list.shown_rows()]
    assert counts == sorted(counts)
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert [row[0] for row in second.zone_list.shown_rows()] == ["stand", "front row", "door"]
    box = second.zone_list.findChild(QLineEdit)
    assert isinstance(box, QLineEdit)
    qtbot.keyClicks(box, "ROW")
    assert [row[0] for row in second.zone_list.shown_rows()] == ["front row"]
    box.clear()
    assert len(second.zone_list.shown_rows()) == 3


def test_what_is_shown_is_copied(second: DwellDashboardView) -> None:
    second.zone_list.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    second.zone_list.copy()
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0][:2] == ["Zone", "Visits"]
    assert lines[1:] == second.zone_list.shown_rows()
    model = second.zone_list.table.model()
    for row in (0, 2):
        second.zone_list.table.selectionModel().select(
            model.index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )
    second.zone_list.copy()
    assert [line.split("\t")[0] for line in QApplication.clipboard().text().splitlines()] == [
        "Zone", "door", "stand",
    ]  # fmt: skip


def press_export(page: QWidget) -> None:
    button = next(b for b in page.findChildren(QPushButton) if b.text() == "Export CSV…")
    button.click()


def test_the_table_is_written_as_csv(
    second: DwellDashboardView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: DwellView
) -> None:
    path = tmp_path / "zones"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    press_export(second.zone_list)
    with path.with_suffix(".csv").open(encoding="utf-8-sig", newline="") as content:
        rows = list(csv.DictReader(content))
    written = {row["Zone"]: row["Mean dwell (s)"] for row in rows}
    for zone in expected.zones:
        assert float(written[zone.name]) == pytest.approx(zone.figures.mean_dwell_s, rel=1e-4)
    assert "zones.csv" in second.banner.problem
    assert not second.banner.isHidden()


def test_a_file_that_cannot_be_written_is_said(
    second: DwellDashboardView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.csv"), ""))
    press_export(second.zone_list)
    assert "a.csv" in second.banner.problem
    assert second.banner.remedy
    assert tile_values(second)[0] != ABSENT


def test_no_name_is_no_file(
    second: DwellDashboardView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    press_export(second.zone_list)
    assert second.banner.isHidden()


def test_a_click_on_a_bar_lists_its_visits(second: DwellDashboardView, qtbot: QtBot) -> None:
    number = max(range(len(second.histogram.bars)), key=lambda n: second.histogram.bars[n].complete)
    bar = second.histogram.bars[number]
    qtbot.mouseClick(
        second.histogram.viewport(),
        Qt.MouseButton.LeftButton,
        pos=second.histogram.bar_centre(number).toPoint(),
    )
    panel = second.visit_panel
    assert not panel.isHidden()
    assert panel.model.rowCount() == bar.complete + bar.censored
    for row in range(panel.model.rowCount()):
        assert bar.from_s <= panel.model.record(row).seconds < bar.to_s
    assert panel.title.startswith(f"{panel.model.rowCount()} visits")
    assert second.histogram.chosen_bar == number


def test_bars_are_chosen_by_keyboard_too(second: DwellDashboardView, qtbot: QtBot) -> None:
    for _ in range(3):
        qtbot.keyClick(second.histogram, Qt.Key.Key_Right)
    qtbot.keyClick(second.histogram, Qt.Key.Key_Left)
    assert second.histogram.chosen_bar == 1
    assert second.visit_panel.isHidden()
    qtbot.keyClick(second.histogram, Qt.Key.Key_Return)
    bar = second.histogram.bars[1]
    assert second.visit_panel.model.rowCount() == bar.complete + bar.censored
    qtbot.keyClick(second.visit_panel.list.table, Qt.Key.Key_Escape)
    second.visit_panel.close_panel()
    assert second.visit_panel.isHidden()
    assert second.histogram.chosen_bar is None


def test_the_last_bar_holds_all_longer_visits(second: DwellDashboardView) -> None:
    number = len(second.histogram.bars) - 1
    second.histogram.choose_bar(number)
    assert math.isinf(second.histogram.bars[number].to_s)
    assert second.visit_panel.model.rowCount() > 0
    assert "≥" in second.visit_panel.title


def test_a_zones_row_lists_its_visits(second: DwellDashboardView, qtbot: QtBot, expected: DwellView) -> None:
    table = second.zone_list.table
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    place = table.visualRect(table.model().index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    visits = [visit for visit in expected.visits if visit.zone == "front row"]
    panel = second.visit_panel
    assert panel.model.rowCount() == len(visits) > 0
    assert {panel.model.record(row).zone for row in range(panel.model.rowCount())} == {"front row"}
    assert {"complete"} < {row[5] for row in panel.list.shown_rows()}


def test_the_line_has_a_gap_where_nobody_looked(second: DwellDashboardView) -> None:
    for curve, series in zip(second.occupancy.curves, second.occupancy.series, strict=True):
        _, people = curve.getOriginalDataset()
        assert np.isnan(people).any()
        assert curve.opts["connect"] == "finite"
        assert np.nanmax(people) == np.nanmax(series.people)


def test_it_speaks_chinese_when_asked(second: DwellDashboardView, qapp: QApplication) -> None:
    second.histogram.choose_bar(1)
    install_language(qapp, "zh_CN")
    qapp.sendPostedEvents(None, QEvent.Type.LanguageChange)
    assert second.zone_choice.itemText(0) == "全部展区"
    assert second.zone_list.table.model().headerData(1, Qt.Orientation.Horizontal) == "访问次数"
    assert "访问" in second.visit_panel.title
    assert second.tiles[2].accessibleName().startswith("平均停留")
    assert "延长" in second.tiles[2].change or "缩短" in second.tiles[2].change
    assert second.histogram.getAxis("left").labelText == "访问次数"


def darkest(page: QWidget) -> int:
    image = page.grab().toImage()
    return QColor(image.pixel(image.width() // 2, image.height() // 2)).lightness()


@pytest.mark.parametrize("chart", ["histogram", "boxes", "occupancy"])
def test_charts_take_the_themes_colours(second: DwellDashboardView, qapp: QApplication, chart: str) -> None:
    widget = getattr(second, chart)
    assert QColor(widget.backgroundBrush().color()).name() == LIGHT.surface
    install_theme(qapp, DARK)
    qapp.processEvents()
    assert QColor(widget.backgroundBrush().color()).name() == DARK.surface
    assert widget.getAxis("bottom").textPen().color().name() == DARK.text_muted
    assert widget.getAxis("bottom").style["tickFont"].family() == qapp.font().family()


def test_no_venue_and_no_history_are_said_in_words(
    page: DwellDashboardView, state: AppState, tmp_path: Path
) -> None:
    assert page.empty_text.text() == "Open a venue to see how long its visitors stay."
    state.show_venue(make_known_venue(tmp_path, is_recorded=False))
    assert "no history yet" in page.empty_text.text()
    assert not page.last_day.isVisible()
    assert tile_values(page) == [ABSENT] * 5


def test_an_unobserved_period_leads_to_the_last_observed_day(
    second: DwellDashboardView, state: AppState, qtbot: QtBot
) -> None:
    state.set_period(UNOBSERVED)
    assert "Nothing was observed" in second.empty_text.text()
    assert second.last_day.isVisible()
    qtbot.mouseClick(second.last_day, Qt.MouseButton.LeftButton)
    assert state.period is not None
    assert state.period[1] - state.period[0] == 86400.0
    assert state.period[0] < FIRST[0] < state.period[1]
    assert tile_values(second)[0] != ABSENT


def test_now_is_today_in_the_venues_own_time(
    page: DwellDashboardView, state: AppState, venue: Venue, viewmodel: DwellDashboardViewModel
) -> None:
    state.show_venue(venue)
    assert viewmodel.state.period == (FIRST[0] - 17 * 3600.0, SECOND[1])
    assert viewmodel.state.phase is Phase.READY
    assert viewmodel.state.is_today


def test_a_history_that_cannot_be_read_is_said_with_a_remedy(
    page: DwellDashboardView, state: AppState, tmp_path: Path
) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    venue.events_file.write_bytes(b"no database at all" * 100)
    state.show_venue(venue)
    assert page.banner.problem
    assert page.banner.remedy
    assert not page.banner.isHidden()
    assert tile_values(page) == [ABSENT] * 5
    venue.events_file.unlink()
    next(b for b in page.findChildren(QPushButton) if b.text() == "Compute again").click()
    assert "no history yet" in page.empty_text.text()
    assert page.banner.isHidden()


def test_nothing_is_computed_for_a_page_that_nobody_sees(
    qtbot: QtBot, viewmodel: DwellDashboardViewModel, state: AppState, venue: Venue
) -> None:
    view = DwellDashboardView(viewmodel)
    qtbot.addWidget(view)
    started: list[object] = []
    viewmodel._job_runner.job_started.connect(started.append)
    state.show_venue(venue)
    state.set_period(SECOND)
    assert not started
    view.show()
    assert len(started) == 1
    view.hide()
    state.announce(ChangeSet(events=True), initiator=None)
    assert len(started) == 1
    view.show()
    assert len(started) == 2
    state.announce(ChangeSet(settings=True), initiator=None)
    assert len(started) == 2


def test_the_figures_come_from_a_worker_and_show_when_they_are_there(
    qtbot: QtBot, state: AppState, venue: Venue
) -> None:
    runner = JobRunner()
    try:
        viewmodel = DwellDashboardViewModel(app_state=state, job_runner=runner)
        view = DwellDashboardView(viewmodel)
        qtbot.addWidget(view)
        view.show()
        state.show_venue(venue)
        state.set_period(SECOND)
        assert viewmodel.state.phase is Phase.COMPUTING
        qtbot.waitUntil(lambda: viewmodel.state.phase is Phase.READY, timeout=30_000)
        assert view.tiles[0].value != ABSENT
    finally:
        runner.shutdown()


def test_every_control_has_a_name(second: DwellDashboardView) -> None:
    second.histogram.choose_bar(1)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QTableView, DwellChart)
    controls = [
        widget
        for widget in second.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(second)
    ]
    assert len(controls) >= 10
    assert [type(control).__name__ for control in controls if not control.accessibleName()] == []


@pytest.mark.parametrize("width", [900, 1180, 2400])
def test_tiles_and_charts_keep_their_room(second: DwellDashboardView, width: int) -> None:
    second.resize(width, 700)
    second.grab()
    for widget in (*second.tiles, second.histogram, second.boxes):
        assert widget.width() >= widget.minimumSizeHint().width() > 0
    assert darkest(second) > 128
