"""Goes through every page in both languages, both themes and two sizes, and keeps a picture of each."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.gui.main_window import DWELL, FLOOR_PLAN, LIVE, SETTINGS, MainWindow, WindowParts
from app.gui.theme import THEMES, install_theme
from app.gui.translation import install_language
from resources.translations import LANGUAGES

_LOG = logging.getLogger(__name__)

SIZES_WH = ((1366, 768), (2560, 1440))
PAGE_NAMES = {LIVE: "live", FLOOR_PLAN: "floor-plan", DWELL: "dwell", SETTINGS: "settings"}
SETTLE_MS = 250
"""For animations, posted events and the first pictures of a page."""
LONGEST_WAIT_LOOKS = 50
"""Looks at the jobs of one page before its picture is taken as it is."""


@dataclass(frozen=True, slots=True)
class _Stop:
    size_wh: tuple[int, int]
    theme: str
    language: str
    page: int

    @property
    def file_name(self) -> str:
        width, height = self.size_wh
        return f"{PAGE_NAMES[self.page]}_{self.language}_{self.theme}_{width}x{height}.png"


class ScreenshotTour(QObject):
    """Calls ``on_end`` when it has been everywhere."""

    def __init__(
        self, window: MainWindow, parts: WindowParts, folder: Path, *, on_end: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._parts = parts
        self._folder = folder
        self._on_end = on_end
        self._looks = 0
        self._stops = [
            _Stop(size, theme, language, page)
            for size, theme, language, page in itertools.product(SIZES_WH, THEMES, LANGUAGES, PAGE_NAMES)
        ]
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._take_picture)

    def start(self) -> None:
        """Go to the first page.

        Raises:
            OSError: the folder cannot be made.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._visit()

    def _visit(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        stop = self._stops[0]
        self._window.resize(*stop.size_wh)
        install_theme(application, THEMES[stop.theme])
        install_language(application, stop.language)
        self._window.show_page(stop.page)
        self._looks = 0
        self._timer.start()

    def _take_picture(self) -> None:
        self._looks += 1
        # what a page does at its first look may post events that the second look finds done
        if self._looks < 2 or (self._is_computing() and self._looks < LONGEST_WAIT_LOOKS):
            self._timer.start()
            return
        stop = self._stops.pop(0)
        if not self._window.grab().save(str(self._folder / stop.file_name)):
            _LOG.warning("The picture %s cannot be written.", stop.file_name)
        if self._stops:
            self._visit()
        else:
            self._on_end()

    def _is_computing(self) -> bool:
        return any(
            job.key is not None and job.key != "prepare days" for job in self._parts.job_runner.handles
        )
