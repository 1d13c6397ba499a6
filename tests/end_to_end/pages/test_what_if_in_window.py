"""The page What if in use: a stand is moved by mouse and keyboard, and the page says what would change."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.zone import ZoneKind
from analytics.forecast.placement_rules import NeighbourRule
from analytics.results.content import FloorMap, Table
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.periods import parse_period
from app.demo.ready_venue import list_show_days, unpack_demo_venue
from app.forecast.drafts import FILE_NAME, DraftStep, change_drafts, make_draft, read_drafts
from app.forecast.placement_file import FILE_NAME as RULES_FILE
from app.forecast.placement_file import read_placement_rules
from app.gui.dwell.model import DwellDashboardViewModel
from app.gui.forecast.model import WhatIfViewModel
from app.gui.forecast.page import KeepDraftDialog, WhatIfView
from app.gui.forecast.rules_panel import RuleKind
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import install_language
from app.plan.geojson import make_floor_geojson
from app.plan.plan_shapes import Part, Shape, list_points
from app.print.report_files import write_report_file
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_template import SECTIONS, ReportFormat, SectionKey, Template
from tests.support.windows.inline_job_runner import InlineJobRunner
from tools.layout_truth.truth_cases import DATE, write_cases

LEFT = Qt.MouseButton.LeftButton
READY_MS = 60_000
FORECAST_S = 5.0
"""On a machine that does other things at the same time; a second where it does not."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return unpack_demo_venue(tmp_path_factory.mktemp("demo") / "demo.expoflow")


@pytest.fixture
def shown(qtbot: QtBot, demo: Venue) -> Iterator[WhatIfView]:
    write_venue(demo)
    for name in (FILE_NAME, RULES_FILE):
        (demo.folder / name).unlink(missing_ok=True)
    app_state, runner = AppState(), JobRunner()
    view = WhatIfView(WhatIfViewModel(app_state=app_state, job_runner=runner))
    app_state.setParent(view)
    qtbot.addWidget(view)
    view.resize(1160, 640)
    app_state.show_venue(demo)
    # forecasts of past changes take seconds in the background; one test waits for them
    view._viewmodel._has_hindcast = True
    app_state.set_period(list_show_days(demo)[-1])
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: state_of(view).basis_s is not None, timeout=READY_MS)
    yield view
    runner.shutdown()


def state_of(view: WhatIfView) -> object:
    return view._viewmodel.state


def middle_of(view: WhatIfView, name: str) -> tuple[float, float]:
    (points,) = [shape.points for shape in view._viewmodel.state.shapes if shape.shape.name == name]
    xs, ys = zip(*points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def drag(qtbot: QtBot, view: WhatIfView, start: tuple[float, float], by_m: tuple[float, float]) -> None:
    viewport = view.canvas.viewport()

    def at(share: float) -> QPoint:
        return view.canvas.mapFromScene(start[0] + share * by_m[0], start[1] + share * by_m[1])

    qtbot.mousePress(viewport, LEFT, pos=at(0.0))
    for share in (0.3, 0.7, 1.0):
        qtbot.mouseMove(viewport, at(share))
    qtbot.mouseRelease(viewport, LEFT, pos=at(1.0))


def wait_for_forecast(qtbot: QtBot, view: WhatIfView) -> None:
    model = view._viewmodel

    def is_done() -> bool:
        return not (model.state.is_forecasting or model._is_writing or model._waiting)

    qtbot.waitUntil(is_done, timeout=READY_MS)


def test_a_dragged_stand_is_forecast_and_undone(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    model = shown._viewmodel
    assert model.state.draft is None
    assert "today's plan" in shown.result.headline.text()
    before = middle_of(shown, "Robotics")
    started_s = time.monotonic()
    drag(qtbot, shown, before, (0.0, 1.5))
    qtbot.waitUntil(lambda: model.state.forecast is not None, timeout=READY_MS)
    assert time.monotonic() - started_s < FORECAST_S
    wait_for_forecast(qtbot, shown)
    after = middle_of(shown, "Robotics")
    # it snaps to what is near
    assert after[1] - before[1] == pytest.approx(1.5, abs=0.8)
    assert model.state.draft is not None
    assert read_drafts(demo.folder) == (model.state.draft,)
    assert read_venue(demo.folder).geometry_versions == demo.geometry_versions
    (move,) = shown.canvas.moves
    assert move.to_m == pytest.approx(after)
    forecast = model.state.forecast
    assert forecast is not None
    shown_zones = {row.zone for row in shown.result.list.shown_records()}
    without_visits = {row.zone for row in forecast.rows if not (row.visits_before or row.visits)}
    assert {row.zone for row in forecast.rows} - shown_zones == without_visits
    assert "Exit doors" in without_visits
    gains = [row.visits - row.visits_before for row in shown.result.list.shown_records()]
    assert gains == sorted(gains, reverse=True)
    assert "Moved by" in shown.result.sentence.text()
    assert "sales" in shown.result.statements.text()
    assert shown.legend.isVisible()
    fills = {shape.shape.name: shape.fill for shape in shown.canvas._shapes}
    assert fills["Robotics"] is not None
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for_forecast(qtbot, shown)
    assert model.state.draft is None
    assert shown.canvas.moves == ()
    assert read_drafts(demo.folder) == ()


def test_the_visits_before_are_those_of_the_page_dwell(shown: WhatIfView, qtbot: QtBot) -> None:
    model = shown._viewmodel
    drag(qtbot, shown, middle_of(shown, "Robotics"), (0.0, 1.5))
    qtbot.waitUntil(lambda: model.state.forecast is not None, timeout=READY_MS)
    wait_for_forecast(qtbot, shown)
    dwell = DwellDashboardViewModel(
        app_state=model._app_state, job_runner=InlineJobRunner(shown), parent=shown
    )
    dwell.set_page_visible(True)
    assert dwell.state.results is not None
    visits = {row.name: row.figures.visits for row in dwell.state.results.zones}
    before = {row.zone: row.visits_before for row in shown.result.list.shown_records()}
    assert len(before) > 20
    assert before == {zone: pytest.approx(visits[zone], abs=0.5) for zone in before}
    model.undo()
    wait_for_forecast(qtbot, shown)


def test_the_forecast_follows_a_drag(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    model, canvas = shown._viewmodel, shown.canvas
    start = middle_of(shown, "Robotics")
    at = [canvas.mapFromScene(start[0], start[1] + up) for up in (0.0, 0.5, 1.0, 1.5)]
    started: list[object] = []
    model._job_runner.job_started.connect(lambda job: started.append(job.key))
    qtbot.mousePress(canvas.viewport(), LEFT, pos=at[0])
    for place in at[1:]:
        qtbot.mouseMove(canvas.viewport(), place)
    qtbot.waitUntil(lambda: model.state.forecast is not None and not model.state.is_forecasting)
    # one at a time, and of the places in between none that was passed before the first was forecast
    assert started == ["forecast", "forecast"]
    moved_m = [row.note.fields["metres"] for row in model.state.forecast.rows if row.zone == "Robotics"]
    assert moved_m == [pytest.approx(canvas._by_m[1])]
    # the plan stays under the pointer although a legend appears, and nothing is written yet
    assert canvas.mapFromScene(*start) == at[0]
    assert canvas._moved is not None
    assert model.state.draft is None
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert model.state.forecast is None
    qtbot.mouseRelease(canvas.viewport(), LEFT, pos=at[-1])
    assert model.state.draft is None
    assert read_drafts(demo.folder) == ()


def test_a_stand_is_dragged_by_the_walls_inside_it(shown: WhatIfView, qtbot: QtBot) -> None:
    model, (x, y) = shown._viewmodel, middle_of(shown, "Robotics")
    model.add_wall(((x - 0.5, y), (x + 0.5, y)))
    (wall,) = [shape.shape for shape in model.state.shapes if shape.shape.name == "New wall"]
    model.select(None)
    drag(qtbot, shown, (x, y), (0.0, 1.5))
    assert middle_of(shown, "Robotics") == pytest.approx((x, y + shown.canvas._by_m[1]))
    assert middle_of(shown, "New wall") == pytest.approx(middle_of(shown, "Robotics"))
    assert shown.canvas._by_m[1] > 0.5
    # unless the wall is what is selected
    model.select(wall)
    at = shown.canvas.mapFromScene(*middle_of(shown, "New wall"))
    qtbot.mousePress(shown.canvas.viewport(), LEFT, pos=at)
    assert model.state.selected == wall
    qtbot.mouseRelease(shown.canvas.viewport(), LEFT, pos=at)
    wait_for_forecast(qtbot, shown)


def test_keys_and_numbers_move_a_stand(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    model, canvas = shown._viewmodel, shown.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_BracketRight)
    selected = model.state.selected
    assert selected is not None
    assert selected in model.state.movable
    before = middle_of(shown, selected.name)
    for _press in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert middle_of(shown, selected.name) == pytest.approx((before[0] + 0.3, before[1] + 1.0))
    shown.side.show_panel(shown.stand)
    item = model.state.item
    assert item is not None
    left = min(x for x, _y in list_points(item))
    assert shown.stand.left_edge.value() == pytest.approx(left)
    shown.stand.left_edge.setValue(left + 1.0)
    assert middle_of(shown, selected.name)[0] == pytest.approx(before[0] + 1.3)
    # the keys were one gesture
    model.undo()
    model.undo()
    assert middle_of(shown, selected.name) == pytest.approx(before)
    assert model.state.draft is None
    model.redo()
    assert middle_of(shown, selected.name) == pytest.approx((before[0] + 0.3, before[1] + 1.0))
    model.select(Shape(Part.ZONES, "Robotics"))
    shown.stand.other.setCurrentIndex(shown.stand.other.findData("Optics"))
    places = middle_of(shown, "Robotics"), middle_of(shown, "Optics")
    assert not shown.stand.fixed.isChecked()
    shown.stand.fixed.setChecked(True)
    qtbot.mouseClick(shown.stand.swap, LEFT)
    assert (middle_of(shown, "Optics"), middle_of(shown, "Robotics")) == places
    wait_for_forecast(qtbot, shown)
    assert model.state.forecast is not None
    assert read_placement_rules(demo.folder).fixed == ("Robotics",)
    assert shown.stand.fixed.isChecked()
    model.undo()
    model.undo()
    wait_for_forecast(qtbot, shown)
    assert read_placement_rules(demo.folder).fixed == ()
    assert not shown.stand.fixed.isChecked()


def test_drafts_are_renamed_duplicated_and_deleted_with_undo(
    shown: WhatIfView, qtbot: QtBot, demo: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.mouseClick(shown.add, LEFT)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: ("Wide aisle", True))
    shown.rename.trigger()
    shown.duplicate.trigger()
    wait_for_forecast(qtbot, shown)
    assert [draft.name for draft in read_drafts(demo.folder)] == ["Wide aisle", "Wide aisle (2)"]
    shown.arrivals.setValue(120.0)
    wait_for_forecast(qtbot, shown)
    drafts = {draft.name: draft for draft in read_drafts(demo.folder)}
    assert drafts["Wide aisle (2)"].arrivals_scale == pytest.approx(1.2)
    forecast = shown._viewmodel.state.forecast
    assert forecast is not None
    assert all(
        row.visits == pytest.approx(1.2 * row.visits_before, rel=1e-6)
        for row in forecast.rows
        if row.visits_before
    )
    shown.delete.trigger()
    wait_for_forecast(qtbot, shown)
    assert [draft.name for draft in read_drafts(demo.folder)] == ["Wide aisle"]
    assert "was deleted" in shown.banner.problem
    qtbot.mouseClick(shown.banner._action, LEFT)
    wait_for_forecast(qtbot, shown)
    assert {draft.name: draft for draft in read_drafts(demo.folder)} == drafts
    assert shown.chooser.currentText() == "Wide aisle (2)"


def test_rules_for_searches_are_entered_and_undone(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    rules, canvas = shown.rules, shown.canvas
    shown.side.show_panel(rules)

    def add(kind: RuleKind, first: str, second: str) -> None:
        for box, value in ((rules.kind, kind), (rules.first, first), (rules.second, second)):
            box.setCurrentIndex(box.findData(value))
        qtbot.mouseClick(rules.add, LEFT)

    rules.aisle.setValue(2.5)
    add(RuleKind.APART, "Robotics", "Optics")
    add(RuleKind.EXCHANGE, "Water", "Timber")
    add(RuleKind.NEAR, "Optics", "Robotics")
    assert "two rules" in shown.message.text()
    qtbot.mouseClick(rules.draw_lane, LEFT)
    for corner in ((13.0, 8.3), (18.0, 8.3), (18.0, 9.7)):
        qtbot.mouseClick(canvas.viewport(), LEFT, pos=canvas.mapFromScene(*corner))
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    wait_for_forecast(qtbot, shown)
    written = read_placement_rules(demo.folder)
    assert written.least_aisle_m == 2.5
    assert written.neighbours == (NeighbourRule(("Robotics", "Optics"), 5.0, is_wanted=False),)
    assert [one.stands for one in written.size_classes] == [("Timber", "Water")]
    assert [lane.name for lane in written.fire_lanes] == ["Fire lane"]
    assert rules.list.count() == 3
    rules.list.setCurrentRow(0)
    rules.list.setFocus()
    qtbot.keyClick(rules.list, Qt.Key.Key_Delete)
    assert rules.list.count() == 2
    for _step in range(2):
        qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for_forecast(qtbot, shown)
    assert read_placement_rules(demo.folder) == replace(written, fire_lanes=())
    qtbot.mouseClick(shown.redo, LEFT)
    wait_for_forecast(qtbot, shown)
    assert read_placement_rules(demo.folder) == written


@pytest.mark.slow
def test_a_found_layout_is_shown_on_the_plan_and_taken_over(
    shown: WhatIfView, qtbot: QtBot, tmp_path: Path
) -> None:
    """A hall of visitors followed all the way, in which a better layout can be found."""
    write_cases(tmp_path, kind="agents", seed=1, changes=(), days=2, visitors=500)
    venue = read_venue(tmp_path / "agents-1" / "venue.expoflow")
    model, panel = shown._viewmodel, shown.search
    model._app_state.show_venue(venue)
    model._app_state.set_period(parse_period(venue.exhibition, DATE, DATE))
    qtbot.waitUntil(lambda: model.state.basis_s is not None, timeout=READY_MS)
    shown.side.show_panel(panel)
    panel.goal.setCurrentIndex(panel.goal.findData("weakest-third"))
    panel.moves.setValue(20)
    qtbot.mouseClick(panel.start, LEFT)
    qtbot.waitUntil(lambda: not model.state.is_searching, timeout=10 * READY_MS)
    found = model.state.proposals
    assert found is not None
    assert [row.promise.moves for row in panel.found.shown_records()] == [
        layout.promise.moves for layout in found.layouts
    ]
    qtbot.keyClick(panel.found.table, Qt.Key.Key_Down)
    layout = found.layouts[1]
    assert model.state.preview is layout
    assert model.state.forecast is layout.forecast
    assert len(shown.canvas.moves) == len(layout.moves)
    places = {str(zone.name): zone.outline for zone in model.state.today}
    move = layout.moves[0]
    assert dict(zip(("name", "points"), (move.stand, places[move.to].points), strict=True)) in [
        {"name": shape.shape.name, "points": shape.points} for shape in model.state.shapes
    ]
    assert read_drafts(venue.folder) == ()
    qtbot.mouseClick(panel.open, LEFT)
    wait_for_forecast(qtbot, shown)
    (draft,) = read_drafts(venue.folder)
    assert draft.zones == layout.geometry.zones
    assert model.state.draft == draft
    assert model.state.preview is None
    assert model.state.forecast is not None
    expected = {row.zone: row.visits for row in layout.forecast.rows}
    assert {row.zone: row.visits for row in model.state.forecast.rows} == pytest.approx(expected, rel=1e-3)


def test_a_draft_becomes_a_layout_version_in_one_step(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    model = shown._viewmodel
    drag(qtbot, shown, middle_of(shown, "Robotics"), (0.0, 1.5))
    wait_for_forecast(qtbot, shown)
    draft = model.state.draft
    assert draft is not None
    qtbot.mouseClick(shown.result.keep, LEFT)
    (dialog,) = shown.window().findChildren(KeepDraftDialog)
    start_s = dialog.valid_from_utc_s
    qtbot.mouseClick(dialog.accept_button, LEFT)
    wait_for_forecast(qtbot, shown)
    version = read_venue(demo.folder).geometry_at(start_s)
    assert (version.valid_from_utc_s, version.zones, version.label) == (start_s, draft.zones, draft.name)
    assert read_drafts(demo.folder) == (replace(draft, kept_from_utc_s=start_s),)
    model.undo()
    wait_for_forecast(qtbot, shown)
    assert read_venue(demo.folder).geometry_versions == demo.geometry_versions
    assert read_drafts(demo.folder) == (draft,)


def test_shares_of_a_new_entrance_are_asked_for(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    model, panel = shown._viewmodel, shown.result.entrances
    assert not panel.isVisible()
    model.add_stand(((50.0, 8.0), (52.9, 8.0), (52.9, 10.0), (50.0, 10.0)))
    shown.stand.kind.setCurrentIndex(shown.stand.kind.findData(ZoneKind.ENTRANCE))
    shown.stand.kind.activated.emit(shown.stand.kind.currentIndex())
    wait_for_forecast(qtbot, shown)
    assert panel.isVisible()
    assert {name: field.value() for name, field in panel.fields.items()} == {"Entrance": 50, "New stand": 50}
    even = {row.zone: row.visits for row in model.state.forecast.rows}
    panel.fields["New stand"].setValue(80)
    wait_for_forecast(qtbot, shown)
    assert panel.fields["Entrance"].value() == 20
    assert "Together 100 %" in panel.sum.text().replace("\u202f", " ").replace("100%", "100 %")
    assert "as you gave it" in shown.result.statements.text()
    assert "Compared with the forecast without" in shown.result.statements.text()
    (draft,) = read_drafts(demo.folder)
    assert draft.share_by_entrance == {"New stand": 0.8}
    visits = {row.zone: row.visits for row in model.state.forecast.rows}
    assert visits["Water"] > even["Water"]
    model.undo()
    wait_for_forecast(qtbot, shown)
    assert panel.fields["New stand"].value() == 50
    model.redo()
    qtbot.mouseClick(panel.clear, LEFT)
    wait_for_forecast(qtbot, shown)
    assert {row.zone: row.visits for row in model.state.forecast.rows} == pytest.approx(even)


def test_an_impossible_layout_is_refused_with_a_remedy(
    shown: WhatIfView, qtbot: QtBot, qapp: QApplication
) -> None:
    model = shown._viewmodel
    model.select_zone("Robotics")
    model.move((-200.0, 0.0))
    wait_for_forecast(qtbot, shown)
    assert "outside the hall" in shown.result.refusal.problem
    assert shown.result.refusal.remedy
    assert not shown.result.list.isVisible()
    model.undo()
    model.select_zone("Robotics")
    x, y = middle_of(shown, "Robotics")
    other = middle_of(shown, "Optics")
    model.move((other[0] - x, other[1] - y))
    assert shown.undo.isEnabled()
    wait_for_forecast(qtbot, shown)
    assert "overlap" in shown.result.refusal.problem
    qtbot.mouseClick(shown.result.refusal._action, LEFT)
    wait_for_forecast(qtbot, shown)
    assert model.state.fault is None
    assert (middle_of(shown, "Robotics"), middle_of(shown, "Optics")) == (other, (x, y))
    model.undo()
    assert model.state.draft is None
    install_language(qapp, "zh_CN")
    model.add_wall(((3.5, 0.0), (3.5, 18.0)))
    wait_for_forecast(qtbot, shown)
    assert "“入口”" in shown.result.refusal.problem


def test_a_period_without_visitors_says_so(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    model = shown._viewmodel
    start_s, _end_s = list_show_days(demo)[0]
    model._app_state.set_period((start_s - 86_400.0, start_s - 80_000.0))
    qtbot.waitUntil(lambda: model.state.fault is not None, timeout=READY_MS)
    assert shown.result.refusal.isVisible()
    assert shown.result.refusal.remedy


def test_days_with_the_night_between_them_are_a_basis(shown: WhatIfView, qtbot: QtBot, demo: Venue) -> None:
    model, days = shown._viewmodel, list_show_days(demo)
    model._app_state.set_period((days[1][0], days[2][1]))
    qtbot.waitUntil(lambda: bool(model.state.basis_s or model.state.fault), timeout=READY_MS)
    assert model.state.fault is None
    assert model.state.basis_s == pytest.approx((days[1][0], days[2][1]))


def test_a_draft_that_was_built_is_held_against_what_came(
    shown: WhatIfView, qtbot: QtBot, demo: Venue
) -> None:
    """The demonstration's layout changed after its first day."""
    model, version = shown._viewmodel, demo.geometry_at(None)
    built = replace(
        make_draft(demo, version, name="Layout B", used=()), kept_from_utc_s=version.valid_from_utc_s
    )
    change_drafts(demo.folder, DraftStep(Phrase("Add a draft"), ((None, built),)))
    model._read_drafts()
    model._has_hindcast = False
    model._check_past()
    qtbot.waitUntil(lambda: model.state.hindcast is not None, timeout=READY_MS)
    wait_for_forecast(qtbot, shown)
    found = model.state.hindcast
    assert found is not None
    assert found.pairs == 1
    assert model.state.is_observed
    assert shown.result.headline.text() == "This draft is the layout now."
    assert shown.result.outcome.isVisible()
    assert f"{100 * found.weighted_error:.1f} %" in shown.result.outcome.text()
    row = found.rows[0]
    model.select_zone(row.forecast.zone)
    assert f"{row.visits_real:,.0f} came" in shown.result.sentence.text()
    # its error widens the intervals of every forecast
    assert "Not proven" not in shown.result.statements.text()


def test_every_control_has_a_name(shown: WhatIfView) -> None:
    for control in (
        shown.chooser,
        shown.add,
        shown.result.keep,
        shown.more,
        shown.undo,
        shown.redo,
        shown.beside,
        shown.changes,
        shown.arrivals,
        shown.canvas,
        shown.today,
        *shown.tools.values(),
        shown.stand.chooser,
        shown.stand.left_edge,
        shown.stand.swap,
        shown.result.list.table,
    ):
        assert control.accessibleName(), control


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_drafts_are_a_section_of_the_report(
    shown: WhatIfView, qtbot: QtBot, demo: Venue, tmp_path: Path, language: str
) -> None:
    model = shown._viewmodel
    model.select_zone("Robotics")
    model.swap("Water")
    wait_for_forecast(qtbot, shown)
    forecast = model.state.forecast
    assert forecast is not None
    others = frozenset(SECTIONS[Template.DAILY]) - {SectionKey.WHAT_IF}
    order = ReportOrder(Template.DAILY, list_show_days(demo)[-1], language, left_out=others)
    content = make_report(demo, order)
    (section,) = [section for section in content.sections if section.key == SectionKey.WHAT_IF.value]
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    told = {row[0]: row[1:3] for row in table.rows}
    names = {"en": ("Robotics", "Water"), "zh_CN": ("机器人", "水处理")}[language]
    for name, zone in zip(names, ("Robotics", "Water"), strict=True):
        (row,) = [row for row in forecast.rows if row.zone == zone]
        before, (visits, low, high) = told[name]
        assert (before, visits) == pytest.approx((row.visits_before, row.visits))
        # its interval has the error of the demonstration's past change, which this page has not waited for
        assert low < visits < high
    (plan,) = [block for block in section.blocks if isinstance(block, FloorMap)]
    assert {zone.name for zone in plan.zones} >= set(names)
    for chosen in (ReportFormat.PDF, ReportFormat.XLSX, ReportFormat.HTML):
        file = write_report_file(tmp_path / f"report.{chosen.value}", content, chosen)
        assert file.stat().st_size > 1000


def test_a_layout_in_a_file_becomes_a_draft(
    shown: WhatIfView, qtbot: QtBot, demo: Venue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, today = shown._viewmodel, demo.geometry_at(None)
    (stand,) = [zone for zone in today.zones if zone.name == "Robotics"]
    outline = Polygon(tuple((x, y + 1.0) for x, y in stand.outline.points))
    moved = [replace(zone, outline=outline) if zone is stand else zone for zone in today.zones]
    file = tmp_path / "layout-1.geojson"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a: (str(file), ""))
    shown.from_file.trigger()
    qtbot.waitUntil(shown.message.isVisible, timeout=READY_MS)
    assert model.state.draft is None
    file.write_text(
        json.dumps(make_floor_geojson(FloorGeometry(tuple(moved), today.lines))), encoding="utf-8"
    )
    shown.from_file.trigger()
    qtbot.waitUntil(lambda: model.state.draft is not None, timeout=READY_MS)
    wait_for_forecast(qtbot, shown)
    (draft,) = read_drafts(demo.folder)
    assert (draft.name, len(draft.zones)) == ("layout-1", len(today.zones))
    (row,) = [row for row in model.state.forecast.rows if row.zone == "Robotics"]
    assert row.note.fields["metres"] == pytest.approx(1.0)
    # only the machines of a site can be asked to search
    shown.side.show_panel(shown.search)
    assert not shown.search.ask.isVisible()
