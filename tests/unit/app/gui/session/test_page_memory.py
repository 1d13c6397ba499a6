from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from app.core.document import Venue
from app.core.file_format import read_venue
from app.gui.window.main_window import MAX_VENUES, PageMemory
from app.gui.window.pages import Page
from app.plan.edit_venue import create_hall, import_geometry
from app.plan.geojson import read_floor_file
from tests.support.halls.colour_hall import write_zone


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return create_hall(tmp_path / "fair.expoflow", name="Spring Fair", time_zone="UTC", size_m=(40, 25))


def draw_zone(venue: Venue, tmp_path: Path) -> Venue:
    zones = write_zone(tmp_path / "zones.geojson", [(1, 1), (9, 1), (9, 9), (1, 9)])
    import_geometry(venue.folder, read_floor_file(zones), valid_from_utc_s=None)
    return read_venue(venue.folder)


def test_a_venue_with_zones_and_a_history_opens_with_its_overview_or_now(
    settings: QSettings, venue: Venue, tmp_path: Path
) -> None:
    memory = PageMemory(settings)
    assert memory.choose(venue, shown=Page.LIVE, is_day_over=True) is Page.LIVE
    venue = draw_zone(venue, tmp_path)
    assert memory.choose(venue, shown=Page.LIVE, is_day_over=True) is Page.LIVE, "nothing was recorded"
    venue.events_file.touch()
    assert memory.choose(venue, shown=Page.LIVE, is_day_over=True) is Page.OVERVIEW
    assert memory.choose(venue, shown=Page.SETTINGS, is_day_over=True) is Page.OVERVIEW
    assert memory.choose(venue, shown=Page.LIVE, is_day_over=False) is Page.NOW
    assert memory.choose(venue, shown=Page.DWELL, is_day_over=True) is Page.DWELL, "somebody chose it"


def test_a_venue_opens_where_it_was_left(settings: QSettings, venue: Venue, tmp_path: Path) -> None:
    venue = draw_zone(venue, tmp_path)
    venue.events_file.touch()
    PageMemory(settings).keep(venue, Page.FLOWS)
    PageMemory(settings).keep(venue, Page.SETTINGS)
    assert PageMemory(settings).choose(venue, shown=Page.LIVE, is_day_over=True) is Page.FLOWS
    other = create_hall(tmp_path / "other.expoflow", name="Other", time_zone="UTC", size_m=(40, 25))
    assert PageMemory(settings).choose(other, shown=Page.LIVE, is_day_over=True) is Page.LIVE


@pytest.mark.parametrize("kept", ["", "not JSON", "[1]", '{"fair": 3}', "null"])
def test_a_memory_that_nobody_understands_is_none(settings: QSettings, venue: Venue, kept: str) -> None:
    settings.setValue("pages", kept)
    assert PageMemory(settings).choose(venue, shown=Page.LIVE, is_day_over=True) is Page.LIVE
    PageMemory(settings).keep(venue, Page.DWELL)
    assert PageMemory(settings).choose(venue, shown=Page.LIVE, is_day_over=True) is Page.DWELL


def test_a_page_that_there_is_no_more_is_none(settings: QSettings, venue: Venue) -> None:
    settings.setValue("pages", json.dumps({str(venue.folder): "LOBBY"}))
    assert PageMemory(settings).choose(venue, shown=Page.LIVE, is_day_over=True) is Page.LIVE


def test_the_oldest_venues_are_forgotten(settings: QSettings, venue: Venue) -> None:
    settings.setValue("pages", json.dumps({f"/venue{n}": "DWELL" for n in range(MAX_VENUES)}))
    PageMemory(settings).keep(venue, Page.DWELL)
    known = json.loads(str(settings.value("pages")))
    assert len(known) == MAX_VENUES
    assert str(venue.folder) in known
    assert "/venue0" not in known


def test_without_settings_nothing_is_remembered(venue: Venue) -> None:
    memory = PageMemory(None)
    memory.keep(venue, Page.DWELL)
    assert memory.choose(venue, shown=Page.LIVE, is_day_over=True) is Page.LIVE
