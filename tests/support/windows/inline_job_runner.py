"""A job runner that does the work at once, in the thread that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.core.job import JobCancelled, JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.job_runner import JobHandle, JobRunner, Title, _Job

T = TypeVar("T")


class InlineJobRunner(JobRunner):
    """Same methods and signals as `JobRunner`; every callback has been called when ``run`` returns."""

    def run(
        self,
        title: Title,
        work: Callable[[JobContext], T],
        *,
        on_done: Callable[[T], None],
        on_failed: Callable[[ErrorReport], None] | None = None,
    ) -> JobHandle:
        return self._do(JobHandle(title, None, self), work, on_done, on_failed)

    def run_latest(
        self,
        key: str,
        title: Title,
        work: Callable[[JobContext], T],
        *,
        on_done: Callable[[T], None],
        on_failed: Callable[[ErrorReport], None] | None = None,
    ) -> JobHandle:
        return self._do(JobHandle(title, key, self), work, on_done, on_failed)

    def keep_busy(self, key: str) -> JobHandle:
        """Have a job of a key that goes on until somebody cancels it."""
        handle = JobHandle("busy", key, self)
        self._jobs.append(_Job(handle, lambda _context: None, lambda _result: None, None))
        return handle

    def _do(
        self,
        handle: JobHandle,
        work: Callable[[JobContext], T],
        on_done: Callable[[T], None],
        on_failed: Callable[[ErrorReport], None] | None,
    ) -> JobHandle:
        self.job_started.emit(handle)
        context = JobContext(is_cancelled=lambda: handle.is_cancelled, on_progress=handle.progress.emit)
        try:
            result = work(context)
        except JobCancelled:
            self._finish(handle)
        except Exception as error:
            self._finish(handle)
            handle.failure = report = describe_error(error)
            if on_failed is not None:
                on_failed(report)
            else:
                self.job_failed.emit(handle, report)
        else:
            self._finish(handle)
            on_done(result)
        return handle

    def _finish(self, handle: JobHandle) -> None:
        handle.is_finished = True
        self.job_finished.emit(handle)
