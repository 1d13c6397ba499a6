"""True tracks, visits and crossings of synthetic visitors, from exact positions."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from analytics.columns import CROSSING_COLUMNS, SPAN_COLUMNS, TRACK_COLUMNS, Column, empty_table
from analytics.domain.arrays import FloatArray
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackState
from analytics.domain.zone import CountingLine, Zone, describe_rule
from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from resources.atomic_file import replace_file, write_text_atomically
from tools.simulation.crowd.crowd_samples import sample_crowd_at
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths

FINE_STEP_S = 0.02
"""Precision of the times of crossings."""


def make_true_tracks(*, paths: VisitorPaths, times_s: FloatArray, camera: CameraId) -> pd.DataFrame:
    """Return everyone's exact position at rising times: `TRACK_COLUMNS`, ordered by time."""
    samples = sample_crowd_at(paths=paths, times_s=times_s)
    table = pd.DataFrame(
        {
            "time_s": samples.times_s[samples.frame],
            "camera": str(camera),
            "tracklet": samples.visitor,
            "visitor": samples.visitor,
            "x_m": samples.xy_m[:, 0],
            "y_m": samples.xy_m[:, 1],
            "sigma_m": 0.0,
            "height_m": np.nan,
            "state": TrackState.TRUTH.value,
        }
    )
    return _with_types(table, TRACK_COLUMNS)


def make_true_visits(*, paths: VisitorPaths, zones: tuple[Zone, ...]) -> pd.DataFrame:
    """Return visits from exact positions: columns `VISIT_COLUMNS`, ordered by entry.

    Stays that reach over time 0 or the end are cut there and marked as censored.
    """
    stays = compute_stays(
        tracks=_make_whole_tracks(paths), zones=zones, spans=_make_span(paths), settings=VisitSettings()
    )
    return select_visits(stays=stays, zones=zones)


def _make_whole_tracks(paths: VisitorPaths) -> pd.DataFrame:
    """Return every point at which a path bends: between two of them, people walk straight."""
    times_s = np.append(np.arange(0.0, paths.duration_s, STEP_S), paths.duration_s)
    return make_true_tracks(paths=paths, times_s=times_s, camera=CameraId(""))


def _make_span(paths: VisitorPaths) -> pd.DataFrame:
    table = pd.DataFrame([("", 0.0, paths.duration_s, 1)], columns=[c.name for c in SPAN_COLUMNS])
    return _with_types(table, SPAN_COLUMNS)


def make_true_crossings(
    *, paths: VisitorPaths, lines: tuple[CountingLine, ...], step_s: float = FINE_STEP_S
) -> pd.DataFrame:
    """Return every crossing of a line in either direction: columns `CROSSING_COLUMNS`, ordered by time.

    Seen along the line, ``in`` is a crossing from its left to its right side. Who steps over it and back
    without having left its band, as people do who stand on it, has not crossed.
    """
    rows = []
    for path in paths.paths:
        times_s = _fine_times(path, paths.duration_s, step_s)
        xy = _positions(path, times_s)
        for line in lines:
            for index, is_in in _drop_returns(_find_all_crossings(xy, line), xy, line):
                rows.append((path.visitor, str(line.name), float(times_s[index]), "in" if is_in else "out"))
    rows.sort(key=lambda row: (row[2], row[0]))
    return _with_types(pd.DataFrame(rows, columns=[c.name for c in CROSSING_COLUMNS]), CROSSING_COLUMNS)


def write_truth(
    folder: Path,
    *,
    paths: VisitorPaths,
    zones: tuple[Zone, ...],
    lines: tuple[CountingLine, ...],
    tracks: pd.DataFrame,
    frame_counts: Mapping[CameraId, int],
) -> None:
    """Write ``tracks.parquet``, ``visits.csv``, ``crossings.csv`` and ``summary.json`` into a folder.

    Args:
        tracks: exact positions (`make_true_tracks`) of those who could be seen, at equal times.
        frame_counts: how many frames of each camera were analysed.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    visits = make_true_visits(paths=paths, zones=zones)
    crossings = make_true_crossings(paths=paths, lines=lines)
    with replace_file(folder / "tracks.parquet") as temporary:
        tracks.to_parquet(temporary, index=False)
    for name, table in (("visits.csv", visits), ("crossings.csv", crossings)):
        with replace_file(folder / name) as temporary:
            table.to_csv(temporary, index=False, float_format="%.3f")
    summary = {
        "format": 1,
        "start_utc": None,
        "duration_s": paths.duration_s,
        "analysed_frames": sum(frame_counts.values()),
        "cameras": {
            str(camera): {"frames": count, "observed_s": paths.duration_s}
            for camera, count in frame_counts.items()
        },
        "identities": int(tracks["visitor"].nunique()),
        "people_in_view": {"mean": round(len(tracks) / max(tracks["time_s"].nunique(), 1), 3)},
        "zones": {str(zone.name): _summarise_zone(zone, visits) for zone in zones},
        "lines": {str(line.name): _count_directions(line, crossings) for line in lines},
        "skipped_rows": {},
        "parameters": {"zones": {str(zone.name): describe_rule(zone) for zone in zones}},
        "versions": {},
    }
    write_text_atomically(folder / "summary.json", json.dumps(summary, indent=1, ensure_ascii=False) + "\n")


def _summarise_zone(zone: Zone, visits: pd.DataFrame) -> dict[str, float | int | None]:
    seconds = visits.loc[visits["zone"] == str(zone.name), "seconds"].to_numpy(float)
    dwell = (
        {
            "mean_dwell_s": round(float(seconds.mean()), 3),
            "median_dwell_s": round(float(np.median(seconds)), 3),
            "p90_dwell_s": round(float(np.percentile(seconds, 90)), 3),
        }
        if len(seconds)
        else {"mean_dwell_s": None, "median_dwell_s": None, "p90_dwell_s": None}
    )
    return {"visits": len(seconds), **dwell, "person_seconds": round(float(seconds.sum()), 3)}


def _count_directions(line: CountingLine, crossings: pd.DataFrame) -> dict[str, int]:
    own = crossings[crossings["line"] == str(line.name)]
    return {way: int((own["direction"] == way).sum()) for way in ("in", "out")}


def _fine_times(path: VisitorPath, duration_s: float, step_s: float) -> FloatArray:
    start_s, end_s = max(path.start_s, 0.0), min(float(path.times_s[-1]), duration_s)
    count = max(round((end_s - start_s) / step_s), 1)
    return np.linspace(start_s, end_s, count + 1)


def _positions(path: VisitorPath, times_s: FloatArray) -> FloatArray:
    return np.column_stack([np.interp(times_s, path.times_s, path.xy_m[:, axis]) for axis in (0, 1)])


def _find_all_crossings(xy: FloatArray, line: CountingLine) -> list[tuple[int, bool]]:
    parts = itertools.pairwise(np.asarray(line.path.points))
    return sorted(crossing for start, end in parts for crossing in _find_crossings(xy, start, end))


def _drop_returns(
    crossings: list[tuple[int, bool]], xy: FloatArray, line: CountingLine
) -> list[tuple[int, bool]]:
    """Drop crossings that are reversed within the line's band."""
    kept: list[tuple[int, bool]] = []
    for index, is_in in crossings:
        if kept and kept[-1][1] != is_in:
            between = shapely.points(xy[kept[-1][0] : index + 1])
            if float(shapely.distance(between, line.path.to_shape()).max()) < line.band_m / 2:
                kept.pop()
                continue
        kept.append((index, is_in))
    return kept


def _find_crossings(xy: FloatArray, start: FloatArray, end: FloatArray) -> list[tuple[int, bool]]:
    """Return the index of the first sample beyond the line, and whether it was crossed left to right."""
    way = end - start
    offset = xy - start
    # positive on the left
    side = way[0] * offset[:, 1] - way[1] * offset[:, 0]
    along = offset @ way / float(way @ way)
    changed = np.nonzero((side[:-1] > 0) != (side[1:] > 0))[0]
    found = []
    for index in changed.tolist():
        share = side[index] / (side[index] - side[index + 1])
        place = along[index] + share * (along[index + 1] - along[index])
        if 0 <= place <= 1:
            found.append((index + 1, bool(side[index] > 0)))
    return found


def _with_types(table: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    if table.empty:
        return empty_table(columns)
    return table[[c.name for c in columns]].astype({c.name: c.dtype for c in columns})
