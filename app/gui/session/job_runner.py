"""Long-running jobs in worker threads, with results on the main thread, and commands in processes."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Qt, QTimer, Signal, Slot

from analytics.domain.errors import ExpoFlowError, Phrase, PipelineError
from app.core.child_command import PROGRAM_FOLDER, find_failure, name_program
from app.core.job import JobCancelled, JobContext
from app.error_reporting import PACKED_ERRORS, ErrorReport, describe_error
from app.gui.session.translation import tr

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
Title = str | Callable[[], str]

THREADS = 3
"""Two for computing, and one that may wait minutes for a process that prepares a history."""
MAX_SHUTDOWN_S = 2.0
STOP_TIMEOUT_MS = 5000
CLOSE_TIMEOUT_MS = 2000
"""Milliseconds to wait for a command when the window closes; killing it afterwards is safe."""
_PROGRESS_EVERY_S = 0.05
"""Minimum interval of progress reports; each one is an event on the main thread."""
_CANCELLED = ExpoFlowError(
    "The computation was cancelled.", "Show another page and then this one to start it again."
)


class JobHandle(QObject):
    """A job as the window shows it; lives on the main thread."""

    progress = Signal(float, float)
    """(done, total) in any unit; total is 0 while it is unknown."""
    described = Signal()
    """`words` have changed."""
    ended = Signal(object)
    """Emitted last of all, with None, or the `ErrorReport` of a failure or cancellation."""

    def __init__(self, title: Title, key: str | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.key = key
        self.words: Phrase | None = None
        """The reason why it takes longer than usual, if it does."""
        self.is_finished = False
        self.failure: ErrorReport | None = None
        self.is_told = False
        """Its page is told of the cancellation."""
        self._cancelled = threading.Event()

    @property
    def title(self) -> str:
        """The job's title, in the current language if it was given as a function."""
        return self._title if isinstance(self._title, str) else self._title()

    @property
    def is_cancelled(self) -> bool:
        """Return whether the job was cancelled; then its result is not used."""
        return self._cancelled.is_set()

    def follow(self, on_ended: Callable[[ErrorReport | None], None]) -> None:
        """Call a function as for `ended`, at once if the job has ended already."""
        if self.is_finished:
            on_ended(self.failure)
        else:
            self.ended.connect(on_ended)

    def cancel(self) -> None:
        """Cancel the job at its next checkpoint; none of its callbacks is called."""
        self.is_told = False
        self._cancelled.set()

    def cancel_and_tell(self) -> None:
        """Cancel the job from outside of its page, which is told so as of a failure if the job has a key."""
        self._cancelled.set()
        self.is_told = self.key is not None


class _Job:
    """The parts of a job that a worker thread uses."""

    def __init__(
        self,
        handle: JobHandle,
        work: Callable[[JobContext], Any],
        on_done: Callable[[Any], None],
        on_failed: Callable[[ErrorReport], None] | None,
    ) -> None:
        self.handle = handle
        self.work = work
        self.on_done = on_done
        self.on_failed = on_failed


class JobRunner(QObject):
    """Runs jobs in a few threads; callbacks and signals are delivered on the runner's own thread."""

    job_started = Signal(JobHandle)
    """The job was accepted; it may still wait for a thread."""
    job_finished = Signal(JobHandle)
    """The job is done, failed or cancelled."""
    job_failed = Signal(JobHandle, object)
    """(handle, ErrorReport) of a failure without an ``on_failed`` callback."""

    _reported = Signal(object, float, float)
    _described = Signal(object, object)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
        # each with its job, then the result and the error: a worker keeps nothing of a job but this list,
        # which is emptied here, so that what the job held is freed on this thread, with objects of Qt in it
        self._jobs: list[_Job] = []
        self._threads: list[threading.Thread] = []
        self._is_shut_down = False
        self._reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)
        self._described.connect(self._on_described, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def handles(self) -> tuple[JobHandle, ...]:
        return tuple(job.handle for job in self._jobs)

    def run(
        self,
        title: Title,
        work: Callable[[JobContext], T],
        *,
        on_done: Callable[[T], None],
        on_failed: Callable[[ErrorReport], None] | None = None,
    ) -> JobHandle:
        """Run ``work`` in a worker thread, then call ``on_done`` with its result.

        Args:
            title: for the person who waits; already translated, or a function that translates it.
            work: must not touch any widget.
            on_failed: called with words for an exception; by default `job_failed` is emitted.
        """
        return self._submit(title, None, work, on_done, on_failed)

    def run_latest(
        self,
        key: str,
        title: Title,
        work: Callable[[JobContext], T],
        *,
        on_done: Callable[[T], None],
        on_failed: Callable[[ErrorReport], None] | None = None,
    ) -> JobHandle:
        """Like `run`, but cancel an unfinished job of the same key, whose result is out of date."""
        self.cancel(key)
        return self._submit(title, key, work, on_done, on_failed)

    def cancel(self, key: str) -> None:
        """Cancel the unfinished jobs of a key; none of their callbacks is called."""
        for job in self._jobs:
            if job.handle.key == key:
                job.handle.cancel()

    def is_busy(self, key: str) -> bool:
        return any(job.handle.key == key and not job.handle.is_cancelled for job in self._jobs)

    def shutdown(self) -> bool:
        """Cancel everything and wait at most two seconds; no callback is called afterwards.

        Returns:
            Whether every thread has ended.
        """
        self._is_shut_down = True
        for job in self._jobs:
            job.handle.cancel()
        for _thread in self._threads:
            self._queue.put(None)
        deadline_s = time.monotonic() + MAX_SHUTDOWN_S
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            job.handle.is_finished = True
            self.job_finished.emit(job.handle)
        return not any(thread.is_alive() for thread in self._threads)

    def _submit(
        self,
        title: Title,
        key: str | None,
        work: Callable[[JobContext], Any],
        on_done: Callable[[Any], None],
        on_failed: Callable[[ErrorReport], None] | None,
    ) -> JobHandle:
        handle = JobHandle(title, key, self)
        if self._is_shut_down:
            handle.cancel()
            handle.is_finished = True
            return handle
        job = _Job(handle, work, on_done, on_failed)
        self._jobs.append(job)
        if len(self._threads) < THREADS:
            # a thread that ignores cancellation must not keep the process alive
            thread = threading.Thread(target=self._work, name=f"job {len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._queue.put([job])
        self.job_started.emit(handle)
        return handle

    def _work(self) -> None:
        while True:
            slot = self._queue.get()
            if slot is None:
                return
            self._fill(slot)
            if self._is_shut_down:
                return
            self._ended.emit(slot)

    def _fill(self, slot: list[Any]) -> None:
        try:
            slot += [self._run_one(slot[0]), None]
        except BaseException as raised:
            slot += [None, raised]

    def _run_one(self, job: _Job) -> object:
        last_s = 0.0

        def report(done: float, total: float) -> None:
            nonlocal last_s
            now_s = time.monotonic()
            if now_s - last_s >= _PROGRESS_EVERY_S:
                last_s = now_s
                self._reported.emit(job, done, total)

        context = JobContext(
            is_cancelled=lambda: job.handle.is_cancelled,
            on_progress=report,
            on_described=lambda words: self._described.emit(job, words),
        )
        if job.handle.is_cancelled:
            raise JobCancelled
        return job.work(context)

    @Slot(object, float, float)
    def _on_reported(self, job: _Job, done: float, total: float) -> None:
        if not job.handle.is_finished:
            job.handle.progress.emit(done, total)

    @Slot(object, object)
    def _on_described(self, job: _Job, words: Phrase | None) -> None:
        if not job.handle.is_finished and job.handle.words != words:
            job.handle.words = words
            job.handle.described.emit()

    @Slot(object)
    def _on_ended(self, slot: list[Any]) -> None:
        job, result, error = slot
        slot.clear()
        if job.handle.is_finished:
            return
        handle = job.handle
        handle.is_finished = True
        self._jobs.remove(job)
        self.job_finished.emit(handle)
        handle.deleteLater()
        if handle.is_cancelled or isinstance(error, JobCancelled):
            handle.failure = describe_error(_CANCELLED, translate=tr)
            if handle.is_told and job.on_failed is not None:
                job.on_failed(handle.failure)
        elif error is None:
            job.on_done(result)
        else:
            handle.failure = report = describe_error(error, translate=tr)
            _LOG.info("The job '%s' failed: %s\n%s", handle.title, report.problem, report.detail)
            if job.on_failed is not None:
                job.on_failed(report)
            else:
                self.job_failed.emit(handle, report)
        handle.ended.emit(handle.failure)


class BackgroundCommand(QObject):
    """A command in a process that ends with the window; at most one runs at a time."""

    changed = Signal()
    line_read = Signal(bytes)
    """A line of its standard output."""
    failed = Signal(object)
    """Emitted with an `ErrorReport` if the process could not start or ended unexpectedly."""

    def __init__(self, unstartable: PipelineError, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._unstartable = unstartable
        self._process: QProcess | None = None
        self._stderr = b""
        self._is_ending = False
        self._command: Sequence[str] = ()
        self._next: Sequence[str] | None = None
        self._kill_timer = QTimer(self)
        self._kill_timer.setSingleShot(True)
        self._kill_timer.setInterval(STOP_TIMEOUT_MS)
        self._kill_timer.timeout.connect(self._kill)

    @property
    def is_running(self) -> bool:
        """Return whether there is a process, including one that is ending."""
        return self._process is not None

    @property
    def is_ending(self) -> bool:
        return self._is_ending

    def start(self, *command: str) -> None:
        """Start a command, after a process that is ending has ended. Does nothing while one runs."""
        if self._process is not None:
            self._next = command if self._is_ending else None
            return
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert(PACKED_ERRORS, "1")
        process.setProcessEnvironment(environment)
        process.setWorkingDirectory(str(PROGRAM_FOLDER))
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_stderr)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process, self._command, self._stderr, self._is_ending = process, command, b"", False
        program = [*name_program(), *command]
        process.start(program[0], program[1:])
        self.changed.emit()

    def stop(self) -> None:
        """End the process, by force if it does not end soon."""
        self._next = None
        if self._process is not None and not self._is_ending:
            self._is_ending = True
            self._process.terminate()
            self._kill_timer.start()
            self.changed.emit()

    def close(self) -> None:
        """End the process and wait for it; for the end of the window."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            process.terminate()
            if not process.waitForFinished(CLOSE_TIMEOUT_MS):
                process.kill()
                process.waitForFinished(CLOSE_TIMEOUT_MS)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            self.line_read.emit(bytes(self._process.readLine().data()))

    def _read_stderr(self) -> None:
        if self._process is not None:
            self._stderr += bytes(self._process.readAllStandardError().data())

    def _on_finished(self, status: int) -> None:
        self._read_stderr()
        was_stopped, following = self._is_ending, self._next
        self._forget()
        if following is not None:
            self.start(*following)
        elif status != 0 and not was_stopped:
            lines = self._stderr.decode(errors="replace").splitlines()
            error = find_failure(lines, command=self._command[0], kind=PipelineError)
            self.failed.emit(describe_error(error, translate=tr))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._forget()
            self.failed.emit(describe_error(self._unstartable, translate=tr))

    def _forget(self) -> None:
        self._kill_timer.stop()
        process, self._process = self._process, None
        self._is_ending, self._next = False, None
        if process is not None:
            process.deleteLater()
        self.changed.emit()
