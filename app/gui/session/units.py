"""Display units of lengths and areas; all computation is in metres."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

FEET_PER_METRE = 1 / 0.3048


@dataclass(frozen=True, slots=True)
class Units:
    """A system of units; ``symbol`` and ``area_symbol`` are the same in every language."""

    name: str
    symbol: str
    area_symbol: str
    per_metre: float

    def from_metres(self, length_m: float) -> float:
        """Convert metres to this unit."""
        return length_m * self.per_metre

    def to_metres(self, length: float) -> float:
        """Convert a length in this unit to metres."""
        return length / self.per_metre

    @property
    def per_m2(self) -> float:
        return 1.0 / self.per_metre**2


METRIC = Units("metric", "m", "m²", 1.0)
IMPERIAL = Units("imperial", "ft", "ft²", FEET_PER_METRE)
UNITS = {units.name: units for units in (METRIC, IMPERIAL)}


class _Shown:
    """The units of the process."""

    units = METRIC


def current_units() -> Units:
    return _Shown.units


def install_units(app: QApplication, name: str) -> None:
    """Switch the units; every widget updates its texts soon.

    Args:
        name: ``metric`` or ``imperial``.
    """
    if UNITS[name] is _Shown.units:
        return
    _Shown.units = UNITS[name]
    for widget in app.topLevelWidgets():
        QCoreApplication.postEvent(widget, QEvent(QEvent.Type.LanguageChange))
