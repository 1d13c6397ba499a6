"""The base of what pages show: one state, and one signal when it changed."""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

State = TypeVar("State")


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

    def _replace_state(self, **changes: Any) -> None:
        """Replace fields of the state, a frozen dataclass, and tell it."""
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[type-var]
        self.state_changed.emit()
