"""Edits of the plan on disk; each edit, and each undo, is written at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.errors import Phrase, VenueError
from app.access.guard import changing
from app.access.roles import Permission
from app.core.change_set import (
    Change,
    ChangeSet,
    apply_changes,
    compare_venues,
    invert_changes,
    merge_changes,
    summarise_changes,
)
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.venue_lock import locks_venue
from app.plan.edit_plan import SetScale
from app.plan.plan_shapes import GeometryEdit


@dataclass(frozen=True, slots=True)
class EditStep:
    """Changes that are undone together.

    Attributes:
        words: name of the edit after "Undo" in a menu.
        gesture: steps of one gesture (such as a drag) are merged; None: a step of its own.
    """

    words: Phrase
    changes: tuple[Change, ...]
    gesture: Hashable = None

    def merge(self, later: EditStep) -> EditStep | None:
        """Return both as one step if they belong to one gesture; None otherwise."""
        if self.gesture is None or self.gesture != later.gesture:
            return None
        return dataclasses.replace(self, changes=merge_changes(self.changes, later.changes))


@dataclass(frozen=True, slots=True)
class TriedEdit:
    """An edit with the venue that it was tried in, and the venue after it."""

    edit: GeometryEdit
    before: Venue
    after: Venue


@dataclass(frozen=True, slots=True)
class SavedEdit:
    """A venue with the edit that was saved.

    Attributes:
        step: argument of ``save_undo`` and ``save_redo``.
    """

    venue: Venue
    step: EditStep
    changes: ChangeSet


@locks_venue
def save_edit(folder: Path, edit: GeometryEdit, *, tried: TriedEdit | None = None) -> SavedEdit:
    """Apply an edit to the plan, zones or lines on disk.

    Args:
        tried: its result is written if the venue on disk is the one that it was tried in.

    Raises:
        ExpoFlowError: it cannot be done, or the folder cannot be read or written; nothing has changed.
    """
    venue = read_venue(folder)
    if isinstance(edit, SetScale) and edit.with_drawing:
        _require_no_history(venue)
    is_tried = tried is not None and tried.edit is edit and tried.before == venue
    after = tried.after if is_tried and tried is not None else edit.apply(venue)
    return _write(after, EditStep(edit.words, compare_venues(venue, after)), "plan edited")


@locks_venue
def save_undo(folder: Path, step: EditStep) -> SavedEdit:
    """Undo a step; changes by others since then stay.

    Raises:
        GeometryError: others changed the same; nothing has changed.
        VenueError: the folder cannot be read or written.
    """
    return _write(apply_changes(read_venue(folder), invert_changes(step.changes)), step, "edit undone")


@locks_venue
def save_redo(folder: Path, step: EditStep) -> SavedEdit:
    """Apply an undone step again.

    Raises:
        GeometryError: others changed the same; nothing has changed.
        VenueError: the folder cannot be read or written.
    """
    return _write(apply_changes(read_venue(folder), step.changes), step, "edit redone")


def _write(venue: Venue, step: EditStep, action: str) -> SavedEdit:
    changes = summarise_changes(step.changes)
    with changing(venue.folder, _find_permission(changes), action):
        write_venue(venue)
        return SavedEdit(venue, step, changes)


def _find_permission(changes: ChangeSet) -> Permission:
    """Return the permission of a step: plan editors may edit zones and targets, cameras need more."""
    return Permission.EDIT_CAMERAS if changes.cameras or changes.planned_cameras else Permission.EDIT_PLAN


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
            "The recorded data of '{venue}' uses the current scale.",
            "Change the scale of the picture only, without the drawing, or create a new venue.",
            venue=venue.name,
        )
