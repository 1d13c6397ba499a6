"""All that the floor plan's page shows, as values."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.arrays import FloatArray
from app.floor_plan.floor_map import FloorLayer
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
