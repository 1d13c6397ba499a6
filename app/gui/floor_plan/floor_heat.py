"""The floor's layer as it is drawn and read: in the units that are shown, on a scale that can be kept."""

from __future__ import annotations

import numpy as np

from app.floor_plan.floor_map import FloorLayer, FloorMap
from app.gui.floor_plan.floor_plan_state import HeatPicture
from app.gui.session.units import current_units


class FloorHeat:
    """Holds a map; the ends of the scales that were kept are of one layer and unit each."""

    def __init__(self) -> None:
        self.floor: FloorMap | None = None
        self.is_per_hour = False
        self.is_locked = False
        self._tops: dict[tuple[FloorLayer, bool], float] = {}

    def forget(self) -> None:
        """Another venue: nothing is shown, and no scale is kept."""
        self.floor = None
        self._tops.clear()

    def show(self, floor: FloorMap | None) -> None:
        """Show a map; its scale is kept from now on, if scales are."""
        self.floor = floor
        self._keep()

    def set_per_hour(self, is_per_hour: bool) -> None:
        """Show presence for an hour instead of the whole period."""
        self.is_per_hour = is_per_hour
        self._keep()

    def set_locked(self, is_locked: bool) -> None:
        """Keep the present scales for the periods to come, or fit them to each."""
        self.is_locked = is_locked
        self._tops.clear()
        self._keep()

    def make_picture(self) -> HeatPicture | None:
        """What is drawn; None without a map."""
        floor = self.floor
        if floor is None:
            return None
        factor = self.factor(floor)
        top = self._tops.get(self._key(floor), floor.top * self._rate(floor))
        return HeatPicture(
            values=floor.shown * factor,
            rect=floor.rect,
            top=top * unit_factor(floor.layer),
            unobserved=floor.unobserved,
            fades=floor.layer in FADING,
        )

    def read(self, x_m: float, y_m: float) -> tuple[float | None, float | None]:
        """The value of a place and the share of the time in which it was seen; None where there is none."""
        floor = self.floor
        cell = -1 if floor is None else floor.find_cell(x_m, y_m)
        if floor is None or cell < 0:
            return None, None
        value = float(floor.values.ravel()[cell]) * self.factor(floor)
        return value if np.isfinite(value) else None, float(floor.coverage.ravel()[cell])

    def factor(self, floor: FloorMap) -> float:
        """From a map's values to what is shown."""
        return self._rate(floor) * unit_factor(floor.layer)

    def _rate(self, floor: FloorMap) -> float:
        if floor.layer is not FloorLayer.PRESENCE or not self.is_per_hour or floor.observed_s <= 0:
            return 1.0
        return 3600.0 / floor.observed_s

    def _key(self, floor: FloorMap) -> tuple[FloorLayer, bool]:
        return floor.layer, self.is_per_hour and floor.layer is FloorLayer.PRESENCE

    def _keep(self) -> None:
        if self.is_locked and self.floor is not None and self.floor.top > 0:
            self._tops.setdefault(self._key(self.floor), self.floor.top * self._rate(self.floor))


FADING = frozenset({FloorLayer.PRESENCE, FloorLayer.VISITORS, FloorLayer.CROWDING, FloorLayer.STOP_SHARE})
"""Layers of which little is drawn pale, so that an empty floor stays clear; slow is not empty."""


def unit_factor(layer: FloorLayer) -> float:
    """From metres, shares and seconds to what people read."""
    if layer in (FloorLayer.PRESENCE, FloorLayer.VISITORS):
        return current_units().per_m2
    if layer is FloorLayer.SPEED:
        return current_units().per_metre
    return 100.0 if layer is FloorLayer.STOP_SHARE else 1.0
