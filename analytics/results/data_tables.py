"""Rows of data sets from a day's facts: sums of steps, or single visits and crossings."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.observation import integrate_overlap, unite_spans
from analytics.results.data_sets import COLUMNS, MIN_VISITORS, DataSet
from analytics.results.visitor_names import VisitorNames
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.zone_blocks import BLOCK_S
from analytics.rollups.zone_minutes import HALL

HALL_KIND = "hall"

TABLES_OF: dict[DataSet, tuple[str, ...]] = {
    DataSet.VISITS: ("zone_blocks",),
    DataSet.OCCUPANCY: ("minutes",),
    DataSet.CROSSINGS: ("crossings",),
    DataSet.EACH_VISIT: ("visits",),
    DataSet.EACH_CROSSING: ("crossings",),
    DataSet.TRACKS: (),
}
"""Rollup tables from which each data set is made."""


def make_rows(
    data_set: DataSet,
    facts: PeriodFacts,
    *,
    edges_s: FloatArray,
    zones: Sequence[Zone],
    lines: Sequence[CountingLine],
    includes_hall: bool,
    stretch_start_s: float,
    visitor_names: VisitorNames,
) -> pd.DataFrame:
    """Return the rows of a stretch, ordered by zone or line and time; times in seconds since the epoch.

    Args:
        facts: facts of one stretch, with the tables of ``TABLES_OF``.
        edges_s: edges of the steps, shape (steps + 1,); single visits and crossings are those that began
            between the first and the last.
        includes_hall: whether ``occupancy`` includes the whole hall.
        stretch_start_s: start of the stretch that numbered the visitors.
        visitor_names: names for this export.
    """
    names, line_names = [str(zone.name) for zone in zones], [str(line.name) for line in lines]
    if data_set in (DataSet.EACH_VISIT, DataSet.EACH_CROSSING):
        if data_set is DataSet.EACH_VISIT:
            time_column = "entered"
            table = _choose(facts.tables["visits"], "entered_s", edges_s, "zone", names)
        else:
            time_column = "time"
            table = _choose(facts.tables["crossings"], "time_s", edges_s, "line", line_names)
        rows = table.rename(columns={"entered_s": "entered", "left_s": "left", "time_s": "time"})
        at_s = rows[time_column].to_numpy(np.float64)
        visitor_names_of_rows = visitor_names.name(rows["visitor"], at_s, stretch_start_utc_s=stretch_start_s)
        rows = rows.assign(visitor=visitor_names_of_rows)
    elif data_set is DataSet.VISITS:
        blocks = facts.tables["zone_blocks"]
        rows = _concatenate(
            [_sum_visits(blocks[blocks["zone"] == str(zone.name)], zone, edges_s) for zone in zones]
        )
    elif data_set is DataSet.OCCUPANCY:
        zone_kinds = [(str(zone.name), zone.kind.value) for zone in zones]
        minutes = facts.tables["minutes"]
        rows = _concatenate(
            [
                _sum_minutes(minutes[minutes["zone"] == name], name, kind, edges_s)
                for name, kind in ([(HALL, HALL_KIND)] if includes_hall else []) + zone_kinds
            ]
        )
    else:
        rows = _concatenate([_sum_crossings(facts, line, edges_s) for line in lines])
    columns = [column.name for column in COLUMNS[data_set]]
    return rows.reindex(columns=columns) if len(rows.columns) else pd.DataFrame(columns=columns)


def choose_points(tracks: pd.DataFrame, zones: Sequence[Zone]) -> pd.DataFrame:
    """Return the track points that lie in any of the zones."""
    x_m, y_m = (tracks[name].to_numpy(np.float64) for name in ("x_m", "y_m"))
    is_in = np.zeros(len(tracks), np.bool_)
    for zone in zones:
        is_in |= shapely.contains_xy(zone.outline.to_shape(), x_m, y_m)
    chosen: pd.DataFrame = tracks[is_in]
    return chosen


def _choose(
    table: pd.DataFrame, time_column: str, edges_s: FloatArray, owner: str, names: Collection[str]
) -> pd.DataFrame:
    at_s = table[time_column].to_numpy(np.float64)
    is_in = (at_s >= edges_s[0]) & (at_s < edges_s[-1]) & table[owner].isin(list(names)).to_numpy(bool)
    chosen: pd.DataFrame = table[is_in]
    return chosen.sort_values([time_column, "visitor"], kind="stable", ignore_index=True)


def _sum_visits(blocks: pd.DataFrame, zone: Zone, edges_s: FloatArray) -> pd.DataFrame:
    step = _find_steps(blocks["start_s"].to_numpy(np.float64) + BLOCK_S / 2, edges_s)
    visits, engaged, dwell_s, observed_s = (
        _sum_by_step(step, blocks[name].to_numpy(np.float64), edges_s)
        for name in ("entries", "reached_engaged", "dwell_s", "observed_s")
    )
    shown_visits, engaged_shown = _suppress(visits), _suppress(engaged)
    mean_dwell_s = np.full(len(visits), np.nan)
    has_mean = (visits > 0) & np.isfinite(shown_visits)
    mean_dwell_s[has_mean] = dwell_s[has_mean] / visits[has_mean]
    rows = pd.DataFrame(
        {
            "zone": str(zone.name),
            "kind": zone.kind.value,
            **_make_steps(edges_s, observed_s),
            "visits": shown_visits,
            "engaged_visits": np.where(np.isfinite(shown_visits), engaged_shown, np.nan),
            "mean_dwell_s": mean_dwell_s,
            "suppressed": np.isnan(shown_visits) | np.isnan(engaged_shown),
        }
    )
    return rows[observed_s > 0]


def _sum_minutes(minutes: pd.DataFrame, name: str, kind: str, edges_s: FloatArray) -> pd.DataFrame:
    step = _find_steps(minutes["start_s"].to_numpy(np.float64) + 30.0, edges_s)
    present_s, minute_observed_s = (
        minutes[column].to_numpy(np.float64) for column in ("person_seconds", "observed_s")
    )
    person_seconds, observed_s = (
        _sum_by_step(step, present_s, edges_s),
        _sum_by_step(step, minute_observed_s, edges_s),
    )
    peak = np.full(len(edges_s) - 1, np.nan)
    # a minute's mean needs at least half of it
    is_long_enough = (step >= 0) & (minute_observed_s >= 30.0)
    np.fmax.at(peak, step[is_long_enough], present_s[is_long_enough] / minute_observed_s[is_long_enough])
    mean = np.full(len(observed_s), np.nan)
    np.divide(person_seconds, observed_s, out=mean, where=observed_s > 0)
    rows = pd.DataFrame(
        {
            "zone": name,
            "kind": kind,
            **_make_steps(edges_s, observed_s),
            "mean_people": mean,
            "peak_people": peak,
            "present_person_seconds": person_seconds,
        }
    )
    return rows[observed_s > 0]


def _sum_crossings(facts: PeriodFacts, line: CountingLine, edges_s: FloatArray) -> pd.DataFrame:
    crossings = facts.tables["crossings"]
    line_crossings = crossings[crossings["line"] == str(line.name)]
    step = _find_steps(line_crossings["time_s"].to_numpy(np.float64), edges_s)
    is_in = (line_crossings["direction"] == "in").to_numpy(np.bool_)
    observed_s = np.diff(integrate_overlap(_find_observed(facts, line), edges_s))
    inward, outward = (
        _suppress(_sum_by_step(step, weight.astype(np.float64), edges_s)) for weight in (is_in, ~is_in)
    )
    rows = pd.DataFrame(
        {
            "line": str(line.name),
            "kind": line.kind.value,
            **_make_steps(edges_s, observed_s),
            "in": inward,
            "out": outward,
            "suppressed": np.isnan(inward) | np.isnan(outward),
        }
    )
    return rows[observed_s > 0]


def _find_observed(facts: PeriodFacts, line: CountingLine) -> FloatArray:
    """Return when a camera that sees most of the line was analysed; any camera if no view is known."""
    if not facts.views:
        return facts.observed
    path = line.path.to_shape()
    points = np.array([path.interpolate(share, normalized=True).coords[0] for share in np.linspace(0, 1, 11)])
    shares = {str(view.camera): float(view.sees(points).mean()) for view in facts.views}
    cameras = {name for name, share in shares.items() if share >= 0.5}
    return unite_spans(
        facts.tables["spans"], cameras=cameras or {name for name, share in shares.items() if share > 0}
    )


def _find_steps(at_s: FloatArray, edges_s: FloatArray) -> npt.NDArray[np.int64]:
    """Return the step of each time; -1 outside of all."""
    step = np.searchsorted(edges_s, at_s, side="right") - 1
    step[(at_s < edges_s[0]) | (at_s >= edges_s[-1])] = -1
    return step.astype(np.int64)


def _sum_by_step(step: npt.NDArray[np.int64], values: FloatArray, edges_s: FloatArray) -> FloatArray:
    is_in = step >= 0
    return np.bincount(step[is_in], values[is_in], len(edges_s) - 1).astype(np.float64)


def _suppress(counts: FloatArray) -> FloatArray:
    whole = np.round(counts)
    return np.where((whole > 0) & (whole < MIN_VISITORS), np.nan, whole)


def _make_steps(edges_s: FloatArray, observed_s: FloatArray) -> dict[str, FloatArray]:
    return {"start": edges_s[:-1], "end": edges_s[1:], "observed_s": observed_s}


def _concatenate(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
