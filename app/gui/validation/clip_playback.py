"""Which picture of a clip is shown: played at some speed, stepped through, or jumped to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from analytics.domain.clock import Clock, SystemClock

SPEEDS = (0.5, 1.0, 2.0, 4.0)
TICK_MS = 20
"""Four times as often as a clip has pictures at its highest speed."""


class ClipPlayback(QObject):
    """Counts pictures from 0; the moment that is shown is always that of a picture."""

    moved = Signal()
    """Another picture is shown."""
    changed = Signal()
    """It plays now or no longer, or at another speed."""

    def __init__(self, *, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self._times_s: tuple[float, ...] = ()
        self._index = 0
        self._speed = 1.0
        self._position_s = self._looked_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self._times_s)

    @property
    def index(self) -> int:
        """The picture that is shown."""
        return self._index

    @property
    def time_utc_s(self) -> float:
        """When it was taken, seconds since the epoch; 0 without any."""
        return self._times_s[self._index] if self._times_s else 0.0

    @property
    def speed(self) -> float:
        """Of `SPEEDS`, 1 as it happened."""
        return self._speed

    @property
    def is_playing(self) -> bool:
        """Whether the pictures follow each other by themselves."""
        return self._timer.isActive()

    def show(self, times_s: Sequence[float]) -> None:
        """Take other pictures, in the order of time; the first is shown, and stands."""
        self._timer.stop()
        self._times_s, self._index = tuple(times_s), 0
        self._seek_position()
        self.changed.emit()
        self.moved.emit()

    def toggle(self) -> None:
        """Play, from the beginning where the end is shown, or stand."""
        if self.is_playing:
            self.stop()
            return
        if self._index >= self.count - 1:
            self.jump(0)
        if self.count:
            self._seek_position()
            self._timer.start()
            self.changed.emit()

    def stop(self) -> None:
        """Stand at the picture that is shown."""
        if self.is_playing:
            self._timer.stop()
            self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast as it happened."""
        self._speed = speed
        self._seek_position()
        self.changed.emit()

    def change_speed(self, by: int) -> None:
        """Take the next higher (1) or lower (-1) of `SPEEDS`."""
        at = SPEEDS.index(self._speed) + by
        self.set_speed(SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def step(self, by: int) -> None:
        """Stand at a picture further on, or back."""
        self.stop()
        self.jump(self._index + by)

    def step_seconds(self, by_s: float) -> None:
        """Go on or back by seconds of the clip, playing or not."""
        self.jump(self.find_index(self.time_utc_s + by_s))

    def jump(self, index: int) -> None:
        """Show a picture, the first or last where there is none such."""
        self._show(min(max(index, 0), max(self.count - 1, 0)))
        self._seek_position()

    def find_index(self, time_utc_s: float) -> int:
        """The picture that is shown at a moment: the last one up to it, or the first."""
        return max(bisect_right(self._times_s, time_utc_s + 1e-6) - 1, 0)

    def look(self) -> None:
        """Show what is due by now."""
        now_s = self._clock.monotonic_s()
        self._position_s += (now_s - self._looked_s) * self._speed
        self._looked_s = now_s
        self._show(self.find_index(self._position_s))
        if self._index >= self.count - 1:
            self.stop()

    def _show(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.moved.emit()

    def _seek_position(self) -> None:
        self._position_s, self._looked_s = self.time_utc_s, self._clock.monotonic_s()
