"""Positions of all visitors at any moment of a past period, hour by hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray, Interval
from app.core.document import Venue
from app.plan.floor_scene import LiveDot

if TYPE_CHECKING:
    from app.facts.identified_period import IdentifiedPeriod

STEP_S = 2.0
TAIL_S = 10.0
HOUR_S = 3600.0
HEAT_CELL_M = 0.5
HEAT_SIGMA_M = 0.5
HEAT_HALF_LIFE_S = 60.0
HEAT_REACH_S = 300.0
"""Maximum age of positions in the heat; older ones weigh less than a thirtieth."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaybackHour:
    """Positions of one hour at observed moments ``STEP_S`` apart.

    Attributes:
        period_s: seconds since the epoch.
        time_s: moments, from a few minutes before the hour, shape (m,), seconds since the epoch.
        first: index of each moment's first person, and the total, shape (m + 1,).
        person, x_m, y_m: by moment, shape (n,); numbers are valid within the hour.
    """

    period_s: Interval
    time_s: FloatArray
    first: IntArray
    person: IntArray
    x_m: FloatArray
    y_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class HeatGrid:
    """Grid for the heat of the last minutes.

    Attributes:
        rect: left, bottom, width, height, metres.
        shape: (rows, columns).
    """

    rect: tuple[float, float, float, float]
    shape: tuple[int, int]


def make_heat_grid(outline: Sequence[tuple[float, float]]) -> HeatGrid:
    """Return the heat grid over a floor."""
    corners = np.asarray(outline)
    low, high = corners.min(axis=0), corners.max(axis=0)
    columns, rows = np.maximum(1, np.ceil((high - low) / HEAT_CELL_M - 1e-9)).astype(int).tolist()
    return HeatGrid(
        (float(low[0]), float(low[1]), columns * HEAT_CELL_M, rows * HEAT_CELL_M), (rows, columns)
    )


def find_hour(at_s: float, bounds_s: Interval) -> Interval:
    """Return the UTC hour that contains a time, cut to the period."""
    start_s = math.floor(at_s / HOUR_S) * HOUR_S
    return max(start_s, bounds_s[0]), min(start_s + HOUR_S, bounds_s[1])


def list_observed(venue: Venue, period_s: Interval) -> tuple[Interval, ...]:
    """Return the times in which any camera was analysed in a period, seconds since the epoch, in order.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.metrics.observation import clip_intervals, unite_spans
    from analytics.store.sql_event_store import open_reader

    with closing(open_reader(venue.folder)) as reader:
        spans = reader.read_spans(*period_s)
    observed = clip_intervals(unite_spans(spans), start_s=period_s[0], end_s=period_s[1])
    return tuple((float(start_s), float(end_s)) for start_s, end_s in observed)


def read_hour(*, venue: Venue, hour_s: Interval, remembered_s: Interval) -> PlaybackHour:
    """Read the positions of all visitors in an hour.

    Args:
        hour_s: start and end, seconds since the epoch.
        remembered_s: the floor plan's period, whose identities are cached unless it is long.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.density.crowd_moments import MAX_GAP_S, sample_crowd_moments
    from analytics.metrics.observation import unite_spans
    from analytics.metrics.presence import order_rows
    from app.floor_plan.floor_analysis import MAX_TRACKED_S, make_stretch
    from app.floor_plan.floor_movement import identify_floor

    # the heat of the first minutes comes from the hour before
    from_s = max(hour_s[0] - HEAT_REACH_S, min(remembered_s[0], hour_s[0]))
    zero_s = from_s
    identified = None
    if remembered_s[1] - remembered_s[0] <= MAX_TRACKED_S:
        identified = identify_floor(venue, remembered_s)
        zero_s = remembered_s[0]
    if identified is not None:
        stretch = make_stretch(venue, identified, remembered_s, venue.geometry_at(remembered_s[1]))
        ordered, observed = stretch.ordered, stretch.observed
    else:
        alone = _identify_hour(venue, (from_s, hour_s[1]))
        ordered, observed = order_rows(alone.tracks), unite_spans(alone.spans)
    samples = sample_crowd_moments(
        rows=ordered.cut(longest_gap_s=MAX_GAP_S),
        observed=observed,
        period_s=(from_s - zero_s, hour_s[1] - zero_s),
        step_s=STEP_S,
    )
    return PlaybackHour(
        period_s=hour_s,
        time_s=samples.time_s + zero_s,
        first=samples.first,
        person=samples.person,
        x_m=samples.x_m,
        y_m=samples.y_m,
    )


def find_time_index(hour: PlaybackHour, at_s: float) -> int:
    """Return the index of the last moment before a time, if recent; -1 where nothing was observed."""
    index = int(np.searchsorted(hour.time_s, at_s, side="right")) - 1
    if index < 0:
        # the first moment lies half a step after the start
        index = 0 if len(hour.time_s) and hour.time_s[0] - at_s <= STEP_S else -1
    elif at_s - hour.time_s[index] > 1.5 * STEP_S:
        return -1
    return index


def list_dots(hour: PlaybackHour, index: int) -> tuple[LiveDot, ...]:
    """Return all visitors at a moment, with their paths of the last seconds."""
    earliest = int(np.searchsorted(hour.time_s, hour.time_s[index] - TAIL_S))
    rows = slice(int(hour.first[earliest]), int(hour.first[index + 1]))
    present = set(hour.person[int(hour.first[index]) : int(hour.first[index + 1])].tolist())
    tails: dict[int, list[tuple[float, float]]] = {person: [] for person in sorted(present)}
    for person, x_m, y_m in zip(
        hour.person[rows].tolist(), hour.x_m[rows].tolist(), hour.y_m[rows].tolist(), strict=True
    ):
        if person in tails:
            tails[person].append((x_m, y_m))
    return tuple(LiveDot(tuple(tail)) for tail in tails.values())


def compute_heat(hour: PlaybackHour, index: int, frame: HeatGrid) -> FloatArray:
    """Return the mean density of the last minutes, persons per m²; shape (rows, columns).

    Moments weigh 2^(-age / one minute).
    """
    from scipy import ndimage

    rows, columns = frame.shape
    earliest = int(np.searchsorted(hour.time_s, hour.time_s[index] - HEAT_REACH_S))
    weight = 0.5 ** ((hour.time_s[index] - hour.time_s[earliest : index + 1]) / HEAT_HALF_LIFE_S)
    counts = np.diff(hour.first[earliest : index + 2])
    people = slice(int(hour.first[earliest]), int(hour.first[index + 1]))
    column = np.floor((hour.x_m[people] - frame.rect[0]) / HEAT_CELL_M).astype(np.int64)
    row = np.floor((hour.y_m[people] - frame.rect[1]) / HEAT_CELL_M).astype(np.int64)
    is_on = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    sums = np.bincount(
        (row * columns + column)[is_on], weights=np.repeat(weight, counts)[is_on], minlength=rows * columns
    )
    density = sums.reshape(rows, columns) / (weight.sum() * HEAT_CELL_M**2)
    smoothed: FloatArray = ndimage.gaussian_filter(density, HEAT_SIGMA_M / HEAT_CELL_M, mode="constant")
    return smoothed


def _identify_hour(venue: Venue, hour_s: Interval) -> IdentifiedPeriod:
    """Identify an hour without the cache, so that it displaces no cached period."""
    from analytics.store.sql_event_store import open_reader
    from app.facts.camera_views import find_camera_views
    from app.facts.expired_tracks import require_tracks
    from app.facts.identified_period import identify_period

    with closing(open_reader(venue.folder)) as reader:
        tracks, spans = reader.read_tracks(*hour_s), reader.read_spans(*hour_s)
        require_tracks(reader, spans, hour_s)
    geometry = venue.geometry_at(hour_s[1])
    return identify_period(
        tracks=tracks,
        spans=spans[spans["end_s"] > spans["start_s"]],
        period_s=hour_s,
        views=find_camera_views(venue),
        zones=geometry.zones,
        lines=geometry.lines,
        corrections=venue.corrections,
    )
