"""Ending the window with the user's session, and garbage collection between events."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket

from PySide6.QtCore import QEventLoop, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from app.gui.window.main_window import MainWindow
from vision.pipeline.child_link import END_SIGNALS
from vision.pipeline.observation_log import TERMINATED

EVERY_MS = 200


def collect_garbage_if_due() -> int | None:
    """Collect the oldest generation due by Python's thresholds; return its number, or None."""
    due = [
        generation
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > threshold > 0
    ]
    if not due:
        return None
    gc.collect(due[-1])
    return due[-1]


class GarbageCollection(QObject):
    """Replaces Python's automatic garbage collection until stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(collect_garbage_if_due)
        self._timer.start()

    def stop(self) -> None:
        """Restore Python's automatic collection."""
        self._timer.stop()
        gc.enable()


MAX_END_MS = 15_000
"""Longest wait for the recording when the session ends."""


class SessionEnd(QObject):
    """Handles SIGINT, SIGTERM, SIGHUP and the end of the user's session.

    A second signal ends the program as it would any other.
    """

    def __init__(self, application: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._is_closed = False
        window.closed.connect(self._on_closed)
        # Qt waits in native code, where Python runs no handler: the signal's number comes through a socket
        self._receiver, self._socket = socket.socketpair()
        for end in (self._receiver, self._socket):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._receiver.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        self._former_fd = signal.set_wakeup_fd(self._socket.fileno(), warn_on_full_buffer=False)
        self._former = {
            number: signal.signal(number, _ignore_signal) for number in (signal.SIGINT, *END_SIGNALS)
        }
        application.commitDataRequest.connect(self._on_session_ends, Qt.ConnectionType.DirectConnection)

    def stop(self) -> None:
        """Restore the previous signal handlers."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._former_fd)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        for end in (self._receiver, self._socket):
            end.close()

    def _on_signal(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._receiver.recv(64)
        for number in self._former:
            signal.signal(number, signal.SIG_DFL)
        self._window.end(TERMINATED)

    def end_session(self) -> None:
        """Stop the recording and close before returning, since the system may end the program afterwards."""
        self._window.end(TERMINATED)
        if self._is_closed:
            return
        loop = QEventLoop()
        self._window.closed.connect(loop.quit)
        QTimer.singleShot(MAX_END_MS, loop.quit)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def _on_session_ends(self, _manager: QSessionManager) -> None:
        self.end_session()

    def _on_closed(self) -> None:
        self._is_closed = True


def _ignore_signal(_number: int, _stack: object) -> None:
    """Ignore the signal; its number is read from the socket."""
