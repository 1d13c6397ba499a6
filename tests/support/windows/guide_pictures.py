"""Pictures of the window for the guide, taken of the demonstration.

``make guide-pictures`` takes them again; look at them before they are committed.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QApplication

from app.core.document import Venue
from app.demo.ready_venue import list_show_days, unpack_demo_venue
from app.gui.session.theme import LIGHT, install_theme
from app.gui.session.translation import install_language, tr
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.startup import add_pages, make_application, make_window
from app.guide.guide_text import guide_folder
from tests.support.windows.shown_window import choose

SHOWN = {
    "floor-plan": Page.FLOOR_PLAN,
    "dwell": Page.DWELL,
    "exhibition": Page.EXHIBITION,
    "flows": Page.FLOWS,
    "reports": Page.REPORTS,
    "edit-plan": Page.EDIT_PLAN,
    "coverage": Page.COVERAGE,
}
LANGUAGES = ("en", "zh_CN")
SIZE_WH = (1366, 768)
WIDTH_PX = 960
COLOURS = 96
MAX_S = 240.0
SETTLES_S = 1.5
"""What a page posts after its figures are there, and layouts that follow."""


def take_pictures(venue: Venue) -> None:
    """Write one picture of each page and language into the guide.

    Raises:
        TimeoutError: a page's figures were not there in time.
    """
    application = make_application()
    window, parts = make_window(application)
    add_pages(window, parts)
    window.resize(*SIZE_WH)
    window.show()
    parts.shell.open_venue(venue.folder)
    _wait(application, parts)
    assert parts.app_state.venue is not None, f"{venue.folder} was not opened"
    parts.app_state.set_period(list_show_days(venue)[-1])
    install_theme(application, LIGHT)
    for language in LANGUAGES:
        install_language(application, language)
        folder = guide_folder(language) / "pictures"
        folder.mkdir(exist_ok=True)
        for name, page in SHOWN.items():
            window.show_page(page)
            _wait(application, parts)
            if page is Page.REPORTS:
                choose(window, tr("Language of the report"), language)
                _wait(application, parts)
            _keep(window, folder / f"{name}.png")
    window.close()
    _wait(application, parts)


def _wait(application: QApplication, parts: WindowParts) -> None:
    """Until nothing was computed for a while."""
    end_s = time.monotonic() + MAX_S
    quiet_since_s = time.monotonic()
    while time.monotonic() - quiet_since_s < SETTLES_S:
        application.processEvents()
        if parts.job_runner.handles:
            quiet_since_s = time.monotonic()
        if time.monotonic() > end_s:
            raise TimeoutError(", ".join(str(job.key) for job in parts.job_runner.handles))
        time.sleep(0.02)


def _keep(window: MainWindow, file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.png"
        assert window.grab().save(str(whole))
        with Image.open(whole) as picture:
            height_px = round(picture.height * WIDTH_PX / picture.width)
            small = picture.convert("RGB").resize((WIDTH_PX, height_px), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as made:
        os.environ["EXPOFLOW_HOME"] = str(Path(made) / "home")
        take_pictures(unpack_demo_venue(Path(made) / "demo.expoflow"))
