"""When a process that died is started again, and when a camera that keeps killing it is set aside. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How patient the supervisor is.

    Attributes:
        first_delay_s: pause before the second restart in a row; the first comes at once.
        maximum_delay_s: the pause doubles up to this.
        healthy_after_s: a process that ran this long is not held to have died of what killed the last one.
        window_s: crashes within this time count together.
        isolate_after: so many crashes of a process with several cameras give each its own process.
        quarantine_after: so many crashes of a process with one camera set that camera aside.
        quarantine_s: for so long, then it gets another chance.
    """

    first_delay_s: float = 0.5
    maximum_delay_s: float = 15.0
    healthy_after_s: float = 30.0
    window_s: float = 300.0
    isolate_after: int = 2
    quarantine_after: int = 5
    quarantine_s: float = 600.0


@dataclass(frozen=True, slots=True)
class CrashHistory:
    """The crashes of one process, as moments in monotonic seconds; grows only by ``after_crash``."""

    crashes_s: tuple[float, ...] = ()
    in_a_row: int = 0

    def after_crash(self, now_s: float, *, uptime_s: float, policy: RestartPolicy) -> CrashHistory:
        """The history with one more crash, and without those that are too old to count."""
        recent = tuple(c for c in self.crashes_s if now_s - c < policy.window_s)
        in_a_row = 1 if uptime_s >= policy.healthy_after_s else self.in_a_row + 1
        return CrashHistory((*recent, now_s), in_a_row)

    def delay_s(self, policy: RestartPolicy) -> float:
        """How long to wait before the next start: nothing after the first crash, then doubling."""
        if self.in_a_row <= 1:
            return 0.0
        return float(min(policy.first_delay_s * 2.0 ** (self.in_a_row - 2), policy.maximum_delay_s))

    def is_to_isolate(self, cameras: int, policy: RestartPolicy) -> bool:
        """Whether to find out which of several cameras kills the process they share."""
        return cameras > 1 and len(self.crashes_s) >= policy.isolate_after

    def is_to_quarantine(self, cameras: int, policy: RestartPolicy) -> bool:
        """Whether the process's only camera is to be left alone for a while."""
        return cameras == 1 and len(self.crashes_s) >= policy.quarantine_after
