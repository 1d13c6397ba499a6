"""The two kinds of masks in a camera's picture."""

from __future__ import annotations

from enum import StrEnum


class MaskKind(StrEnum):
    """The purpose of a mask."""

    PRIVACY = "privacy"
    """Blacked out before anyone can see it."""
    IGNORE = "ignore"
    """Visible, but people whose feet are inside are not counted."""
