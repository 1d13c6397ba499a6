"""Result files of a period from its track points, for analyses and exports."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from analytics.density.heatmap import compute_heatmap
from analytics.domain.clock import format_utc
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.uncounted_people import UncountedPeople
from analytics.metrics.coverage import CameraView
from analytics.metrics.low_counts import describe_low_counts
from analytics.results.result_files import write_result_files
from analytics.results.summary import (
    compute_results,
    describe_false_persons,
    describe_moved_cameras,
    describe_staff,
)
from analytics.results.visitor_names import VisitorNames
from analytics.visitors.false_positives.corrections import NO_CORRECTIONS, Corrections
from app.core.versions import collect_versions
from app.facts.identified_period import IdentifiedPeriod, identify_period

HEATMAP_FILE = "heatmap.png"


@dataclass(frozen=True, slots=True)
class Floor:
    """Floor, fields of view and corrections of a period.

    Attributes:
        plan_picture: file of the plan's picture, if any.
        corrections: decisions about the tracks.
    """

    plan: FloorPlan
    geometry: FloorGeometry
    views: tuple[CameraView, ...]
    plan_picture: Path | None = None
    corrections: Corrections = NO_CORRECTIONS


def write_period_results(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame,
    floor: Floor,
    period_s: tuple[float, float],
    starts_at_known_time: bool,
    title: str,
    period_label: str,
    skipped_rows: Mapping[str, int],
    parameters: Mapping[str, object],
    out_folder: Path,
    moved: pd.DataFrame | None = None,
    low: tuple[UncountedPeople, ...] = (),
    gaps: pd.DataFrame | None = None,
    warnings: Sequence[Mapping[str, object]] | None = None,
    visitor_names: VisitorNames | None = None,
) -> dict[str, object]:
    """Compute a period's numbers, write the result files and the heatmap, and return the summary.

    Args:
        tracks, spans: with absolute times; times outside the period are cut.
        period_s: start and end on the same clock.
        moved: times with doubtful camera positions (``find_moved_spans``), same clock; None if unknown.
        low: cameras whose count was low (``find_low_counts``), same clock.
        gaps: unobserved times with their causes (``GAP_COLUMNS``), same clock; None if
            unknown.
        warnings: doubts about a recording, for the section ``warnings``; None for a venue's history.
        starts_at_known_time: whether the clock is UTC, not seconds of a recording.
        visitor_names: pseudonyms of visitors and tracklets in the files; None for their numbers, so that
            equal input gives equal bytes.

    Raises:
        OutputError: the folder cannot be written; nothing was.
    """
    # imported here because it takes half a second
    from app.pictures.heatmap_picture import draw_heatmap

    start_s, end_s = period_s
    period = identify_period(
        tracks=tracks,
        spans=spans,
        period_s=period_s,
        views=floor.views,
        zones=floor.geometry.zones,
        lines=floor.geometry.lines,
        corrections=floor.corrections,
    )
    results = compute_results(
        tracks=period.tracks,
        spans=period.spans,
        zones=floor.geometry.zones,
        lines=floor.geometry.lines,
        duration_s=end_s - start_s,
        views=floor.views,
        doors=period.doors,
        start_utc=format_utc(start_s) if starts_at_known_time else None,
        skipped_rows=skipped_rows,
        parameters={**parameters, **period.parameters},
        versions=collect_versions(),
    )
    doubts = (
        {} if moved is None else describe_moved_cameras(moved, period.tracks, floor.geometry.zones, start_s)
    )
    summary = {
        **results.summary,
        **doubts,
        **describe_low_counts(low, start_s),
        **({} if gaps is None else _describe_gaps(gaps, period_s)),
        **({} if warnings is None else {"warnings": list(warnings)}),
        **_describe_corrections(period, results.summary, floor, period_s, visitor_names),
    }
    heatmap = compute_heatmap(
        tracks=period.tracks,
        spans=period.spans,
        camera_views=floor.views,
        outline=floor.plan.outline,
        period_s=(0.0, end_s - start_s),
        obstacles=[obstacle.outline for obstacle in floor.plan.obstacles],
    )
    with tempfile.TemporaryDirectory(prefix="expoflow-picture-") as folder:
        picture = Path(folder) / HEATMAP_FILE
        draw_heatmap(
            heatmap=heatmap,
            plan=floor.plan,
            plan_picture=floor.plan_picture,
            zones=floor.geometry.zones,
            lines=floor.geometry.lines,
            cameras=floor.views,
            title=title,
            period_label=period_label,
            out_path=picture,
        )
        tracks, visits, crossings = period.tracks, results.visits, results.crossings
        if visitor_names is not None:
            tracks = tracks.assign(tracklet=visitor_names.number_tracklets(tracks["tracklet"]))
            tracks, visits, crossings = (
                _rename(table, moment, visitor_names, start_s)
                for table, moment in ((tracks, "time_s"), (visits, "entered_s"), (crossings, "time_s"))
            )
        write_result_files(
            out_folder=out_folder,
            tracks=tracks,
            visits=visits,
            crossings=crossings,
            summary=summary,
            attachments={HEATMAP_FILE: picture.read_bytes()},
        )
    return summary


def _rename(table: pd.DataFrame, moment: str, names: VisitorNames, start_s: float) -> pd.DataFrame:
    at_s = table[moment].to_numpy(np.float64) + start_s
    renamed: pd.DataFrame = table.assign(
        visitor=names.number(table["visitor"], at_s, stretch_start_utc_s=start_s)
    )
    return renamed


def _describe_gaps(gaps: pd.DataFrame, period_s: tuple[float, float]) -> dict[str, object]:
    """Return the section ``gaps``: seconds from the period's start, camera and cause."""
    start_s, end_s = period_s
    columns = gaps[["camera", "start_s", "end_s", "cause"]].itertuples(index=False, name=None)
    cut = [
        (camera, max(first_s, start_s) - start_s, min(last_s, end_s) - start_s, cause)
        for camera, first_s, last_s, cause in columns
    ]
    return {
        "gaps": [
            {"camera": camera, "start_s": round(first_s, 3), "end_s": round(last_s, 3), "cause": cause}
            for camera, first_s, last_s, cause in cut
            if last_s > first_s
        ]
    }


def _describe_corrections(
    period: IdentifiedPeriod,
    summary: Mapping[str, object],
    floor: Floor,
    period_s: tuple[float, float],
    visitor_names: VisitorNames | None,
) -> dict[str, object]:
    start_s, duration_s = period_s[0], period_s[1] - period_s[0]
    staff = period.staff
    if visitor_names is not None:
        staff = _rename(staff, "first_s", visitor_names, start_s)
    zones = cast(Mapping[str, object], summary["zones"])
    other_zones = zones
    if len(period.staff):
        other = compute_results(
            tracks=period.find_other_tracks(),
            spans=period.spans,
            zones=floor.geometry.zones,
            lines=(),
            duration_s=duration_s,
            views=floor.views,
            doors=period.doors,
        )
        other_zones = cast(Mapping[str, object], other.summary["zones"])
    return {
        "false_persons": describe_false_persons(
            excluded=period.excluded,
            proposed=period.proposed,
            corrections=floor.corrections,
            apparitions=period.short_false_tracks,
            lone_sights=period.uncorroborated,
        ),
        "staff": describe_staff(
            staff=staff,
            is_left_out=period.leaves_staff_out,
            zones=zones,
            other_zones=other_zones,
        ),
    }
