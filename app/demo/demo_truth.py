"""Ground truth of the demo exhibition's prepared days, and the deviation of the measured numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.errors import StoreError
from analytics.metrics.coverage import CameraView
from analytics.reports.summary import compute_results
from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.demo.demo_exhibition import PreparedDay
from app.facts.camera_views import find_camera_views
from app.facts.identified_period import identify_period
from resources.atomic_file import replace_file, write_text_atomically
from vision.simulation.crowd.crowd_samples import CrowdSamples
from vision.simulation.crowd.truth import make_true_crossings, make_true_visits
from vision.simulation.crowd.visitor_paths import VisitorPaths

_TRUTH_STEP_S = 0.1
_MAX_MATCH_M = 1.0
"""Distance in metres from which a measured point matches no person."""


@dataclass(frozen=True, slots=True)
class TruthRow:
    """A true and a measured number of a day; None if there is none."""

    name: str
    unit: str
    truth: float | None
    measured: float | None


def find_day_folder(venue: Venue, day: PreparedDay) -> Path:
    """Return the folder of a prepared day's truth, and of its track points until they are in the history."""
    return venue.folder / "prepared" / f"day-{day.number}"


def write_day_truth(venue: Venue, day: PreparedDay, *, paths: VisitorPaths, samples: CrowdSamples) -> None:
    """Write exact visits, crossings and positions of a day into its existing folder.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = find_day_folder(venue, day)
    geometry = venue.geometry_at(day.start_s)
    visits = make_true_visits(paths=paths, zones=geometry.zones, step_s=_TRUTH_STEP_S)
    crossings = make_true_crossings(paths=paths, lines=geometry.lines, step_s=_TRUTH_STEP_S)
    for name, table in (("visits.csv", visits), ("crossings.csv", crossings)):
        with replace_file(folder / name) as temporary:
            table.to_csv(temporary, index=False, float_format="%.3f")
    with replace_file(folder / "positions.npz") as temporary, temporary.open("wb") as stream:
        np.savez_compressed(
            stream,
            times_s=samples.times_s,
            frame=samples.frame.astype(np.int32),
            visitor=samples.visitor.astype(np.int32),
            xy_m=samples.xy_m.astype(np.float32),
        )
    seen = _find_in_view(samples, find_camera_views(venue))
    people = {"people_in_view_mean": float(seen.sum()) / max(len(samples.times_s), 1)}
    write_text_atomically(folder / "people.json", json.dumps(people) + "\n")


def compare_day_with_truth(venue: Venue, day: PreparedDay) -> list[TruthRow]:
    """Return a prepared day's numbers beside their true values.

    The measured numbers are those of every venue, computed from the history's track points.

    Raises:
        StoreError: the day was not prepared.
    """
    folder = find_day_folder(venue, day)
    try:
        visits = pd.read_csv(folder / "visits.csv")
        crossings = pd.read_csv(folder / "crossings.csv")
        people = json.loads((folder / "people.json").read_text(encoding="utf-8"))
        samples = _read_samples(folder / "positions.npz")
    except OSError:
        raise StoreError(
            "There is no ground truth for day {number} of '{venue}'.",
            "Prepare the demo's history first: python -m app demo-exhibition --venue {folder}",
            number=day.number,
            venue=venue.name,
            folder=venue.folder,
        ) from None
    reader = open_reader(venue.folder)
    try:
        tracks = reader.read_tracks(day.start_s, day.end_s)
        spans = reader.read_spans(day.start_s, day.end_s)
    finally:
        reader.close()
    geometry, views = venue.geometry_at(day.start_s), find_camera_views(venue)
    period = identify_period(
        tracks=tracks,
        spans=spans,
        period_s=(day.start_s, day.end_s),
        views=views,
        zones=geometry.zones,
        lines=geometry.lines,
        corrections=venue.corrections,
    )
    tracks = period.tracks
    results = compute_results(
        tracks=tracks,
        spans=period.spans,
        zones=geometry.zones,
        lines=geometry.lines,
        duration_s=day.end_s - day.start_s,
        views=views,
        doors=period.doors,
    )
    rows = _compare_people(results.summary, people, tracks, samples, views)
    for zone in geometry.zones:
        name = str(zone.name)
        truth = visits.loc[visits["zone"] == name, "seconds"].to_numpy(float)
        measured = results.visits.loc[results.visits["zone"] == name, "seconds"].to_numpy(float)
        zone_summary = _find(results.summary, "zones", name)
        rows += [
            TruthRow(
                f"{name}: visits", "", float(len(truth)), _number(zone_summary.get("visits"), len(measured))
            ),
            TruthRow(
                f"{name}: mean dwell",
                "s",
                float(truth.mean()) if len(truth) else None,
                _number(zone_summary.get("mean_dwell_s"), None),
            ),
            TruthRow(
                f"{name}: person-seconds",
                "s",
                _measure_person_seconds(samples, zone.outline.points),
                _number(zone_summary.get("person_seconds"), None),
            ),
        ]
    for line in geometry.lines:
        measured_line = _find(results.summary, "lines", str(line.name))
        for direction in ("in", "out"):
            true_crossings = crossings[
                (crossings["line"] == str(line.name)) & (crossings["direction"] == direction)
            ]
            rows.append(
                TruthRow(
                    f"{line.name}: {direction}",
                    "",
                    float(len(true_crossings)),
                    _number(measured_line.get(direction), None),
                )
            )
    return rows


def _compare_people(
    summary: dict[str, object],
    people: dict[str, float],
    tracks: pd.DataFrame,
    samples: CrowdSamples,
    views: tuple[CameraView, ...],
) -> list[TruthRow]:
    error_m = _measure_floor_errors(tracks, samples)
    matched = error_m[error_m <= _MAX_MATCH_M]
    seen = _find_in_view(samples, views)
    visitors = len(np.unique(samples.visitor[seen]))
    mean_in_view = people["people_in_view_mean"]
    median_m = float(np.median(matched)) if len(matched) else None
    high_m = float(np.percentile(matched, 90)) if len(matched) else None
    unmatched_percent = 100 * (1 - len(matched) / len(error_m)) if len(error_m) else None
    identities, in_view = summary.get("identities"), summary.get("people_in_view")
    assert isinstance(in_view, dict)
    return [
        TruthRow("people in view, mean", "", mean_in_view, _number(in_view.get("mean"), None)),
        TruthRow("visitors", "", float(visitors), _number(identities, None)),
        TruthRow("floor error, median", "m", 0.0, median_m),
        TruthRow("floor error, 90th percentile", "m", 0.0, high_m),
        TruthRow("unmatched points", "%", 0.0, unmatched_percent),
    ]


def _measure_floor_errors(tracks: pd.DataFrame, samples: CrowdSamples) -> npt.NDArray[np.float64]:
    """Return the distance of every point from the nearest person at its time."""
    interval_s = float(samples.times_s[1] - samples.times_s[0]) if len(samples.times_s) > 1 else 1.0
    frame = np.round(tracks["time_s"].to_numpy(float) / interval_s).astype(int)
    xy = tracks[["x_m", "y_m"]].to_numpy(float)
    frame = np.clip(frame, 0, max(len(samples.times_s) - 1, 0))
    borders = np.searchsorted(samples.frame, np.arange(len(samples.times_s) + 1))
    order = np.argsort(frame, kind="stable")
    errors = np.full(len(xy), np.inf)
    point_borders = np.searchsorted(frame[order], np.arange(len(samples.times_s) + 1))
    for number in np.unique(frame).tolist():
        people_xy_m = samples.xy_m[borders[number] : borders[number + 1]]
        rows = order[point_borders[number] : point_borders[number + 1]]
        if len(people_xy_m):
            errors[rows] = np.sqrt(((xy[rows, None, :] - people_xy_m[None]) ** 2).sum(axis=2)).min(axis=1)
    return errors


def _measure_person_seconds(samples: CrowdSamples, outline: tuple[tuple[float, float], ...]) -> float:
    import shapely

    inside = shapely.contains_xy(shapely.Polygon(outline), samples.xy_m[:, 0], samples.xy_m[:, 1])
    interval_s = float(samples.times_s[1] - samples.times_s[0]) if len(samples.times_s) > 1 else 0.0
    return float(inside.sum()) * interval_s


def _find_in_view(samples: CrowdSamples, views: tuple[CameraView, ...]) -> npt.NDArray[np.bool_]:
    seen = np.zeros(len(samples.xy_m), bool)
    for view in views:
        seen |= view.sees(samples.xy_m)
    return seen


def _read_samples(file: Path) -> CrowdSamples:
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as content:
        return CrowdSamples(
            content["times_s"],
            content["frame"].astype(np.int64),
            content["visitor"].astype(np.int64),
            content["xy_m"].astype(np.float64),
        )


def _find(summary: dict[str, object], part: str, name: str) -> dict[str, object]:
    whole = summary.get(part)
    measured = whole.get(name) if isinstance(whole, dict) else None
    return measured if isinstance(measured, dict) else {}


def _number(value: object, otherwise: float | None) -> float | None:
    return float(value) if isinstance(value, int | float) else otherwise
