"""What is missing of days that are over is prepared apart: after opening, after edits, never meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.facts.prepared_facts import find_unprepared, prepare_facts
from app.gui.session.app_state import AppState
from app.gui.window import background_work
from app.gui.window.background_work import FactPreparationViewModel
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The venues that were prepared."""
    folders: list[Path] = []
    monkeypatch.setattr(
        background_work, "prepare_facts_in_child", lambda folder, _context: folders.append(folder)
    )
    return folders


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        (ChangeSet(zones=True), True),
        (ChangeSet(corrections=True), True),
        (ChangeSet(cameras=True), True),
        (ChangeSet(plan=True), True),
        (ChangeSet(events=True), True),
        (ChangeSet(events=True, events_from_utc_s=NOW_UTC_S), False),
        (ChangeSet(targets=True), False),
        (ChangeSet(settings=True), False),
    ],
    ids=str,
)
def test_only_what_touches_the_past_asks_for_it(
    qtbot: QtBot, prepared: list[Path], tmp_path: Path, changes: ChangeSet, is_due: bool
) -> None:
    state = AppState()
    viewmodel = FactPreparationViewModel(app_state=state, job_runner=InlineJobRunner())
    state.announce(changes, initiator=None)
    assert viewmodel.is_due == is_due
    state.close_venue()
    assert not viewmodel.is_due


def test_opening_a_venue_prepares_what_is_missing_and_nothing_else(
    qtbot: QtBot, prepared: list[Path], tmp_path: Path
) -> None:
    venue = make_hall(tmp_path / "hall.expoflow")
    walk_through(venue, start_s=NOW_UTC_S - 7200, duration_s=300, people=4)
    state = AppState()
    viewmodel = FactPreparationViewModel(app_state=state, job_runner=InlineJobRunner(), delay_ms=1)
    state.show_venue(venue)
    qtbot.waitUntil(lambda: prepared == [venue.folder])
    assert len(find_unprepared(venue)) == 1
    prepare_facts(venue=venue, context=JobContext())
    assert find_unprepared(venue) == ()
    state.announce(ChangeSet(zones=True), initiator=None)
    qtbot.waitUntil(lambda: not viewmodel.is_due)
    assert prepared == [venue.folder]
