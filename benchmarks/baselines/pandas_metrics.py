"""The metrics of ``benchmarks.analytics`` as an analyst writes them with pandas, shapely and scipy.

Vectorised wherever possible. Nothing of ExpoFlow's metrics is used, only its settings.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage, stats

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.visits import MAX_SAMPLE_S, VisitSettings
from benchmarks.walked_tracks import FLOOR, PERIOD_S, make_zones

BLOCK_S = 300.0
CELL_M, BANDWIDTH_M = 0.5, 0.5
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What one version found.

    Attributes:
        visits: ``visitor, zone, entered_s, left_s, censored_start, censored_end``, ordered by these.
        dwell_s: per zone the mean, shape (zones,).
        people: mean occupancy of every minute.
        moves: ``from, to, moves, share, share_low, share_high``, ordered by the first two.
        person_seconds, density: of every cell, NaN where there is no value.
        visits_after_s: processor time until the visits were there.
    """

    visits: pd.DataFrame
    dwell_s: FloatArray
    people: FloatArray
    moves: pd.DataFrame
    person_seconds: FloatArray
    density: FloatArray
    visits_after_s: float


def compute_by_pandas(tracks: pd.DataFrame) -> Figures:
    """The same figures by the same rules."""
    began_s = time.process_time()
    zones, settings = make_zones(), VisitSettings()
    rows = order_rows(tracks)
    visits = pd.concat([find_visits(rows, zone, settings) for zone in zones], ignore_index=True)
    visits = visits.sort_values(["visitor", "entered_s"], ignore_index=True)
    visits_after_s = time.process_time() - began_s
    cells = compute_heatmap(rows)
    return Figures(
        visits=visits,
        dwell_s=np.array([measure_mean(visits[visits["zone"] == zone.name]) for zone in zones]),
        people=compute_occupancy(rows),
        moves=count_moves(visits, rows, settings),
        person_seconds=cells[0],
        density=cells[1],
        visits_after_s=visits_after_s,
    )


def order_rows(tracks: pd.DataFrame) -> pd.DataFrame:
    """By visitor and time, with the seconds since the visitor's row before."""
    rows = pd.DataFrame(
        {
            "visitor": tracks["visitor"].fillna(tracks["tracklet"]).astype("int64"),
            "time_s": tracks["time_s"],
            "x_m": tracks["x_m"].astype("float64"),
            "y_m": tracks["y_m"].astype("float64"),
        }
    )
    rows = rows.dropna(subset=["time_s", "x_m", "y_m"])
    rows = rows.sort_values(["visitor", "time_s"], ignore_index=True)
    return rows.assign(since_s=rows.groupby("visitor")["time_s"].diff())


def find_visits(rows: pd.DataFrame, zone: Zone, settings: VisitSettings) -> pd.DataFrame:
    """The visits of one zone that has no neighbours."""
    polygon, reach_m = zone.outline.to_shape(), zone.leave_distance_m
    points = shapely.points(rows["x_m"], rows["y_m"])
    away_m = shapely.distance(polygon.exterior, points)
    shapely.prepare(polygon)
    depth_m = pd.Series(np.where(shapely.contains(polygon, points), away_m, -away_m), rows.index)
    before_m = depth_m.groupby(rows["visitor"]).shift()
    # when the way from the row before meets the outer edge of the band
    met_s = rows["time_s"] - rows["since_s"] * (depth_m + reach_m) / (depth_m - before_m)
    is_far = depth_m < -reach_m
    goes, returns = is_far & (before_m >= -reach_m), ~is_far & (before_m < -reach_m)
    gone_s = met_s.where(goes).groupby(rows["visitor"]).ffill()
    has_left = returns & ~(met_s - gone_s <= zone.leave_time_s + 1e-6)
    part = has_left.groupby(rows["visitor"]).cumsum()
    inside = rows[depth_m >= 0]
    own = inside.assign(part=part)[["visitor", "part"]]
    is_first, is_last = ~own.duplicated(keep="first"), ~own.duplicated(keep="last")
    return join_rows(rows, inside.loc[is_first], inside.loc[is_last], zone, settings)


def join_rows(
    rows: pd.DataFrame, first: pd.DataFrame, last: pd.DataFrame, zone: Zone, settings: VisitSettings
) -> pd.DataFrame:
    """First and last rows inside to stays, with the crossings of the outline."""
    next_s = rows["since_s"].shift(-1).where(rows["visitor"] == rows["visitor"].shift(-1))
    begins = ~(first["since_s"] <= settings.longest_gap_s)
    ends = ~(next_s[last.index] <= settings.longest_gap_s)
    stays = pd.DataFrame(
        {
            "visitor": first["visitor"].to_numpy(),
            "entered_s": date_crossings(rows, zone, first, begins.to_numpy().astype(int) - 1),
            "left_s": date_crossings(rows, zone, last, 1 - ends.to_numpy().astype(int)),
            "censored_start": begins.to_numpy().astype(int),
            "censored_end": ends.to_numpy().astype(int),
        }
    )
    # who appears or disappears inside does so between two rows, unless the data begin or end there
    begin_s, end_s = rows["time_s"].min(), rows["time_s"].max()
    appears = begins & (first["time_s"] > begin_s + settings.period_margin_s)
    disappears = ends & (last["time_s"] < end_s - settings.period_margin_s)
    after_s, before_s = (
        step_s.clip(upper=MAX_SAMPLE_S).fillna(0.0) for step_s in (next_s[first.index], last["since_s"])
    )
    stays["entered_s"] -= np.where(appears, after_s / 2, 0.0)
    stays["left_s"] += np.where(disappears, before_s / 2, 0.0)
    is_visit = stays["left_s"] - stays["entered_s"] >= zone.minimum_stay_s - 1e-6
    return stays[is_visit].assign(zone=str(zone.name))


def date_crossings(
    rows: pd.DataFrame, zone: Zone, inner: pd.DataFrame, step: npt.NDArray[np.int_]
) -> FloatArray:
    """When the way from each inner row to the row ``step`` further meets the outline; halfway if not."""
    outer = rows.loc[inner.index.to_numpy() + step]
    begin, end = inner[["x_m", "y_m"]].to_numpy(), outer[["x_m", "y_m"]].to_numpy()
    ways = shapely.linestrings(np.stack([begin, end], axis=1))
    meeting = shapely.intersection(ways, zone.outline.to_shape().exterior)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = shapely.distance(shapely.points(begin), meeting) / shapely.length(ways)
    share = np.where(np.isnan(share), 0.5, share)
    begin_s, end_s = inner["time_s"].to_numpy(), outer["time_s"].to_numpy()
    return np.asarray(begin_s + share * (end_s - begin_s), np.float64)


def measure_mean(visits: pd.DataFrame) -> float:
    """Mean seconds of the visits."""
    return float((visits["left_s"] - visits["entered_s"]).mean())


def divide(parts: FloatArray, of: FloatArray) -> tuple[float, float]:
    """A ratio over blocks and the half width of its interval (Cochran 1977, 6.3)."""
    blocks, ratio = len(parts), parts.sum() / of.sum()
    error = np.sqrt(blocks / (blocks - 1) * ((parts - ratio * of) ** 2).sum()) / of.sum()
    return float(ratio), float(stats.t.ppf(0.975, blocks - 1) * error)


def measure_overlap(begin_s: FloatArray, end_s: FloatArray, edges_s: FloatArray) -> FloatArray:
    """Seconds of all intervals within each step."""
    return np.array(
        [
            np.clip(np.minimum(end_s, high_s) - np.maximum(begin_s, low_s), 0.0, None).sum()
            for low_s, high_s in itertools.pairwise(edges_s)
        ]
    )


def compute_occupancy(rows: pd.DataFrame) -> FloatArray:
    """People present in every minute, unseen for at most 2 s."""
    stretch = (rows["since_s"].isna() | (rows["since_s"] > 2.0)).cumsum()
    seen = rows.groupby(stretch)["time_s"].agg(["first", "last"])
    edges_s = np.arange(0.0, PERIOD_S + 60.0, 60.0)
    end_s = (seen["last"] + rows["since_s"].median()).to_numpy()
    return measure_overlap(seen["first"].to_numpy(), end_s, edges_s) / 60.0


def count_moves(visits: pd.DataFrame, rows: pd.DataFrame, settings: VisitSettings) -> pd.DataFrame:
    """Moves between the zones, and from and to outside, with their shares and intervals over blocks."""
    seen = rows.groupby("visitor")["time_s"].agg(["first", "last"])
    comes = seen["first"] > rows["time_s"].min() + settings.period_margin_s
    goes = seen["last"] < rows["time_s"].max() - settings.period_margin_s
    by_visitor = visits.groupby("visitor")
    following = by_visitor["zone"].shift(-1)
    is_move = following.notna() & (following != visits["zone"])
    between = pd.DataFrame(
        {"from": visits["zone"][is_move], "to": following[is_move], "at_s": visits["left_s"][is_move]}
    )
    first, last = by_visitor.first(), by_visitor.last()
    first, last = first[comes[first.index]], last[goes[last.index]]
    entries = pd.DataFrame({"from": OUTSIDE, "to": first["zone"], "at_s": seen["first"][first.index]})
    exits = pd.DataFrame({"from": last["zone"], "to": OUTSIDE, "at_s": last["left_s"]})
    moves = pd.concat([between, entries, exits], ignore_index=True)
    moves["block"] = (moves["at_s"] // BLOCK_S).clip(0, PERIOD_S / BLOCK_S - 1).astype(int)
    blocks = range(round(PERIOD_S / BLOCK_S))
    counts = moves.groupby(["from", "to", "block"]).size().unstack("block", fill_value=0)
    counts = counts.reindex(columns=blocks, fill_value=0)
    table = []
    for begin, of_zone in counts.groupby(level="from"):
        total = of_zone.to_numpy().sum(axis=0)
        if total.sum() < 5:
            continue
        for end, count in zip(of_zone.index.get_level_values("to"), of_zone.to_numpy(), strict=True):
            share, reach = divide(count, total)
            table.append(
                (begin, end, int(count.sum()), share, max(0.0, share - reach), min(1.0, share + reach))
            )
    return pd.DataFrame(table, columns=["from", "to", "moves", "share", "share_low", "share_high"])


def compute_heatmap(rows: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Person-seconds of every cell, and per m² of floor after smoothing."""
    following_s = rows["since_s"].shift(-1)
    seconds = following_s.where(following_s <= 2.0, rows["since_s"].median())
    low_x, low_y, high_x, high_y = FLOOR.to_shape().bounds
    edges_x = np.arange(low_x - BANDWIDTH_M, high_x + BANDWIDTH_M + CELL_M / 2, CELL_M)
    edges_y = np.arange(low_y - BANDWIDTH_M, high_y + BANDWIDTH_M + CELL_M / 2, CELL_M)
    present, _, _ = np.histogram2d(rows["y_m"], rows["x_m"], bins=(edges_y, edges_x), weights=seconds)
    middle_x, middle_y = np.meshgrid(edges_x[:-1] + CELL_M / 2, edges_y[:-1] + CELL_M / 2)
    area_m2 = shapely.contains_xy(FLOOR.to_shape(), middle_x, middle_y) * CELL_M**2
    sigma = BANDWIDTH_M / CELL_M
    smoothed, floor = (ndimage.gaussian_filter(grid, sigma, mode="constant") for grid in (present, area_m2))
    return present, np.where(area_m2 > 0, smoothed / np.where(floor > 0, floor, np.nan), np.nan)
