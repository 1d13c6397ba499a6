"""Cycles are freed on the window's thread, and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.core.job import JobContext
from app.gui.session.job_runner import JobRunner
from app.gui.window.startup import EVERY_MS, GarbageCollection, collect_garbage_if_due

THREADS: list[int] = []


class Knot:
    """Holds itself, and notes which thread freed it."""

    def __init__(self) -> None:
        self.itself = self
        weakref.finalize(self, lambda: THREADS.append(threading.get_ident()))


def allocate() -> None:
    for _ in range(3000):
        Knot()


def test_what_a_worker_leaves_is_freed_by_the_window(qtbot: QtBot, qapp: QObject) -> None:
    THREADS.clear()
    collection = GarbageCollection(JobRunner(qapp))
    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert THREADS == []
    qtbot.waitUntil(lambda: bool(THREADS))
    assert set(THREADS) == {threading.get_ident()}
    collection.stop()
    assert gc.isenabled()
    gc.disable()


def test_what_a_running_job_makes_is_not_searched_before_its_end(qtbot: QtBot, qapp: QObject) -> None:
    THREADS.clear()
    runner, may_end, is_made = JobRunner(qapp), threading.Event(), threading.Event()
    collection = GarbageCollection(runner)

    def work(_context: JobContext) -> None:
        allocate()
        is_made.set()
        may_end.wait()

    runner.run("a job", work, on_done=lambda _none: None)
    qtbot.waitUntil(is_made.is_set)
    qtbot.wait(4 * EVERY_MS)
    assert THREADS == []
    may_end.set()
    qtbot.waitUntil(lambda: bool(THREADS))
    collection.stop()
    runner.shutdown()
    gc.disable()


def test_nothing_is_collected_before_it_is_due(qapp: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    assert collect_garbage_if_due() is None
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    assert collect_garbage_if_due() == 2


def test_what_the_first_full_collections_leave_is_not_searched_again(
    qtbot: QtBot, qapp: QObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    collection = GarbageCollection(JobRunner(qapp))
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0)
    THREADS.clear()
    allocate()
    qtbot.waitUntil(lambda: bool(THREADS))
    collection.stop()
    assert gc.get_freeze_count() == 0
    gc.disable()
