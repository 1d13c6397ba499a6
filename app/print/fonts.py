"""Bundled fonts: Latin and every Chinese character of the national table, in two weights."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase

from resources.files import resource_path

FAMILY = "ExpoFlow Sans SC"


def load_fonts() -> tuple[str, ...]:
    """Register the bundled fonts with Qt; return their families, none if the files are missing.

    Loading them again does no harm. A Qt application must exist.
    """
    families: list[str] = []
    for file in sorted(resource_path("fonts").glob("*.otf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(dict.fromkeys(families))
