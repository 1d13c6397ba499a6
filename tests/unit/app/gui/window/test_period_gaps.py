from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.change_set import ChangeSet
from app.facts import period_gaps
from app.facts.period_gaps import PeriodGaps
from app.gui.session import period_figures as watched_figures
from app.gui.session.app_state import AppState
from app.gui.session.period_figures import RefreshPace
from app.gui.session.translation import install_language
from app.gui.window.period_gaps import PeriodGapsViewModel, describe_gaps
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall
from tests.support.windows.inline_job_runner import InlineJobRunner

DAY = PeriodGaps(28_800.0, True, 5400.0, (("north", 9000.0),), expired_days=1)


def test_one_line_says_what_is_missing_and_the_rest_who(qapp: QApplication) -> None:
    install_language(qapp, "en")
    text = describe_gaps(DAY)
    assert text.line == (
        "Not observed: 1.5 h of 8.0 opening hours. 1 camera was missing for longer. "
        "The tracks of 1 day were deleted after the retention period; only totals include it."
    )
    assert "north: 2.5 h missing" in text.tool_tip
    assert "never counted as empty" in text.tool_tip


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "north: 5 min, because the picture was frozen"), ("zh_CN", "north：5 分钟，因为画面静止不动")],
)
def test_why_something_is_missing_is_said_in_either_language(
    qapp: QApplication, language: str, line: str
) -> None:
    install_language(qapp, language)
    gaps = replace(DAY, reasons=(("north", "frozen", 300.0), ("south", "clock", 60.0)))
    assert line in describe_gaps(gaps).tool_tip.split("\n")


@pytest.mark.parametrize("gaps", [None, PeriodGaps(28_800.0, True, 40.0)])
def test_where_nothing_is_missing_there_is_no_line(qapp: QApplication, gaps: PeriodGaps | None) -> None:
    assert describe_gaps(gaps).line == ""
    assert describe_gaps(gaps).tool_tip == ""


def test_without_opening_hours_it_says_of_what(qapp: QApplication) -> None:
    install_language(qapp, "en")
    line = describe_gaps(PeriodGaps(7200.0, False, 1800.0)).line
    assert line == "Not observed: 0.5 h of the 2.0 h from the first to the last observation."


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Tracks of 1 minute are lost: that time counts as not observed."),
        ("zh_CN", "1 分钟的轨迹已丢失"),
    ],
)
def test_lost_tracks_are_told_however_short(qapp: QApplication, language: str, words: str) -> None:
    install_language(qapp, language)
    assert words in describe_gaps(PeriodGaps(7200.0, True, 59.0, lost_tracks_s=59.0)).line
    install_language(qapp, "en")


def test_what_the_floor_of_a_camera_without_a_calibration_counts_as_is_said(qapp: QApplication) -> None:
    install_language(qapp, "en")
    line = describe_gaps(PeriodGaps(7200.0, True, 0.0, unplaced=("north", "west"))).line
    assert (
        line == "Without a calibration, the floor seen by north, west is unknown and counts as not observed."
    )
    line = describe_gaps(PeriodGaps(7200.0, True, 0.0, unplaced=("north",), is_floor_unknown=True)).line
    assert line == "No camera is calibrated: the whole floor counts as observed while north recorded."


def test_what_grew_before_there_was_enough_rest_is_read_later(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monotonic_s, read = [0.0], []

    def measure(**_of: object) -> PeriodGaps:
        read.append(monotonic_s[0])
        # it takes a second, and is not done again before four more
        monotonic_s[0] += 1.0
        return DAY

    monkeypatch.setattr(period_gaps, "measure_period_gaps", measure)
    monkeypatch.setattr(watched_figures, "REFRESH_MS", 20)
    state = AppState()
    state.show_venue(make_hall(tmp_path))
    model = PeriodGapsViewModel(
        app_state=state,
        job_runner=InlineJobRunner(),
        clock=SetClock(),
        pace=RefreshPace(lambda: monotonic_s[0]),
    )
    model.set_page_visible(True)
    state.announce(ChangeSet(events=True, events_from_utc_s=NOW_UTC_S), initiator=None)
    assert read == [0.0]
    monotonic_s[0] += 10.0
    qtbot.waitUntil(lambda: len(read) == 2)
    model.set_page_visible(False)
    assert model.state == DAY
