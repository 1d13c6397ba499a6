"""The facts of a hall of three stands whose every journey and crossing is written down."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.flows.places import OUTSIDE
from analytics.rollups.period_facts import PeriodFacts, StretchFacts, join_stretches
from analytics.rollups.tables import (
    list_way_steps,
    list_ways,
    sum_crossings,
    sum_moves_by_clock,
    sum_turns,
    sum_zone_uses,
)
from analytics.rollups.zone_passages import count_passages

DAY_S = 86_400.0
START_S = datetime(2026, 3, 14, 1, 0, tzinfo=UTC).timestamp()
"""Nine in the morning in Shanghai."""
ZONES = tuple(
    Zone(
        ZoneId(name),
        ZoneKind.BOOTH,
        Polygon.from_points([(x, 1), (x + 3, 1), (x + 3, 4), (x, 4)], what=name),
    )
    for name, x in (("a", 1.0), ("b", 6.0), ("c", 11.0))
)
DOOR = CountingLine(
    LineId("door"), ZoneKind.ENTRANCE, Polyline.from_points([(0.0, 2.0), (0.0, 4.0)], what="door")
)
GEOMETRY = FloorGeometry(ZONES, (DOOR,))
STEP_S = 10.0
STOP_TYPES = {"visitor": "int64", "started_s": "float64", "ended_s": "float64"}


def make_facts(
    ways: Sequence[str],
    *,
    observed: Sequence[tuple[float, float]] = ((0.0, 3600.0),),
    came_in_s: Sequence[float] = (),
    days: int = 1,
    geometry_before: FloorGeometry | None = None,
) -> PeriodFacts:
    """Facts of days that are all alike; times count from the first ``START_S``.

    Args:
        ways: a zone per letter, 10 s in each, with a stop; ``!`` at the end: lost from sight. One begins
            every minute.
        observed: of each day, seconds from its start.
        came_in_s: crossings of the door, inwards, whose visitors turned right, seconds from a day's start.
        geometry_before: of the first day; None: as that of the others.
    """
    stretches = [
        StretchFacts(
            START_S + day * DAY_S,
            START_S + day * DAY_S + 7200.0,
            geometry_before if day == 0 and geometry_before is not None else GEOMETRY,
            _make_tables(ways, observed, came_in_s),
        )
        for day in range(days)
    ]
    return join_stretches(
        stretches,
        period_s=(START_S, START_S + (days - 1) * DAY_S + 7200.0),
        plan=FloorPlan(Polygon.from_points([(0, 0), (15, 0), (15, 8), (0, 8)], what="hall")),
        views=(),
        geometry=GEOMETRY,
    )


def _make_tables(
    ways: Sequence[str], observed: Sequence[tuple[float, float]], came_in_s: Sequence[float]
) -> dict[str, pd.DataFrame]:
    stays, moves, journeys = [], [], []
    for visitor, way in enumerate(ways):
        zones, start_s, goes = way.strip("!"), 60.0 * visitor, not way.endswith("!")
        entered = [start_s + STEP_S * index for index in range(len(zones))]
        end_s = start_s + STEP_S * len(zones)
        stays += [
            (visitor, zone, at, at + STEP_S, STEP_S, "seen", "seen", 1.0, 2.0, 5.0, 2.0)
            for zone, at in zip(zones, entered, strict=True)
        ]
        states = [OUTSIDE, *zones, OUTSIDE] if goes else [OUTSIDE, *zones]
        moves += [
            (visitor, begin, end, start_s + STEP_S * index, 0.0, 1.0)
            for index, (begin, end) in enumerate(itertools.pairwise(states))
        ]
        journeys.append((visitor, start_s, end_s, True, goes, tuple(zones), tuple(entered)))
    stay_table = pd.DataFrame(
        stays,
        columns=["visitor", "zone", "entered_s", "left_s", "seconds", "start_edge", "end_edge",
                 "start_x_m", "start_y_m", "end_x_m", "end_y_m"],
    )  # fmt: skip
    came = np.asarray(came_in_s, np.float64)
    crossings = pd.DataFrame(
        {"visitor": np.arange(len(came)), "line": "door", "time_s": came, "direction": "in"}
    )
    visits = stay_table[["visitor", "zone", "entered_s"]].assign(stop_s=5.0, tier="engaged")
    stops = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in STOP_TYPES.items()})
    journey_table = pd.DataFrame(
        journeys,
        columns=["visitor", "start_s", "end_s", "is_start_seen", "is_end_seen", "zones", "entered_s"],
    )
    shift_table = pd.DataFrame(moves, columns=["visitor", "from", "to", "at_s", "seconds", "weight"])
    turns = crossings[["line", "visitor", "time_s"]].assign(turn="right")
    return {
        "spans": pd.DataFrame(
            [("north", begin, end, 10) for begin, end in observed],
            columns=["camera", "start_s", "end_s", "frames"],
        ),
        "ways": list_ways(journey_table),
        "way_steps": list_way_steps(visits, journey_table, min_stop_s=3.0),
        "move_sums": sum_moves_by_clock(shift_table, start_utc_s=START_S),
        "zone_uses": sum_zone_uses(visits, journey_table, start_utc_s=START_S, min_stop_s=3.0),
        "passages": count_passages(stay_table, stops, start_utc_s=START_S),
        "line_minutes": sum_crossings(crossings, start_utc_s=START_S),
        "line_turns": sum_turns(turns, start_utc_s=START_S),
    }
