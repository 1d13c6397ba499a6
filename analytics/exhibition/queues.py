"""Parameters of queue figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """Parameters of the queue figures, printed with every report.

    Attributes:
        minimum_s: minimum stay; a shorter one only crosses the queue's zone.
        served_within_s: maximum time from leaving the queue to reaching the service, also for
            tracks that leave a second or two early.
        target_s: target wait, whose share is reported.
        disagreement: maximum relative difference between L and lambda W, unless the intervals of
            L and lambda explain it, as while a queue grows.
    """

    minimum_s: float = 3.0
    served_within_s: float = 5.0
    target_s: float = 300.0
    disagreement: float = 0.10
