"""Crossings of counting lines, with a band within which a person is on neither side."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import CROSSING_COLUMNS, empty_table
from analytics.domain.floor_geometry import Point
from analytics.domain.zone import CountingLine
from analytics.metrics.floor_distance import find_near, measure_squared_distance
from analytics.metrics.lone_glimpses import find_lone_glimpses
from analytics.metrics.observation import unite_spans
from analytics.metrics.presence import OrderedRows, PresenceRows, order_rows
from analytics.metrics.unseen_ways import WALK_OVER_S, WALK_SIGMAS, carry_over_unseen

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EDGE_WALK_S = 2.0
"""Over so long a way it is seen whether somebody whose track begins or ends at a line walks across it."""


@dataclass(frozen=True, slots=True)
class CrossingSettings:
    """Parameters of the crossing rule; printed with every report.

    Attributes:
        sigma_factor: a person is clear of a line at half its band or at this many of the position's errors
            from it, whichever is more. With errors of 0.1 to 0.2 m that last for 2 s, somebody who stands on
            a line crosses it 27 times an hour at 2.5, and once in hours at 4; those who walk get clear.
        once_within_s: the same person crossing again in the same direction this soon after a counted crossing
            is not counted, unless they came back in between, lest those who are inside be miscounted.
        walking_m_s: a track that begins or ends within the band counts as clear there if it gets across at
            no less than this for two seconds, and by more than errors can feign, since it came from or goes
            to where it is not seen. People leave through a door as slowly as those before them.
        longest_gap_s: nothing is counted across a longer stretch without a sighting.
        unseen_s: who is walking when a track begins is taken to have walked for so long before, and who is
            walking when it ends for so long after. Of the tracks that began up to a second's walk behind a
            line all 12 were of people who had crossed it; up to 1.6 s behind it, 5 of 7 (30 scenes of
            simulated visitors, 10 minutes each).
        unseen_frames: and for so many frames: two frames missed at the edge of the view are a second where
            there are two a second.
        stray_m_s: who is lost and found as somebody else a moment later, this much for each second unseen
            away from where the walk leads, crosses the lines between. In 30 scenes of two simulators such
            joins and walking on raise what is counted of 2,729 crossings from 97.9 to 98.8 % (in a dense
            crowd from 94.5 to 96.6 %); of the 24 more, 14 are within 2 s of a true one.
        glimpse_s: who is followed for less, and by one camera alone where another sees the floor as well, is
            somebody's double. Of such crossings 3 of 14 were true (8 scenes of two cameras, 979 crossings);
            where one camera sees the floor, 93 of 99 were.
    """

    sigma_factor: float = 4.0
    once_within_s: float = 10.0
    walking_m_s: float = 0.2
    longest_gap_s: float = 5.0
    unseen_s: float = 1.0
    unseen_frames: int = 3
    stray_m_s: float = 0.8
    glimpse_s: float = 5.0


def compute_crossings(
    *,
    tracks: pd.DataFrame,
    lines: Sequence[CountingLine],
    settings: CrossingSettings,
    spans: pd.DataFrame | None = None,
    ordered: OrderedRows | None = None,
) -> pd.DataFrame:
    """Crossings of lines by persons, columns of ``CROSSING_COLUMNS``, ordered by time.

    A crossing counts when a person was clear of the line (further from it than half its band, and than the
    position's error allows to be doubted) and is then clear of it again, and the path between leads from one
    side to the other through the line itself, not through its continuation. So a U-turn does not count, nor
    does somebody who stands on the line, nor a track that begins there, unless it walks across. Who walks and
    is lost before a line and found behind it, as whomever, has crossed it (``carry_over_unseen``).
    ``in`` is from left to right, seen from the line's first point to its last.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: when cameras were analysed, the columns of ``SPAN_COLUMNS``; None: from first to last row.
        ordered: the tracks by visitor, where they are ordered already.
    """
    if not lines:
        return empty_table(CROSSING_COLUMNS)
    observed = None if spans is None else unite_spans(spans)
    ordered = order_rows(tracks) if ordered is None else ordered
    rows = ordered.cut(longest_gap_s=settings.longest_gap_s)
    if observed is None and len(rows.time_s):
        observed = np.array([[rows.time_s.min(), rows.time_s.max()]])
    if observed is not None:
        rows = carry_over_unseen(
            rows=rows,
            unseen_s=max(settings.unseen_s, settings.unseen_frames * rows.sample_interval_s()),
            walking_m_s=settings.walking_m_s,
            stray_m_s=settings.stray_m_s,
            observed=observed,
        )
    tables = [_find_crossings(rows=rows, line=line, settings=settings) for line in lines]
    tables = [table for table in tables if len(table)]
    if not tables:
        return empty_table(CROSSING_COLUMNS)
    crossings = pd.concat(tables, ignore_index=True)
    if observed is not None:
        is_double = find_lone_glimpses(
            crossings=crossings, tracks=tracks, shortest_s=settings.glimpse_s, observed=observed
        )
        crossings = crossings[~is_double]
    crossings = crossings.sort_values(["time_s", "line", "visitor"], kind="stable", ignore_index=True)
    return crossings.astype({column.name: column.dtype for column in CROSSING_COLUMNS})


def count_crossings(*, crossings: pd.DataFrame, lines: Sequence[CountingLine]) -> dict[str, dict[str, int]]:
    """In and out of every line, zeros included."""
    return {
        str(line.name): {
            direction: int(
                ((crossings["line"] == str(line.name)) & (crossings["direction"] == direction)).sum()
            )
            for direction in ("in", "out")
        }
        for line in lines
    }


def _find_crossings(*, rows: PresenceRows, line: CountingLine, settings: CrossingSettings) -> pd.DataFrame:
    columns = [column.name for column in CROSSING_COLUMNS]
    step, signed, at_s = _intersect_path(rows, line.path.points)
    if not len(step):
        return pd.DataFrame(columns=columns)
    is_clear = _find_clear(rows, line, settings)
    total = np.zeros(len(rows.time_s), np.int64)
    np.add.at(total, step + 1, signed)
    total = np.cumsum(total)
    clear = np.flatnonzero(is_clear)
    net = np.diff(total[clear])
    is_same = rows.segment[clear[1:]] == rows.segment[clear[:-1]]
    found = np.flatnonzero((net != 0) & is_same)
    before, after = clear[found], clear[found + 1]
    # the last intersection before the person is clear: the one that was not taken back
    order = np.lexsort((at_s, step))
    step, at_s = step[order], at_s[order]
    last = np.searchsorted(step, after, side="left") - 1
    table = pd.DataFrame(
        {
            "visitor": rows.person_ids[rows.person[before]],
            "line": pd.Series([str(line.name)] * len(found), dtype="str"),
            "time_s": at_s[last],
            "direction": pd.Series(["in" if n > 0 else "out" for n in net[found]], dtype="str"),
        }
    )
    return table[_keep_first(rows.person[before], net[found], at_s[last], settings.once_within_s)]


def _keep_first(person: IntArray, net: IntArray, at_s: FloatArray, within_s: float) -> npt.NDArray[np.bool_]:
    keep = np.ones(len(person), bool)
    counted: dict[int, tuple[bool, float]] = {}
    rows = zip(person.tolist(), (net > 0).tolist(), at_s.tolist(), strict=True)
    for index, (who, is_in, moment) in enumerate(rows):
        was_in, last_s = counted.get(who, (not is_in, moment))
        if was_in == is_in and moment - last_s < within_s:
            keep[index] = False
        else:
            counted[who] = (is_in, moment)
    return keep


def _find_clear(rows: PresenceRows, line: CountingLine, settings: CrossingSettings) -> npt.NDArray[np.bool_]:
    half_m = np.maximum(line.band_m / 2, settings.sigma_factor * rows.sigma_m)
    points = line.path.points
    near = find_near(rows.x_m, rows.y_m, points=points, margin_m=float(half_m.max(initial=0.0)) + 1e-6)
    x, y = rows.x_m[near], rows.y_m[near]
    nearest = np.full(len(near), np.inf)
    for start, end in itertools.pairwise(points):
        np.minimum(nearest, measure_squared_distance(x, y, start=start, end=end), out=nearest)
    is_clear = np.ones(len(rows.time_s), bool)
    is_clear[near] = nearest > half_m[near] ** 2
    starts, ends = rows.segment_starts(), rows.segment_ends()
    for at, way in ((starts[~is_clear[starts]], 1), (ends[~is_clear[ends]], -1)):
        is_clear[at] = _find_walking_across(rows, at, way, points, settings)
    return is_clear


def _find_walking_across(
    rows: PresenceRows, at: IntArray, way: int, points: tuple[Point, ...], settings: CrossingSettings
) -> npt.NDArray[np.bool_]:
    """Whether a person walks across a line in the time after (``way`` 1) or before (-1) a row."""
    interval_s = rows.sample_interval_s()
    reach = max(1, round(EDGE_WALK_S / interval_s)) if interval_s > 0 else 1
    segment = rows.find_segments(at)
    other = np.clip(at + way * reach, rows.segment_starts()[segment], rows.segment_ends()[segment])
    elapsed_s = np.abs(rows.time_s[other] - rows.time_s[at])
    across_m = np.abs(_measure_side(rows, other, points) - _measure_side(rows, at, points))
    error_m = np.maximum(rows.sigma_m[at], rows.sigma_m[other])
    found: npt.NDArray[np.bool_] = (
        (elapsed_s >= WALK_OVER_S / 2)
        & (across_m >= settings.walking_m_s * elapsed_s)
        & (across_m >= WALK_SIGMAS * error_m)
    )
    return found


def _measure_side(rows: PresenceRows, at: IntArray, points: tuple[Point, ...]) -> FloatArray:
    """Metres to the left of the nearest stretch of a line, continued beyond its ends."""
    x, y = rows.x_m[at], rows.y_m[at]
    nearest, side_m = np.full(len(at), np.inf), np.zeros(len(at))
    for start, end in itertools.pairwise(points):
        squared = measure_squared_distance(x, y, start=start, end=end)
        length_m = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        side_m = np.where(squared < nearest, _orient(start, end, x, y) / length_m, side_m)
        nearest = np.minimum(nearest, squared)
    return side_m


def _intersect_path(rows: PresenceRows, points: tuple[Point, ...]) -> tuple[IntArray, IntArray, FloatArray]:
    """Where steps from one row to the next pass through the line.

    Returns:
        The first row of each such step, +1 from left to right and -1 from right to left, and the time.
    """
    x, y = rows.x_m, rows.y_m
    corners = np.asarray(points)
    low, high = corners.min(axis=0), corners.max(axis=0)
    meets = rows.segment[1:] == rows.segment[:-1]
    for values, least, most in ((x, low[0], high[0]), (y, low[1], high[1])):
        meets &= np.maximum(values[1:], values[:-1]) >= least
        meets &= np.minimum(values[1:], values[:-1]) <= most
    step = np.flatnonzero(meets)
    x0, y0, x1, y1 = x[step], y[step], x[step + 1], y[step + 1]
    steps, signs, times = [], [], []
    for start, end in itertools.pairwise(points):
        side0 = _orient(start, end, x0, y0)
        side1 = _orient(start, end, x1, y1)
        # half-open on both: a path through a corner of the line, or a row on the line, counts once
        end_a = (x1 - x0) * (start[1] - y0) - (y1 - y0) * (start[0] - x0) >= 0
        end_b = (x1 - x0) * (end[1] - y0) - (y1 - y0) * (end[0] - x0) >= 0
        hit = np.flatnonzero(((side0 >= 0) != (side1 >= 0)) & (end_a != end_b))
        share = side0[hit] / (side0[hit] - side1[hit])
        begin_s = rows.time_s[step[hit]]
        steps.append(step[hit])
        signs.append(np.where(side0[hit] >= 0, 1, -1))
        times.append(begin_s + share * (rows.time_s[step[hit] + 1] - begin_s))
    return np.concatenate(steps), np.concatenate(signs).astype(np.int64), np.concatenate(times)


def _orient(start: Point, end: Point, x: FloatArray, y: FloatArray) -> FloatArray:
    """Positive to the left of the line from start to end, twice the triangle's area in m²."""
    return (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0])
