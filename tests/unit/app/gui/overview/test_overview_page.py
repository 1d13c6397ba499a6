"""The page of the overview: what it shows, its links, and live figures while recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QRectF
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.view_link import LinkTarget, ViewLink
from app.gui.overview.model import OverviewViewModel
from app.gui.overview.page import OverviewView
from app.gui.session.app_state import AppState
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.translation import install_language
from app.gui.widgets.figure_list import LiveFigure
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor

DAY_S = 86_400.0
DAY = (NOW_UTC_S - 43_200.0 - DAY_S, NOW_UTC_S + 43_200.0 - DAY_S)
LIVE = (LiveFigure("People in the hall", "34", ""), LiveFigure("Footfall today", "120", ""))


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("overview-page"))
    walk_through(venue, start_s=NOW_UTC_S - DAY_S, duration_s=900.0, people=30)
    write_venue(venue)
    return venue


@pytest.fixture
def monitor() -> ScriptedMonitor:
    return ScriptedMonitor()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, walked: Venue, monitor: ScriptedMonitor) -> Iterator[OverviewView]:
    app_state, runner = AppState(), InlineJobRunner()
    model = OverviewViewModel(
        app_state=app_state, job_runner=runner, monitor=monitor, clock=SetClock(NOW_UTC_S)
    )
    view = OverviewView(model)
    for owned in (app_state, runner, monitor):
        owned.setParent(view)
    qtbot.addWidget(view)
    view.resize(1150, 620)
    app_state.show_venue(walked)
    app_state.set_period(DAY)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    install_language(qapp, "en")


def list_words(part: object) -> list[str]:
    assert hasattr(part, "findChildren")
    return [label.text() for label in part.findChildren(QLabel) if label.isVisible()]


def test_a_day_at_a_glance(page: OverviewView) -> None:
    assert page._viewmodel.state.phase is PeriodPhase.READY
    assert len(list_words(page.sentences)) == 5
    assert list_words(page.sentences)[0].startswith(
        "30 people were counted coming in during 0.3 observed hours"
    )
    assert page.figures.texts[0] == "Footfall: 30"
    assert [text for text in page.figures.texts if text.startswith("Mean time per visitor: ")]
    rates = [float(row[2]) for row in page.stands.shown_rows()]
    assert rates == sorted(rates, reverse=True)
    assert page.map.scene_shape is not None
    assert not page.map.heat_layer.image.isNull()
    assert not page.live.isVisible()


def test_the_plan_fills_its_card_and_names_only_what_its_names_leave_visible(
    page: OverviewView, qtbot: QtBot
) -> None:
    def find_floor() -> QRectF:
        return page.map.viewportTransform().mapRect(page.map.content_rect)

    qtbot.waitUntil(lambda: find_floor().width() > 0.85 * page.map.width())
    assert find_floor().height() > 0.6 * page.map.height()
    names = {"Café", "Robotics", "VR corner"}
    assert {zone.toolTip() for zone in page.map._zones} == names
    assert set(page.map.visible_labels()) == names
    page.map.zoom_by(0.5)
    for zone in page.map._zones:
        outline = page.map.viewportTransform().mapRect(zone.polygon().boundingRect())
        for place in (place for _kind, name, place in page.map.label_places() if name == zone.name):
            assert place.width() <= outline.width()
            assert place.height() <= outline.height()
    assert len(page.map.visible_labels()) < len(names)
    # a window of 1024 x 640 scrolls instead of drawing one part over another
    page.resize(820, 500)
    qtbot.waitUntil(lambda: page.map.geometry().bottom() < page.legend.geometry().top())
    assert page.stands.height() >= page.stands.minimumSizeHint().height()


def test_people_over_time_are_shown_where_there_is_room(page: OverviewView, qtbot: QtBot) -> None:
    assert not page.people.isVisible()
    page.resize(2300, 1300)
    qtbot.waitUntil(page.people.isVisible)
    (series,) = page.people.series
    peak = page._viewmodel.state.figures.peak  # type: ignore[union-attr]
    assert peak is not None
    assert np.nanmax(series.people) == pytest.approx(peak[0])


def test_what_needs_attention_opens_its_page(page: OverviewView, qtbot: QtBot) -> None:
    words = list_words(page.attention)
    assert "The show is open, and nothing is recorded." in words
    assert any("open hours were not observed" in text for text in words)
    page._viewmodel.set_pending(LinkTarget.NOW, 2)
    button = next(
        button for button in page.attention.findChildren(QPushButton) if "2 alarms" in button.accessibleName()
    )
    with qtbot.waitSignal(page.link_opened) as opened:
        button.click()
    assert opened.args == [ViewLink(LinkTarget.NOW)]


def test_live_figures_show_only_while_recording(page: OverviewView, monitor: ScriptedMonitor) -> None:
    page._viewmodel.show_live(LIVE)
    assert not page.live.isVisible()
    monitor.is_shown_active = True
    monitor.started.emit()
    page._viewmodel.show_live(LIVE)
    assert page.live.isVisible()
    assert page.live.texts == ("People in the hall: 34", "Footfall today: 120")
    assert "The show is open, and nothing is recorded." not in list_words(page.attention)
    monitor.is_shown_active = False
    monitor.stopped.emit()
    assert not page.live.isVisible()


def test_it_speaks_chinese_at_once(page: OverviewView, qapp: QApplication) -> None:
    install_language(qapp, "zh_CN")
    qapp.sendPostedEvents(None, QEvent.Type.LanguageChange)
    assert "计到 30 人次进入" in list_words(page.sentences)[0]
    assert "展会正在开放，但未在记录。" in list_words(page.attention)


def test_the_compared_period_is_chosen_and_opened_on_compare(page: OverviewView, qtbot: QtBot) -> None:
    figures = page._viewmodel.state.figures
    assert figures is not None
    assert figures.before_s is None, "nothing was recorded before"
    assert not page.compare.isEnabled()
    page.compared.setCurrentIndex(1)
    page.compared.activated.emit(1)
    assert page._viewmodel.state.days_back == 7
    later = replace(figures, before_s=(DAY[0] - 7 * DAY_S, DAY[1] - 7 * DAY_S))
    page._viewmodel._replace_state(figures=later)
    with qtbot.waitSignal(page.link_opened) as opened:
        page.compare.click()
    assert opened.args == [
        ViewLink(LinkTarget.COMPARE, period_s=later.period_s, other_period_s=later.before_s)
    ]


def test_a_stand_opens_on_the_exhibition(page: OverviewView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.link_opened) as opened:
        page.stands.table.clicked.emit(page.stands.table.model().index(0, 0))
    assert opened.args[0].shown is LinkTarget.EXHIBITION
