"""The edits that were written, to be taken back and made again; those of one gesture are one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from analytics.domain.errors import Phrase
from app.gui.session.translation import say, tr
from app.plan.plan_shapes import Shape
from app.plan.saved_edits import EditStep


@dataclass(frozen=True, slots=True)
class StepTitles:
    """What the buttons for undo and redo say, and whether they can be pressed."""

    undo_text: str = ""
    redo_text: str = ""
    can_undo: bool = False
    can_redo: bool = False


NO_STEPS = StepTitles()


class WrittenSteps:
    """Knows what would be undone and redone; the writing itself is `app.plan.saved_edits`."""

    def __init__(self) -> None:
        self._steps: list[EditStep] = []
        self._done = 0

    @property
    def to_undo(self) -> EditStep | None:
        """What would be taken back; None where there is nothing."""
        return self._steps[self._done - 1] if self._done else None

    @property
    def to_redo(self) -> EditStep | None:
        """What would be made again; None where there is nothing."""
        return self._steps[self._done] if self._done < len(self._steps) else None

    @property
    def undo_words(self) -> Phrase | None:
        """What `to_undo` is called."""
        return None if self.to_undo is None else self.to_undo.words

    @property
    def redo_words(self) -> Phrase | None:
        """What `to_redo` is called."""
        return None if self.to_redo is None else self.to_redo.words

    @property
    def titles(self) -> StepTitles:
        """Return both for buttons, in the window's language."""
        return StepTitles(
            describe_undo(self.undo_words),
            describe_redo(self.redo_words),
            self.to_undo is not None,
            self.to_redo is not None,
        )

    def push(self, step: EditStep) -> None:
        """Remember a step that was written; what was undone before can no longer be made again."""
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
        """Say that `to_undo` was taken back on disk."""
        self._done -= 1

    def mark_redone(self) -> None:
        """Say that `to_redo` was made again on disk."""
        self._done += 1

    def clear(self) -> None:
        """Forget everything."""
        self._steps.clear()
        self._done = 0


def follow_shape(shape: Shape, step: EditStep, *, is_undo: bool) -> Shape:
    """What a shape is called after a step was made, or taken back: a step may have renamed it."""
    for change in step.changes:
        before, after = (change.after, change.before) if is_undo else (change.before, change.after)
        name = getattr(before, "name", None)
        if change.part is shape.part and name == shape.name and change.version_utc_s == shape.version_utc_s:
            return dataclasses.replace(shape, name=str(getattr(after, "name", shape.name)))
    return shape


def describe_undo(words: Phrase | None) -> str:
    """What the button says that takes a step back."""
    return tr("Undo") if words is None else tr("Undo: {what}", what=say(words))


def describe_redo(words: Phrase | None) -> str:
    """What the button says that makes a step again."""
    return tr("Redo") if words is None else tr("Redo: {what}", what=say(words))
