"""Edit a venue's privacy settings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from analytics.domain.errors import Phrase
from app.access.guard import changing, doing
from app.access.roles import Permission
from app.core.privacy_file import PreviewMode, PrivacySettings, find_privacy, write_privacy

_NOTHING = "–"
_STRICTNESS = (PreviewMode.PLAIN, PreviewMode.BLURRED, PreviewMode.SILHOUETTES)
_CONSEQUENCES = {
    PreviewMode.PLAIN: Phrase(
        "Anybody who sees the pictures will be able to switch off blurring and recognise visitors."
    ),
    PreviewMode.BLURRED: Phrase(
        "Pictures of visitors will be shown. Heads are blurred, except those of undetected "
        "people and, briefly, those of people who just came in."
    ),
}


def change_privacy(folder: Path, settings: PrivacySettings) -> PrivacySettings:
    """Write privacy settings; a window with the venue open applies them at once.

    Raises:
        AccessError: the current user may not.
        VenueError: the settings cannot be written; nothing was changed.
    """
    named = {"previews": settings.previews.value}
    with changing(folder, Permission.CHANGE_SETTINGS, "privacy changed", named) as work:
        before = find_privacy(folder)
        for field in dataclasses.fields(settings):
            was, now = getattr(before, field.name), getattr(settings, field.name)
            if was != now:
                work.what[field.name] = f"{was or _NOTHING} -> {now or _NOTHING}"
        write_privacy(folder, settings)
    return settings


def describe_weakening(before: PreviewMode, after: PreviewMode) -> Phrase | None:
    """Return what a preview mode shows of visitors beyond the former mode; None if nothing."""
    return _CONSEQUENCES[after] if _STRICTNESS.index(after) < _STRICTNESS.index(before) else None


def record_blurring(folder: Path, *, is_blurred: bool) -> None:
    """Record in the audit log that the blurring of heads was switched on or off on the page Live.

    Raises:
        AccessError: no user is signed in.
        StoreError: the audit log of a venue with users cannot be written.
    """
    states = ("blurred", "shown")
    was, now = reversed(states) if is_blurred else states
    with doing(folder, Permission.SEE_FIGURES, "blurring changed", {"heads": f"{was} -> {now}"}):
        pass
