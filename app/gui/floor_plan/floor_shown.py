"""Which pictures the floor plan shows: of its period, of a moment that is played, or of two periods."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from app.floor_plan.floor_ways import RouteLine
from app.gui.floor_plan.floor_plan_state import HeatPicture
from app.gui.floor_plan.model import FloorPlanViewModel
from app.gui.floor_plan.text import label_scale
from app.plan.floor_scene import LiveDot


@dataclass(frozen=True, slots=True, eq=False)
class ShownFloor:
    """What the plan draws.

    Attributes:
        heat: of the plan; None where there is none.
        other: of the second plan, on the same scale; None where there is none.
        unobserved: rings round the floor of the plan that was not observed.
        dots: of now, or of the moment that is played.
        unit, labels: of the scale.
        is_period: the period itself is shown, so that its scale can be chosen.
        has_scale: there is anything that a scale explains.
    """

    heat: HeatPicture | None
    other: HeatPicture | None
    unobserved: tuple[FloatArray, ...]
    dots: tuple[LiveDot, ...]
    unit: str
    labels: tuple[str, str, str]
    is_period: bool
    has_scale: bool


def choose_shown(model: FloorPlanViewModel) -> ShownFloor:
    """What is shown at this moment."""
    state, playback, comparison = model.state, model.studies.playback, model.studies.comparison
    unobserved = () if state.heat is None else state.heat.unobserved
    if playback.state.is_on:
        if playback.state.is_observed is False and state.scene is not None:
            unobserved = (np.array(state.scene.outline),)
        unit, labels = playback.describe_scale()
        return ShownFloor(
            playback.state.heat, None, unobserved, playback.state.dots, unit, labels, False, True
        )
    if comparison.state.shows_difference:
        heat = comparison.state.difference
        unit, labels = comparison.describe_scale()
        unobserved = unobserved if heat is None else heat.unobserved
        return ShownFloor(heat, None, unobserved, state.dots, unit, labels, False, heat is not None)
    heat, other, labels = state.heat, None, state.scale_labels
    if comparison.state.shows_other and heat is not None and comparison.state.other is not None:
        other = comparison.state.other
        # one scale for both, unless it was said which
        top = heat.top if state.is_scale_locked else max(heat.top, other.top)
        heat, other = (
            picture if picture.top == top else dataclasses.replace(picture, top=top)
            for picture in (heat, other)
        )
        labels = label_scale(top)
    return ShownFloor(heat, other, unobserved, state.dots, state.unit, labels, True, heat is not None)


def describe_place(
    model: FloorPlanViewModel, x_m: float, y_m: float, *, route: RouteLine | None, is_other: bool = False
) -> str:
    """What is known of a place, one line each.

    Args:
        route: that is drawn there.
        is_other: on the second plan.
    """
    reading, studies = model.read_at(x_m, y_m), model.studies
    lines = [] if route is None else [studies.ways.describe_route(route)]
    shows_difference = studies.comparison.state.shows_difference and not studies.playback.state.is_on
    if studies.playback.state.is_on or shows_difference:
        reading = dataclasses.replace(reading, value=None, coverage=None)
    elif is_other:
        value, coverage = studies.comparison.read_other(x_m, y_m)
        reading = dataclasses.replace(reading, value=value, coverage=coverage)
    if shows_difference and model.state.scene is not None:
        lines.append(studies.comparison.describe_reading(x_m, y_m))
    return "\n".join([*lines, model.describe_reading(reading)])
