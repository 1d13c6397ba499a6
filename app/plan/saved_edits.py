"""Edits of the plan on disk: each is written at once, and undoing one is another that is written at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.errors import Phrase, VenueError
from app.access.guard import changing
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.venue_lock import locks_venue
from app.plan.edit_plan import SetScale
from app.plan.plan_shapes import (
    Change,
    GeometryEdit,
    apply_changes,
    invert_changes,
    merge_changes,
    summarise_changes,
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


@dataclass(frozen=True, slots=True)
class SavedEdit:
    """A venue with an edit that is on disk.

    Attributes:
        step: to be undone by ``save_undo``, and done again by ``save_redo``.
    """

    venue: Venue
    step: EditStep
    changes: ChangeSet


@locks_venue
def save_edit(folder: Path, edit: GeometryEdit) -> SavedEdit:
    """Edit a venue's plan, zones or lines as they are on disk now.

    Raises:
        ExpoFlowError: it cannot be done, or the folder cannot be read or written; nothing has changed.
    """
    venue = read_venue(folder)
    if isinstance(edit, SetScale) and edit.with_drawing:
        _require_no_history(venue)
    return _write(venue, plan_step(venue, edit), "plan edited")


@locks_venue
def save_undo(folder: Path, step: EditStep) -> SavedEdit:
    """Take a step back; what others changed meanwhile stays.

    Raises:
        GeometryError: others changed the same; nothing has changed.
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    changes = summarise_changes(step.changes)
    with changing(folder, _find_permission(changes), "edit undone"):
        return SavedEdit(_save(step.undo(venue)), step, changes)


@locks_venue
def save_redo(folder: Path, step: EditStep) -> SavedEdit:
    """Do a step again that was taken back.

    Raises:
        GeometryError: others changed the same; nothing has changed.
        VenueError: the folder cannot be read or written.
    """
    return _write(read_venue(folder), step, "edit done again")


def _write(venue: Venue, step: EditStep, action: str) -> SavedEdit:
    changes = summarise_changes(step.changes)
    with changing(venue.folder, _find_permission(changes), action):
        return SavedEdit(_save(step.redo(venue)), step, changes)


def _find_permission(changes: ChangeSet) -> Permission:
    """Whoever may edit the plan may draw zones and say what is wanted of them; cameras are for installers."""
    return Permission.EDIT_CAMERAS if changes.cameras or changes.planned_cameras else Permission.EDIT_PLAN


def _save(venue: Venue) -> Venue:
    write_venue(venue)
    return venue


def _require_no_history(venue: Venue) -> None:
    if not venue.has_history:
        return
    from analytics.store.sql_event_store import open_reader

    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
    finally:
        reader.close()
    if extent is not None:
        raise VenueError(
            "What was recorded in '{venue}' lies on the floor in its present metres.",
            "Set the scale without the drawing, so that only the picture changes; or make a new venue.",
            venue=venue.name,
        )
