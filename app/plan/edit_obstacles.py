"""Edits of what stands in the hall, as values that say what they change."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_plan import Obstacle
from app.core.document import Venue
from app.plan.geometry_change import Change, name_value
from app.plan.plan_shapes import Shape, describe_shape, find_figure, replace_figure

HIGHEST_M = 30.0
"""No hall is higher."""


@dataclass(frozen=True, slots=True)
class SetObstacleHeight:
    """Say how high an obstacle is, metres, to tell what it hides from a camera; None: not known."""

    shape: Shape
    height_m: float | None

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Change the height of {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such obstacle, or the height is out of its limits.
        """
        figure = find_figure(venue, self.shape)
        if not isinstance(figure, Obstacle):
            raise GeometryError(
                "{what} has no height.", "Choose an obstacle.", what=describe_shape(self.shape)
            )
        if self.height_m is not None and not (
            math.isfinite(self.height_m) and 0 < self.height_m <= HIGHEST_M
        ):
            raise GeometryError(
                "The height of {what} is {value:g} m.",
                "Give a height above 0 and up to {most:g} m, or none if it is not known.",
                what=name_value(figure),
                value=self.height_m,
                most=HIGHEST_M,
            )
        changed = dataclasses.replace(figure, height_m=self.height_m)
        return () if changed == figure else replace_figure(venue, self.shape, changed)
