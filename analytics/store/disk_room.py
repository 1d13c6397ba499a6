"""Choose how much of a history to write for the free disk space. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.history_condition import HistoryMode

_GIB, _MIB = 2**30, 2**20


@dataclass(frozen=True, slots=True)
class DiskLimits:
    """Limits of free disk space in bytes.

    Attributes:
        thin_below: limit for thinning positions, which reduces the data of a busy hall to a fifth.
        pause_below: limit for pausing positions; the rest is reserved for gaps, the log and other
            programs.
        recover_at: factor of a limit that must be free again before the former mode returns, as
            hysteresis.
    """

    thin_below: int
    pause_below: int
    recover_at: float = 1.5


def choose_limits(total_bytes: int) -> DiskLimits:
    """Return the limits for a disk: 2 GiB and 256 MiB, or 5 % and 1 % of a small disk."""
    return DiskLimits(min(2 * _GIB, total_bytes // 20), min(256 * _MIB, total_bytes // 100))


def choose_mode(free_bytes: int, *, present: HistoryMode, limits: DiskLimits) -> HistoryMode:
    """Return the mode of writing for the free disk space."""
    pause_below, thin_below = limits.pause_below, limits.thin_below
    if present is HistoryMode.PAUSED:
        pause_below = round(pause_below * limits.recover_at)
    if present is not HistoryMode.FULL:
        thin_below = round(thin_below * limits.recover_at)
    if free_bytes < pause_below:
        return HistoryMode.PAUSED
    return HistoryMode.THINNED if free_bytes < thin_below else HistoryMode.FULL
