"""What a long piece of work is told: how to report progress, and when to give up."""

from __future__ import annotations

from collections.abc import Callable


class JobCancelled(Exception):  # noqa: N818 - it is a wish that was granted, not an error
    """The work was asked to stop; raised by `JobContext.checkpoint`."""


class JobContext:
    """Handed to the function that does the work, in whatever thread it runs."""

    def __init__(
        self,
        *,
        is_cancelled: Callable[[], bool] = lambda: False,
        on_progress: Callable[[float, float], None] = lambda _done, _total: None,
    ) -> None:
        self._is_cancelled = is_cancelled
        self._on_progress = on_progress

    @property
    def is_cancelled(self) -> bool:
        """Whether the work was asked to stop; for callbacks that answer instead of raising."""
        return self._is_cancelled()

    def checkpoint(self, done: float, total: float) -> None:
        """Report progress in any unit; ``total`` is 0 while it is unknown.

        Raises:
            JobCancelled: the work was asked to stop.
        """
        if self._is_cancelled():
            raise JobCancelled
        self._on_progress(done, total)
