"""Base classes of view-models: a state, a signal when it changes, and a timer while it is visible."""

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
    """Calls a function when its view becomes visible and then every ``every_ms``."""

    def __init__(self, poll: Callable[[], None], *, every_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self._poll = poll
        self.setInterval(every_ms)
        self.timeout.connect(poll)

    def set_active(self, is_active: bool) -> None:
        if not is_active:
            self.stop()
            return
        self.start()
        self._poll()

    def run_if_active(self) -> None:
        """Call the function now if the view is visible."""
        if self.isActive():
            self._poll()


State = TypeVar("State")


class CachedValue(Generic[State]):
    """Caches the last value as long as its key stays the same."""

    def __init__(self) -> None:
        self._known: tuple[object, State] | None = None

    def find(self, key: object, make: Callable[[], State]) -> State:
        """Return the value of a key; ``make`` is called if it is not the last key."""
        if self._known is None or self._known[0] != key:
            self._known = key, make()
        return self._known[1]


class ViewModel(QObject, Generic[State]):
    """Holds the state of a page; a subclass sets ``_state`` in its constructor.

    Attributes:
        state_changed: emitted after the state was replaced.
    """

    state_changed = Signal()
    _state: State

    @property
    def state(self) -> State:
        return self._state

    def _set_fields(self, **changes: Any) -> None:
        """Replace fields of the state, a frozen dataclass, without emitting `changed`."""
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[type-var]

    def _replace_state(self, **changes: Any) -> None:
        """Replace fields of the state, a frozen dataclass, and emit `changed`."""
        self._set_fields(**changes)
        self.state_changed.emit()

    def _set_state(self, state: State) -> None:
        """Set the state, and emit `changed` unless it is the same."""
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def _change_state(self, **changes: Any) -> None:
        """Replace fields of the state, and emit `changed` unless they are the same."""
        self._set_state(dataclasses.replace(self._state, **changes))  # type: ignore[type-var]


class ComposedViewModel(ViewModel[State]):
    """Rebuilds its whole state from its sources whenever one of them changes."""

    def refresh(self) -> None:
        self._set_state(self._compose())

    def _compose(self) -> State:
        raise NotImplementedError


class VenueParts(TypedDict):
    """Arguments of a view-model of the open venue; the clock is the system's by default."""

    app_state: AppState
    job_runner: JobRunner
    clock: NotRequired[Clock | None]
    parent: NotRequired[QObject | None]


class VenueViewModel(ViewModel[State]):
    """A view-model that follows the open venue and works in the background."""

    def __init__(self, state: State, **parts: Unpack[VenueParts]) -> None:
        """Set up the view-model with its initial ``state``."""
        super().__init__(parts.get("parent"))
        self._app_state, self._job_runner = parts["app_state"], parts["job_runner"]
        self._clock: Clock = parts.get("clock") or SystemClock()
        self._state = state

    def _find_folder(self) -> Path | None:
        venue = self._app_state.venue
        return None if venue is None else venue.folder
