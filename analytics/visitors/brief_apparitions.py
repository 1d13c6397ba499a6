"""Visitors who come out of nothing, stay where they are for some seconds and vanish: nobody was there.

A bag, the back of a chair or a reflection is taken for a person now and then, a few seconds long. A poster
comes back to its place and is found there (``false_persons``); these do not. What tells them from people is
that nobody appears in the middle of the floor, in full view of a camera that was watching, or disappears
there: a visitor's track begins and ends at an edge of the view or at a door, or goes on in another one after
a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.metrics.observation import unite_spans
from analytics.visitors.turnover_map import TurnoverPrior
from analytics.visitors.visitor_settings import ApparitionSettings

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

STILL_SHARE = 0.9
"""Of a track's places that must be near its median."""


@dataclass(frozen=True, slots=True)
class Apparitions:
    """What was left out: how many, and for how long together."""

    count: int
    seconds: float


def leave_out_apparitions(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None,
    turnover: TurnoverPrior,
    settings: ApparitionSettings,
) -> tuple[pd.DataFrame, Apparitions]:
    """Tracks without those of visitors who appeared, stayed in place and vanished.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, ordered by time, ``visitor`` known in every row.
        spans: when cameras were analysed, columns of ``SPAN_COLUMNS``; None: all the time.
        turnover: where people come and go; where no view is known, nobody is left out.
    """
    nobody = Apparitions(0, 0.0)
    if not len(tracks) or not turnover.has_views:
        return tracks, nobody
    lasted = _measure_lasting(tracks)
    short = lasted.index[lasted["end_s"] - lasted["begin_s"] < settings.longest_s]
    rows = tracks[tracks["visitor"].isin(short)]
    if not len(rows):
        return tracks, nobody
    found = _describe(rows)
    is_still = found["reach_m"].to_numpy() <= settings.still_m
    far_m = np.minimum(
        *(turnover.measure_distance(*found[[f"{end}_x_m", f"{end}_y_m"]].to_numpy().T) for end in ENDS)
    )
    found = found[is_still & (far_m > settings.edge_m)]
    observed_s = tracks["time_s"].iloc[0], tracks["time_s"].iloc[-1]
    found = found[_were_watched(found, spans, observed_s, settings.watched_s)]
    if not len(found):
        return tracks, nobody
    seconds = float((found["end_s"] - found["begin_s"]).sum())
    kept = tracks[~tracks["visitor"].isin(found.index)].reset_index(drop=True)
    return kept, Apparitions(len(found), round(seconds, 3))


ENDS = ("begin", "end")


def _measure_lasting(tracks: pd.DataFrame) -> pd.DataFrame:
    times = tracks.groupby("visitor")["time_s"]
    return pd.DataFrame({"begin_s": times.min(), "end_s": times.max()})


def _describe(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per visitor: begin and end with place and camera, and how far the places reach."""
    visitors = rows.groupby("visitor")
    described = _measure_lasting(rows)
    for end, of_end in zip(ENDS, (visitors.first(), visitors.last()), strict=True):
        for column in ("x_m", "y_m"):
            described[f"{end}_{column}"] = of_end[column].astype(np.float64)
        described[f"{end}_camera"] = of_end["camera"]
    middle = visitors[["x_m", "y_m"]].transform("median")
    away = rows[["x_m", "y_m"]] - middle
    away_m = pd.Series(np.hypot(*away.to_numpy(np.float64).T), rows.index)
    described["reach_m"] = away_m.groupby(rows["visitor"]).quantile(STILL_SHARE)
    return described


def _were_watched(
    found: pd.DataFrame, spans: pd.DataFrame | None, observed_s: tuple[float, float], margin_s: float
) -> BoolArray:
    """Whether the cameras that saw each begin and end were watching a while before, and after."""
    begin_s, end_s = found["begin_s"].to_numpy() - margin_s, found["end_s"].to_numpy() + margin_s
    were_watched = np.zeros(len(found), bool)
    begin_camera, end_camera = (found[f"{end}_camera"].astype(str) for end in ENDS)
    for one, other in set(zip(begin_camera, end_camera, strict=True)):
        spans_s = np.array([observed_s]) if spans is None else unite_spans(spans, cameras={one, other})
        if not len(spans_s):
            continue
        at = np.maximum(np.searchsorted(spans_s[:, 0], begin_s, side="right") - 1, 0)
        are_within = (spans_s[at, 0] <= begin_s) & (end_s <= spans_s[at, 1])
        were_watched |= are_within & ((begin_camera == one) & (end_camera == other)).to_numpy()
    return were_watched
