"""Comparison of one labelled clip with the system's results: matches, misses and false counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analytics.columns import TRACK_COLUMNS, require_columns
from analytics.domain.arrays import FloatArray
from analytics.domain.camera_geometry import CameraGeometry
from analytics.evaluation.clip_labels import DIRECTIONS, Clip, ClipLabels
from analytics.evaluation.crossing_scores import match_times
from analytics.evaluation.floor_identities import GATE_M, place_on_grid

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class SystemResults:
    """The system's results for a clip; times in seconds since the epoch.

    Attributes:
        crossings: ``CROSSING_COLUMNS`` of the whole venue, with a margin around the clip.
        visits: ``VISIT_COLUMNS``, those that overlap the clip.
        tracks: ``TRACK_COLUMNS`` of the clip's camera, before identities are joined, with a margin over a
            second.
        geometry: of the camera, for the frame of the labels; None: not calibrated.
    """

    crossings: pd.DataFrame
    visits: pd.DataFrame
    tracks: pd.DataFrame
    geometry: CameraGeometry | None


@dataclass(frozen=True, slots=True)
class MatchedCount:
    """True, found and matched numbers."""

    true: int = 0
    found: int = 0
    matched: int = 0

    @property
    def errors(self) -> int:
        """Return the number of missed and false ones."""
        return self.true + self.found - 2 * self.matched


@dataclass(frozen=True, slots=True, eq=False)
class ClipComparison:
    """A clip's labels compared with the results.

    Attributes:
        crossings: None if no line was labelled.
        minute_true, minute_found: crossings per full minute, and of a rest over half a minute; shape
            (minutes,).
        heads: over all head counts of the clip; None without any.
        stays: complete stays, and matched ones (also as ``found``); None if no zone was labelled.
        stay_seconds: shape (matched stays, 2), true and found.
        click_error_m: from the floor point of each matched click to the found position.
        place_error_m: from the floor point of each clicked mark to its known place.
    """

    clip: Clip
    crossings: MatchedCount | None
    minute_true: FloatArray
    minute_found: FloatArray
    heads: MatchedCount | None
    head_counts: int
    stays: MatchedCount | None
    stay_seconds: FloatArray
    click_error_m: FloatArray
    place_error_m: FloatArray


def compare_clip(labels: ClipLabels, found: SystemResults) -> ClipComparison:
    """Match crossings within 2 s, heads within 1 m on the floor, and stays by the time they share."""
    require_columns(found.tracks, TRACK_COLUMNS)
    crossings, minute_true, minute_found = _compare_crossings(labels, found.crossings)
    heads, click_error_m = _compare_heads(labels, found)
    stays, stay_seconds = _compare_stays(labels, found.visits)
    return ClipComparison(
        clip=labels.clip,
        crossings=crossings,
        minute_true=minute_true,
        minute_found=minute_found,
        heads=heads,
        head_counts=len(labels.heads),
        stays=stays,
        stay_seconds=stay_seconds,
        click_error_m=click_error_m,
        place_error_m=_measure_places(labels, found.geometry),
    )


def _compare_crossings(
    labels: ClipLabels, crossings: pd.DataFrame
) -> tuple[MatchedCount | None, FloatArray, FloatArray]:
    clip = labels.clip
    whole = int(clip.seconds // MINUTE_S)
    edges = clip.start_utc_s + MINUTE_S * np.arange(whole + 1)
    if clip.seconds - whole * MINUTE_S >= MINUTE_S / 2:
        edges = np.append(edges, clip.end_utc_s)
    if not labels.lines:
        return None, np.empty(0), np.empty(0)
    within = crossings[
        (crossings["time_s"] >= clip.start_utc_s)
        & (crossings["time_s"] < clip.end_utc_s)
        & crossings["line"].isin([str(line) for line in labels.lines])
    ]
    matched = 0
    for line in labels.lines:
        for direction in DIRECTIONS:
            true = [c.time_utc_s for c in labels.crossings if (c.line, c.direction) == (line, direction)]
            own = within[(within["line"] == str(line)) & (within["direction"] == direction)]
            met, _ = match_times(np.sort(true), np.sort(own["time_s"].to_numpy(np.float64)))
            matched += int(met.sum())
    true_s = np.array([crossing.time_utc_s for crossing in labels.crossings], np.float64)
    found_s = within["time_s"].to_numpy(np.float64)
    count = MatchedCount(len(true_s), len(found_s), matched)
    minute_true, minute_found = (np.histogram(moments, edges)[0] for moments in (true_s, found_s))
    return count, minute_true.astype(np.float64), minute_found.astype(np.float64)


def _compare_heads(labels: ClipLabels, found: SystemResults) -> tuple[MatchedCount | None, FloatArray]:
    if not labels.heads:
        return None, np.empty(0)
    true = seen = matched = 0
    errors: list[FloatArray] = []
    for head in labels.heads:
        positions = find_positions(found.tracks, head.time_utc_s)
        true += len(head.foot_points_px)
        seen += len(positions)
        distance_m = _measure_distances(head.foot_points_px, positions, found.geometry)
        if distance_m.size:
            near = distance_m <= GATE_M
            rows, columns = linear_sum_assignment(np.where(near, distance_m, 1e3 * GATE_M))
            kept = near[rows, columns]
            matched += int(kept.sum())
            errors.append(distance_m[rows[kept], columns[kept]])
        elif found.geometry is None:
            # without a calibration identities are unknown: match as many as possible
            matched += min(len(head.foot_points_px), len(positions))
    return MatchedCount(true, seen, matched), np.concatenate([np.empty(0), *errors])


def find_positions(tracks: pd.DataFrame, time_s: float) -> FloatArray:
    """Return all positions of one camera at a time, shape (people, 2) in metres."""
    near = tracks[(tracks["time_s"] > time_s - 2.0) & (tracks["time_s"] < time_s + 2.0)]
    if near.empty:
        return np.empty((0, 2))
    # the epoch's seconds leave too few digits for the tolerances of a grid
    shifted = near.assign(time_s=near["time_s"] - time_s, visitor=pd.array([pd.NA] * len(near), "Int64"))
    return place_on_grid(tracks=shifted, times_s=np.zeros(1)).xy_m


def _measure_distances(
    clicks: Sequence[tuple[float, float]], positions: FloatArray, geometry: CameraGeometry | None
) -> FloatArray:
    if geometry is None or not clicks or not len(positions):
        return np.empty((0, 0))
    floor_m = geometry.project_to_floor(np.asarray(clicks, np.float64))
    distance_m = np.linalg.norm(floor_m[:, None] - positions[None], axis=2)
    return np.where(np.isfinite(distance_m), distance_m, np.inf)


def _compare_stays(labels: ClipLabels, visits: pd.DataFrame) -> tuple[MatchedCount | None, FloatArray]:
    if not labels.zones:
        return None, np.empty((0, 2))
    pairs: list[tuple[float, float]] = []
    complete = 0
    for zone in labels.zones:
        true = np.array(
            [(s.entered_utc_s, s.left_utc_s) for s in labels.stays if s.zone == zone and s.seconds],
            np.float64,
        ).reshape(-1, 2)
        own = visits[visits["zone"] == str(zone)]
        found = own[["entered_s", "left_s"]].to_numpy(np.float64)
        complete += len(true)
        shared_s = np.minimum(true[:, None, 1], found[None, :, 1]) - np.maximum(
            true[:, None, 0], found[None, :, 0]
        )
        # of two visits that were there all the while, the one that begins and ends alike is meant
        union_s = np.maximum(true[:, None, 1], found[None, :, 1]) - np.minimum(
            true[:, None, 0], found[None, :, 0]
        )
        alike = np.where(shared_s > 0, shared_s / np.maximum(union_s, 1e-9), 0.0)
        rows, columns = linear_sum_assignment(alike, maximize=True)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if alike[row, column] > 0:
                pairs.append((true[row, 1] - true[row, 0], found[column, 1] - found[column, 0]))
    count = MatchedCount(complete, len(pairs), len(pairs))
    return count, np.asarray(pairs, np.float64).reshape(-1, 2)


def _measure_places(labels: ClipLabels, geometry: CameraGeometry | None) -> FloatArray:
    if geometry is None or not labels.places:
        return np.empty(0)
    floor_m = geometry.project_to_floor(np.array([place.uv_px for place in labels.places], np.float64))
    error_m = np.linalg.norm(floor_m - np.array([place.xy_m for place in labels.places], np.float64), axis=1)
    known: FloatArray = error_m[np.isfinite(error_m)]
    return known
