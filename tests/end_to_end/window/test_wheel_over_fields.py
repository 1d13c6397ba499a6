"""The wheel is turned over every field of every page and dialog: nothing but the page under it moves."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QStackedWidget,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from analytics.domain.clock import SystemClock
from analytics.domain.exhibition import Exhibition
from app import gui
from app.access.audit_log import record_audit
from app.core.credentials import MemoryCredentialStore
from app.core.file_format import write_venue
from app.findings.finding_decisions import FindingDecision
from app.floor_plan.floor_comparison import ComparedWith
from app.gui.access.model import AuditLogViewModel
from app.gui.access.page import AuditDialog, SignInView, UserDialog
from app.gui.analysis.import_tracks_dialog import ImportTracksDialog
from app.gui.analysis.import_tracks_model import ImportTracksViewModel
from app.gui.calibration.model import CalibrationViewModel
from app.gui.calibration.page import (
    CalibrationMethodDialog,
    ChessboardDialog,
    LensDataSheetDialog,
    RectangleDialog,
    WalkersDialog,
)
from app.gui.cameras.detection import DetectionDialog, DetectionViewModel
from app.gui.doctor.page import SupportBundleDialog
from app.gui.findings.page import FindingDecisionDialog
from app.gui.floor_plan.page import FloorPlanView
from app.gui.integrations.page import NewTokenDialog, TokenDialog
from app.gui.integrations.public_panel import PublicDialog
from app.gui.integrations.publishers import BrokerDialog, WebhookDialog
from app.gui.plan.page import RedrawPastDialog
from app.gui.plan.panel_models import make_plan_editor_view_models
from app.gui.privacy.model import ErasureViewModel
from app.gui.privacy.page import EraseDialog
from app.gui.reports.page import DataExportDialog
from app.gui.reports.schedules import SchedulesViewModel
from app.gui.reports.schedules_dialog import SchedulesDialog
from app.gui.session import theme
from app.gui.session.app_state import AppState
from app.gui.session.data_export import DataExportViewModel
from app.gui.settings.page import Section
from app.gui.site.page import SiteDialog
from app.gui.timeline.page import CountsDialog, EventDialog, NoteDialog, ShiftDialog
from app.gui.validation.page import RecordingDialog
from app.gui.validation.text import RecordingChoice, RecordingChoices
from app.gui.widgets.form_dialog import FormDialog
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.integrations.mqtt.mqtt_settings import MqttSettings
from app.integrations.public.public_settings import PublicSettings
from app.print.report_files import write_report_file
from app.timeline.counts_file import preview_counts
from tests.end_to_end.window.test_window_keyboard import DIALOGS
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, make_hall, walk_through
from tests.support.windows.drawn_picture import DrawnPicture
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor
from tests.support.windows.shown_calibration import OpenedCalibration
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, show_window
from tests.unit.app.gui.cameras.test_moved_camera import show_dialog

GUARDED = (QAbstractSpinBox, QComboBox, QAbstractSlider, QTabBar)
WIDTH_PX, HEIGHT_PX = 1366, 768
MAX_LAYOUTS = 10
STEP = 120
"""One notch of a wheel, in eighths of a degree."""


class WheelWalk:
    """Turns the wheel over each field that a window shows, and keeps what changed by it."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.visited: set[QWidget] = set()
        self.scrolls = 0

    def walk(self, window: QWidget) -> None:
        """Go over everything that is shown now, with the focus nowhere."""
        before = {field: read_value(field) for field in list_fields(window)}
        for field in before:
            if isValid(field) and field.isVisible() and field.isEnabled():
                self.turn_over(window, field)
        self.faults += [
            f"{describe(field)}: {value!r} -> {read_value(field)!r}"
            for field, value in before.items()
            if isValid(field) and read_value(field) != value
        ]

    def turn_over(self, window: QWidget, field: QWidget) -> None:
        """Turn the wheel both ways over a field; twice one way, so that the other does not make up for it."""
        for turned in (-STEP, -STEP, STEP):
            drop_focus()
            is_shown = field.isVisible() and field.isEnabled()
            if not is_shown:
                reveal(field)
            bring_into_sight(field)
            place = field.mapTo(window, field.visibleRegion().boundingRect().center())
            below = window.childAt(place)
            if below is None or not (below is field or field.isAncestorOf(below)):
                self.faults.append(f"{describe(field)} lies below something else")
                return
            bar = find_room(field, turned) if is_shown else None
            before, value = None if bar is None else bar.value(), read_value(field)
            QTest.wheelEvent(window.windowHandle(), QPointF(place), QPoint(0, turned))
            if read_value(field) != value:
                self.faults.append(f"{describe(field)}: {value!r} -> {read_value(field)!r}")
            if QApplication.focusWidget() is not None:
                self.faults.append(f"{describe(field)} took the focus")
            if bar is not None and bar.value() == before:
                self.faults.append(f"Over {describe(field)} nothing scrolled")
            self.scrolls += bar is not None
        self.visited.add(field)


def walk_pages(qtbot: QtBot, window: MainWindow, parts: WindowParts, walk: WheelWalk) -> None:
    for page in Page:
        show_page(qtbot, window, parts, page)
        walk.walk(window)
        for _ in show_studies(window) if page is Page.FLOOR_PLAN else ():
            walk.walk(window)
        for section in Section if page is Page.SETTINGS else ():
            window.show_settings(section)
            show_page(qtbot, window, parts, page)
            walk.walk(window)
    for sign_in in window.findChildren(SignInView):
        window.cover_pages(sign_in)
    for field in list_fields(window):
        if isinstance(field, GUARDED) and field not in walk.visited:
            walk.turn_over(window, field)
    window.cover_pages(None)


def show_studies(window: MainWindow) -> Iterator[None]:
    """Show what the floor plan answers when it is asked."""
    for floor in window.findChildren(FloorPlanView):
        comparison, playback = floor.overlays.comparison, floor.overlays.playback
        comparison.set_compared_with(ComparedWith.OWN)
        yield
        comparison.set_compared_with(ComparedWith.NOTHING)
        playback.set_on(True)
        yield
        playback.set_on(False)


def show_page(qtbot: QtBot, window: MainWindow, parts: WindowParts, page: Page) -> None:
    window.show_page(page)
    qtbot.waitUntil(lambda: not parts.job_runner.handles, timeout=ANSWERS_WITHIN_MS)


def reveal(field: QWidget) -> None:
    """Show and enable a field that waits for something else to be chosen, in place of those beside it."""
    way = [field]
    while not way[-1].isWindow():
        way.append(way[-1].parentWidget())
    for _ in range(MAX_LAYOUTS):
        for beside in way[1].findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            beside.setVisible(beside is field)
        for part in way[:-1]:
            stack = part.parentWidget()
            if isinstance(stack, QStackedWidget):
                stack.setCurrentWidget(part)
            else:
                part.setVisible(True)
            part.setEnabled(True)
        if not field.visibleRegion().isEmpty():
            break
        QApplication.processEvents()


def list_fields(window: QWidget) -> list[QWidget]:
    """What has a value, but for what lies in menus, as in those of charts, which are never shown."""
    kinds = (*GUARDED, QLineEdit, QPlainTextEdit, QAbstractButton)
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds)
        and not isinstance(widget, QScrollBar)
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QComboBox | QAbstractSpinBox)
        and not (isinstance(widget, QAbstractButton) and not widget.isCheckable())
        and widget.window() is window.window()
    ]


def read_value(field: QWidget) -> object:
    match field:
        case QComboBox():
            return field.currentIndex(), field.currentText()
        case QAbstractSpinBox():
            return field.text()
        case QAbstractSlider():
            return field.value()
        case QTabBar():
            return field.currentIndex()
        case QLineEdit():
            return field.text()
        case QPlainTextEdit():
            return field.toPlainText()
        case QAbstractButton():
            return field.isChecked()
    raise AssertionError(field)


def drop_focus() -> None:
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()


def bring_into_sight(field: QWidget) -> None:
    around: QWidget | None = field
    while around is not None and not around.isWindow():
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(field)
        around = around.parentWidget()


def find_room(field: QWidget, turned: int) -> QScrollBar | None:
    """The scroll bar of the nearest page or list around a field that can still move that way."""
    around = field.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            bar = around.verticalScrollBar()
            if bar.value() > bar.minimum() if turned > 0 else bar.value() < bar.maximum():
                return bar
        if around.isWindow():
            return None
        around = around.parentWidget()
    return None


def describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} '{widget.accessibleName()}' in {type(widget.parent()).__name__}"


def hash_files(*folders: Path) -> dict[str, str]:
    """Every file, but for what SQLite makes where a database is merely read."""
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith("-shm") and file.stat().st_size
    }


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[tuple[MainWindow, WindowParts]]:
    """A venue with something to show, every page of which has been looked at."""
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    now_s = SystemClock().now_utc_s()
    walk_through(venue, start_s=now_s - 900, duration_s=120, people=10)
    with show_window(qtbot) as (window, parts):
        window.resize(WIDTH_PX, HEIGHT_PX)
        with qtbot.waitActive(window):
            window.activateWindow()
        with qtbot.waitSignal(parts.app_state.venue_opened, timeout=ANSWERS_WITHIN_MS):
            parts.shell.open_venue(venue.folder)
        parts.app_state.set_period((now_s - 900, now_s - 780))
        for page in Page:
            show_page(qtbot, window, parts, page)
        record_audit(venue.folder, "test begun")
        yield window, parts


@pytest.mark.slow
def test_the_wheel_over_a_page_changes_nothing_but_what_is_in_sight(
    qtbot: QtBot, opened: tuple[MainWindow, WindowParts], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, parts = opened
    venue = find_folder(parts)
    before, walk = hash_files(venue, home), WheelWalk()
    assert {"venue.toml", "events.sqlite", "audit.sqlite", "settings.toml"} <= {Path(f).name for f in before}
    walk_pages(qtbot, window, parts, walk)
    assert walk.faults == []
    unseen = [
        describe(field)
        for field in list_fields(window)
        if isinstance(field, GUARDED) and field not in walk.visited
    ]
    assert unseen == []
    assert walk.scrolls > 30
    assert hash_files(venue, home) == before

    # the same walk notices what a wheel changes that nothing keeps from it
    monkeypatch.setattr(theme, "_has_focus", lambda _field: True)
    free = WheelWalk()
    # so low that the longest section scrolls
    window.resize(WIDTH_PX, window.minimumHeight())
    for section in (Section.APPEARANCE, Section.OTHER_SYSTEMS, Section.COMPUTER):
        window.show_settings(section)
        for field in list_fields(window):
            if field.isVisible() and field.accessibleName() in ("Colours", "Port", "Log file"):
                free.turn_over(window, field)
    told = "\n".join(free.faults)
    assert "QSpinBox 'Port' in QWidget: '8765' -> '8764'" in told
    assert "Over QSpinBox 'Port' in QWidget nothing scrolled" in told
    after = hash_files(venue, home)
    changed = {Path(file).name for file in after if after[file] != before.get(file)}
    assert changed >= {"settings.toml", "audit.sqlite"}


def find_folder(parts: WindowParts) -> Path:
    assert parts.app_state.venue is not None
    return parts.app_state.venue.folder


def make_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


class Opened:
    """A venue without a window, for dialogs that are about one."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.venue = make_hall(folder)
        self.venue.folder.mkdir()
        write_venue(self.venue)
        self.app_state, self.runner = AppState(), InlineJobRunner()
        self.app_state.show_venue(self.venue)
        self.parts: dict[str, Any] = {"app_state": self.app_state, "job_runner": self.runner}

    def make_schedules(self) -> QDialog:
        return SchedulesDialog(
            SchedulesViewModel(
                **self.parts, write_file=write_report_file, open_credentials=MemoryCredentialStore
            )
        )

    def make_counts(self) -> QDialog:
        file = self.folder / "till.csv"
        file.write_text("time,stand,sales\n2026-03-14 10:00,Café,12\n", "utf-8")
        return CountsDialog(preview_counts(file), ("Café",), name="Till")

    def make_way(self, kind: Callable[[CalibrationViewModel], QDialog]) -> QDialog:
        viewmodel = CalibrationViewModel(
            str(CAMERA),
            venue=self.venue,
            **self.parts,
            monitor=ScriptedMonitor(),
            open_credentials=MemoryCredentialStore,
        )
        dialog = kind(viewmodel)
        viewmodel.setParent(dialog)
        return dialog


EXHIBITION = Exhibition("Fair", "Asia/Shanghai")
RECORDINGS = RecordingChoices((RecordingChoice("door", "door.mp4", NOW_UTC_S),), "Asia/Shanghai")
BROKER = MqttSettings("mqtt.example", 8883, True, "hall")
BASES = {CalibrationMethodDialog, FormDialog}
"""Dialogs that are never shown themselves."""
OTHER_DIALOGS: dict[str, Callable[[Opened], QDialog]] = {
    "event": lambda _: EventDialog(EXHIBITION, ("Café",), start_s=NOW_UTC_S),
    "note": lambda _: NoteDialog(EXHIBITION, at_s=NOW_UTC_S),
    "shift": lambda _: ShiftDialog(EXHIBITION, ("Café",), start_s=NOW_UTC_S),
    "counts of a till": Opened.make_counts,
    "webhook": lambda _: WebhookDialog(None),
    "token": lambda _: TokenDialog(),
    "shown token": lambda _: NewTokenDialog("sign", "secret"),
    "broker": lambda _: BrokerDialog(BROKER, is_new=True, try_broker=lambda *_: None),
    "page for visitors": lambda _: PublicDialog(PublicSettings(), zones=("Café",)),
    "user": lambda _: UserDialog("User"),
    "site": lambda _: SiteDialog("Join a site", "", (("Join code", "", False),), save="Continue"),
    "decision": lambda _: FindingDecisionDialog(
        FindingDecision("cold", "Café"), what="Cold", today=date(2026, 3, 14)
    ),
    "detection": lambda opened: DetectionDialog(
        DetectionViewModel(str(CAMERA), **opened.parts, edit=lambda _edit: True)
    ),
    "recording": lambda _: RecordingDialog(RECORDINGS),
    "support bundle": lambda _: SupportBundleDialog((("health.json", "Health"),)),
    "data export": lambda opened: DataExportDialog(DataExportViewModel(**opened.parts)),
    "import of tracks": lambda opened: ImportTracksDialog(ImportTracksViewModel(**opened.parts)),
    "erase": lambda opened: EraseDialog(ErasureViewModel(**opened.parts)),
    "audit log": lambda opened: AuditDialog(AuditLogViewModel(**opened.parts)),
    "schedules": Opened.make_schedules,
    "data sheet of a lens": lambda opened: opened.make_way(LensDataSheetDialog),
    "rectangle": lambda opened: opened.make_way(
        lambda v: RectangleDialog(v.methods, None, can_place_by_points=True)
    ),
    "chessboard": lambda opened: opened.make_way(
        lambda v: ChessboardDialog(v.methods, None, can_place_by_points=True)
    ),
    "walkers": lambda opened: opened.make_way(lambda v: WalkersDialog(v.methods, None)),
    "calibration": lambda opened: (
        OpenedCalibration(opened.qtbot, make_folder(opened.folder / "calibrated"), opened.runner).dialog
    ),
    "picture of a camera": lambda opened: (
        DrawnPicture(opened.qtbot, make_folder(opened.folder / "drawn"), opened.runner).dialog
    ),
    "redrawn past": lambda opened: RedrawPastDialog(
        make_plan_editor_view_models(**opened.parts, templates_folder=opened.folder / "templates").past
    ),
    "moved camera": lambda opened: show_dialog(opened.qtbot, make_folder(opened.folder / "moved")),
}


def test_the_wheel_over_a_dialog_changes_nothing(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    walked: set[str] = set()
    fields = 0
    for name in (*DIALOGS, *OTHER_DIALOGS):
        folder = tmp_path / f"{len(walked)} {name}"
        folder.mkdir()
        dialog = DIALOGS[name](folder) if name in DIALOGS else OTHER_DIALOGS[name](Opened(qtbot, folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        with qtbot.waitActive(dialog):
            dialog.activateWindow()
        before, walk = hash_files(folder), WheelWalk()
        walk.walk(dialog)
        for field in list_fields(dialog):
            if isinstance(field, GUARDED) and field not in walk.visited:
                walk.turn_over(dialog, field)
        assert walk.faults == [], name
        assert hash_files(folder) == before, name
        walked.add(type(dialog).__name__)
        fields += len(walk.visited)
        dialog.close()
    assert walked == {kind.__name__ for kind in list_dialogs() if kind not in BASES}
    assert fields > 100


def list_dialogs() -> set[type[QDialog]]:
    """Every dialog of ours."""
    for module in pkgutil.walk_packages(gui.__path__, f"{gui.__name__}."):
        importlib.import_module(module.name)
    found, waiting = set(), [QDialog]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found |= {kind for kind in kinds if kind.__module__.startswith(f"{gui.__name__}.")}
    return found
