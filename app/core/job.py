"""The context of a long-running job: progress reports and cancellation."""

from __future__ import annotations

from collections.abc import Callable

from analytics.domain.errors import Phrase


class JobCancelled(Exception):  # noqa: N818 - a requested cancellation is not an error
    """The job was cancelled; raised by `JobContext.checkpoint`."""


class JobContext:
    """Passed to the function that does the work, in whatever thread it runs."""

    def __init__(
        self,
        *,
        is_cancelled: Callable[[], bool] = lambda: False,
        on_progress: Callable[[float, float], None] = lambda _done, _total: None,
        on_described: Callable[[Phrase | None], None] = lambda _words: None,
    ) -> None:
        self._is_cancelled = is_cancelled
        self._on_progress = on_progress
        self._on_described = on_described

    @property
    def is_cancelled(self) -> bool:
        """Return whether the job was cancelled, for callbacks that cannot raise."""
        return self._is_cancelled()

    def checkpoint(self, done: float, total: float) -> None:
        """Report progress in any unit and raise if cancelled; ``total`` is 0 while it is unknown.

        Raises:
            JobCancelled: the work was asked to stop.
        """
        if self._is_cancelled():
            raise JobCancelled
        self._on_progress(done, total)

    def describe(self, words: Phrase | None) -> None:
        """Say what takes longer than usual, or that it is over."""
        self._on_described(words)
