"""The guard over tests of the window notices what they leave behind."""

from __future__ import annotations

import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel

from tests.support.windows import qt_leak_guard
from tests.support.windows.qt_leak_guard import find_leaks, take_inventory


def test_a_widget_that_stays_is_noticed(qapp: QApplication) -> None:
    before = take_inventory()
    label = QLabel("forgotten")
    label.setWindowTitle("forgotten")
    assert find_leaks(before) == ["widget QLabel 'forgotten'"]
    label.deleteLater()
    del label
    assert find_leaks(before) == []


def test_a_timer_that_runs_on_is_noticed(qapp: QApplication) -> None:
    before = take_inventory()
    timer = QTimer()
    timer.start(1000)
    assert len(find_leaks(before)) == 1
    timer.stop()
    assert find_leaks(before) == []


def test_a_thread_that_goes_on_is_noticed(qapp: QApplication, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(qt_leak_guard, "THREADS_END_WITHIN_S", 0.05)
    before = take_inventory()
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait, name="forgotten")
    thread.start()
    assert find_leaks(before) == ["thread forgotten"]
    ends.set()
    thread.join()
    assert find_leaks(before) == []
