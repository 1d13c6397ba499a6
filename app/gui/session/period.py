"""The period shown by all pages, remembered between starts."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSettings, Signal

from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.exhibition import Exhibition
from app.core.periods import PeriodChoice, find_period, identify_choice
from app.gui.session.app_state import AppState

_KEY = "period"


@dataclass(frozen=True, slots=True)
class PeriodState:
    """The state of the period's choice.

    Attributes:
        period_s: start and end in seconds since the epoch; None for now.
        exhibition: whose clock and hours count; None while no venue is open.
        history_s: first and last observed moment; None: none is known.
    """

    period_s: Interval | None = None
    exhibition: Exhibition | None = None
    history_s: Interval | None = None


class PeriodViewModel(QObject):
    """Sets the window's period, and restores it when the same venue is opened again."""

    state_changed = Signal()

    def __init__(
        self,
        *,
        app_state: AppState,
        memory: QSettings | None = None,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._memory = app_state, memory
        self._clock = clock or SystemClock()
        self._is_whole_history = False
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.period_changed.connect(self._on_period_changed)
        app_state.history_changed.connect(self._on_history_changed)
        app_state.changed.connect(lambda _changes, _initiator: self.state_changed.emit())

    @property
    def state(self) -> PeriodState:
        venue = self._app_state.venue
        exhibition = None if venue is None else venue.exhibition
        return PeriodState(self._app_state.period, exhibition, self._app_state.history)

    def choose(self, period_s: Interval | None) -> None:
        """Set the period; None is now."""
        self._app_state.set_period(period_s)

    def _on_venue_opened(self) -> None:
        remembered = self._recall()
        if remembered is not None:
            self._app_state.set_period(remembered)
        self.state_changed.emit()

    def _on_period_changed(self) -> None:
        choice, opening_hours_only = self._name()
        self._is_whole_history = choice is PeriodChoice.HISTORY
        self._remember(choice, opening_hours_only=opening_hours_only)
        self.state_changed.emit()

    def _on_history_changed(self) -> None:
        venue, period_s, history_s = self._app_state.venue, self._app_state.period, self._app_state.history
        if self._is_whole_history and venue and period_s and history_s and history_s[1] > period_s[1]:
            # at most once a day: a history up to today extends to the day's end
            self._app_state.set_period(
                find_period(
                    PeriodChoice.HISTORY,
                    exhibition=venue.exhibition,
                    now_utc_s=self._clock.now_utc_s(),
                    history_s=history_s,
                )
            )
        self.state_changed.emit()

    def _name(self) -> tuple[PeriodChoice, bool]:
        venue = self._app_state.venue
        if venue is None:
            return PeriodChoice.NOW, False
        return identify_choice(
            self._app_state.period,
            exhibition=venue.exhibition,
            now_utc_s=self._clock.now_utc_s(),
            history_s=self._app_state.history,
        )

    def _remember(self, choice: PeriodChoice, *, opening_hours_only: bool) -> None:
        venue, period_s = self._app_state.venue, self._app_state.period
        if self._memory is None or venue is None:
            return
        kept = [str(venue.folder), choice.value, opening_hours_only, period_s]
        self._memory.setValue(_KEY, json.dumps(kept))

    def _recall(self) -> Interval | None:
        """Return the period shown when this venue was last closed, by today's date; None for now."""
        venue = self._app_state.venue
        if self._memory is None or venue is None:
            return None
        try:
            folder, name, opening_hours_only, kept_s = json.loads(str(self._memory.value(_KEY)))
            choice = PeriodChoice(name)
            interval_s = None if kept_s is None else (float(kept_s[0]), float(kept_s[1]))
        except (ValueError, TypeError, IndexError):
            return None
        if folder != str(venue.folder):
            return None
        return find_period(
            choice,
            exhibition=venue.exhibition,
            now_utc_s=self._clock.now_utc_s(),
            history_s=interval_s,
            custom_s=interval_s,
            opening_hours_only=choice is not PeriodChoice.CUSTOM and bool(opening_hours_only),
        )
