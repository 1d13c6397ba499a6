"""Somebody agrees that clips are kept for labelling: the one way by which a store of pictures is opened."""

from __future__ import annotations

from pathlib import Path

from analytics.domain.clock import Clock
from app.access.guard import doing
from app.access.roles import Permission
from app.validation.validation_clips import ClipStore
from app.validation.validation_labels import Consent


def open_clip_store(folder: Path, given: Consent, *, in_file: bool, clock: Clock) -> ClipStore:
    """A store for the clips of a venue; asked for, and recorded with who agreed.

    Args:
        in_file: keep the encrypted pictures in a file of the venue rather than in memory.

    Raises:
        AccessError: who is at work may not validate.
        ClipError: the store cannot be made.
    """
    what = {"agreed by": given.given_by, "kept in": "file" if in_file else "memory"}
    with doing(folder, Permission.VALIDATE, "clips for labelling allowed", what):
        return ClipStore(given, venue_folder=folder if in_file else None, clock=clock)
