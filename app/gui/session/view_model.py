"""The bases of what pages show: one state, one signal when it changed, and a timer while it is looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, NotRequired, TypedDict, TypeVar, Unpack

from PySide6.QtCore import QObject, QTimer, Signal

from analytics.domain.clock import Clock, SystemClock
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner


class WatchTimer(QTimer):
    """Looks at once when somebody begins to see it, and then every ``every_ms``."""

    def __init__(self, look: Callable[[], None], *, every_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self.setInterval(every_ms)
        self.timeout.connect(look)

    def set_active(self, is_active: bool) -> None:
        """Say whether anybody sees it."""
        if not is_active:
            self.stop()
            return
        self.start()
        self._look()

    def look_if_active(self) -> None:
        """Look at once, if anybody sees it: there is something else to be seen."""
        if self.isActive():
            self._look()


State = TypeVar("State")


class Remembered(Generic[State]):
    """Keeps the value that was made last, for as long as what it was made of stays the same."""

    def __init__(self) -> None:
        self._known: tuple[object, State] | None = None

    def find(self, key: object, make: Callable[[], State]) -> State:
        """Return the value of a key; ``make`` is called for another key than the last."""
        if self._known is None or self._known[0] != key:
            self._known = key, make()
        return self._known[1]


class ViewModel(QObject, Generic[State]):
    """Holds the state that a page shows; a subclass sets ``_state`` when it is made.

    Attributes:
        state_changed: emitted after the state was replaced.
    """

    state_changed = Signal()
    _state: State

    @property
    def state(self) -> State:
        """Return what is to be shown now."""
        return self._state

    def _set_fields(self, **changes: Any) -> None:
        """Replace fields of the state, a frozen dataclass; whoever has replaced all tells it."""
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[type-var]

    def _replace_state(self, **changes: Any) -> None:
        """Replace fields of the state, a frozen dataclass, and tell it."""
        self._set_fields(**changes)
        self.state_changed.emit()

    def _set_state(self, state: State) -> None:
        """Show another state, and tell it unless it is the same."""
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def _change_state(self, **changes: Any) -> None:
        """Replace fields of the state, and tell it unless they are the same."""
        self._set_state(dataclasses.replace(self._state, **changes))  # type: ignore[type-var]


class ComposedViewModel(ViewModel[State]):
    """Puts its whole state together from what it follows, as often as any of that changes."""

    def refresh(self) -> None:
        """Put the state together anew, in the present language."""
        self._set_state(self._compose())

    def _compose(self) -> State:
        raise NotImplementedError


class VenueParts(TypedDict):
    """What a view-model about the open venue is given; the clock is the system's unless another is given."""

    app_state: AppState
    job_runner: JobRunner
    clock: NotRequired[Clock | None]
    parent: NotRequired[QObject | None]


class VenueViewModel(ViewModel[State]):
    """A view-model that follows the open venue and works in the background."""

    def __init__(self, state: State, **parts: Unpack[VenueParts]) -> None:
        """``state`` is what is shown at first."""
        super().__init__(parts.get("parent"))
        self._app_state, self._job_runner = parts["app_state"], parts["job_runner"]
        self._clock: Clock = parts.get("clock") or SystemClock()
        self._state = state

    def _find_folder(self) -> Path | None:
        """Return the folder of the open venue."""
        venue = self._app_state.venue
        return None if venue is None else venue.folder
