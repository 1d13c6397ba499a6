"""An edit of the plan as a step that can be undone and done again; one gesture of the hand is one step."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from dataclasses import dataclass

from analytics.domain.errors import Phrase
from app.core.document import Venue
from app.plan.geometry_change import (
    Change,
    GeometryEdit,
    apply_changes,
    invert_changes,
    merge_changes,
)


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
