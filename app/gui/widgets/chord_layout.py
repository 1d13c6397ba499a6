"""Where the arcs and ribbons of a chord diagram lie: angles only, drawn by whoever wants to.

Neither Qt nor pyqtgraph has chord or Sankey diagrams, and what others offer draws in a browser.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

GAP_SHARE = 0.12
"""Of the circle that is left between the arcs, together."""


@dataclass(frozen=True, slots=True)
class ChordEnd:
    """Where one end of a ribbon lies on its arc, radians clockwise from the top; both equal: a point."""

    place: int
    start_rad: float
    end_rad: float


@dataclass(frozen=True, slots=True)
class ChordRibbon:
    """What flows between two places: as wide at each as what flows out of it to the other."""

    one: ChordEnd
    other: ChordEnd


@dataclass(frozen=True, slots=True)
class ChordLayout:
    """Arcs ``(start_rad, end_rad)`` by place, and the ribbons of all pairs between which anything flows."""

    arcs: tuple[tuple[float, float], ...]
    ribbons: tuple[ChordRibbon, ...]


def arrange_chord(flows: Sequence[Sequence[float]], *, gap_share: float = GAP_SHARE) -> ChordLayout:
    """Arcs as long as what flows out of each place, and on them the ends of the ribbons, side by side.

    Ends lie on their arc in the order in which the other places follow around the circle, so that ribbons
    cross as little as the order of the places allows (as in D3's chord layout, but for that order).

    Args:
        flows: square, from the place of a row to that of a column, none negative, nothing on the diagonal.
    """
    places = len(flows)
    total = sum(sum(row) for row in flows)
    if not total > 0:
        return ChordLayout(((0.0, 0.0),) * places, ())
    gap_rad = 2 * math.pi * gap_share / places
    scale = 2 * math.pi * (1 - gap_share) / total
    arcs: list[tuple[float, float]] = []
    ends: dict[tuple[int, int], ChordEnd] = {}
    at_rad = gap_rad / 2
    for place in range(places):
        start_rad = at_rad
        for offset in range(places - 1, 0, -1):
            other = (place + offset) % places
            width_rad = scale * flows[place][other]
            ends[place, other] = ChordEnd(place, at_rad, at_rad + width_rad)
            at_rad += width_rad
        arcs.append((start_rad, at_rad))
        at_rad += gap_rad
    ribbons = tuple(
        ChordRibbon(ends[one, other], ends[other, one])
        for one in range(places)
        for other in range(one + 1, places)
        if flows[one][other] > 0 or flows[other][one] > 0
    )
    return ChordLayout(tuple(arcs), ribbons)
