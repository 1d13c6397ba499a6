"""Change what a venue says of privacy."""

from __future__ import annotations

import logging
from pathlib import Path

from analytics.domain.errors import VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.venue.privacy_file import STRICTEST, PrivacySettings, read_privacy, write_privacy

_LOG = logging.getLogger(__name__)


@changes_venue(
    Permission.CHANGE_SETTINGS, "privacy changed", lambda settings: {"previews": settings.previews.value}
)
def change_privacy(folder: Path, settings: PrivacySettings) -> PrivacySettings:
    """Say something else; it holds at once in a window that has the venue open.

    Raises:
        AccessError: whoever is at work may not.
        VenueError: it cannot be written; nothing was changed.
    """
    write_privacy(folder, settings)
    return settings


def find_privacy(folder: Path) -> PrivacySettings:
    """What holds in a venue; the strictest where nobody can tell."""
    try:
        return read_privacy(folder)
    except VenueError as error:
        _LOG.warning("%s", error.problem)
        return STRICTEST
