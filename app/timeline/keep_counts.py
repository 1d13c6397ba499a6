"""What other systems counted, kept in a venue and taken away again."""

from __future__ import annotations

from pathlib import Path

from app.access.guard import changes_venue
from app.access.roles import Permission
from app.timeline.counts_store import CountSource, remove_source, write_source


@changes_venue(Permission.NOTE, "counts imported", lambda source: {"source": source.name})
def keep_counts(folder: Path, source: CountSource) -> None:
    """Keep the counts of a system; those of the same name are replaced.

    Raises:
        VenueError: it has no name, or the file cannot be written.
    """
    write_source(folder, source)


@changes_venue(Permission.NOTE, "counts removed", lambda name: {"source": name})
def forget_counts(folder: Path, name: str) -> None:
    """Take the counts of a system away.

    Raises:
        VenueError: the file cannot be removed.
    """
    remove_source(folder, name)
