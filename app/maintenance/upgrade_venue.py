"""Upgrade the files of an older ExpoFlow version when a venue is opened."""

from __future__ import annotations

from pathlib import Path

from app.core.file_format import read_venue
from app.recording.announcement import find_other_recorder


def upgrade_venue(folder: Path) -> bool:
    """Upgrade a venue's history from an older ExpoFlow version; a copy is kept in ``backups``.

    ``venue.toml`` needs no upgrade: older versions are read directly and replaced when the venue changes. A
    venue that another process records is left unchanged: the recorder has upgraded it.

    Returns:
        Whether anything was changed.

    Raises:
        VenueError: there is no such venue, or it is of a newer ExpoFlow.
        DamagedStoreError: the history's database is missing, empty or truncated.
        StoreError: the history is of a newer ExpoFlow, or an upgrade step failed and was undone.
    """
    venue = read_venue(folder)
    if not venue.has_history or find_other_recorder(venue.folder) is not None:
        return False
    # the store's engine takes a moment to load, which a venue without a history need not wait for
    from sqlalchemy.exc import SQLAlchemyError

    from analytics.store.database_url import open_sqlite
    from analytics.store.migrations import MIGRATIONS, read_version
    from analytics.store.sql_event_store import open_store, require_present

    require_present(venue.folder)
    place = str(venue.events_file)
    engine = open_sqlite(venue.events_file, is_read_only=True)
    try:
        with engine.connect() as connection:
            version = read_version(connection, place=place)
    except (SQLAlchemyError, OSError):
        # readers report an unreadable database, and writers repair it
        return False
    finally:
        engine.dispose()
    if version in (0, MIGRATIONS[-1].version):
        return False
    open_store(venue.folder).close()
    return True
