"""The units in which the window shows lengths and areas; everything behind it is in metres."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

FEET_PER_METRE = 1 / 0.3048


@dataclass(frozen=True, slots=True)
class Units:
    """``symbol`` and ``area_symbol`` are written alike in every language of the window."""

    name: str
    symbol: str
    area_symbol: str
    per_metre: float

    def from_metres(self, length_m: float) -> float:
        """A length in this unit."""
        return length_m * self.per_metre

    def to_metres(self, length: float) -> float:
        """A length of this unit in metres."""
        return length / self.per_metre

    @property
    def per_m2(self) -> float:
        """What a value per m² is to be multiplied by, to be one per area of this unit."""
        return 1.0 / self.per_metre**2


METRIC = Units("metric", "m", "m²", 1.0)
IMPERIAL = Units("imperial", "ft", "ft²", FEET_PER_METRE)
UNITS = {units.name: units for units in (METRIC, IMPERIAL)}


class _Shown:
    """The one choice of the process."""

    units = METRIC


def current_units() -> Units:
    """What lengths are shown in."""
    return _Shown.units


def install_units(app: QApplication, name: str) -> None:
    """Show other units from now on; every widget makes its texts again, soon.

    Args:
        name: ``metric`` or ``imperial``.
    """
    if UNITS[name] is _Shown.units:
        return
    _Shown.units = UNITS[name]
    for widget in app.topLevelWidgets():
        QCoreApplication.postEvent(widget, QEvent(QEvent.Type.LanguageChange))
