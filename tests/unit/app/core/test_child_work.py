"""Work in a process of its own: results, progress, errors in words, cancelling."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from analytics.domain.errors import OutputError
from app.core.child_work import ChildError, ChildWorker
from app.core.job import JobCancelled, JobContext


@pytest.fixture(scope="module")
def worker() -> Iterator[ChildWorker]:
    worker = ChildWorker()
    yield worker
    worker.close()


def add(context: JobContext, first: int, *, second: int) -> tuple[int, int]:
    context.checkpoint(1.0, 2.0)
    time.sleep(0.1)  # the work
    return first + second, os.getpid()


def refuse(_context: JobContext) -> None:
    raise OutputError("The folder {folder} is full.", "Choose another one.", folder="/a")


def divide(_context: JobContext) -> float:
    return 1 / 0


def end_at_once(_context: JobContext) -> None:
    psutil.Process().kill()


def write_for_ever(context: JobContext, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder):
        while True:  # until it is cancelled
            # Windows has no signal that interrupts a sleep: a job ends where it reports progress
            time.sleep(0.1 if sys.platform == "win32" else 60.0)
            context.checkpoint(0.0, 0.0)


def test_a_result_comes_from_one_other_process_with_progress(worker: ChildWorker) -> None:
    seen: list[tuple[float, float]] = []
    context = JobContext(on_progress=lambda done, total: seen.append((done, total)))
    five, pid = worker.run(add, context, 2, second=3)
    assert (five, (1.0, 2.0) in seen) == (5, True)
    assert pid != os.getpid()
    assert worker.run(add, context, 1, second=1) == (2, pid)


def test_errors_keep_their_words(worker: ChildWorker) -> None:
    with pytest.raises(OutputError) as refused:
        worker.run(refuse, JobContext())
    assert (refused.value.problem, refused.value.remedy) == ("The folder /a is full.", "Choose another one.")
    with pytest.raises(ChildError, match="ZeroDivisionError"):
        worker.run(divide, JobContext())


def test_an_unexpected_end_is_an_error_and_the_next_job_runs(worker: ChildWorker) -> None:
    with pytest.raises(ChildError, match="15" if sys.platform == "win32" else "-9"):
        worker.run(end_at_once, JobContext())
    assert worker.run(add, JobContext(), 1, second=1)[0] == 2


def test_a_cancelled_job_ends_soon_and_leaves_nothing(worker: ChildWorker, tmp_path: Path) -> None:
    context = JobContext(is_cancelled=lambda: any(tmp_path.iterdir()))
    with pytest.raises(JobCancelled):
        worker.run(write_for_ever, context, tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_closed_worker_keeps_no_process() -> None:
    worker = ChildWorker()
    _, pid = worker.run(add, JobContext(), 1, second=1)
    worker.close()
    assert not psutil.pid_exists(pid)
