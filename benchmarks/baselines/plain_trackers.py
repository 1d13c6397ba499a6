"""Two plain trackers, which need nothing but numpy and scipy, to compare with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from analytics.domain.arrays import FloatArray, IndexArray
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackState
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.association import compute_overlaps
from vision.tracking.floor_view import FloorView

_HIGH_SCORE, _LOW_SCORE = 0.45, 0.1
"""Scores of the two stages; the first also begins a track."""


@dataclass(slots=True)
class _Track:
    """A track: mean and covariance of its state, and how often it was seen."""

    mean: FloatArray
    covariance: FloatArray
    seen_s: float
    sightings: int = 1
    tracklet: TrackletId | None = None


class _PlainTracker(ABC):
    """Two stages of assignment, sure detections first, by one cost (Zhang et al., ByteTrack, ECCV 2022)."""

    keeps_s: float
    """A track that was not seen for longer ends."""
    max_cost: float
    max_faint_cost: float
    """Pairs that cost more are never taken, for sure and for faint detections."""

    def __init__(self, next_tracklet: Callable[[], TrackletId]) -> None:
        self._next_tracklet = next_tracklet
        self._tracks: list[_Track] = []
        self._time_s: float | None = None
        self.skipped_frames = 0
        self.skipped_boxes = 0

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        """Take one analysed frame; only points of this frame are ever returned."""
        if self._time_s is not None and time_s <= self._time_s:
            self.skipped_frames += 1
            return ()
        dt_s = 0.0 if self._time_s is None else time_s - self._time_s
        self._time_s = time_s
        for track in self._tracks:
            self._predict(track, dt_s)
        xyxy, score = detections.xyxy.astype(np.float64), detections.score.astype(np.float64)
        sure, faint = np.flatnonzero(score >= _HIGH_SCORE), np.flatnonzero(score < _HIGH_SCORE)
        faint = faint[score[faint] >= _LOW_SCORE]
        matched = self._match(list(range(len(self._tracks))), xyxy, sure, self.max_cost)
        left = [
            row
            for row, track in enumerate(self._tracks)
            if row not in matched and self._is_recent(track, dt_s)
        ]
        matched |= self._match(left, xyxy, faint, self.max_faint_cost)
        for row, column in matched.items():
            track = self._tracks[row]
            self._correct(track, xyxy[column])
            track.seen_s, track.sightings = time_s, track.sightings + 1
        taken = dict(zip(matched.values(), matched, strict=True))
        for column in sure.tolist():
            if column not in taken:
                self._tracks.append(_Track(*self._begin(xyxy[column]), time_s))
                taken[column] = len(self._tracks) - 1
        reported = []
        for column, row in sorted(taken.items()):
            track = self._tracks[row]
            if track.sightings < 2:
                continue
            if track.tracklet is None:
                track.tracklet = self._next_tracklet()
            left_px, top, right, bottom = xyxy[column].tolist()
            box = (left_px, top, right, bottom)
            reported.append(
                TrackedBox(track.tracklet, time_s, box, float(score[column]), TrackState.CONFIRMED)
            )
        self._tracks = [
            track
            for track in self._tracks
            if time_s - track.seen_s <= (self.keeps_s if track.sightings > 1 else 1e-6)
        ]
        return reported

    def finish(self) -> Sequence[TrackedBox]:
        """Forget everything, the time included."""
        self._tracks, self._time_s = [], None
        return ()

    def _is_recent(self, track: _Track, dt_s: float) -> bool:
        return self._time_s is not None and self._time_s - track.seen_s <= dt_s + 1e-6

    def _match(
        self, rows: list[int], xyxy: FloatArray, columns: IndexArray, max_cost: float
    ) -> dict[int, int]:
        if not rows or not len(columns):
            return {}
        costs = self._weigh([self._tracks[row] for row in rows], xyxy[columns])
        at, of = linear_sum_assignment(np.minimum(costs, max_cost + 1e-3))
        return {
            rows[row]: int(columns[column])
            for row, column in zip(at.tolist(), of.tolist(), strict=True)
            if costs[row, column] <= max_cost
        }

    @abstractmethod
    def _begin(self, xyxy: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and covariance of a new track."""

    @abstractmethod
    def _predict(self, track: _Track, dt_s: float) -> None:
        """Move a track on."""

    @abstractmethod
    def _correct(self, track: _Track, xyxy: FloatArray) -> None:
        """Correct a track by its box."""

    @abstractmethod
    def _weigh(self, tracks: list[_Track], xyxy: FloatArray) -> FloatArray:
        """Return the cost of every track and box, shape (n, m)."""


def _correct(track: _Track, measured: FloatArray, matrix: FloatArray, noise: FloatArray) -> None:
    gain = track.covariance @ matrix.T @ np.linalg.inv(matrix @ track.covariance @ matrix.T + noise)
    track.mean = track.mean + gain @ (measured - matrix @ track.mean)
    track.covariance = track.covariance - gain @ matrix @ track.covariance


class ByteTracker(_PlainTracker):
    """ByteTrack in the picture, with the constants of its authors: overlaps, constant velocity a frame."""

    keeps_s = 6.0
    """30 frames at 5 frames a second."""
    max_cost, max_faint_cost = 0.8, 0.5

    def _begin(self, xyxy: FloatArray) -> tuple[FloatArray, FloatArray]:
        measured = _to_xyah(xyxy)
        height = measured[3]
        spread = np.array([2 * height / 20, 2 * height / 20, 1e-2, 2 * height / 20])
        speed = np.array([10 * height / 160, 10 * height / 160, 1e-5, 10 * height / 160])
        return np.append(measured, np.zeros(4)), np.diag(np.append(spread, speed) ** 2)

    def _predict(self, track: _Track, _dt_s: float) -> None:
        height = track.mean[3]
        noise = np.array([height / 20, height / 20, 1e-2, height / 20, height / 160, height / 160, 1e-5])
        track.mean = _STEP @ track.mean
        track.covariance = _STEP @ track.covariance @ _STEP.T + np.diag(np.append(noise, height / 160) ** 2)

    def _correct(self, track: _Track, xyxy: FloatArray) -> None:
        height = track.mean[3]
        noise = np.diag(np.array([height / 20, height / 20, 1e-1, height / 20]) ** 2)
        _correct(track, _to_xyah(xyxy), np.eye(4, 8), noise)

    def _weigh(self, tracks: list[_Track], xyxy: FloatArray) -> FloatArray:
        x, y, aspect, height = np.array([track.mean[:4] for track in tracks]).T
        half = aspect * height / 2
        return 1 - compute_overlaps(
            np.column_stack([x - half, y - height / 2, x + half, y + height / 2]), xyxy
        )


_STEP = np.eye(8) + np.eye(8, k=4)


def _to_xyah(xyxy: FloatArray) -> FloatArray:
    left, top, right, bottom = xyxy
    height = bottom - top
    return np.array([(left + right) / 2, (top + bottom) / 2, (right - left) / height, height])


class PlainFloorTracker(_PlainTracker):
    """A Kalman filter of constant velocity on the floor, from the middle of each box's lower edge."""

    keeps_s = 3.0
    max_cost = max_faint_cost = 11.8
    """Squared distance in standard deviations: 99.7 % with two degrees of freedom."""

    def __init__(self, next_tracklet: Callable[[], TrackletId], view: FloorView) -> None:
        super().__init__(next_tracklet)
        self._geometry = view.geometry

    def _measure(self, xyxy: FloatArray) -> tuple[FloatArray, FloatArray]:
        boxes = xyxy.reshape(-1, 4)
        feet_px = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])
        sigma_px = (boxes[:, 3] - boxes[:, 1])[:, None] * np.array([[0.05, 0.06]])
        xy_m, covariance = self._geometry.project_with_errors(feet_px, sigma_px)
        is_bad = ~np.isfinite(xy_m).all(axis=1)
        xy_m[is_bad], covariance[is_bad] = 1e6, np.eye(2)
        return xy_m, covariance + 0.06**2 * np.eye(2)

    def _begin(self, xyxy: FloatArray) -> tuple[FloatArray, FloatArray]:
        (xy_m,), (covariance,) = self._measure(xyxy)
        spread = np.diag([0.0, 0.0, 0.85**2, 0.85**2])
        spread[:2, :2] = covariance
        return np.append(xy_m, [0.0, 0.0]), spread

    def _predict(self, track: _Track, dt_s: float) -> None:
        step = np.eye(4) + dt_s * np.eye(4, k=2)
        noise = 0.35 * np.kron([[dt_s**3 / 3, dt_s**2 / 2], [dt_s**2 / 2, dt_s]], np.eye(2))
        track.mean, track.covariance = step @ track.mean, step @ track.covariance @ step.T + noise

    def _correct(self, track: _Track, xyxy: FloatArray) -> None:
        (xy_m,), (covariance,) = self._measure(xyxy)
        _correct(track, xy_m, np.eye(2, 4), covariance)

    def _weigh(self, tracks: list[_Track], xyxy: FloatArray) -> FloatArray:
        xy_m, covariance = self._measure(xyxy)
        off = xy_m[None] - np.array([track.mean[:2] for track in tracks])[:, None]
        spread = covariance[None] + np.array([track.covariance[:2, :2] for track in tracks])[:, None]
        return np.asarray(np.einsum("nmi,nmij,nmj->nm", off, np.linalg.inv(spread), off), np.float64)
