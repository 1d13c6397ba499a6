"""What the floor plan shows, as values; its heat in the units and on the scale that are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from app.floor_plan.floor_map import FloorLayer, FloorMap
from app.gui.session.units import current_units
from app.plan.floor_scene import FloorScene, LiveDot, ZoneRow


@dataclass(frozen=True, slots=True, eq=False)
class HeatPicture:
    """The heat layer as it is drawn.

    Attributes:
        values: in the unit that is shown, row 0 at the lowest y; not a number: nothing is drawn.
        rect: left, bottom, width, height of the grid, metres.
        top: where the scale ends.
        fades: small values are pale.
        is_difference: values are changes, and the scale goes from less to more.
    """

    values: FloatArray
    rect: tuple[float, float, float, float]
    top: float
    unobserved: tuple[FloatArray, ...]
    fades: bool = True
    is_difference: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FloorPlanState:
    """All that the page shows. Parts that did not change stay the same objects.

    Attributes:
        scene: None while no venue is open.
        heat: None while there is nothing to show.
        message: why there is no heat, in words; empty where there is some.
        period_text: the time that the heat and the figures are of, on the venue's own clock.
        note: what has to be known of the figures.
        layer: what was asked to be shown of the floor; the heat is of the one before until it is computed.
        progress: of the computation, 0 to 1; None while none is running.
        is_live: the pipeline analyses a camera at this moment.
        delay: why it does not while it runs, in words; empty where it does.
        people_now: on the floor, everybody once; None where that is not known.
    """

    scene: FloorScene | None = None
    heat: HeatPicture | None = None
    dots: tuple[LiveDot, ...] = ()
    rows: tuple[ZoneRow, ...] = ()
    selected: str | None = None
    message: str = ""
    period_text: str = ""
    note: str = ""
    unit: str = ""
    scale_labels: tuple[str, str, str] = ("0", "", "")
    layer: FloorLayer = FloorLayer.PRESENCE
    is_per_hour: bool = False
    is_scale_locked: bool = False
    progress: float | None = None
    is_live: bool = False
    delay: str = ""
    people_now: int | None = None


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
