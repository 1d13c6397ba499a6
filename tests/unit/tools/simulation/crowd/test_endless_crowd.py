from __future__ import annotations

import numpy as np

from tools.simulation.crowd.endless_crowd import EndlessCrowd
from tools.simulation.crowd.visitor_paths import VisitorPath, VisitorPaths


def walk(visitor: int, *, start_s: float, seconds: float) -> VisitorPath:
    """Along x at 1 m/s."""
    along = np.arange(round(seconds * 10) + 1) / 10
    return VisitorPath(
        visitor, start_s, np.column_stack([along, along * 0 + visitor]), along * 0, along.copy()
    )


def test_an_endless_crowd_continues_after_its_period() -> None:
    crowd = EndlessCrowd(
        VisitorPaths(10.0, (walk(1, start_s=8.0, seconds=25.0), walk(2, start_s=2, seconds=1)))
    )
    places = {
        time_s: sorted((m.visitor, round(m.xy_m[0], 3)) for m in crowd.at(time_s)) for time_s in (8.5, 18.5)
    }
    # the same visitor of three periods at once, and nobody else
    assert places[8.5] == places[18.5] == [(1, 0.5), (1, 10.5), (1, 20.5)]
    assert [m.visitor for m in crowd.at(102.5) if m.visitor == 2] == [2]
