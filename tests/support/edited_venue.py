"""A venue in memory that is edited, undone and redone as the window does it with one on disk."""

from __future__ import annotations

from collections.abc import Hashable

from analytics.domain.errors import Phrase
from app.core.document import Venue
from app.gui.session.plan_editor_history import WrittenSteps
from app.plan.edit_step import plan_step
from app.plan.geometry_change import GeometryEdit


class EditedVenue:
    """Set ``venue`` to go on with what others changed."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self._steps = WrittenSteps()

    @property
    def undo_words(self) -> Phrase | None:
        return self._steps.undo_words

    @property
    def redo_words(self) -> Phrase | None:
        return self._steps.redo_words

    def do(self, edit: GeometryEdit, *, gesture: Hashable = None) -> Venue:
        step = plan_step(self.venue, edit, gesture=gesture)
        self.venue = step.redo(self.venue)
        self._steps.push(step)
        return self.venue

    def undo(self) -> Venue:
        if self._steps.to_undo is not None:
            self.venue = self._steps.to_undo.undo(self.venue)
            self._steps.mark_undone()
        return self.venue

    def redo(self) -> Venue:
        if self._steps.to_redo is not None:
            self.venue = self._steps.to_redo.redo(self.venue)
            self._steps.mark_redone()
        return self.venue
