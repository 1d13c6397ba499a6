"""What the supervisor remembers of one process through its restarts."""

from __future__ import annotations

from dataclasses import dataclass, field

from vision.pipeline.restart_policy import CrashHistory
from vision.pipeline.supervised_process import SupervisedProcess


@dataclass(slots=True)
class ProcessUnit:
    """A process to be kept running.

    Attributes:
        cameras: indices into the plan's feeds.
        start_at_s: when it is to be started, on the monotonic clock; None once it is done for good.
        last_words: what it said of a failure before it ended.
    """

    name: str
    cameras: tuple[int, ...]
    start_at_s: float | None
    process: SupervisedProcess | None = None
    history: CrashHistory = field(default_factory=CrashHistory)
    restarts: int = 0
    detail: str = ""
    last_words: str = ""
    has_finished: bool = False
    is_quarantined: bool = False
