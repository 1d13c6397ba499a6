"""The base of what pages show: one state, and one signal when it changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

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

    def _show_state(self, state: State) -> None:
        """Take a state, and tell it where it is another one than before."""
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def _replace_state(self, **changes: Any) -> None:
        """Replace fields of the state, a frozen dataclass, and tell it."""
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[type-var]
        self.state_changed.emit()
