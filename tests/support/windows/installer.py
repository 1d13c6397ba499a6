"""An installer's hands and eyes: the real window by mouse and keyboard alone, each step kept as a picture.

Mouse events go to the platform's windows, not to widgets: they reach what lies under the pointer, and nothing
behind a dialog. Controls are found by the names that screen readers tell, in the window's language.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.exceptions import TimeoutError as PytestQtTimeoutError
from pytestqt.qtbot import QtBot

from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import current_language
from app.gui.window.main_window import MainWindow

Kind = TypeVar("Kind", bound=QWidget)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
ANSWERS_WITHIN_MS = 60_000
"""A trial of a camera starts a program of its own; on a busy machine that takes a while."""
LOOK_FOR_DIALOG_EVERY_MS = 20


class Installer:
    """Knows no view-model."""

    def __init__(
        self, qtbot: QtBot, window: MainWindow, job_runner: JobRunner, pictures: Path | None
    ) -> None:
        """``pictures`` is a folder; None keeps none. The work under way is what the status bar shows."""
        self._qtbot, self._window, self._job_runner = qtbot, window, job_runner
        self._pictures = pictures
        self._taken = 0
        self.actions = 0
        """Clicks, drags and fields typed, as a person would count them."""

    def wait(self, is_so: Callable[[], bool], timeout_ms: int = ANSWERS_WITHIN_MS) -> None:
        try:
            self._qtbot.waitUntil(is_so, timeout=timeout_ms)
        except PytestQtTimeoutError:
            pytest.fail(f"waited in vain, before these words:\n{self.words()}")

    @property
    def is_idle(self) -> bool:
        """Whether the window does nothing in the background."""
        return not self._job_runner.handles

    @property
    def place(self) -> QWidget:
        """What hears the mouse: the dialog in front, or the window."""
        return QApplication.activeModalWidget() or self._window

    def find(self, name: str, kind: type[Kind] = QWidget) -> Kind:  # type: ignore[assignment]
        found = self._list_visible(name, kind)
        assert len(found) == 1, f"{len(found)} controls are called {name!r}, in {self.describe_controls()}"
        return found[0]

    def can_find(self, name: str) -> bool:
        return len(self._list_visible(name, QWidget)) == 1

    def can_click(self, name: str) -> bool:
        """Whether a control is there, does something, and is not hidden where it is clicked."""
        return self.can_find(name) and self._is_ready(self.find(name))

    @property
    def focused_name(self) -> str:
        """What the keyboard talks to."""
        focused = QApplication.focusWidget()
        return "" if focused is None else focused.accessibleName()

    def describe_controls(self) -> list[str]:
        return sorted({w.accessibleName() for w in self.place.findChildren(QWidget) if w.isVisible()} - {""})

    def words(self) -> str:
        """All the sentences that can be read."""
        labels = [label.text() for label in self.place.findChildren(QLabel) if label.isVisible()]
        return "\n".join(text for text in labels if text)

    def click(self, name: str) -> None:
        seen_at: list[QPoint] = []

        def stands_still() -> bool:
            # a page that was just opened is still laid out, and its buttons move away under the pointer
            if not self.can_click(name):
                seen_at.clear()
                return False
            found = self.find(name)
            seen_at.append(found.mapTo(found.window(), found.rect().center()))
            return len(seen_at) > 1 and seen_at[-1] == seen_at[-2] and not found.size().isEmpty()

        self.wait(stands_still)
        self.click_at(self.find(name), self.find(name).rect().center())

    def click_text(self, beginning: str) -> None:
        """A button whose text begins so: what follows counts something."""
        (button,) = [
            b
            for b in self.place.findChildren(QAbstractButton)
            if b.isVisible() and b.text().startswith(beginning)
        ]
        self.click_at(button, button.rect().center())

    def click_at(self, widget: QWidget, at: QPoint, button: Qt.MouseButton = LEFT) -> None:
        """Where the place is hidden by something else, that gets the click, as a person's would."""
        self.actions += 1
        top = widget.window()
        if not top.isActiveWindow() and top.windowType() is not Qt.WindowType.Popup:
            # what a window manager does by itself, when a dialog has closed and with every click
            top.activateWindow()
            self.wait(top.isActiveWindow)
        handle, there = self._locate(widget, at)
        QTest.mouseMove(handle, there)
        QTest.mouseClick(handle, button, Qt.KeyboardModifier.NoModifier, there)

    def click_on(self, canvas: QGraphicsView, *places: tuple[float, float]) -> None:
        """At places in the coordinates of what the canvas shows."""
        for place in places:
            self.click_at(canvas.viewport(), canvas.mapFromScene(*place))

    def drag_on(self, canvas: QGraphicsView, start: tuple[float, float], end: tuple[float, float]) -> None:
        steps = [
            canvas.mapFromScene(*(a + share * (b - a) for a, b in zip(start, end, strict=True)))
            for share in (0.0, 0.3, 0.7, 1.0)
        ]
        self.actions += 1
        viewport = canvas.viewport()
        handle, there = self._locate(viewport, steps[0])
        QTest.mouseMove(handle, there)
        QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, there)
        for at in steps:
            _handle, there = self._locate(viewport, at)
            QTest.mouseMove(handle, there)
        QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, there)

    def press(self, *keys: Qt.Key, control: bool = False) -> None:
        """Wherever the keyboard is."""
        modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self.place, key, modifier)

    def type(self, text: str) -> None:
        """Wherever the keyboard is."""
        self.actions += 1
        QTest.keyClicks(QApplication.focusWidget() or self.place, text)

    def write(self, name: str, text: str) -> None:
        """Replace what stands in a field, and leave it."""
        self.click(name)
        self.press(Qt.Key.Key_A, control=True)
        self.type(text)
        self.press(Qt.Key.Key_Tab)

    def choose(self, name: str, text: str) -> None:
        """An entry of a list that drops down."""
        box = self.find(name, QComboBox)
        self.click(name)
        self.wait(lambda: box.view().isVisible())
        rows = [box.itemText(row) for row in range(box.count())]
        assert text in rows, rows
        self.press(Qt.Key.Key_Home, *([Qt.Key.Key_Down] * rows.index(text)), Qt.Key.Key_Return)
        self.wait(lambda: box.currentText() == text)

    def choose_in_menu(self, widget: QWidget, text: str) -> None:
        """From what the right button offers."""
        self.click_at(widget, widget.rect().center(), RIGHT)
        self.wait(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        (action,) = [action for action in menu.actions() if action.text() == text]
        self.click_at(menu, menu.actionGeometry(action).center())

    def choose_file(self, button: str, file: Path) -> None:
        """Press a button that asks for a file, and type its name."""
        timer = QTimer()
        timer.setInterval(LOOK_FOR_DIALOG_EVERY_MS)

        def answer() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QFileDialog):
                timer.stop()
                (line,) = dialog.findChildren(QLineEdit, "fileNameEdit")
                (buttons,) = dialog.findChildren(QDialogButtonBox)
                # typed letter by letter, it would be completed to other names on its way
                QApplication.clipboard().setText(str(file))
                QTest.keyClick(line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
                QTest.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Open), LEFT)

        timer.timeout.connect(answer)
        timer.start()
        # the name, and Open
        self.actions += 2
        self.click(button)

    def take_picture(self, name: str) -> None:
        """Of the window with what lies over it."""
        if self._pictures is None:
            return
        QApplication.processEvents()
        self._taken += 1
        picture = self._window.grab()
        painter = QPainter(picture)
        frame = QRect(QPoint(0, 0), self._window.size())
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible():
                painter.fillRect(frame, Qt.GlobalColor.transparent)
                shown: QPixmap = dialog.grab()
                at = QRect(QPoint(0, 0), dialog.size())
                at.moveCenter(frame.center())
                painter.drawPixmap(at.topLeft(), shown)
                painter.drawRect(at)
        painter.end()
        self._pictures.mkdir(parents=True, exist_ok=True)
        file = self._pictures / f"setup-{self._taken:02d}-{name}_{current_language()}.png"
        assert picture.save(str(file))

    def _list_visible(self, name: str, kind: type[Kind]) -> list[Kind]:
        return [w for w in self.place.findChildren(kind) if w.accessibleName() == name and w.isVisible()]

    def _is_ready(self, widget: QWidget) -> bool:
        return widget.isEnabled() and widget.visibleRegion().contains(widget.rect().center())

    def _locate(self, widget: QWidget, at: QPoint) -> tuple[object, QPoint]:
        top = widget.window()
        return top.windowHandle(), widget.mapTo(top, at)
