"""Facts of a period for tests of rules: an exhibition of equal stands, filled table by table."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.places.place_value import PlaceValue, PlaceValues
from analytics.rollups.clock_steps import add_up_steps, find_steps
from analytics.rollups.crowding import CROWDING_COLUMN_NAMES
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.queue_tails import QUEUE_TAIL_COLUMN_NAMES
from analytics.rollups.stretch import RollupSettings
from analytics.rollups.tables import list_ways, sum_zone_uses
from analytics.rollups.zone_blocks import ZONE_BLOCK_COLUMN_NAMES

OPENS_S = 1_772_442_000.0
"""2026-03-02 09:00 UTC."""
HOURS = 8
DAY_S = 86_400.0
FLOOR_WH_M = (40.0, 20.0)


def make_box(left: float, low: float, right: float, high: float) -> Polygon:
    """A rectangle."""
    return Polygon(((left, low), (right, low), (right, high), (left, high)))


def make_stands(count: int) -> tuple[Zone, ...]:
    """Equal stands in two rows, ``S1``, ``S2`` ..."""
    return tuple(
        Zone(
            ZoneId(f"S{number + 1}"),
            ZoneKind.BOOTH,
            make_box(
                2 + 4 * (number // 2), 2 + 12 * (number % 2), 5 + 4 * (number // 2), 5 + 12 * (number % 2)
            ),
        )
        for number in range(count)
    )


def make_facts(
    zones: Sequence[Zone],
    tables: Mapping[str, pd.DataFrame] | None = None,
    *,
    days: int = 2,
    hours: int = HOURS,
) -> PeriodFacts:
    """Days of so many hours that were observed throughout.

    Args:
        tables: those with rows; the others are empty, or sums of these.
    """
    starts_s = OPENS_S + DAY_S * np.arange(days)
    ends_s = starts_s + 3600.0 * hours
    visits = _fill(tables, "visits", ("visitor", "zone", "entered_s", "left_s", "stop_s", "tier"))
    exposed = _fill(tables, "exposed", ("zone", "visitor", "time_s", "is_pass_by", "weight", "did_stop"))
    journeys = _fill(tables, "journeys", ("visitor", "start_s", "end_s", "zones"))
    journeys = journeys.assign(is_start_seen=True, is_end_seen=True)
    all_tables: dict[str, pd.DataFrame] = {
        name: _fill(tables, name, columns)
        for name, columns in {
            "minutes": ("zone", "start_s", "person_seconds", "observed_s"),
            "crowding": CROWDING_COLUMN_NAMES,
            "queue_tails": QUEUE_TAIL_COLUMN_NAMES,
        }.items()
    }
    all_tables |= {"visits": visits, "exposed": exposed, "journeys": journeys}
    all_tables["zone_blocks"] = _sum_exposed(exposed)
    all_tables["zone_uses"] = sum_zone_uses(visits, journeys, start_utc_s=0.0, min_stop_s=3.0)
    all_tables["ways"] = list_ways(journeys)
    # nobody's visits are known, but where they went
    zones_of = [zone for way in journeys["zones"] for zone in way]
    all_tables["way_steps"] = pd.DataFrame({"place": pd.Categorical(zones_of), "has_stopped": False})
    all_tables["spans"] = pd.DataFrame(
        {"camera": "hall", "start_s": starts_s, "end_s": ends_s, "frames": 100_000}
    )
    return PeriodFacts(
        period_s=(OPENS_S, float(ends_s[-1])),
        stretches_s=np.column_stack([starts_s, ends_s]),
        plan=FloorPlan(make_box(0, 0, *FLOOR_WH_M)),
        geometry=FloorGeometry(tuple(zones)),
        views=(),
        zone_since_s={str(zone.name): OPENS_S for zone in zones},
        tables=all_tables,
        settings=RollupSettings(),
    )


def _fill(tables: Mapping[str, pd.DataFrame] | None, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """The table of a name, or one without rows."""
    return (tables or {}).get(name, pd.DataFrame({column: pd.Series(dtype="float64") for column in columns}))


def _sum_exposed(exposed: pd.DataFrame) -> pd.DataFrame:
    """The table ``zone_blocks`` of those who came near, with nothing else in it."""
    weight = exposed["weight"].to_numpy(np.float64)
    start_s = find_steps(exposed["time_s"].to_numpy(np.float64), start_utc_s=0.0)
    stopped = exposed["did_stop"].to_numpy(np.float64)
    sums = {"exposed": weight, "exposed_stopped": stopped}
    table = add_up_steps(exposed["zone"].to_numpy(object), start_s, sums)
    return table.reindex(columns=list(ZONE_BLOCK_COLUMN_NAMES), fill_value=0.0)


def make_exposed(
    counts: Mapping[str, tuple[int, int]], random: np.random.Generator, *, days: int = 2
) -> pd.DataFrame:
    """The table ``exposed``: for each zone how many came near and how many of them stopped."""
    parts = []
    for number, (zone, (came, stopped)) in enumerate(counts.items()):
        day = random.integers(0, days, came)
        parts.append(
            pd.DataFrame(
                {
                    "zone": zone,
                    "visitor": 100_000 * number + np.arange(came),
                    "time_s": OPENS_S + DAY_S * day + random.uniform(0, 3600.0 * HOURS, came),
                    "is_pass_by": np.arange(came) >= stopped,
                    "weight": 1.0,
                    "did_stop": np.arange(came) < stopped,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def value_places_as(
    ratios: Mapping[str, float], *, expected: float = 300.0, error: float = 0.1, unknown: Collection[str] = ()
) -> PlaceValues:
    """Values of places of which each lets expect as many, with intervals of a relative error."""
    reach = math.exp(1.96 * error)
    values = {
        name: PlaceValue(
            Estimate(expected, (expected / reach, expected * reach)),
            UNKNOWN if name in unknown else Estimate(ratio, (ratio / reach, ratio * reach)),
        )
        for name, ratio in ratios.items()
    }
    return PlaceValues(values, None, {})


def make_minutes(people: Mapping[str, float], *, days: int = 2) -> pd.DataFrame:
    """The table ``minutes`` with a constant number of people in each zone; the hall is ``""``."""
    start_s = np.concatenate([OPENS_S + DAY_S * day + 60.0 * np.arange(60 * HOURS) for day in range(days)])
    return pd.concat(
        [
            pd.DataFrame(
                {"zone": zone, "start_s": start_s, "person_seconds": 60.0 * count, "observed_s": 60.0}
            )
            for zone, count in people.items()
        ],
        ignore_index=True,
    )
