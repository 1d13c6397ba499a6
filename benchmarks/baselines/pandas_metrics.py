"""The metrics of ``benchmarks.analytics`` as an analyst writes them with pandas, shapely and scipy.

Vectorised wherever the rule is not sequential; whoever is inside follows from the rows before, so that this
step is a ``groupby`` per visitor with a loop in it. Nothing of ExpoFlow's metrics is used, only its settings.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage, special, stats

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone
from analytics.dwell.visits import (
    CERTAIN_SIGMAS,
    MAX_LOG_ODDS,
    MAX_SAMPLE_S,
    MAX_WEIGHT_S,
    VisitSettings,
)
from benchmarks.walked_tracks import FLOOR, PERIOD_S, make_zones

BLOCK_S = 300.0
CELL_M, BANDWIDTH_M = 0.5, 0.5
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What one version found.

    Attributes:
        visits: ``visitor, zone, entered_s, left_s, censored_start, censored_end``, ordered by these.
        dwell_s: per zone the mean and its interval, shape (zones, 3).
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
    rows = order_rows(tracks, settings)
    visits = pd.concat([find_visits(rows, zone, settings) for zone in zones], ignore_index=True)
    visits = visits.sort_values(["visitor", "entered_s"], ignore_index=True)
    visits_after_s = time.process_time() - began_s
    cells = compute_heatmap(rows)
    return Figures(
        visits=visits,
        dwell_s=np.array([estimate_dwell(visits[visits["zone"] == zone.name]) for zone in zones]),
        people=compute_occupancy(rows),
        moves=count_moves(visits, rows, settings),
        person_seconds=cells[0],
        density=cells[1],
        visits_after_s=visits_after_s,
    )


def order_rows(tracks: pd.DataFrame, settings: VisitSettings) -> pd.DataFrame:
    """By visitor and time, with the stretches in which each is followed and the seconds of every row."""
    rows = pd.DataFrame(
        {
            "visitor": tracks["visitor"].fillna(tracks["tracklet"]).astype("int64"),
            "time_s": tracks["time_s"],
            "x_m": tracks["x_m"].astype("float64"),
            "y_m": tracks["y_m"].astype("float64"),
            "sigma_m": np.maximum(settings.least_error_m, tracks["sigma_m"].astype("float64")),
        }
    )
    rows = rows.dropna(subset=["time_s", "x_m", "y_m"])
    rows = rows.sort_values(["visitor", "time_s"], ignore_index=True)
    since_s = rows.groupby("visitor")["time_s"].diff()
    is_new = since_s.isna() | (since_s > settings.longest_gap_s)
    rows["stretch"] = is_new.cumsum()
    rows["since_s"] = since_s.mask(is_new)
    return rows


def find_visits(rows: pd.DataFrame, zone: Zone, settings: VisitSettings) -> pd.DataFrame:
    """The visits of one zone."""
    polygon = zone.outline.to_shape()
    shapely.prepare(polygon)
    low_x, low_y, high_x, high_y = polygon.bounds
    reach_m = CERTAIN_SIGMAS * rows["sigma_m"]
    is_near = (rows["x_m"] >= low_x - reach_m) & (rows["x_m"] <= high_x + reach_m)
    is_near &= (rows["y_m"] >= low_y - reach_m) & (rows["y_m"] <= high_y + reach_m)
    near = rows[is_near].copy()
    points = shapely.points(near["x_m"], near["y_m"])
    depth_m = shapely.distance(polygon.exterior, points)
    depth = np.where(shapely.contains(polygon, points), depth_m, -depth_m) / near["sigma_m"]
    near = near[depth > -CERTAIN_SIGMAS]
    depth = depth[depth > -CERTAIN_SIGMAS]
    odds = np.clip(special.log_ndtr(depth) - special.log_ndtr(-depth), -MAX_LOG_ODDS, MAX_LOG_ODDS)
    odds[depth >= CERTAIN_SIGMAS] = MAX_LOG_ODDS
    usual_s = rows["since_s"].median()
    near["evidence"] = odds * near["since_s"].fillna(usual_s).clip(upper=MAX_WEIGHT_S)
    is_first = near["stretch"].ne(near["stretch"].shift()) | (near.index.to_series().diff() != 1)
    near["is_first"] = is_first
    near["is_last"] = is_first.shift(-1, fill_value=True)
    near["begins"] = near["since_s"].isna()
    stretch_ends = ~rows["stretch"].duplicated(keep="last")
    near["ends"] = stretch_ends[near.index]
    is_inside = near.groupby("visitor", sort=False, group_keys=False)[
        ["evidence", "is_first", "is_last", "begins", "ends"]
    ].apply(follow_visitor, cost=settings.evidence_s)
    return join_rows(rows, near[is_inside], zone, settings)


def follow_visitor(rows: pd.DataFrame, cost: float) -> pd.Series:
    """Whether each of a visitor's rows near a zone is inside: the Viterbi path of two states."""
    columns = zip(*(rows[name].tolist() for name in rows.columns), strict=True)
    scores, score = [], 0.0
    for evidence, is_first, is_last, begins, ends in columns:
        if is_first:
            score = 0.0 if begins else -cost
        score = min(max(score, -cost), cost) + evidence
        # who goes on outside has to change sides at the last row
        scores.append((score, is_last, cost if is_last and not ends else 0.0))
    is_inside = []
    for score, is_last, limit in reversed(scores):
        if is_last:
            inside = score > limit if limit else score >= 0
        elif abs(score) > cost:
            inside = score > 0
        is_inside.append(inside)
    return pd.Series(is_inside[::-1], index=rows.index)


def join_rows(rows: pd.DataFrame, inside: pd.DataFrame, zone: Zone, settings: VisitSettings) -> pd.DataFrame:
    """Rows inside to stays, with the crossings of the outline, and those that are near in time to one."""
    is_new = inside["stretch"].ne(inside["stretch"].shift()) | (inside.index.to_series().diff() != 1)
    first, last = inside[is_new], inside[is_new.shift(-1, fill_value=True)]
    stays = pd.DataFrame(
        {
            "visitor": first["visitor"].to_numpy(),
            "stretch": first["stretch"].to_numpy(),
            "entered_s": date_crossings(rows, zone, first, first["begins"].to_numpy().astype(int) - 1),
            "left_s": date_crossings(rows, zone, last, 1 - last["ends"].to_numpy().astype(int)),
            "censored_start": first["begins"].to_numpy().astype(int),
            "censored_end": last["ends"].to_numpy().astype(int),
        }
    )
    # who appears or disappears inside does so between two rows, unless the data begin or end there
    step_s = rows["since_s"].clip(upper=MAX_SAMPLE_S).fillna(0.0)
    begin_s, end_s = rows["time_s"].min(), rows["time_s"].max()
    appears = first["begins"] & (first["time_s"] > begin_s + settings.period_margin_s)
    disappears = last["ends"] & (last["time_s"] < end_s - settings.period_margin_s)
    next_step_s = step_s.shift(-1, fill_value=0.0)
    stays["entered_s"] -= np.where(appears, next_step_s[first.index] / 2, 0.0)
    stays["left_s"] += np.where(disappears, step_s[last.index] / 2, 0.0)
    is_other = stays["stretch"].ne(stays["stretch"].shift())
    is_other |= stays["entered_s"] - stays["left_s"].shift() > settings.merge_s + 1e-6
    stays = stays.groupby(is_other.cumsum()).agg(
        visitor=("visitor", "first"),
        entered_s=("entered_s", "first"),
        left_s=("left_s", "last"),
        censored_start=("censored_start", "first"),
        censored_end=("censored_end", "last"),
    )
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


def estimate_dwell(visits: pd.DataFrame) -> tuple[float, float, float]:
    """Mean seconds of the visits, with the interval of a ratio over blocks."""
    edges_s = np.arange(0.0, PERIOD_S + BLOCK_S, BLOCK_S)
    entered_s, left_s = visits["entered_s"].to_numpy(), visits["left_s"].to_numpy()
    seconds = measure_overlap(entered_s, left_s, edges_s)
    count = (np.histogram(entered_s, edges_s)[0] + np.histogram(left_s, edges_s)[0]) / 2
    mean_s, reach_s = divide(seconds, count)
    return mean_s, max(3.0, mean_s - reach_s), mean_s + reach_s


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
