"""How much of a history to write for the room that the disk has left. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.history_condition import HistoryMode

_GIB, _MIB = 2**30, 2**20


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """From which room on less is written, in bytes.

    Attributes:
        thin_below: positions are thinned: a busy hall then fills a fifth of what it filled before.
        pause_below: positions stop; what is left is for gaps, the log and everybody else.
        recover_at: so many times a limit must be free again before the former mode comes back, so that it
            does not change to and fro.
    """

    thin_below: int
    pause_below: int
    recover_at: float = 1.5


def choose_limits(total_bytes: int) -> RoomLimits:
    """Limits for a disk of this size: 2 GiB and 256 MiB, or a twentieth and a hundredth of a small one."""
    return RoomLimits(min(2 * _GIB, total_bytes // 20), min(256 * _MIB, total_bytes // 100))


def choose_mode(free_bytes: int, *, present: HistoryMode, limits: RoomLimits) -> HistoryMode:
    """What to write from now on."""
    pause_below, thin_below = limits.pause_below, limits.thin_below
    if present is HistoryMode.PAUSED:
        pause_below = round(pause_below * limits.recover_at)
    if present is not HistoryMode.FULL:
        thin_below = round(thin_below * limits.recover_at)
    if free_bytes < pause_below:
        return HistoryMode.PAUSED
    return HistoryMode.THINNED if free_bytes < thin_below else HistoryMode.FULL
