"""Layers of zones: nobody is in two zones of one layer at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.domain.arrays import IntArray
from analytics.domain.zone import Zone

OVERLAP_SHARE = 0.05
"""Outlines of neighbours, drawn by hand, overlap by less of the smaller one."""


def find_layers(zones: Sequence[Zone]) -> IntArray:
    """Return the layer of every zone, 0 and up, shape (zones,).

    Stands (whatever visitors come for) are in a layer of their own, and so is each other kind. A zone that
    overlaps one of its kind, such as a part of a stand, is in a further layer.
    """
    layers: list[list[Zone]] = []
    found = []
    for zone in zones:
        shape = zone.outline.to_shape()
        for number, others in enumerate(layers):
            if _is_alike(zone, others[0]) and all(
                shape.intersection(other.outline.to_shape()).area
                <= OVERLAP_SHARE * min(shape.area, other.outline.to_shape().area)
                for other in others
            ):
                others.append(zone)
                found.append(number)
                break
        else:
            found.append(len(layers))
            layers.append([zone])
    return np.array(found, np.int64)


def _is_alike(zone: Zone, other: Zone) -> bool:
    return zone.kind == other.kind or (zone.is_stand and other.is_stand)
