"""Screenshots of every page, once or in every language, theme and two sizes, without a display."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.demo.ready_venue import list_show_days
from app.error_reporting import describe_error
from app.floor_plan.floor_comparison import ComparedWith
from app.gui.doctor.page import AboutDialog
from app.gui.floor_plan.page import FloorPlanView
from app.gui.session.notification import Notification
from app.gui.session.theme import THEMES, install_theme
from app.gui.session.translation import install_language
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import PAGES, Page
from resources.translations import LANGUAGES

SIZES_WH = ((1366, 768), (2560, 1440))
POLL_INTERVAL_MS = 250
"""Interval of checks, enough for animations, posted events and the first pictures of a page."""
MAX_OPENING_S = 120.0
MAX_COMPUTATION_S = 180.0
MAX_STOP_S = 30.0
_ALL_VARIANTS = tuple(itertools.product(SIZES_WH, THEMES, LANGUAGES))
_PRESENT = (Page.NOW, Page.LIVE, Page.FLOOR_PLAN)
"""Pages that show the present, taken while the cameras are read."""

Report = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class _Stop:
    """One screenshot: start of its file name, page, and window appearance."""

    name: str
    page: Page
    size_wh: tuple[int, int]
    theme: str
    language: str

    @property
    def file_name(self) -> str:
        width, height = self.size_wh
        return f"{self.name}_{self.language}_{self.theme}_{width}x{height}.png"


class ScreenshotTour(QObject):
    """Visits the pages one by one and then calls ``on_end``; ``problems`` lists what could not be shown.

    What happens now is taken while the cameras are read.
    """

    def __init__(
        self,
        window: MainWindow,
        parts: WindowParts,
        folder: Path,
        *,
        is_demo: bool,
        has_all_variants: bool = True,
        has_venue: bool,
        report: Report,
        on_end: Callable[[], object],
    ) -> None:
        """Set up the tour.

        Args:
            has_all_variants: every language, theme and size; otherwise one picture of each page.
            has_venue: a venue is being opened.
            report: receives progress messages.
        """
        super().__init__(window)
        self._window = window
        self._parts = parts
        self._folder = folder
        self._is_demo = is_demo
        self._variants = _ALL_VARIANTS if has_all_variants else _ALL_VARIANTS[:1]
        self._has_venue = has_venue
        self._report = report
        self._on_end = on_end
        self._pictures = 0
        self.problems: list[str] = []
        self._way = self._go()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self._poll)
        parts.shell.notified.connect(self._on_notified)

    def start(self) -> None:
        self._timer.start()

    def _poll(self) -> None:
        try:
            next(self._way)
        except StopIteration:
            self._end()
        except OSError as error:
            report = describe_error(error)
            self._report_problem(f"{report.problem} {report.remedy}")
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        self._on_end()

    def _go(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._has_venue:
            yield from self._wait_for_venue()
            if not self._parts.shell.state.has_venue:
                self._report_problem("No venue was opened, and there is nothing to show of it.")
                return
            self._report("Taking pictures of the cameras and of what happens now.")
            yield from self._capture_all(self._list_stops(*_PRESENT))
        if self._is_demo:
            yield from self._stop_recording()
            self._report("Taking pictures of the last of the three days.")
            self._choose_last_day()
            yield from self._capture_floor_studies()
        if self._has_venue:
            about_venue = (
                page
                for page, spec in PAGES.items()
                if spec.needs_venue and page not in _PRESENT and self._window.may_show(page)
            )
            yield from self._capture_all(self._list_stops(*about_venue))
        self._report(
            "Taking pictures of the settings, of what is known about the program, and of the welcome."
        )
        yield from self._capture_all(self._list_stops(Page.DOCTOR, Page.SETTINGS))
        yield from self._capture_about()
        yield from self._stop_recording()
        self._parts.app_state.close_venue()
        yield from self._capture_all(self._list_stops(Page.LIVE, name="welcome"))
        self._report(f"{self._pictures} pictures are in {self._folder}")

    def _wait_for_venue(self) -> Iterator[None]:
        """Wait until the venue is open and, in the demo, people are counted."""
        self._report("Opening the demo exhibition." if self._is_demo else "Opening the venue.")

        def is_ready() -> bool:
            state = self._parts.shell.state
            if not state.has_venue:
                return bool(self.problems) and not self._parts.job_runner.handles
            return state.people > 0 or not self._is_demo

        yield from self._wait(is_ready, MAX_OPENING_S)
        if self._is_demo and self._parts.shell.state.has_venue and not self._parts.shell.state.people:
            self._report("Nobody was seen at the cameras of the demo exhibition so far.")

    def _stop_recording(self) -> Iterator[None]:
        if self._parts.monitor.is_active:
            self._report("Stopping the recording.")
            self._parts.shell.stop_recording()
            yield from self._wait(lambda: not self._parts.monitor.is_active, MAX_STOP_S)

    def _choose_last_day(self) -> None:
        venue = self._parts.app_state.venue
        assert venue is not None
        self._parts.app_state.set_period(list_show_days(venue)[-1])

    def _list_stops(self, *pages: Page, name: str = "") -> list[_Stop]:
        """Return the variants of the pages, grouped by page so that its figures are computed once."""
        return [
            _Stop(name or page.name.lower().replace("_", "-"), page, *variant)
            for page, variant in itertools.product(pages, self._variants)
        ]

    def _capture_all(self, stops: Iterable[_Stop]) -> Iterator[None]:
        for stop in stops:
            self._show(stop)
            # the first poll may post events that are processed by the second
            yield
            yield from self._wait(lambda: not self._is_computing(), MAX_COMPUTATION_S)
            if self._is_computing():
                self._report_problem(f"{stop.file_name} was taken before its figures were computed.")
            yield
            self._save(self._window, stop.file_name)

    def _capture_floor_studies(self) -> Iterator[None]:
        """Take screenshots of the floor plan, its difference to the previous day, and its playback."""
        yield from self._capture_all(self._list_stops(Page.FLOOR_PLAN, name="floor-plan-yesterday"))
        for floor in self._window.findChildren(FloorPlanView):
            comparison, playback = floor.overlays.comparison, floor.overlays.playback
            comparison.set_compared_with(ComparedWith.DAY_BEFORE)
            yield from self._capture_all(self._list_stops(Page.FLOOR_PLAN, name="floor-plan-difference"))
            comparison.set_compared_with(ComparedWith.NOTHING)
            playback.set_on(True)
            playback.move_to(sum(playback.state.bounds_s) / 2)
            yield from self._capture_all(self._list_stops(Page.FLOOR_PLAN, name="floor-plan-playback"))
            playback.set_on(False)

    def _capture_about(self) -> Iterator[None]:
        for stop in self._list_stops(Page.SETTINGS, name="about"):
            if stop.size_wh != SIZES_WH[0]:
                continue
            self._show(stop)
            dialog = AboutDialog(self._window)
            yield
            width, height = dialog.width(), dialog.height()
            self._save(dialog, f"about_{stop.language}_{stop.theme}_{width}x{height}.png")
            dialog.deleteLater()

    def _show(self, stop: _Stop) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._window.resize(*stop.size_wh)
        install_theme(application, THEMES[stop.theme])
        install_language(application, stop.language)
        self._window.show_page(stop.page)

    def _save(self, widget: QWidget, name: str) -> None:
        if widget.grab().save(str(self._folder / name)):
            self._pictures += 1
        else:
            self._report_problem(f"The picture {self._folder / name} could not be written.")

    def _wait(self, is_over: Callable[[], bool], max_wait_s: float) -> Iterator[None]:
        for _poll in range(_count_polls(max_wait_s)):
            if is_over():
                return
            yield

    def _is_computing(self) -> bool:
        keys = {job.key for job in self._parts.job_runner.handles}
        return bool(keys - {None})

    def _report_problem(self, sentence: str) -> None:
        self.problems.append(sentence)
        self._report(sentence)

    def _on_notified(self, notification: Notification) -> None:
        sentence = f"{notification.problem} {notification.remedy}".strip()
        if notification.tone == "bad":
            self._report_problem(sentence)
        else:
            self._report(sentence)


def _count_polls(max_wait_s: float) -> int:
    return round(max_wait_s * 1000 / POLL_INTERVAL_MS)
