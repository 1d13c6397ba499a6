"""Exposure to stands: pass-bys, capture rate and attraction power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import Zone
from analytics.metrics.presence import OrderedRows, PresenceRows
from analytics.metrics.speed import smooth_positions

EXPOSURE_M = 3.0
"""Maximum distance from a stand at which a visitor is exposed to it."""
MAX_GAP_S = 2.0
SMOOTHING_S = 1.0
"""Averaging time of positions, so that single errors do not cross the area's border."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Visitors who came near one stand.

    Attributes:
        exposed: visitors with the time first near or inside: ``visitor``, ``time_s``, by visitor.
        is_pass_by: whether without a visit, shape of ``exposed``.
        weight: number of people represented, shape of ``exposed``: 1, and for a pass-by half less for each
            end of the track lost within the area, so that the two parts of a broken track count as one.
    """

    exposed: pd.DataFrame
    is_pass_by: npt.NDArray[np.bool_]
    weight: FloatArray

    @property
    def pass_bys(self) -> float:
        """Weighted number of pass-bys."""
        return float(self.weight[self.is_pass_by].sum())


def make_exposure_area(
    zone: Zone, *, floor: Polygon | None = None, elsewhere: Sequence[Polygon] = ()
) -> BaseGeometry:
    """Return the floor within a distance of a stand, and the stand itself.

    Args:
        floor: outline of the floor, which limits the area.
        elsewhere: other stands and furniture, excluded from the area.
    """
    outline = zone.outline.to_shape()
    around: BaseGeometry = outline.buffer(EXPOSURE_M)
    if floor is not None:
        around = around.intersection(floor.to_shape())
    taken = shapely.union_all([other.to_shape() for other in elsewhere])
    return around.difference(taken).union(outline)


def smooth_ways(ordered: OrderedRows) -> PresenceRows:
    """Smooth all paths for ``find_exposed``, to be reused for many zones."""
    return smooth_positions(ordered.cut(longest_gap_s=MAX_GAP_S), window_s=SMOOTHING_S)


def find_exposed(
    *,
    ordered: OrderedRows,
    zone: Zone,
    area: BaseGeometry,
    visits: pd.DataFrame,
    journeys: pd.DataFrame | None = None,
    ways: PresenceRows | None = None,
) -> Exposure:
    """Return the visitors in a zone's exposure area or with a visit, with their first time.

    Args:
        ordered: tracks by visitor.
        area: result of ``make_exposure_area``.
        visits: columns of ``VISIT_COLUMNS`` of the same visitors, of all zones.
        journeys: columns of ``JOURNEY_COLUMN_NAMES`` of the same visitors, with the ends of tracks
            seen; None if all were.
        ways: result of ``smooth_ways``, if already computed.
    """
    own = visits[visits["zone"] == str(zone.name)]
    rows = smooth_ways(ordered) if ways is None else ways
    corners = tuple((float(x), float(y)) for x, y in shapely.get_coordinates(shapely.envelope(area)))
    near = rows.blocks.find_near(corners)
    shapely.prepare(area)
    near = near[shapely.contains_xy(area, rows.x_m[near], rows.y_m[near])]
    seen = pd.DataFrame(
        {
            "visitor": np.concatenate(
                [rows.person_ids[rows.person[near]], own["visitor"].to_numpy(np.int64)]
            ),
            "time_s": np.concatenate([rows.time_s[near], own["entered_s"].to_numpy(np.float64)]),
        }
    )
    exposed = seen.groupby("visitor", sort=True)["time_s"].min().reset_index()
    is_pass_by = ~exposed["visitor"].isin(own["visitor"]).to_numpy()
    weight = np.ones(len(exposed))
    if journeys is not None:
        weight[is_pass_by] -= _count_lost_ends(rows, near, exposed["visitor"], journeys)[is_pass_by] / 2
    return Exposure(exposed, is_pass_by, weight)


def _count_lost_ends(
    rows: PresenceRows, near: IntArray, visitors: pd.Series, journeys: pd.DataFrame
) -> FloatArray:
    """Return how many of the two ends of each visitor's track were lost among the rows ``near``."""
    lost = np.zeros(len(visitors))
    is_first = np.append(True, np.diff(rows.person) != 0)[: len(rows.person)]
    is_last = np.append(is_first[1:], True)[: len(rows.person)]
    for is_end, column in ((is_first, "is_start_seen"), (is_last, "is_end_seen")):
        unseen = journeys.loc[~journeys[column].to_numpy(bool), "visitor"]
        within = rows.person_ids[rows.person[near[is_end[near]]]]
        lost += (visitors.isin(within) & visitors.isin(unseen)).to_numpy(np.float64)
    return lost


def choose_stops_in(*, stops: pd.DataFrame, outline: Polygon) -> pd.DataFrame:
    """Return the stops, with ``STOP_COLUMN_NAMES``, that lie in an outline."""
    is_in = shapely.contains_xy(
        outline.to_shape(), stops["x_m"].to_numpy(np.float64), stops["y_m"].to_numpy(np.float64)
    )
    return stops[is_in].reset_index(drop=True)
