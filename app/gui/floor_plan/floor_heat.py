"""Values shown on the floor plan, and its heat in the displayed units and scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.metrics.estimate import Estimate
from app.floor_plan.floor_map import FloorLayer, FloorMap
from app.gui.session.units import current_units
from app.plan.floor_scene import FloorScene, LiveDot, ZoneRow


@dataclass(frozen=True, slots=True, eq=False)
class HeatPicture:
    """Heat layer, ready to draw.

    Attributes:
        values: in the displayed unit, row 0 at the lowest y; NaN is not drawn.
        rect: left, bottom, width, height of the grid, metres.
        top: end of the scale.
        fades: whether small values are pale.
        is_difference: whether values are changes, with a scale from less to more.
    """

    values: FloatArray
    rect: tuple[float, float, float, float]
    top: float
    unobserved: tuple[FloatArray, ...]
    fades: bool = True
    is_difference: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FloorPlanState:
    """State of the floor plan page; unchanged parts stay the same objects.

    Attributes:
        scene: None while no venue is open.
        heat: None while there is none.
        message: why there is no heat; empty where there is some.
        period_text: time of the heat and the figures, in venue time.
        note: notes on the figures.
        layer: requested layer; the heat is of the previous one until it is computed.
        progress: progress of the computation, 0 to 1; None while none is running.
        is_live: whether a camera is currently analysed.
        delay: why no camera is analysed while the pipeline runs; empty where one is.
        people_now: number of people on the floor; None if unknown.
        of_place: what a layer of ``PLACE_LAYERS`` shows; None in other layers, or while it is computed.
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
    of_place: Mapping[str, Estimate] | None = None


class FloorHeat:
    """Floor map in displayed units; locked scales are stored by layer and unit."""

    def __init__(self) -> None:
        self.floor: FloorMap | None = None
        self.is_per_hour = False
        self.is_locked = False
        self._tops: dict[tuple[FloorLayer, bool], float] = {}

    def forget(self) -> None:
        """Remove the map and all locked scales."""
        self.floor = None
        self._tops.clear()

    def show(self, floor: FloorMap | None) -> None:
        """Show a map, and lock its scale if scales are locked."""
        self.floor = floor
        self._keep()

    def set_per_hour(self, is_per_hour: bool) -> None:
        """Show presence per hour instead of over the whole period."""
        self.is_per_hour = is_per_hour
        self._keep()

    def set_locked(self, is_locked: bool) -> None:
        """Lock the present scale for further periods, or fit it to each."""
        self.is_locked = is_locked
        self._tops.clear()
        self._keep()

    def make_picture(self) -> HeatPicture | None:
        """Return the heat to draw; None without a map."""
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
        """Return value and coverage of a place; None where there is no value."""
        floor = self.floor
        cell = -1 if floor is None else floor.find_cell(x_m, y_m)
        if floor is None or cell < 0:
            return None, None
        value = float(floor.values.ravel()[cell]) * self.factor(floor)
        return value if np.isfinite(value) else None, float(floor.coverage.ravel()[cell])

    def factor(self, floor: FloorMap) -> float:
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
"""Layers in which small values are pale, so that an empty floor stays clear."""


def unit_factor(layer: FloorLayer) -> float:
    """Return the factor from metres, shares and seconds to displayed units."""
    if layer in (FloorLayer.PRESENCE, FloorLayer.VISITORS):
        return current_units().per_m2
    if layer is FloorLayer.SPEED:
        return current_units().per_metre
    return 100.0 if layer is FloorLayer.STOP_SHARE else 1.0
