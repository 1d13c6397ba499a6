"""Chart people over time, with events as bars above the curve and notes as marks."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QWidget

from analytics.domain.exhibition import Interval
from analytics.domain.timed_event import EventKind, TimedEvent, TimedNote
from app.gui.charts.occupancy_chart import OccupancyChart
from app.gui.session.theme import Theme
from app.gui.session.translation import display_name

_LANE_SHARE = 0.11
_BAR_SHARE = 0.8
_MAX_LANES = 5
KIND_COLOURS = {EventKind.TALK: 0, EventKind.CAMPAIGN: 1, EventKind.BREAK: 5, EventKind.OTHER: 7}
"""Index into the theme's zone colours."""


class TimelineChart(OccupancyChart):
    """A chart whose bars select events on click; the keyboard uses the list beside it."""

    event_chosen = Signal(object)
    """The clicked `TimedEvent`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._events: tuple[TimedEvent, ...] = ()
        self._notes: tuple[TimedNote, ...] = ()
        self._open_s: tuple[Interval, ...] = ()
        self._chosen: TimedEvent | None = None
        super().__init__(parent)

    def show_entries(
        self,
        events: Sequence[TimedEvent],
        notes: Sequence[TimedNote],
        open_s: Sequence[Interval],
        *,
        chosen: TimedEvent | None,
    ) -> None:
        """Set the events, notes and opening hours of the next drawing."""
        self._events, self._notes = tuple(events), tuple(notes)
        self._open_s, self._chosen = tuple(open_s), chosen

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select the event under the pointer."""
        super().mouseReleaseEvent(event)
        place = self.find_place(event.position())
        if place is None:
            return
        for timed_event, (low, high) in self._place_bars().items():
            if timed_event.start_s <= place.x() <= timed_event.end_s and low <= place.y() <= high:
                self.event_chosen.emit(timed_event)
                return

    def draw(self, theme: Theme) -> None:
        """Draw the curve with a bar for each event."""
        super().draw(theme)
        if not self.series:
            return
        (left, right), (_, top) = self.getPlotItem().getViewBox().viewRange()
        lanes = min(_MAX_LANES, max(_find_lanes(self._events).values(), default=-1) + 1)
        self._top = top
        self.setRange(xRange=(left, right), yRange=(0, top * (1 + _LANE_SHARE * (lanes + 0.5))), padding=0)
        for opens, closes in self._open_s:
            for moment in (opens, closes):
                self.add(
                    pg.InfiniteLine(
                        pos=moment, angle=90, pen=pg.mkPen(theme.border, style=Qt.PenStyle.DashLine)
                    )
                )
        for timed_event, (low, high) in self._place_bars().items():
            self._draw_event(timed_event, low, high, theme)
        for note in self._notes:
            words = display_name(note.text)
            self.add(
                pg.ScatterPlotItem(
                    x=[note.at_s], y=[top * 0.98], symbol="t", size=11, brush=pg.mkBrush(theme.warning),
                    pen=pg.mkPen(theme.surface), tip=lambda *_a, text=words, **_k: text, hoverable=True,
                )
            )  # fmt: skip

    def _draw_event(self, timed_event: TimedEvent, low: float, high: float, theme: Theme) -> None:
        colour = QColor(theme.zones[KIND_COLOURS[timed_event.kind] % len(theme.zones)])
        fill = QColor(colour)
        fill.setAlpha(200 if timed_event == self._chosen else 110)
        self.add(
            pg.BarGraphItem(
                x0=[timed_event.start_s], x1=[timed_event.end_s], y0=[low], height=[high - low], brush=fill,
                pen=pg.mkPen(colour, width=2.4 if timed_event == self._chosen else 1),
            )
        )  # fmt: skip
        shade = QColor(colour)
        shade.setAlpha(40 if timed_event == self._chosen else 16)
        self.add(
            pg.BarGraphItem(
                x0=[timed_event.start_s], x1=[timed_event.end_s], y0=[0.0], height=[low], brush=shade,
                pen=pg.mkPen(None),
            )
        )  # fmt: skip
        text = pg.TextItem(display_name(timed_event.name), color=theme.text, anchor=(0, 0.5))
        text.setFont(self.getAxis("bottom").style["tickFont"])
        text.setPos(timed_event.start_s, (low + high) / 2)
        self.add(text)

    def _place_bars(self) -> dict[TimedEvent, tuple[float, float]]:
        top = getattr(self, "_top", 1.0)
        step = top * _LANE_SHARE
        return {
            timed_event: (top + step * (lane + 0.3), top + step * (lane + 0.3 + _BAR_SHARE))
            for timed_event, lane in _find_lanes(self._events).items()
            if lane < _MAX_LANES
        }


def _find_lanes(events: Sequence[TimedEvent]) -> dict[TimedEvent, int]:
    """Return the lowest free lane of each event."""
    ends: list[float] = []
    lanes: dict[TimedEvent, int] = {}
    for event in sorted(events, key=lambda one: (one.start_s, one.end_s)):
        lane = next((index for index, end_s in enumerate(ends) if end_s <= event.start_s), len(ends))
        if lane == len(ends):
            ends.append(event.end_s)
        else:
            ends[lane] = event.end_s
        lanes[event] = lane
    return lanes
