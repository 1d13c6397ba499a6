"""The whole window without a mouse: every control has a name, is reached, and shows when it has the focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QPushButton,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from analytics.domain.camera import Camera
from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import ZoneTargets
from app.core.file_format import write_venue
from app.core.job import JobContext
from app.core.periods import PeriodChoice
from app.exhibition.stand_import import StandField, StandImport, StandImportRow
from app.gui.access.page import UserDialog
from app.gui.cameras.camera_wizard_model import CameraWizardViewModel
from app.gui.cameras.camera_wizard_page import CameraWizard
from app.gui.cameras.camera_wizard_text import CameraDraft, Origin, WizardStep
from app.gui.doctor.page import AboutDialog
from app.gui.exhibition.stand_list_panel import StandImportDialog
from app.gui.integrations.page import TokenDialog
from app.gui.integrations.publishers import WebhookDialog
from app.gui.now.alarm_rules_model import AlarmRulesViewModel
from app.gui.now.page import AlarmRulesDialog
from app.gui.plan.panel_models import PlanStandsViewModel, make_plan_editor_view_models
from app.gui.plan.plan_editor_grid import PasteNamesDialog, StandGridDialog
from app.gui.reports.schedules_dialog import MailServerDialog, ScheduleDialog
from app.gui.session.app_state import AppState
from app.gui.session.theme import LIGHT, THEMES, Theme, install_theme
from app.gui.site.page import SiteDialog
from app.gui.timeline.page import EventDialog, NoteDialog, ShiftDialog
from app.gui.widgets.time_range_picker import TimeRangePicker
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.quick_search import Place, QuickSearchDialog
from app.gui.window.welcome import CreateVenueDialog
from tests.support.halls.walked_hall import make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, show_window
from vision.sources.frame_source import SourceAddress
from vision.sources.source_faults import SourceFault, make_source_error
from vision.sources.stream_probe import StreamReport

MAX_STEPS = 200
PAGES_OF_A_PERIOD = (Page.LIVE, Page.FLOOR_PLAN, Page.DWELL)


@pytest.fixture
def opened(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[MainWindow, WindowParts]]:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    walk_through(venue, start_s=SystemClock().now_utc_s() - 900, duration_s=120, people=10)
    pages = [request.getfixturevalue("page")] if "page" in request.fixturenames else PAGES_OF_A_PERIOD
    with show_window(qtbot, *pages) as (window, parts):
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        yield window, parts


def visit(qtbot: QtBot, opened: tuple[MainWindow, WindowParts], page: int) -> MainWindow:
    window, parts = opened
    window.show_page(page)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)
    return window


@pytest.mark.parametrize(
    ("page", "themes"),
    [
        pytest.param(Page.NOW, (LIGHT,), id="now in light colours"),
        *(pytest.param(page, tuple(THEMES.values()), id=page.name, marks=pytest.mark.slow) for page in Page),
    ],
)
def test_every_control_of_a_page_is_named_reached_and_seen(
    qtbot: QtBot,
    qapp: QApplication,
    opened: tuple[MainWindow, WindowParts],
    page: int,
    themes: tuple[Theme, ...],
) -> None:
    window = visit(qtbot, opened, page)
    controls = list_focusable(window)
    assert [describe(control) for control in controls if not read_accessible_name(control)] == []
    assert [describe(control) for control in find_unreached(window, controls)] == []
    for theme in themes:
        install_theme(qapp, theme)
        blind = [describe(control) for control in controls if not shows_focus(qtbot, window, control)]
        assert blind == [], theme.name


def test_a_period_is_offered_where_it_counts_and_the_zones_of_one_are_copied(
    qtbot: QtBot, opened: tuple[MainWindow, WindowParts]
) -> None:
    window = visit(qtbot, opened, Page.DWELL)
    (picker,) = window.header.findChildren(TimeRangePicker)
    names = [control.accessibleName() for control in walk_by_tab(window)]
    # before what stands to its right
    assert names.index("Period") < names.index("Open another venue") < names.index("Language")
    assert {
        page: is_offered(window, picker, page)
        for page in (Page.LIVE, Page.FLOOR_PLAN, Page.DWELL, Page.SETTINGS)
    } == {
        Page.LIVE: False,
        Page.FLOOR_PLAN: True,
        Page.DWELL: True,
        Page.SETTINGS: False,
    }
    check_that_zones_are_copied(qtbot, opened)
    check_that_a_period_without_room_is_below_the_title(qtbot, opened, picker)


def check_that_zones_are_copied(qtbot: QtBot, opened: tuple[MainWindow, WindowParts]) -> None:
    """The table beside the plan."""
    window = visit(qtbot, opened, Page.FLOOR_PLAN)
    (table,) = [table for table in window.findChildren(QTableView) if table.isVisible()]
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    listed = [table.model().index(row, 0).data() for row in range(3)]
    assert sorted(listed) == ["Café", "Robotics", "VR corner"]
    assert [line[0] for line in lines] == ["Zone", *listed]
    assert lines[0][2] == "Visits"


def check_that_a_period_without_room_is_below_the_title(
    qtbot: QtBot, opened: tuple[MainWindow, WindowParts], picker: TimeRangePicker
) -> None:
    """In a window that is as narrow as it can be."""
    window, parts = opened
    visit(qtbot, opened, Page.DWELL)
    now_s = SystemClock().now_utc_s()
    parts.app_state.set_period((now_s - 700, now_s - 60))
    window.resize(1366, 768)
    qtbot.waitUntil(lambda: picker.mapTo(window.header, picker.rect().center()).y() < 30)
    window.resize(1024, 640)
    qtbot.waitUntil(lambda: picker.mapTo(window.header, picker.rect().center()).y() > 40)
    assert picker.choice is PeriodChoice.CUSTOM
    assert picker.width() <= window.header.width()


def make_camera_wizard(place: Path, step: WizardStep, draft: CameraDraft) -> CameraWizard:
    """At one of its steps, for a venue; the camera is switched off."""

    def fail(address: SourceAddress, *, context: JobContext, masked: Camera | None) -> StreamReport:
        raise make_source_error(SourceFault.TOO_MANY_VIEWERS, camera="door", location=address.location)

    app_state = AppState()
    app_state.show_venue(make_hall(place))
    viewmodel = CameraWizardViewModel(app_state=app_state, job_runner=InlineJobRunner(), probe=fail)
    wizard = CameraWizard(viewmodel)
    app_state.setParent(wizard)
    viewmodel.enter(draft)
    for _ in range(step):
        viewmodel.skip_trial() if viewmodel.state.step is WizardStep.TRIAL else viewmodel.go_next()
    assert viewmodel.state.step is step
    return wizard


def make_stands(place: Path) -> PlanStandsViewModel:
    venue = make_hall(place)
    venue.folder.mkdir()
    write_venue(venue)
    app_state = AppState()
    parts = make_plan_editor_view_models(
        app_state=app_state, job_runner=InlineJobRunner(), templates_folder=place / "templates"
    )
    app_state.show_venue(venue)
    return parts.stands


def make_alarm_rules(place: Path) -> AlarmRulesDialog:
    app_state = AppState()
    app_state.show_venue(make_hall(place))
    dialog = AlarmRulesDialog(AlarmRulesViewModel(app_state=app_state, job_runner=InlineJobRunner()))
    app_state.setParent(dialog)
    return dialog


BY_ITS_MAKE = CameraDraft(origin=Origin.ADDRESS, make="Reolink", address="192.0.2.10", user="viewer")
PLUGGED_IN = CameraDraft(origin=Origin.USB)


DIALOGS: dict[str, Callable[[Path], QDialog]] = {
    "about": lambda _place: AboutDialog(),
    "found camera": lambda place: make_camera_wizard(place, WizardStep.WHERE, CameraDraft()),
    "USB camera": lambda place: make_camera_wizard(place, WizardStep.WHERE, PLUGGED_IN),
    **{
        f"camera, {step.name}": lambda place, step=step: make_camera_wizard(place, step, BY_ITS_MAKE)
        for step in WizardStep
    },
    "venue": CreateVenueDialog,
    "grid of stands": lambda place: StandGridDialog(make_stands(place)),
    "alarm rules": make_alarm_rules,
    "names": lambda place: PasteNamesDialog(make_stands(place)),
    "rents": lambda _place: StandImportDialog(
        StandImport(
            (StandImportRow(1, "A", ZoneTargets(ZoneId("A")), ZoneTargets(ZoneId("A"), rent=1.0)),),
            (StandField.RENT,),
        )
    ),
    "schedule": lambda _place: ScheduleDialog(("A",)),
    "mail server": lambda _place: MailServerDialog(None),
    "search": lambda _place: QuickSearchDialog([Place("Dwell", "Understand", lambda: None)]),
    "event": lambda place: EventDialog(make_hall(place).exhibition, ("A",), start_s=0.0),
    "note": lambda place: NoteDialog(make_hall(place).exhibition, at_s=0.0),
    "shift": lambda place: ShiftDialog(make_hall(place).exhibition, ("A",), start_s=0.0),
    "token": lambda _place: TokenDialog(),
    "webhook": lambda _place: WebhookDialog(None),
    "user": lambda _place: UserDialog("New user"),
    "site": lambda _place: SiteDialog(
        "Join a site", "", (("Join code", "", False), ("Password", "", True)), save="Join"
    ),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_is_named_reached_seen_and_left_by_escape(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, name: str
) -> None:
    dialog = DIALOGS[name](tmp_path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    controls = [control for control in list_focusable(dialog) if control.isEnabled()]
    assert controls
    assert [describe(control) for control in controls if not read_accessible_name(control)] == []
    assert [describe(control) for control in find_unreached(dialog, controls)] == []
    for theme in THEMES.values():
        install_theme(qapp, theme)
        assert [describe(control) for control in controls if not shows_focus(qtbot, dialog, control)] == []
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_no_page_is_marked_while_the_first_page_stands_in_for_it(qtbot: QtBot, tmp_path: Path) -> None:
    with show_window(qtbot) as (window, parts):
        marked = [button for button in window._rail._buttons.values() if button.isChecked()]
        assert marked == []
        parts.app_state.show_venue(make_hall(tmp_path))
        window.show_page(Page.LIVE)
        (button,) = [button for button in window._rail._buttons.values() if button.isChecked()]
        assert button.accessibleName() == "Live"


def test_a_control_without_a_name_or_a_focus_is_noticed(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    button, bare = QPushButton(window), QWidget(window)
    bare.setGeometry(60, 60, 40, 20)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    assert not read_accessible_name(button)
    button.setText("Open")
    assert read_accessible_name(button) == "Open"
    bare.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    assert shows_focus(qtbot, window, button)
    assert not shows_focus(qtbot, window, bare)


def is_offered(window: MainWindow, picker: TimeRangePicker, page: int) -> bool:
    window.show_page(page)
    return picker.isVisible()


def list_focusable(window: QWidget) -> list[QWidget]:
    """What Tab reaches, without the parts that Qt makes inside of its own controls."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QComboBox)
        and not is_viewport(widget)
    ]


def is_viewport(widget: QWidget) -> bool:
    parent = widget.parent()
    return isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget


def walk_by_tab(window: QWidget) -> list[QWidget]:
    """What Tab leads to, one after the other, until it comes back."""
    found: list[QWidget] = []
    for _ in range(MAX_STEPS):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if found and widget is found[-1]:
            continue  # from hours to minutes of one field
        if widget is None or widget in found:
            break
        found.append(widget)
    return found


def find_unreached(window: QWidget, controls: list[QWidget]) -> list[QWidget]:
    """What neither Tab nor, from another button of an exclusive group, an arrow key leads to."""
    reached = walk_by_tab(window)
    groups = [button.group() for button in reached if isinstance(button, QAbstractButton) and button.group()]
    return [
        control
        for control in controls
        if control.isEnabled()
        and control not in reached
        and not (isinstance(control, QAbstractButton) and control.group() in groups)
    ]


def shows_focus(qtbot: QtBot, window: QWidget, control: QWidget) -> bool:
    """Whether the control looks different with the focus than without it."""
    if not control.isEnabled():
        return True
    others = [other for other in list_focusable(window) if other is not control and other.isEnabled()]
    (others[0] if others else window).setFocus(Qt.FocusReason.TabFocusReason)
    without = picture_of(control)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    return picture_of(control) != without


def picture_of(control: QWidget) -> QImage:
    return control.grab().toImage()


def read_accessible_name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def describe(widget: QWidget) -> str:
    parent = widget.parent()
    return f"{type(widget).__name__} '{widget.accessibleName()}' in {type(parent).__name__}"
