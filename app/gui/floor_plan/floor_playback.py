"""View-model of playback: positions at each moment of the floor plan's period."""

from __future__ import annotations

import bisect
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Unpack

from PySide6.QtCore import QTimer

from analytics.domain.arrays import Interval
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.floor_plan.floor_playback import (
    HeatGrid,
    PlaybackHour,
    compute_heat,
    find_hour,
    find_time_index,
    list_dots,
    list_observed,
    make_heat_grid,
    read_hour,
)
from app.gui.floor_plan.floor_heat import HeatPicture
from app.gui.floor_plan.text import label_scale
from app.gui.session.cell_text import format_date_time
from app.gui.session.translation import tr, translate_report
from app.gui.session.units import current_units
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.plan.floor_scene import LiveDot

JOB_KEY = "floor playback"
FRAME_MS = 66
"""Milliseconds between frames: fifteen a second."""
MAX_HOURS = 4
TOP_PER_M2 = 1.0
"""End of the density scale: about where level of service D becomes E (Fruin, walkway)."""
MAX_GAP_SHOWN_S = 1.5
"""Maximum seconds of playback spent on an unobserved stretch."""


class Pace(IntEnum):
    """Seconds played per second."""

    MINUTE = 60
    TEN_MINUTES = 600


@dataclass(frozen=True, slots=True, eq=False)
class FloorPlaybackState:
    """State of the playback.

    Attributes:
        is_on: whether the plan shows a past moment instead of its period.
        bounds_s: played period, seconds since the epoch.
        observed: times in which any camera was analysed.
        is_observed: whether the moment was observed; None while its hour is being read.
        heat: density of the last minutes; None if not observed.
        description: the moment in venue time.
        note: that it was not observed, or is being read; empty otherwise.
        problem: why it cannot be played.
    """

    is_on: bool = False
    is_playing: bool = False
    pace: Pace = Pace.MINUTE
    bounds_s: Interval = (0.0, 0.0)
    at_s: float = 0.0
    observed: tuple[Interval, ...] = ()
    is_observed: bool | None = None
    dots: tuple[LiveDot, ...] = ()
    heat: HeatPicture | None = None
    description: str = ""
    note: str = ""
    problem: str = ""


class FloorPlaybackViewModel(VenueViewModel[FloorPlaybackState]):
    """View-model of playback; reads hour by hour in the background, one hour ahead."""

    def __init__(
        self, *, monotonic_s: Callable[[], float] = time.monotonic, **parts: Unpack[VenueParts]
    ) -> None:
        super().__init__(FloorPlaybackState(), **parts)
        self._monotonic_s = monotonic_s
        self._requested_s: Interval | None = None
        self._shown_s: Interval | None = None
        self._frame: HeatGrid | None = None
        self._hours: OrderedDict[Interval, PlaybackHour] = OrderedDict()
        self._reading: Interval | None = None
        self._last_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.advance)

    @property
    def can_play(self) -> bool:
        return self._shown_s is not None

    def follow(self, *, requested_s: Interval | None, shown_s: Interval | None) -> None:
        """Follow a recomputed period of the floor plan, stopping playback if it changed.

        Args:
            requested_s: period of the floor plan, whose identities are cached.
            shown_s: its first to last observation; None where nothing was observed.
        """
        if self.state.is_on and requested_s is not None and shown_s is not None:
            # the last hour moves on all the time, but not while it is played
            return
        self.set_on(False)
        self._requested_s = requested_s
        self._shown_s = shown_s if requested_s is not None else None
        self.state_changed.emit()

    def set_on(self, is_on: bool) -> None:
        if is_on == self.state.is_on:
            return
        self._stop_reading()
        self._hours.clear()
        self._timer.stop()
        venue, shown_s = self._app_state.venue, self._shown_s
        if not is_on or venue is None or shown_s is None:
            self._state = FloorPlaybackState(pace=self.state.pace)
            self.state_changed.emit()
            return
        self._frame = make_heat_grid(venue.plan.outline.points)
        self._set_fields(is_on=True, bounds_s=shown_s, at_s=shown_s[0], observed=(shown_s,))
        self.move_to(shown_s[0])

    def set_playing(self, is_playing: bool) -> None:
        """Play from the present moment, or from the beginning if at the end; or pause."""
        if not self.state.is_on or is_playing == self.state.is_playing:
            return
        if is_playing:
            if self.state.at_s >= self.state.bounds_s[1] - 1:
                self.move_to(self.state.bounds_s[0])
            self._last_s = self._monotonic_s()
            self._timer.start()
        else:
            self._timer.stop()
        self._replace_state(is_playing=is_playing)

    def set_pace(self, pace: Pace) -> None:
        self._replace_state(pace=pace)

    def move_to(self, at_s: float) -> None:
        """Show another moment, seconds since the epoch."""
        if not self.state.is_on:
            return
        start_s, end_s = self.state.bounds_s
        self._set_fields(at_s=min(max(at_s, start_s), end_s))
        self._show()

    def advance(self) -> None:
        """Advance to the next frame, waiting for hours that are being read."""
        now_s = self._monotonic_s()
        passed_s, self._last_s = min(now_s - self._last_s, 0.5), now_s
        state = self.state
        if state.is_observed is None:
            return
        speed = float(state.pace)
        gap = self._find_gap(state.at_s)
        if gap is not None:
            speed = max(speed, (gap[1] - gap[0]) / MAX_GAP_SHOWN_S)
        at_s = state.at_s + passed_s * speed
        if gap is not None and at_s > gap[1]:
            at_s = gap[1]
        if at_s >= state.bounds_s[1]:
            self.set_playing(False)
        self.move_to(at_s)

    def describe_scale(self) -> tuple[str, tuple[str, str, str]]:
        units = current_units()
        unit = tr("people per {area}, mean of the last minutes", area=units.area_symbol)
        return unit, label_scale(TOP_PER_M2 * units.per_m2)

    def retranslate(self) -> None:
        if self.state.is_on:
            self._show()

    def _find_gap(self, at_s: float) -> Interval | None:
        """Return the unobserved stretch that contains a moment."""
        observed = self.state.observed
        after = bisect.bisect_right(observed, (at_s, float("inf")))
        if after and at_s < observed[after - 1][1]:
            return None
        begin_s = observed[after - 1][1] if after else self.state.bounds_s[0]
        end_s = observed[after][0] if after < len(observed) else self.state.bounds_s[1]
        return (begin_s, end_s) if end_s > begin_s else None

    def _show(self) -> None:
        state, venue = self.state, self._app_state.venue
        if venue is None or self._frame is None:
            return
        description = format_date_time(state.at_s, time_zone=venue.exhibition.time_zone)
        hour_s = find_hour(min(state.at_s, state.bounds_s[1] - 1e-3), state.bounds_s)
        hour = self._hours.get(hour_s)
        if hour is None:
            self._set_fields(is_observed=None, description=description, note=tr("Reading this hour"))
            self._read(hour_s)
        else:
            self._hours.move_to_end(hour_s)
            index = find_time_index(hour, state.at_s)
            if index < 0:
                self._set_fields(
                    is_observed=False, dots=(), heat=None, description=description, note=tr("not observed")
                )
            else:
                self._set_fields(
                    is_observed=True,
                    dots=list_dots(hour, index),
                    heat=HeatPicture(
                        values=compute_heat(hour, index, self._frame) * current_units().per_m2,
                        rect=self._frame.rect,
                        top=TOP_PER_M2 * current_units().per_m2,
                        unobserved=(),
                    ),
                    description=description,
                    note="",
                )
            self._read_next(hour_s)
        self.state_changed.emit()

    def _read_next(self, hour_s: Interval) -> None:
        if self.state.is_playing and hour_s[1] < self.state.bounds_s[1] - 1:
            following = find_hour(hour_s[1] + 1e-3, self.state.bounds_s)
            if following not in self._hours and self._reading is None:
                self._read(following)

    def _read(self, hour_s: Interval) -> None:
        venue, requested_s, bounds_s = self._app_state.venue, self._requested_s, self.state.bounds_s
        if venue is None or requested_s is None or self._reading == hour_s:
            return
        needs_observed = self.state.observed == (bounds_s,)

        def work(_context: JobContext) -> tuple[Venue, PlaybackHour, tuple[Interval, ...] | None]:
            observed = list_observed(venue, bounds_s) if needs_observed else None
            return venue, read_hour(venue=venue, hour_s=hour_s, remembered_s=requested_s), observed

        self._stop_reading()
        self._reading = hour_s
        self._job_runner.run_latest(
            JOB_KEY,
            lambda: tr("Reading positions"),
            work,
            on_done=self._on_read,
            on_failed=self._on_failed,
        )

    def _stop_reading(self) -> None:
        self._job_runner.cancel(JOB_KEY)
        self._reading = None

    def _on_read(self, result: tuple[Venue, PlaybackHour, tuple[Interval, ...] | None]) -> None:
        venue, hour, observed = result
        self._reading = None
        if not self.state.is_on:
            return
        if venue is not self._app_state.venue:
            self._show()
            return
        self._hours[hour.period_s] = hour
        while len(self._hours) > MAX_HOURS:
            self._hours.popitem(last=False)
        if observed is not None:
            self._set_fields(observed=observed or (self.state.bounds_s,))
        self._last_s = self._monotonic_s()
        if self.state.is_observed is None:
            self._show()

    def _on_failed(self, report: ErrorReport) -> None:
        self._reading = None
        self.set_on(False)
        self._replace_state(problem=translate_report(report))
