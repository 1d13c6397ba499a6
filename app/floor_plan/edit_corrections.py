"""What somebody decides about the tracks of a venue: which places hold no person, and whether staff count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analytics.visitors.false_positives.corrections import Corrections, DecidedPlace
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue


@changes_venue(Permission.EDIT_PLAN, "corrections changed")
def decide_place(folder: Path, decision: DecidedPlace) -> Venue:
    """Let a decision about a place hold for the whole history, in the place of earlier ones about it.

    Raises:
        VenueError: the camera is unknown, or the folder cannot be read or written.
    """
    venue = read_venue(folder)
    venue.camera(decision.camera)
    return _write(venue, venue.corrections.decide(decision))


@changes_venue(Permission.EDIT_PLAN, "corrections changed")
def forget_place(folder: Path, decision: DecidedPlace) -> Venue:
    """Take back what was decided about a place; its verdict does not matter.

    Raises:
        VenueError: the camera is unknown, or the folder cannot be read or written.
    """
    venue = read_venue(folder)
    venue.camera(decision.camera)
    return _write(venue, venue.corrections.forget(decision))


@changes_venue(Permission.EDIT_PLAN, "corrections changed")
def leave_staff_out(folder: Path, is_left_out: bool) -> Venue:
    """Keep who is likely to work here out of every number, or count them.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    venue = read_venue(folder)
    return _write(venue, replace(venue.corrections, excludes_staff=is_left_out))


@changes_venue(Permission.EDIT_PLAN, "corrections changed")
def restore_corrections(folder: Path, corrections: Corrections) -> Venue:
    """Let former decisions hold again, all of them.

    Raises:
        VenueError: the folder cannot be read or written.
    """
    return _write(read_venue(folder), corrections)


def _write(venue: Venue, corrections: Corrections) -> Venue:
    changed = replace(venue, corrections=corrections)
    write_venue(changed)
    return changed
