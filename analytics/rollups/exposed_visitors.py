"""Visitors who came near each stand, and whether they visited it and stopped there."""

from __future__ import annotations

import pandas as pd

from analytics.domain.zone import Zone
from analytics.dwell.engagement_tier import Tier
from analytics.exhibition.exposure import find_exposed, make_exposure_area, smooth_ways
from analytics.metrics.presence import PresenceRows
from analytics.rollups.stretch import Stretch, cache_by_stretch

EXPOSED_COLUMN_NAMES = ("zone", "visitor", "time_s", "is_pass_by", "weight", "did_stop")
"""Columns of the table. ``time_s``: when first near; ``weight``: number of people that the row stands for
(see ``Exposure``); ``did_stop``: with a visit that reached ``Tier.STOP``. Entrance and exit zones have no
rows."""


@cache_by_stretch
def tabulate_exposed(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone and visitor who came near it, columns of ``EXPOSED_COLUMN_NAMES``."""
    ways = smooth_ways(stretch.ordered)
    parts = [_tabulate_zone(stretch, zone, ways) for zone in list_elements(stretch.geometry.zones)]
    if not parts:
        return pd.DataFrame(
            {
                "zone": pd.Series(dtype="str"),
                "visitor": pd.Series(dtype="int64"),
                "time_s": pd.Series(dtype="float64"),
                "is_pass_by": pd.Series(dtype="bool"),
                "weight": pd.Series(dtype="float64"),
                "did_stop": pd.Series(dtype="bool"),
            }
        )
    return pd.concat(parts, ignore_index=True)


def list_elements(zones: tuple[Zone, ...]) -> tuple[Zone, ...]:
    """Return all zones but the doors."""
    return tuple(zone for zone in zones if not zone.is_door)


def _tabulate_zone(stretch: Stretch, zone: Zone, ways: PresenceRows) -> pd.DataFrame:
    elsewhere = [other.outline for other in list_elements(stretch.geometry.zones) if other != zone]
    elsewhere += [obstacle.outline for obstacle in stretch.plan.obstacles]
    exposure = find_exposed(
        ordered=stretch.ordered,
        zone=zone,
        area=make_exposure_area(zone, floor=stretch.plan.outline, elsewhere=elsewhere),
        visits=stretch.visits,
        journeys=stretch.journeys,
        ways=ways,
    )
    visits = stretch.visits[stretch.visits["zone"] == str(zone.name)]
    stopped = visits.loc[visits["tier"] != Tier.VISIT.value, "visitor"]
    return pd.DataFrame(
        {
            "zone": str(zone.name),
            "visitor": exposure.exposed["visitor"].to_numpy("int64"),
            "time_s": exposure.exposed["time_s"].to_numpy("float64"),
            "is_pass_by": exposure.is_pass_by,
            "weight": exposure.weight,
            "did_stop": exposure.exposed["visitor"].isin(stopped).to_numpy(bool),
        }
    )
