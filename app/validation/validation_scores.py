"""Scores of a venue's labels against the system's counts."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.errors import LabelError
from analytics.evaluation.clip_labels import ClipLabels
from app.core.document import Venue
from app.core.job import JobContext
from app.validation.validation_labels import ValidationLabels

if TYPE_CHECKING:
    import pandas as pd

    from analytics.domain.camera_geometry import CameraGeometry
    from analytics.evaluation.clip_comparison import ClipComparison, SystemResults
    from analytics.evaluation.clip_scores import ClipScores
    from analytics.store.event_store import EventReader
    from app.validation.validation_days import DayResults

MARGIN_S = 3.0
"""Time before and after a clip for which tracks are read, so that positions at its ends are known."""
MIN_OBSERVED = 0.9
"""Minimum analysed share of a clip's seconds; clips with less are not scored."""


@dataclass(frozen=True, slots=True, eq=False)
class ValidationScores:
    """The scores of the labels.

    Attributes:
        comparisons: by clip, in the order of the labels.
        unobserved: unanalysed clips, which are not scored.
    """

    scores: ClipScores
    comparisons: tuple[ClipComparison, ...]
    unobserved: int


def score_validation(
    venue: Venue, labels: ValidationLabels, *, context: JobContext | None = None
) -> ValidationScores:
    """Compare every labelled clip with the venue's history.

    Raises:
        LabelError: the labels are of cameras that the venue does not have, or there are none.
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    from analytics.evaluation.clip_comparison import compare_clip
    from analytics.evaluation.clip_scores import score_clips
    from analytics.store.sql_event_store import open_reader
    from app.validation.validation_days import read_day_results

    context = context or JobContext()
    _require_known(venue, labels)
    with closing(open_reader(venue.folder)) as reader:
        moments = [clip.clip.start_utc_s for clip in labels.clips]
        days = read_day_results(venue, reader, moments_s=moments, context=context)
        comparisons = []
        for clip in labels.clips:
            day = next((d for d in days if d.period_s[0] <= clip.clip.start_utc_s < d.period_s[1]), None)
            if day is not None and _find_observed_share(clip, day) >= MIN_OBSERVED:
                comparisons.append(compare_clip(clip, _read_found(venue, reader, clip, day)))
    if not comparisons:
        raise LabelError(
            "None of the labelled clips was analysed.",
            "Label clips from times when the venue was being recorded.",
        )
    return ValidationScores(
        scores=score_clips(comparisons),
        comparisons=tuple(comparisons),
        unobserved=len(labels.clips) - len(comparisons),
    )


def _require_known(venue: Venue, labels: ValidationLabels) -> None:
    if not labels.clips:
        raise LabelError("No clip has been labelled yet.", "Label some clips first.")
    unknown = sorted({str(clip.clip.camera) for clip in labels.clips} - {str(n) for n in venue.camera_names})
    if unknown:
        raise LabelError(
            "The labels are for cameras that venue '{venue}' does not have: {cameras}.",
            "Choose the labels of this venue.",
            venue=venue.name,
            cameras=", ".join(f"'{name}'" for name in unknown),
        )


def _find_observed_share(labels: ClipLabels, day: DayResults) -> float:
    from analytics.metrics.observation import clip_intervals, unite_spans

    clip = labels.clip
    observed = unite_spans(day.spans, cameras={clip.camera})
    within = clip_intervals(observed, start_s=clip.start_utc_s, end_s=clip.end_utc_s)
    return float((within[:, 1] - within[:, 0]).sum()) / clip.seconds


def _read_found(venue: Venue, reader: EventReader, labels: ClipLabels, day: DayResults) -> SystemResults:
    from analytics.evaluation.clip_comparison import SystemResults

    clip = labels.clip
    tracks = reader.read_tracks(clip.start_utc_s - MARGIN_S, clip.end_utc_s + MARGIN_S, cameras=[clip.camera])
    visits, crossings = day.visits, day.crossings
    return SystemResults(
        crossings=crossings,
        visits=visits[(visits["left_s"] > clip.start_utc_s) & (visits["entered_s"] < clip.end_utc_s)],
        tracks=_leave_out(tracks, day, str(clip.camera)),
        geometry=_scale_geometry(venue, labels),
    )


def _leave_out(tracks: pd.DataFrame, day: DayResults, camera: str) -> pd.DataFrame:
    """Return the tracks of a clip without those at a place where an object is detected as a person."""
    if tracks.empty:
        return tracks
    middle = tracks.groupby("tracklet")[["x_m", "y_m"]].median()
    is_left_out = np.zeros(len(middle), bool)
    for place in day.excluded:
        if str(place.camera) == camera:
            away_m = middle.to_numpy(np.float64) - (place.x_m, place.y_m)
            is_left_out |= np.hypot(away_m[:, 0], away_m[:, 1]) <= place.radius_m
    return tracks[~tracks["tracklet"].isin(middle.index[is_left_out])]


def _scale_geometry(venue: Venue, labels: ClipLabels) -> CameraGeometry | None:
    geometry = venue.camera_geometry(labels.clip.camera)
    calibrated_wh = venue.camera(labels.clip.camera).camera.frame_size_wh
    if geometry is None or calibrated_wh is None or calibrated_wh == labels.frame_size_wh:
        return geometry
    return geometry.scaled_from(calibrated_wh, labels.frame_size_wh)
