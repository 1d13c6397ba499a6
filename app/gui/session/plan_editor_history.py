"""Undo history of edits; the edits of one gesture are one step."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from analytics.domain.errors import Phrase
from app.gui.session.translation import tr, translate_phrase
from app.plan.plan_shapes import Shape
from app.plan.saved_edits import EditStep


@dataclass(frozen=True, slots=True)
class StepTitles:
    """Texts of the undo and redo buttons, and whether they are enabled."""

    undo_text: str = ""
    redo_text: str = ""
    can_undo: bool = False
    can_redo: bool = False


NO_STEPS = StepTitles()


class UndoableStep(Protocol):
    """Changes that are undone together; a step without changes is none."""

    @property
    def words(self) -> Phrase:
        """Return the name of the edit after "Undo" in a menu."""

    @property
    def changes(self) -> tuple[Any, ...]:
        """Return its changes."""

    def merge(self, later: Any) -> Any:
        """Return both as one step if they belong to one gesture; None otherwise."""


Step = TypeVar("Step", bound=UndoableStep)


class UndoHistory(Generic[Step]):
    """The steps to undo and redo; who owns it writes them."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._done = 0

    @property
    def to_undo(self) -> Step | None:
        """The step to undo; None if there is none."""
        return self._steps[self._done - 1] if self._done else None

    @property
    def to_redo(self) -> Step | None:
        """The step to redo; None if there is none."""
        return self._steps[self._done] if self._done < len(self._steps) else None

    @property
    def undo_title(self) -> Phrase | None:
        return None if self.to_undo is None else self.to_undo.words

    @property
    def redo_title(self) -> Phrase | None:
        return None if self.to_redo is None else self.to_redo.words

    @property
    def titles(self) -> StepTitles:
        return StepTitles(
            describe_undo(self.undo_title),
            describe_redo(self.redo_title),
            self.to_undo is not None,
            self.to_redo is not None,
        )

    def push(self, step: Step) -> None:
        if not step.changes:
            return
        del self._steps[self._done :]
        merged = self._steps[-1].merge(step) if self._steps else None
        if merged is None:
            self._steps.append(step)
        elif merged.changes:
            self._steps[-1] = merged
        else:
            self._steps.pop()
        self._done = len(self._steps)

    def mark_undone(self) -> None:
        """Record that `to_undo` was undone on disk."""
        self._done -= 1

    def mark_redone(self) -> None:
        """Record that `to_redo` was redone on disk."""
        self._done += 1

    def clear(self) -> None:
        self._steps.clear()
        self._done = 0


def find_shape_after(shape: Shape, step: EditStep, *, is_undo: bool) -> Shape:
    """Return a shape's name after a step was made or undone, which may have renamed it."""
    for change in step.changes:
        before, after = (change.after, change.before) if is_undo else (change.before, change.after)
        name = getattr(before, "name", None)
        if change.part is shape.part and name == shape.name and change.version_utc_s == shape.version_utc_s:
            return dataclasses.replace(shape, name=str(getattr(after, "name", shape.name)))
    return shape


def describe_undo(words: Phrase | None) -> str:
    return tr("Undo") if words is None else tr("Undo: {what}", what=translate_phrase(words))


def describe_redo(words: Phrase | None) -> str:
    return tr("Redo") if words is None else tr("Redo: {what}", what=translate_phrase(words))
