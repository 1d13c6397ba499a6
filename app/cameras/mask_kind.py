"""The two kinds of masks in a camera's picture."""

from __future__ import annotations

from enum import StrEnum


class MaskKind(StrEnum):
    """What a mask is for."""

    PRIVACY = "privacy"
    """Blackened before anybody sees it."""
    IGNORE = "ignore"
    """Seen, but nobody whose feet are there counts."""
