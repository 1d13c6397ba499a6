"""The page of this moment in the whole window: its rules are edited, and an alarm is told on another page."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from app.core.file_format import read_venue, write_venue
from app.gui.now.alarm_desk import AlarmDeskViewModel
from app.gui.now.page import AlarmRulesDialog
from app.gui.now.panels import NowView
from app.gui.window.pages import Page
from app.live.live_figures import list_rules
from tests.support.halls.walked_hall import make_hall, walk_through
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, show_window


def test_rules_are_edited_and_alarms_told_on_every_page(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    walk_through(venue, start_s=SystemClock().now_utc_s() - 300, duration_s=280, people=6)
    with show_window(qtbot, Page.NOW, Page.LIVE) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        window.show_page(Page.NOW)
        (page,) = window.findChildren(NowView)
        qtbot.waitUntil(lambda: page.tiles[2].texts[1] == "6", timeout=ANSWERS_WITHIN_MS)
        assert "available during recording" in page.message.text()

        click(qtbot, window, "Alarm rules…")
        (dialog,) = window.findChildren(AlarmRulesDialog)
        dialog.capacity.setValue(120.0)
        dialog.capacity.editingFinished.emit()
        qtbot.waitUntil(
            lambda: read_venue(venue.folder).targets_of("").capacity == 120, timeout=ANSWERS_WITHIN_MS
        )
        dialog.reject()

        window.show_page(Page.LIVE)
        (desk,) = window.findChildren(AlarmDeskViewModel)
        assert parts.app_state.venue is not None
        (camera,) = list_rules(parts.app_state.venue)
        desk.evaluate({camera: 31.0})
        assert window.banner.isVisible()
        qtbot.waitUntil((venue.folder / "alarms.sqlite").exists, timeout=ANSWERS_WITHIN_MS)
        assert desk.state.unacknowledged == 1
