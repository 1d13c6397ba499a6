"""Finds what a test of the window left behind: widgets, threads, timers that still run."""

from __future__ import annotations

import gc
import itertools
import threading
import time
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

THREADS_END_WITHIN_S = 3.0
THAW_EVERY_TESTS = 50


@dataclass(frozen=True)
class QtInventory:
    """What there is at one moment; a strong reference to nothing but threads."""

    widgets: frozenset[int]
    threads: frozenset[threading.Thread]
    timers: frozenset[int]


_test_numbers = itertools.count(1)


def take_inventory() -> QtInventory:
    """What there is now, frozen: the search afterwards goes through the test's own objects alone."""
    if next(_test_numbers) % THAW_EVERY_TESTS == 0:
        gc.unfreeze()
        gc.collect()
    inventory = QtInventory(
        frozenset(id(widget) for widget in _list_widgets()),
        frozenset(threading.enumerate()),
        frozenset(id(timer) for timer in _list_timers()),
    )
    gc.freeze()
    return inventory


def find_leaks(before: QtInventory) -> list[str]:
    """What was not there before, in words, after all that was to be deleted has been."""
    _collect()
    leaks = [f"widget {_describe(w)}" for w in _list_widgets() if id(w) not in before.widgets]
    leaks += [
        f"running timer of {timer.parent()}" for timer in _list_timers() if id(timer) not in before.timers
    ]
    deadline_s = time.monotonic() + THREADS_END_WITHIN_S
    for thread in set(threading.enumerate()) - before.threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))
        if thread.is_alive():
            leaks.append(f"thread {thread.name}")
    return leaks


def _collect() -> None:
    for number in range(3):
        is_clean = not gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        # what is deleted at last may have held others
        if number and is_clean:
            break


def _list_widgets() -> list[QWidget]:
    return [widget for widget in QApplication.topLevelWidgets() if isValid(widget)]


def _list_timers() -> list[QTimer]:
    return [item for item in gc.get_objects() if type(item) is QTimer and isValid(item) and item.isActive()]


def _describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} '{widget.windowTitle() or widget.objectName()}'"
