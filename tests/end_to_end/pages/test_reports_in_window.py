"""Reports page: the preview follows the options, and files match the preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pypdfium2
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from analytics.results.data_sets import DataSet, RowFormat
from app.core.child_work import ChildWorker
from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.job import JobContext
from app.gui.reports.model import ReportsViewModel
from app.gui.reports.page import DataExportDialog, ReportsView
from app.gui.reports.schedules import SchedulesViewModel
from app.gui.session.app_state import AppState
from app.gui.session.data_export import DataExportViewModel
from app.gui.session.translation import install_language
from app.print.pack_files import write_packs
from app.print.report_files import write_report_file
from app.print.report_preview import render_pages
from app.reports.report_template import ReportFormat, SectionKey, Template
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner

R = TypeVar("R")


class WorkHere(ChildWorker):
    """Runs the function in this process, which has its libraries loaded."""

    def run(self, function: Callable[..., R], context: JobContext, *args: Any, **kwargs: Any) -> R:
        return function(context, *args, **kwargs)


PERIOD_S = (NOW_UTC_S - 7200.0, NOW_UTC_S - 6000.0)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(Path(tmp_path_factory.mktemp("reported")))
    walk_through(venue, start_s=PERIOD_S[0], duration_s=1200, people=30)
    write_venue(venue)
    return venue


@pytest.fixture
def memory(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def another_process() -> Iterator[ChildWorker]:
    worker = ChildWorker()
    yield worker
    worker.close()


def show(qtbot: QtBot, hall: Venue, memory: QSettings, worker: ChildWorker | None = None) -> ReportsView:
    app_state, runner = AppState(), InlineJobRunner()
    viewmodel = ReportsViewModel(
        app_state=app_state,
        job_runner=runner,
        draw_pages=partial(render_pages, pixels_per_point=0.5),
        write_file=write_report_file,
        write_packs=write_packs,
        worker=worker or WorkHere(),
        memory=memory,
        clock=SetClock(),
    )
    schedules = SchedulesViewModel(
        app_state=app_state,
        job_runner=runner,
        write_file=write_report_file,
        open_credentials=MemoryCredentialStore,
        clock=SetClock(),
    )
    data_export = DataExportViewModel(app_state=app_state, job_runner=runner, clock=SetClock())
    view = ReportsView(viewmodel, schedules=schedules, data_export=data_export)
    for owned in (app_state, runner):
        owned.setParent(view)
    qtbot.addWidget(view)
    view.resize(1180, 680)
    app_state.show_venue(hall)
    app_state.set_period(PERIOD_S)
    with qtbot.waitExposed(view):
        view.show()
    wait(qtbot, view)
    return view


def wait(qtbot: QtBot, view: ReportsView) -> None:
    qtbot.waitUntil(lambda: view._viewmodel.state.is_current or view._viewmodel.state.fault is not None)


def test_the_preview_follows_the_options_and_matches_the_file(
    qtbot: QtBot, hall: Venue, memory: QSettings, tmp_path: Path, another_process: ChildWorker
) -> None:
    view = show(qtbot, hall, memory, another_process)
    viewmodel = view._viewmodel
    all_pages = len(viewmodel.state.pages)
    assert all_pages == sum(label.isVisible() for label in view._page_labels) > 2
    for key in (SectionKey.HEATMAP, SectionKey.FLOWS, SectionKey.FINDINGS, SectionKey.DWELL):
        view.sections[key].click()
    assert not view.save.isEnabled()
    wait(qtbot, view)
    assert view.save.isEnabled()
    assert len(viewmodel.state.pages) < all_pages
    view.language.setCurrentIndex(view.language.findData("zh_CN"))
    view.language.activated.emit(view.language.currentIndex())
    view.organiser.setText("深圳会展")
    view.organiser.editingFinished.emit()
    wait(qtbot, view)
    viewmodel.write(tmp_path / "report")
    text = pypdfium2.PdfDocument(tmp_path / "report.pdf")[0].get_textpage().get_text_bounded()
    assert "每日概要" in text
    assert "深圳会展" in text
    assert "report.pdf" in view.banner.problem
    assert view.banner.action == "Open"
    assert viewmodel.propose_name() == "每日概要 2026-03-14.pdf"


@pytest.mark.slow
def test_reports_of_one_stand_and_of_all_stands(
    qtbot: QtBot, hall: Venue, memory: QSettings, tmp_path: Path
) -> None:
    view = show(qtbot, hall, memory)
    view.template.setCurrentIndex(view.template.findData(Template.STAND))
    view.template.activated.emit(view.template.currentIndex())
    wait(qtbot, view)
    assert view.stand.isVisible()
    view._viewmodel.choose_stand("Café")
    view._viewmodel.choose_format(ReportFormat.HTML)
    wait(qtbot, view)
    view._viewmodel.write(tmp_path / "café")
    assert "Café" in (tmp_path / "café.html").read_text(encoding="utf-8")
    view._viewmodel.write_packs(tmp_path / "packs")
    assert len(list((tmp_path / "packs").glob("*.html"))) == 3
    view._viewmodel.write_packs(tmp_path / "packs")
    assert "is not empty" in view.banner.problem


def test_errors_are_shown_and_can_be_fixed(
    qtbot: QtBot, hall: Venue, memory: QSettings, tmp_path: Path
) -> None:
    view = show(qtbot, hall, memory)
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"no picture")
    view._viewmodel.choose_logo(logo)
    wait(qtbot, view)
    assert "logo is not a readable image" in view._empty.title
    assert not view.save.isEnabled()
    view.no_logo.click()
    wait(qtbot, view)
    assert view._viewmodel.state.fault is None
    assert view.save.isEnabled()
    view._viewmodel._app_state.set_period((PERIOD_S[0] - 90_000, PERIOD_S[0] - 86_400))
    qtbot.waitUntil(lambda: view._viewmodel.state.fault is not None)
    assert "Nothing was observed" in view._empty.title


def test_the_branding_is_remembered(qtbot: QtBot, hall: Venue, memory: QSettings) -> None:
    first = show(qtbot, hall, memory)
    first._viewmodel.set_organiser("Fair Ltd")
    first._viewmodel.choose_colour("#123456")
    second = show(qtbot, hall, memory)
    assert (second.organiser.text(), second._viewmodel.state.colour) == ("Fair Ltd", "#123456")


def test_the_language_follows_the_window_until_one_is_chosen(
    qtbot: QtBot, qapp: QApplication, hall: Venue, memory: QSettings
) -> None:
    view = show(qtbot, hall, memory)
    view._viewmodel.set_organiser("Fair Ltd")
    try:
        install_language(qapp, "zh_CN")
        view.retranslate()
        assert view._viewmodel.state.language == view.language.currentData() == "zh_CN"
        assert show(qtbot, hall, memory)._viewmodel.state.language == "zh_CN"
        view.language.setCurrentIndex(view.language.findData("en"))
        view.language.activated.emit(view.language.currentIndex())
        view.retranslate()
        assert view._viewmodel.state.language == "en"
        assert show(qtbot, hall, memory)._viewmodel.state.language == "en"
    finally:
        install_language(qapp, "en")
    view._viewmodel.choose_language("zh_CN")
    assert show(qtbot, hall, memory)._viewmodel.state.language == "zh_CN"


def test_data_export_requires_consent_for_individuals(
    qtbot: QtBot, hall: Venue, memory: QSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = show(qtbot, hall, memory)
    view.data.click()
    (dialog,) = view.window().findChildren(DataExportDialog)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "data"))
    dialog.data_sets[DataSet.OCCUPANCY].setChecked(True)
    dialog.row_format.setCurrentIndex(dialog.row_format.findData(RowFormat.JSON_LINES))
    assert not dialog.consent.isVisible()
    dialog.save.click()
    assert sorted(file.name for file in (tmp_path / "data").iterdir()) == [
        "occupancy_by_hour.jsonl",
        "visits_by_hour.jsonl",
    ]
    assert "visits_by_hour.jsonl: 3 rows" in dialog.banner.remedy
    assert dialog.save.isEnabled()
    dialog.data_sets[DataSet.TRACKS].setChecked(True)
    assert dialog.consent.isVisible()
    assert not dialog.save.isEnabled()
    assert dialog.save.toolTip() == "Confirm first that you are authorised."
    dialog.consent.setChecked(True)
    dialog.save.click()
    assert (tmp_path / "data" / "tracks.jsonl").stat().st_size > 10_000
    dialog.close()
