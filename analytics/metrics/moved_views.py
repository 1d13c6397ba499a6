"""Periods in which a camera's positions are doubtful because its view may have moved since calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import shapely

from analytics.columns import EVENT_COLUMNS, TRACK_COLUMNS, require_columns
from analytics.domain.arrays import BoolArray
from analytics.domain.event_sink import CameraEventKind
from analytics.domain.zone import Zone


def find_moved_spans(events: pd.DataFrame, period_s: tuple[float, float]) -> pd.DataFrame:
    """Return the doubtful spans of a period: columns ``camera``, ``start_s``, ``end_s``, ordered by start.

    A span begins when the view was last known to be still before a move was noticed, and ends when the view
    matches a calibration again. Without such an end it continues, also over restarts.

    Args:
        events: the log from before the period to its end, columns of ``EVENT_COLUMNS``.
    """
    require_columns(events, EVENT_COLUMNS)
    start_s, end_s = period_s
    changes = events[events["kind"].isin([CameraEventKind.MOVED.value, CameraEventKind.STEADY_AGAIN.value])]
    rows: list[tuple[str, float, float]] = []
    for camera, of_camera in changes.sort_values("time_s", kind="stable").groupby("camera", sort=True):
        since_s: float | None = None
        for time_s, kind in zip(of_camera["time_s"], of_camera["kind"], strict=True):
            if kind == CameraEventKind.MOVED.value:
                since_s = time_s if since_s is None else since_s
            elif since_s is not None:
                rows.append((str(camera), since_s, time_s))
                since_s = None
        if since_s is not None:
            rows.append((str(camera), since_s, end_s))
    spans = pd.DataFrame(rows, columns=["camera", "start_s", "end_s"])
    spans = spans.assign(
        start_s=spans["start_s"].astype(float).clip(start_s, end_s),
        end_s=spans["end_s"].astype(float).clip(start_s, end_s),
    )
    spans = spans[spans["end_s"] > spans["start_s"]]
    return spans.sort_values(["start_s", "camera"], kind="stable", ignore_index=True)


def flag_doubtful(tracks: pd.DataFrame, moved: pd.DataFrame) -> BoolArray:
    """Return which track points come from a camera while its view was doubtful; shape (n,).

    Args:
        tracks: columns of ``TRACK_COLUMNS``.
        moved: of ``find_moved_spans``, on the same clock.
    """
    require_columns(tracks, TRACK_COLUMNS)
    doubtful = np.zeros(len(tracks), np.bool_)
    camera, time_s = tracks["camera"].astype(str).to_numpy(), tracks["time_s"].to_numpy(np.float64)
    for name, start_s, end_s in moved[["camera", "start_s", "end_s"]].itertuples(index=False, name=None):
        doubtful |= (camera == name) & (time_s >= start_s) & (time_s < end_s)
    return doubtful


def measure_doubtful_shares(
    tracks: pd.DataFrame, moved: pd.DataFrame, zones: Sequence[Zone]
) -> Mapping[str, float]:
    """Return the doubtful share of the positions in each zone, 0 to 1; 0 without any."""
    doubtful = flag_doubtful(tracks, moved)
    if not doubtful.any():
        return {str(zone.name): 0.0 for zone in zones}
    x_m, y_m = tracks["x_m"].to_numpy(np.float64), tracks["y_m"].to_numpy(np.float64)
    shares = {}
    for zone in zones:
        inside = shapely.contains_xy(zone.outline.to_shape(), x_m, y_m)
        shares[str(zone.name)] = float(doubtful[inside].mean()) if inside.any() else 0.0
    return shares
