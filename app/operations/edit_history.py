"""What was done to the plan, to be undone and done again; one gesture of the hand is one step."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from dataclasses import dataclass

from analytics.domain.errors import Phrase
from app.operations.geometry_change import (
    Change,
    GeometryEdit,
    apply_changes,
    invert_changes,
    merge_changes,
)
from app.venue.document import Venue


@dataclass(frozen=True, slots=True)
class EditStep:
    """Changes that are undone together.

    Attributes:
        words: what a menu says after "Undo".
        gesture: steps of the same one (one drag of the mouse) are one step; None: a step of its own.
    """

    words: Phrase
    changes: tuple[Change, ...]
    gesture: Hashable = None

    def redo(self, venue: Venue) -> Venue:
        """The venue with the step done.

        Raises:
            GeometryError: somebody else changed what the step changes.
        """
        return apply_changes(venue, self.changes)

    def undo(self, venue: Venue) -> Venue:
        """The venue with the step taken back.

        Raises:
            GeometryError: somebody else changed what the step changed.
        """
        return apply_changes(venue, invert_changes(self.changes))

    def merge(self, later: EditStep) -> EditStep | None:
        """Both as one step, if they are of one gesture."""
        if self.gesture is None or self.gesture != later.gesture:
            return None
        return dataclasses.replace(self, changes=merge_changes(self.changes, later.changes))


def plan_step(venue: Venue, edit: GeometryEdit, *, gesture: Hashable = None) -> EditStep:
    """What an edit does to a venue; it is not done yet.

    Raises:
        ExpoFlowError: it cannot be done.
    """
    step = EditStep(edit.words, edit.find_changes(venue), gesture)
    step.redo(venue)
    return step


class EditHistory:
    """A venue that is being edited, with every step since it was opened."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._steps: list[EditStep] = []
        self._done = 0
        self._saved: int | None = 0

    @property
    def venue(self) -> Venue:
        """The venue as it is now."""
        return self._venue

    @property
    def undo_words(self) -> Phrase | None:
        """What would be undone; None where there is nothing."""
        return self._steps[self._done - 1].words if self._done else None

    @property
    def redo_words(self) -> Phrase | None:
        """What would be done again; None where there is nothing."""
        return self._steps[self._done].words if self._done < len(self._steps) else None

    @property
    def is_as_saved(self) -> bool:
        """Whether the venue is as it was when it was last said to be saved."""
        return self._saved == self._done

    def mark_saved(self) -> None:
        """Say that the venue is on disk as it is now."""
        self._saved = self._done

    def do(self, edit: GeometryEdit, *, gesture: Hashable = None) -> Venue:
        """Do an edit; what was undone before can no longer be done again. Nothing changes: no step.

        Raises:
            ExpoFlowError: it cannot be done; nothing has changed.
        """
        step = EditStep(edit.words, edit.find_changes(self._venue), gesture)
        if not step.changes:
            return self._venue
        self._venue = step.redo(self._venue)
        if self._saved is not None and self._saved > self._done:
            self._saved = None
        del self._steps[self._done :]
        merged = self._steps[-1].merge(step) if self._steps else None
        if merged is None:
            self._steps.append(step)
            self._done += 1
            return self._venue
        # a saved state in the middle of a gesture can no longer be returned to
        if self._saved == self._done:
            self._saved = None
        self._replace_last(merged)
        return self._venue

    def undo(self) -> Venue:
        """Take the last step back; as it is where there is none.

        Raises:
            GeometryError: somebody else changed what the step changed; nothing has changed.
        """
        if self._done:
            self._venue = self._steps[self._done - 1].undo(self._venue)
            self._done -= 1
        return self._venue

    def redo(self) -> Venue:
        """Do again what was last undone; as it is where nothing was.

        Raises:
            GeometryError: somebody else changed what the step changes; nothing has changed.
        """
        if self._done < len(self._steps):
            self._venue = self._steps[self._done].redo(self._venue)
            self._done += 1
        return self._venue

    def adopt(self, venue: Venue) -> None:
        """Go on with the venue as others changed it; steps that touch the same parts will be refused."""
        self._venue = venue

    def _replace_last(self, merged: EditStep) -> None:
        if merged.changes:
            self._steps[-1] = merged
            return
        self._steps.pop()
        self._done -= 1
