"""A venue that is being edited in memory, with the steps as the window keeps them."""

from __future__ import annotations

from collections.abc import Hashable

from analytics.domain.errors import Phrase
from app.core.change_set import apply_changes, compare_venues, invert_changes
from app.core.document import Venue
from app.gui.session.plan_editor_history import UndoHistory
from app.plan.plan_shapes import GeometryEdit
from app.plan.saved_edits import EditStep


class EditHistory:
    """Does, undoes and redoes edits; ``venue`` is as it is now."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self._steps: UndoHistory[EditStep] = UndoHistory()

    @property
    def undo_title(self) -> Phrase | None:
        """What would be undone."""
        return self._steps.undo_title

    @property
    def redo_title(self) -> Phrase | None:
        """What would be done again."""
        return self._steps.redo_title

    def do(self, edit: GeometryEdit, *, gesture: Hashable = None) -> Venue:
        """Do an edit; one that cannot be done changes nothing."""
        before, self.venue = self.venue, edit.apply(self.venue)
        self._steps.push(EditStep(edit.words, compare_venues(before, self.venue), gesture))
        return self.venue

    def undo(self) -> Venue:
        """Take the last step back."""
        if self._steps.to_undo is not None:
            self.venue = apply_changes(self.venue, invert_changes(self._steps.to_undo.changes))
            self._steps.mark_undone()
        return self.venue

    def redo(self) -> Venue:
        """Do again what was last undone."""
        if self._steps.to_redo is not None:
            self.venue = apply_changes(self.venue, self._steps.to_redo.changes)
            self._steps.mark_redone()
        return self.venue

    def adopt(self, venue: Venue) -> None:
        """Go on with the venue as others changed it."""
        self.venue = venue
