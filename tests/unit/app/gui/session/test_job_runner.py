"""Jobs run off the main thread, report on it, and let go when asked."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.errors import ModelError
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import MAX_SHUTDOWN_S, JobRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    made = JobRunner()
    yield made
    made.shutdown()


def test_work_is_done_elsewhere_and_its_result_arrives_here(qtbot: QtBot, runner: JobRunner) -> None:
    threads: list[threading.Thread] = []
    results: list[int] = []

    def work(_context: JobContext) -> int:
        threads.append(threading.current_thread())
        return 7

    def take(result: int) -> None:
        threads.append(threading.current_thread())
        results.append(result)

    with qtbot.waitSignal(runner.job_finished):
        runner.run("seven", work, on_done=take)
    assert results == [7]
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_progress_arrives(qtbot: QtBot, runner: JobRunner) -> None:
    go_on = threading.Event()

    def work(context: JobContext) -> None:
        context.checkpoint(1, 4)
        go_on.wait(5)

    job = runner.run("steps", work, on_done=lambda _none: None)
    with qtbot.waitSignal(job.progress) as reported:
        pass
    assert reported.args == [1, 4]
    with qtbot.waitSignal(runner.job_finished):
        go_on.set()


def test_a_failure_becomes_words(qtbot: QtBot, runner: JobRunner) -> None:
    reports: list[ErrorReport] = []

    def work(_context: JobContext) -> None:
        raise ModelError("There is no {name}.", "Get it.", name="yolo")

    with qtbot.waitSignal(runner.job_finished):
        runner.run("fail", work, on_done=lambda _none: None, on_failed=reports.append)
    assert (reports[0].problem, reports[0].remedy) == ("There is no yolo.", "Get it.")


def test_a_failure_that_nobody_takes_is_announced(qtbot: QtBot, runner: JobRunner) -> None:
    def work(_context: JobContext) -> None:
        raise ModelError("There is none.", "Get it.")

    with qtbot.waitSignal(runner.job_failed) as failed:
        runner.run("fail", work, on_done=lambda _none: None)
    assert failed.args[1].problem == "There is none."


def wait_for_cancel(context: JobContext) -> str:
    while True:
        context.checkpoint(0, 0)
        threading.Event().wait(0.005)


def test_a_cancelled_job_calls_nothing(qtbot: QtBot, runner: JobRunner) -> None:
    calls: list[object] = []
    job = runner.run("endless", wait_for_cancel, on_done=calls.append, on_failed=calls.append)
    with qtbot.waitSignal(runner.job_finished):
        job.cancel()
    assert calls == []
    assert job.is_finished


def test_a_page_is_told_that_its_job_was_cancelled_elsewhere_unless_it_asked_again(
    qtbot: QtBot, runner: JobRunner
) -> None:
    told: list[ErrorReport] = []
    results: list[str] = []
    job = runner.run_latest(
        "figures", "endless", wait_for_cancel, on_done=lambda _: None, on_failed=told.append
    )
    job.cancel_and_tell()
    qtbot.waitUntil(lambda: job.is_finished)
    assert [report.problem for report in told] == ["The computation was cancelled."]
    old = runner.run_latest("figures", "old", wait_for_cancel, on_done=lambda _: None, on_failed=told.append)
    old.cancel_and_tell()
    runner.run_latest("figures", "new", lambda _context: "new", on_done=results.append)
    qtbot.waitUntil(lambda: not runner.handles)
    assert len(told) == 1
    assert results == ["new"]


def test_only_the_latest_of_a_key_is_shown(qtbot: QtBot, runner: JobRunner) -> None:
    results: list[str] = []
    first = runner.run_latest("plan", "first", wait_for_cancel, on_done=results.append)
    runner.run_latest("plan", "second", lambda _context: "second", on_done=results.append)
    qtbot.waitUntil(lambda: not runner.handles)
    assert first.is_cancelled
    assert results == ["second"]


def test_a_shutdown_cancels_all_in_time_and_nothing_comes_after_it(qtbot: QtBot, runner: JobRunner) -> None:
    calls: list[object] = []
    jobs = [runner.run("endless", wait_for_cancel, on_done=calls.append) for _ in range(4)]
    assert runner.shutdown()
    assert all(job.is_finished for job in jobs)
    late = runner.run("late", lambda _context: 1, on_done=calls.append)
    assert late.is_finished
    qtbot.waitUntil(lambda: not runner.handles)
    assert calls == []


def test_a_shutdown_does_not_wait_for_a_job_that_does_not_listen(qtbot: QtBot, runner: JobRunner) -> None:
    is_released = threading.Event()
    has_begun = threading.Event()

    def ignore(_context: JobContext) -> None:
        has_begun.set()
        is_released.wait(MAX_SHUTDOWN_S * 5)

    runner.run("deaf", ignore, on_done=lambda _none: None)
    assert has_begun.wait(5)
    assert not runner.shutdown()
    is_released.set()


class Held:
    """Notes which thread freed it."""

    def __init__(self, freed_by: list[int]) -> None:
        self._freed_by = freed_by

    def __del__(self) -> None:
        self._freed_by.append(threading.get_ident())


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_job_held_is_freed_on_the_window_s_thread(qtbot: QtBot, fails: bool) -> None:
    runner, freed_by, ended = JobRunner(), list[int](), list[object]()

    def start() -> None:
        held = Held(freed_by)

        def work(_context: JobContext) -> Held:
            if fails:
                raise ValueError(held)
            return held

        runner.run("held", work, on_done=ended.append, on_failed=ended.append)

    start()
    qtbot.waitUntil(lambda: bool(ended))
    ended.clear()
    runner.shutdown()
    gc.collect()
    assert freed_by == [threading.get_ident()]
