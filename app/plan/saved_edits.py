"""Edits of the plan on disk: each is written at once, and undoing one is another that is written at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analytics.domain.errors import VenueError
from app.access.guard import changing
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.venue_lock import locks_venue
from app.plan.edit_plan import SetScale
from app.plan.edit_step import EditStep, plan_step
from app.plan.geometry_change import GeometryEdit, summarise_changes


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
