"""The page over all halls, and the choice of a hall: with the age of its data and the rights of its users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.zone_targets import AlarmMeasure
from app.access.access_file import read_access
from app.access.guard import Actor, act_as, find_actor
from app.access.roles import Role
from app.access.users import add_user
from app.core.file_format import read_venue
from app.gui.session.app_state import AppState
from app.gui.session.translation import install_language
from app.gui.site.halls import HallNote, HallsView, HallsViewModel
from app.gui.site.model import SiteViewModel
from tests.support.servers.postgres_server import PostgresServer
from tests.support.servers.two_halls import TwoHalls, open_two_halls
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.now_page import make_now_page
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock


@pytest.fixture
def halls(postgres_server: PostgresServer, home: Path, tmp_path: Path) -> Iterator[TwoHalls]:
    with open_two_halls(tmp_path, postgres_server, has_history=True) as made:
        yield made


def test_all_halls_are_seen_and_one_is_opened_by_the_same_person(
    qtbot: QtBot, qapp: QApplication, halls: TwoHalls
) -> None:
    state = AppState()
    state.show_venue(read_venue(halls.north))
    model = HallsViewModel(
        app_state=state, job_runner=InlineJobRunner(), clock=FakeClock(NINE_S + 100), store=halls.store
    )
    state.setParent(model)
    page = HallsView(model, lambda alarm: f"{alarm.worst:g} people")
    note = HallNote(model)
    model.hall_chosen.connect(lambda folder: state.show_venue(read_venue(folder)))
    for widget in (page, note):
        qtbot.addWidget(widget)
    page.show()
    assert page.totals.texts[:2] == ("People now: 1", "Footfall today: –")
    rows = [[page.table.index(r, c).data() for c in (0, 1, 4)] for r in range(2)]
    assert rows == [["Hall 1", "1", "0 of 3"], ["Hall 2", "–", "0 of 3"]]
    assert "not known now, and not in the sum: Hall 2" in page.note.text()
    assert "came in twice today" in page.note.text()
    assert not note.isVisibleTo(page)

    add_user(halls.north, name="Ann", role=Role.ADMINISTRATOR, secret="a long secret")
    act_as(halls.north, Actor("Ann", Role.ADMINISTRATOR))
    first, second = halls.sync()
    assert [name for name, _folder in model.list_places()] == ["Hall 1", "Hall 2"]
    assert find_actor(first) is None
    page.halls.table.selectRow(0)
    qtbot.mouseClick(page.open_hall, Qt.MouseButton.LeftButton)
    assert state.venue is not None
    assert (state.venue.folder, state.venue.name) == (first, "Hall 1")
    assert find_actor(first) == Actor("Ann", Role.ADMINISTRATOR)
    assert not read_access(second).users
    assert [name for name, _folder in model.list_places()] == ["Hall 2", "This machine: north"]
    assert "Hall 1, from the site's server: data until " in note.text()
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: "Hall 1，来自站点服务器" in note.text())
    model.deleteLater()


def test_now_shows_a_hall_that_other_machines_read_with_the_age_of_its_figures(
    qapp: QApplication, halls: TwoHalls
) -> None:
    parent = QObject(qapp)
    (first, _second), clock = halls.sync(), FakeClock(NINE_S + 100)
    page = make_now_page(parent, read_venue(first))
    page.clock.now_s = clock.now_s
    now = page.now
    assert "No machine of the site has written" in now.state.message
    model = HallsViewModel(
        app_state=page.state, job_runner=InlineJobRunner(), clock=clock, store=halls.store, parent=parent
    )
    one = model.state.own
    assert one is not None
    assert one.snapshot is not None
    alarm = Alarm(AlarmKey(AlarmMeasure.PEOPLE), NINE_S + 90, 5.0, 7.0)
    snapshot = replace(one.snapshot, alarms=(alarm,))
    now.show_elsewhere(snapshot, at_utc_s=clock.now_s)
    assert (now.state.message, now.state.dots) == ("", ())
    assert (now.state.tiles[0].value, now.state.tiles[0].detail) == ("1", "")
    assert [(zone.name, zone.people) for zone in now.state.zones] == [
        (zone.name, zone.people) for zone in snapshot.zones
    ]
    page.desk.acknowledge([alarm.key])
    now.show_elsewhere(snapshot, at_utc_s=clock.now_s)
    assert (page.desk.state.alarms[0].key, page.desk.state.unacknowledged) == (alarm.key, 0)

    page.clock.now_s += 31.0
    now.refresh()
    assert now.state.message.startswith("As of 17:01:40: ")
    assert (now.state.tiles[0].value, now.state.tiles[0].detail) == ("1", "as of 17:01:40")
    now.show_elsewhere(replace(one.snapshot, is_observed=False, people=None), at_utc_s=page.clock.now_s)
    assert now.state.tiles[0].value == "–"
    assert now.state.message == "No camera of this hall is being read at this moment."
    assert page.desk.state.alarms[0].cleared_utc_s == page.clock.now_s
    parent.setParent(None)
    parent.deleteLater()


def test_a_machine_takes_part_while_another_hall_is_shown(qapp: QApplication, halls: TwoHalls) -> None:
    _first, second = halls.sync()
    state = AppState()
    state.show_venue(read_venue(halls.north))
    model = SiteViewModel(app_state=state, job_runner=InlineJobRunner(), store=halls.store)
    state.setParent(model)
    assert not model.record_for_site(False)
    assert model.record_for_site(True)
    for folder, goes_on in ((second, True), (halls.north, True), (halls.south, False)):
        state.show_venue(read_venue(folder))
        assert model.state.is_taking_part == goes_on
    model.close()
    model.deleteLater()
