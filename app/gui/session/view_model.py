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


class ComposedViewModel(ViewModel[State]):
    """Puts its whole state together from what it follows, as often as any of that changes."""

    def refresh(self) -> None:
        """Put the state together anew, in the present language."""
        self._set_state(self._compose())

    def _compose(self) -> State:
        raise NotImplementedError
