"""The timeline page: events are entered, imported, taken back; counts of others become conversions."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from analytics.domain.external_count import CountKind
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from analytics.findings.finding import FindingKind, SkipReason
from app.core.file_format import read_venue, write_venue
from app.findings.layout_findings import search_venue
from app.gui.session.app_state import AppState
from app.gui.timeline.model import TimelineViewModel
from app.gui.timeline.page import STAFF, CountsDialog, EventDialog, ShiftDialog, TimelineView
from app.timeline.counts_file import preview_counts
from app.timeline.timeline_figures import EffectVerdict
from app.timeline.timeline_file import read_timeline
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner

START_S = NOW_UTC_S - 7200.0
TALK = TimedEvent("Opening", START_S + 900, START_S + 1800, "Café", EventKind.TALK)


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> TimelineView:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=START_S, duration_s=3600.0, people=90)
    write_venue(venue)
    app_state, runner = AppState(), InlineJobRunner()
    viewmodel = TimelineViewModel(app_state=app_state, job_runner=runner, clock=SetClock())
    view = TimelineView(viewmodel)
    for owned in (app_state, runner):
        owned.setParent(view)
    qtbot.addWidget(view)
    view.resize(1180, 680)
    app_state.show_venue(venue)
    app_state.set_period((START_S, START_S + 3600))
    with qtbot.waitExposed(view):
        view.show()
    return view


def find_folder(view: TimelineView) -> Path:
    venue = view._viewmodel._app_state.venue
    assert venue is not None
    return venue.folder


def test_an_event_is_entered_shown_and_taken_back(shown: TimelineView) -> None:
    viewmodel = shown._viewmodel
    viewmodel.save_event(TALK, former=None)
    figures = viewmodel.state.figures
    assert figures is not None
    assert figures.events == (TALK,)
    effects = viewmodel.state.effects
    assert effects is not None
    assert [zone.zone for zone in effects.zones][:2] == ["Café", ""]
    assert effects.zones[1].during == pytest.approx(effects.zones[1].before, rel=0.6)
    assert all(zone.verdict in EffectVerdict for zone in effects.zones)
    assert shown.effect_table.rowCount() == 4
    viewmodel.add_note(TimedNote(START_S + 60, "door 2 closed"))
    for _ in range(2):
        assert shown.undo.isEnabled()
        shown.undo.click()
    assert not read_timeline(find_folder(shown)).events
    assert not shown.undo.isEnabled()
    shown.redo.click()
    assert read_timeline(find_folder(shown)).events == (TALK,)
    shown.events.record_chosen.emit(TALK)
    shown.remove.click()
    assert not read_timeline(find_folder(shown)).events


def test_the_form_speaks_the_venues_time(qtbot: QtBot, shown: TimelineView) -> None:
    exhibition = shown._viewmodel.state.exhibition
    assert exhibition is not None
    dialog = EventDialog(exhibition, ("Café",), start_s=START_S, event=TALK)
    qtbot.addWidget(dialog)
    # ten o'clock in Shanghai and a quarter of an hour
    assert dialog.start.text() == "2026-03-14 10:15"
    assert dialog.event_entered == TALK


def test_counts_of_a_till_become_conversions(qtbot: QtBot, shown: TimelineView, tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    file.write_text(
        "time,stand,name,sales\n2026-03-14 10:00,Café,Ms Li,12\n2026-03-14 10:00,Nowhere,x,1\n", "utf-8"
    )
    preview = preview_counts(file)
    dialog = CountsDialog(preview, ("Café",), name="Till")
    qtbot.addWidget(dialog)
    columns = dialog.columns_chosen
    (rows,) = dialog.findChildren(QTableWidget)
    heads = [rows.horizontalHeaderItem(at) for at in range(rows.columnCount())]
    assert [head.text() for head in heads if head is not None] == ["time", "stand", "sales"]
    # nobody's name, and the number below its own heading
    cell = rows.item(0, 2)
    assert cell is not None
    assert cell.text() == "12"
    assert (columns.time, columns.zone, columns.amount) == ("time", "stand", "sales")
    dialog.count.setCurrentIndex(dialog.count.findData("sales"))
    dialog.amount.setCurrentIndex(0)
    shown._viewmodel.import_counts(file, dialog.columns_chosen, name="Till", kind=CountKind.SALES)
    figures = shown._viewmodel.state.figures
    assert figures is not None
    (conversion,) = figures.conversions
    assert (conversion.zone, conversion.counted) == ("Café", pytest.approx(12.0))
    assert conversion.per_one == pytest.approx(12.0 / conversion.own)
    assert "Nowhere" in shown._import_report.text()
    shown.forget.click()
    assert shown._viewmodel.state.figures is not None
    assert shown._viewmodel.state.figures.conversions == ()


def test_staff_are_entered_for_several_days_changed_and_taken_back(qtbot: QtBot, shown: TimelineView) -> None:
    shown.tabs.choose_tab(STAFF)
    state = shown._viewmodel.state
    assert state.exhibition is not None
    assert state.figures is not None
    dialog = ShiftDialog(state.exhibition, state.figures.zones, start_s=START_S)
    qtbot.addWidget(dialog)
    dialog.zone.setCurrentIndex(dialog.zone.findData("Café"))
    dialog.people.setValue(2.5)
    dialog.following.setValue(1)
    entered = dialog.shifts_entered
    assert [shift.start_s for shift in entered] == [START_S, START_S + 86_400]
    shown._viewmodel.save_shifts(entered, former=None)
    assert read_timeline(find_folder(shown)).shifts == entered
    # the second day is not of the period
    assert shown.staff.shifts.shown_rows() == [["Café", "03-14 10:00", "03-14 18:00", "2.5"]]
    assert not shown.staff.remove.isEnabled()
    shown.staff.shifts.table.selectRow(0)
    assert shown.staff.change.isEnabled()
    changed = ShiftDialog(state.exhibition, state.figures.zones, start_s=0.0, shift=entered[0])
    qtbot.addWidget(changed)
    assert changed.shifts_entered == entered[:1]
    shown.staff.remove.click()
    assert read_timeline(find_folder(shown)).shifts == entered[1:]
    shown.undo.click()
    shown.undo.click()
    assert read_timeline(find_folder(shown)).shifts == ()
    shown._viewmodel.save_shifts([StaffShift("Café", START_S, START_S + 60, 0.0)], former=None)
    assert "cannot have 0 staff" in shown.banner.problem
    shown._viewmodel.save_shifts([StaffShift("Café", START_S, START_S + 3600.0, 1.0)], former=None)
    found = search_venue(venue=read_venue(find_folder(shown)), period_s=(START_S, START_S + 3600.0))
    (outcome,) = (one for one in found.outcomes if one.kind is FindingKind.FEW_STAFF)
    assert SkipReason.NOT_ENTERED not in dict(outcome.skipped).values(), "the findings do not know of them"
