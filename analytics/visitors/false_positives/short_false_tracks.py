"""Removes visitors who appear out of nothing, stay in place for some seconds and vanish.

A bag, the back of a chair or a reflection is occasionally taken for a person, for a few seconds. A poster
comes back to its place and is found there (``false_persons``); these do not. Unlike people, they appear and
disappear in the middle of the floor, in full view of a camera that was watching: a visitor's track begins and
ends at an edge of the view or at a door, or continues in another one after a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.metrics.observation import unite_spans
from analytics.visitors.false_positives.false_persons import STRAY_SHARE, FalsePlace
from analytics.visitors.switches.turnover_map import TurnoverPrior
from analytics.visitors.visitor_settings import FALSE_TRACKS, SCALES

ENDS = ("begin", "end")


@dataclass(frozen=True, slots=True)
class ShortFalseTracks:
    """Number and total duration of removed visitors."""

    count: int
    seconds: float


def exclude_short_false_tracks(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None,
    turnovers: Callable[[str], TurnoverPrior | None],
    kept_places: Sequence[FalsePlace],
    kept_visitors: npt.NDArray[np.int64],
) -> tuple[pd.DataFrame, ShortFalseTracks]:
    """Return the tracks without visitors who appeared, stayed in place and vanished.

    Obstacles are not considered: someone who steps out from behind a pillar and back, and stays in place in
    between, is left out as well.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, ordered by time, ``visitor`` known in every row.
        spans: spans in which cameras were analysed, columns of ``SPAN_COLUMNS``; None: all the time.
        turnovers: entry and exit prior by camera name; None for an unknown view, whose visitors are kept.
        kept_places: places at which visitors are kept.
        kept_visitors: visitors to keep: longer ones of which a part was left out already.
    """
    lasted = _measure_lasting(tracks)
    short = lasted.index[lasted["end_s"] - lasted["begin_s"] < FALSE_TRACKS.longest_s]
    rows = tracks[tracks["visitor"].isin(short) & ~tracks["visitor"].isin(kept_visitors)]
    if not len(rows):
        return tracks, ShortFalseTracks(0, 0.0)
    found = _describe(rows)
    found = found[found["reach_m"] <= FALSE_TRACKS.still_m]
    for end in ENDS:
        found = found[_is_amid(found, end, turnovers, SCALES.apart_m)]
    found = found[~_is_at(found, kept_places)]
    observed_s = np.array([[tracks["time_s"].iloc[0], tracks["time_s"].iloc[-1]]])
    for end in ENDS:
        found = found[_was_watched(found, end, spans, observed_s, SCALES.lasting_s)]
    if not len(found):
        return tracks, ShortFalseTracks(0, 0.0)
    seconds = float((found["end_s"] - found["begin_s"]).sum())
    kept = tracks[~tracks["visitor"].isin(found.index)].reset_index(drop=True)
    return kept, ShortFalseTracks(len(found), round(seconds, 3))


def _measure_lasting(tracks: pd.DataFrame) -> pd.DataFrame:
    times = tracks.groupby("visitor")["time_s"]
    return pd.DataFrame({"begin_s": times.min(), "end_s": times.max()})


def _describe(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per visitor: begin and end with place and camera, the middle and the reach."""
    visitors = rows.groupby("visitor")
    described = _measure_lasting(rows)
    for end, of_end in zip(ENDS, (visitors.first(), visitors.last()), strict=True):
        for column in ("x_m", "y_m"):
            described[f"{end}_{column}"] = of_end[column].astype(np.float64)
        described[f"{end}_camera"] = of_end["camera"].astype(str)
    described[["middle_x_m", "middle_y_m"]] = visitors[["x_m", "y_m"]].median().astype(np.float64)
    away = rows[["x_m", "y_m"]] - visitors[["x_m", "y_m"]].transform("median")
    away_m = pd.Series(np.hypot(*away.to_numpy(np.float64).T), rows.index)
    described["reach_m"] = away_m.groupby(rows["visitor"]).quantile(1 - STRAY_SHARE)
    return described


def _is_at(found: pd.DataFrame, places: Sequence[FalsePlace]) -> BoolArray:
    """Return whether each visitor stayed at one of the places, as seen by the same camera."""
    where = zip(found["begin_camera"], found["middle_x_m"], found["middle_y_m"], strict=True)
    is_at = [
        any(one.camera == camera and one.holds(x_m, y_m) for one in places) for camera, x_m, y_m in where
    ]
    return np.array(is_at, np.bool_)


def _is_amid(
    found: pd.DataFrame, end: str, turnovers: Callable[[str], TurnoverPrior | None], edge_m: float
) -> BoolArray:
    """Return whether each began, or ended, far from the edge of its camera's view and from doors."""
    is_amid = np.zeros(len(found), bool)
    for camera, at in found.groupby(f"{end}_camera").indices.items():
        turnover = turnovers(str(camera))
        if turnover is not None:
            x_m, y_m = found[[f"{end}_x_m", f"{end}_y_m"]].to_numpy()[at].T
            is_amid[at] = turnover.measure_distance(x_m, y_m) > edge_m
    return is_amid


def _was_watched(
    found: pd.DataFrame, end: str, spans: pd.DataFrame | None, observed_s: FloatArray, margin_s: float
) -> BoolArray:
    """Return whether the camera of each begin, or end, was watching for a while before, or after."""
    was_watched = np.zeros(len(found), bool)
    at_s = found[f"{end}_s"].to_numpy()
    from_s, to_s = (at_s - margin_s, at_s) if end == "begin" else (at_s, at_s + margin_s)
    for camera, at in found.groupby(f"{end}_camera").indices.items():
        spans_s = observed_s if spans is None else unite_spans(spans, cameras={str(camera)})
        if len(spans_s):
            span = np.maximum(np.searchsorted(spans_s[:, 0], from_s[at], side="right") - 1, 0)
            was_watched[at] = (spans_s[span, 0] <= from_s[at]) & (to_s[at] <= spans_s[span, 1])
    return was_watched
