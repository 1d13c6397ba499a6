"""Cycles are freed on the window's thread, and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.gui.window.startup import GarbageCollection, collect_garbage_if_due

THREADS: list[int] = []


class Knot:
    """Holds itself, and notes which thread freed it."""

    def __init__(self) -> None:
        self.itself = self
        weakref.finalize(self, lambda: THREADS.append(threading.get_ident()))


def allocate() -> None:
    for _ in range(3000):
        Knot()


def test_what_a_worker_leaves_is_freed_by_the_window(qtbot: QtBot) -> None:
    THREADS.clear()
    collection = GarbageCollection()
    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert THREADS == []
    qtbot.waitUntil(lambda: bool(THREADS))
    assert set(THREADS) == {threading.get_ident()}
    collection.stop()
    assert gc.isenabled()
    gc.disable()


def test_nothing_is_collected_before_it_is_due(qapp: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    assert collect_garbage_if_due() is None
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    assert collect_garbage_if_due() == 2


def test_what_the_first_full_collections_leave_is_not_searched_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    collection = GarbageCollection()
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0)
    THREADS.clear()
    allocate()
    qtbot.waitUntil(lambda: bool(THREADS))
    collection.stop()
    assert gc.get_freeze_count() == 0
    gc.disable()
