"""Fonts that can draw the names on a plan, Chinese ones included where this machine has such a font."""

from __future__ import annotations

import logging
from functools import lru_cache

from matplotlib import font_manager, ft2font

_LOGGER = logging.getLogger(__name__)

LATIN_FAMILIES = ("Source Sans 3", "Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)


@lru_cache(maxsize=1)
def find_families() -> tuple[str, ...]:
    """Installed font families in the order in which to look for a character; never empty."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    latin = [family for family in LATIN_FAMILIES if family in installed][:1]
    chinese = [family for family in CHINESE_FAMILIES if family in installed][:1]
    return (*latin, *chinese)


def make_drawable(text: str, *, otherwise: str | None = None) -> str:
    """The text if every character has a glyph; else ``otherwise``, or the text with ``?`` for those without.

    What could not be drawn is logged: a picture never shows an empty box without a word.
    """
    missing = sorted({char for char in text if not char.isspace() and not _has_glyph(char)})
    if not missing:
        return text
    drawn = otherwise if otherwise is not None else "".join("?" if c in missing else c for c in text)
    _LOGGER.warning(
        "No font on this machine has the characters %s of '%s'; the picture shows '%s'. "
        "Install a Chinese font such as Noto Sans CJK SC.",
        "".join(missing),
        text,
        drawn,
    )
    return drawn


def can_draw(text: str) -> bool:
    """Whether every character has a glyph in one of the families."""
    return all(char.isspace() or _has_glyph(char) for char in text)


@lru_cache(maxsize=4096)
def _has_glyph(char: str) -> bool:
    return any(ord(char) in _read_characters(family) for family in find_families())


@lru_cache(maxsize=8)
def _read_characters(family: str) -> frozenset[int]:
    path = font_manager.findfont(font_manager.FontProperties(family=family), fallback_to_default=False)
    return frozenset(ft2font.FT2Font(path).get_charmap())
