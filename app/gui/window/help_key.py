"""F1: opens the guide at the section about the current page or dialog."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from app.gui.window.main_window import MainWindow
from app.gui.window.pages import find_section

_NAME = "help-key"


class HelpKey(QObject):
    """Handles F1 for one main window; the guide is created on first use and closes with the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.guide: QWidget | None = None
        self._give_key(window)
        window.guide_requested.connect(self.open)
        window.closed.connect(self._close)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._on_focus)

    def open(self) -> None:
        """Open the guide at the section about the active window; does nothing on a wall screen."""
        from app.gui.guide.page import GuideWindow

        if self._window.is_kiosk_mode:
            return
        front = QApplication.activeWindow()
        if not isinstance(self.guide, GuideWindow):
            self.guide = GuideWindow()
            self.guide.tour_requested.connect(self._start_tour)
        elif front is self.guide:
            return
        dialog = type(front).__name__ if front is not None and front is not self._window else None
        self.guide.open_topic(find_section(dialog, self._window.page))
        self.guide.setWindowState(self.guide.windowState() & ~Qt.WindowState.WindowMinimized)
        self.guide.show()
        self.guide.activateWindow()

    def _start_tour(self) -> None:
        self._window.activateWindow()
        self._window.tour_requested.emit()

    def _on_focus(self, _window: QWindow | None) -> None:
        # shortcuts of the main window do not work while a dialog is open
        front = QApplication.activeWindow()
        if front is not None:
            self._give_key(front)

    def _give_key(self, widget: QWidget) -> None:
        if widget.findChild(QShortcut, _NAME) is None:
            shortcut = QShortcut(QKeySequence("F1"), widget)
            shortcut.setObjectName(_NAME)
            shortcut.activated.connect(self.open)

    def _close(self) -> None:
        if self.guide is not None:
            self.guide.close()
            self.guide.deleteLater()
            self.guide = None
