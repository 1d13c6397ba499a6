"""Change what a venue says of privacy."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from analytics.domain.errors import Phrase
from app.access.guard import changing, doing
from app.access.roles import Permission
from app.core.privacy_file import PreviewMode, PrivacySettings, find_privacy, write_privacy

_NOTHING = "–"
_STRICTNESS = (PreviewMode.PLAIN, PreviewMode.BLURRED, PreviewMode.SILHOUETTES)
_SHOWN_MORE = {
    PreviewMode.PLAIN: Phrase(
        "Whoever looks at the pictures can then switch the blurring of heads off and recognise visitors."
    ),
    PreviewMode.BLURRED: Phrase(
        "Pictures of visitors are then shown. Heads are blurred, but for a moment not those of people who "
        "just came in, and never those of people who were not found."
    ),
}


def change_privacy(folder: Path, settings: PrivacySettings) -> PrivacySettings:
    """Say something else; it holds at once in a window that has the venue open.

    Raises:
        AccessError: whoever is at work may not.
        VenueError: it cannot be written; nothing was changed.
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


def find_weakening(before: PreviewMode, after: PreviewMode) -> Phrase | None:
    """Return what is shown of visitors with another mode and was not before; None: nothing more."""
    return _SHOWN_MORE[after] if _STRICTNESS.index(after) < _STRICTNESS.index(before) else None


def record_blurring(folder: Path, *, is_blurred: bool) -> None:
    """Write down that somebody switched the blurring of heads off, or on again, on the page Live.

    Raises:
        AccessError: nobody has signed in.
        StoreError: the audit log of a venue with users cannot be written.
    """
    states = ("blurred", "shown")
    was, now = reversed(states) if is_blurred else states
    with doing(folder, Permission.SEE_FIGURES, "blurring changed", {"heads": f"{was} -> {now}"}):
        pass
