"""Opens a venue in the real window, looks at every page and closes it."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from app.gui.window.pages import Page
from app.gui.window.startup import add_pages, make_application, make_window

LOOK_MS = 700


def visit(folder: Path) -> None:
    """Every page is shown for a moment, as long as its first look at the venue takes as a rule."""
    window, parts = make_window(make_application())
    window.show()
    add_pages(window, parts)
    parts.app_state.open_venue(folder)
    for page in Page:
        window.show_page(page)
        loop = QEventLoop()
        QTimer.singleShot(LOOK_MS, loop.quit)
        loop.exec()
        sys.stdout.write(f"{page.name}\n")
    window.close()
    parts.job_runner.shutdown()


if __name__ == "__main__":
    visit(Path(sys.argv[1]))
