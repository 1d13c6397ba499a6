"""Two-stage tracking, strong detections first, in real time and not in frames.

The two stages are ByteTrack's (Zhang et al., ECCV 2022): weak detections cannot begin a track, but continue
one. The motion model, the gates and every limit are in seconds and box heights, so that one set of values
works at two to twenty-five frames a second, for near and distant people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray, IndexArray
from analytics.domain.identifiers import TrackletId
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.association import assign, compute_costs, compute_overlaps
from vision.tracking.kalman_filter import BoxKalmanFilter, axes_to_boxes, boxes_to_axes
from vision.tracking.track_record import TrackRecord, to_box
from vision.tracking.weak_past import WeakPast


@dataclass(frozen=True, slots=True)
class TwoStageTrackerSettings:
    """Settings for the beginning, confirmation and end of tracks; times in seconds, scores of the detector.

    Frames must be less than ``lost_s`` apart, or no track ever gets a second sighting.

    Attributes:
        high_score: minimum score of detections in the first stage.
        low_score: weaker detections are ignored.
        new_track_score: minimum score of a detection that begins a track.
        confirm_sightings, confirm_s: sightings, and their time span, after which a track counts; its past
            is then reported too.
        tentative_lost_s: an unconfirmed track unseen for longer is dropped, once it missed a frame.
        lost_s: a confirmed track not seen for longer ends, at its last sighting.
        weak_s: weak detections continue a track for at most this time after its last strong one, so that a
            coat stand does not inherit the track of a person who left.
        weak_unseen_s: a track unseen for longer is not found again by a weak detection.
        weak_past_s: maximum age of weak detections that are added to a new track.
        duplicate_overlap: a detection that overlaps a live track by more begins none.
        tentative_cost: handicap of an unconfirmed track in the competition for a detection.
    """

    high_score: float = 0.4
    low_score: float = 0.1
    new_track_score: float = 0.5
    confirm_sightings: int = 3
    confirm_s: float = 0.3
    tentative_lost_s: float = 0.6
    lost_s: float = 2.0
    weak_s: float = 3.0
    weak_unseen_s: float = 1.0
    weak_past_s: float = 0.5
    duplicate_overlap: float = 0.6
    tentative_cost: float = 3.0


class TwoStageTracker:
    """Tracker of one camera; implements ``vision.tracking.tracker.Tracker``.

    Boxes are reported as they were detected; analytics does the smoothing. A stretch in which a
    confirmed person was hidden is reported when they are found again, as a straight line between the two
    sightings (state interpolated, score 0); a track that is not found again ends at its last sighting.

    Attributes:
        skipped_frames: frames refused because their time was not after that of the frame before. After a
            clock was set back, call ``finish`` first.
        skipped_boxes: boxes refused because they were not finite or had no area.
    """

    def __init__(
        self, next_tracklet: Callable[[], TrackletId], settings: TwoStageTrackerSettings | None = None
    ) -> None:
        self._next_tracklet = next_tracklet
        self._settings = settings or TwoStageTrackerSettings()
        self._filter = BoxKalmanFilter.empty()
        self._tracks: list[TrackRecord] = []
        self._weak_past = WeakPast(self._settings.weak_past_s)
        self._time_s: float | None = None
        self.skipped_frames = 0
        self.skipped_boxes = 0

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        """Process one analysed frame; see the protocol for the returned value."""
        if not np.isfinite(time_s) or (self._time_s is not None and time_s <= self._time_s):
            self.skipped_frames += 1
            return ()
        if self._time_s is not None:
            self._filter.predict(time_s - self._time_s)
        self._time_s = time_s
        self._forget_lost(time_s)
        xyxy, score = self._usable(detections)
        is_matched = self._match_strong(time_s, xyxy, score)
        is_matched |= self._match_weak(time_s, xyxy, score, is_matched)
        self._begin_tracks(time_s, xyxy, score, is_matched)
        is_unwanted = ~is_matched & (score < self._settings.new_track_score)
        self._weak_past.remember(time_s, xyxy[is_unwanted], score[is_unwanted])
        for track in self._tracks:
            if track.seen_s < time_s:
                track.unseen_times_s.append(time_s)
        return self._report()

    def finish(self) -> Sequence[TrackedBox]:
        """Discard all state, the time included; no valid point is ever held back."""
        self._filter = BoxKalmanFilter.empty()
        self._tracks = []
        self._weak_past.clear()
        self._time_s = None
        return ()

    def _usable(self, detections: Detections) -> tuple[FloatArray, FloatArray]:
        xyxy = detections.xyxy.astype(np.float64)
        score = detections.score.astype(np.float64)
        is_box = np.isfinite(xyxy).all(axis=1) & np.isfinite(score)
        is_box &= (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])
        self.skipped_boxes += int(len(score) - is_box.sum())
        is_box &= score >= self._settings.low_score
        return xyxy[is_box], score[is_box]

    def _forget_lost(self, time_s: float) -> None:
        is_kept = np.array([self._is_alive(track, time_s) for track in self._tracks], dtype=bool)
        if not is_kept.all():
            self._filter.keep(is_kept)
            self._tracks = [track for track, kept in zip(self._tracks, is_kept, strict=True) if kept]

    def _is_alive(self, track: TrackRecord, time_s: float) -> bool:
        if track.tracklet is None and track.unseen_times_s:
            return time_s - track.seen_s <= self._settings.tentative_lost_s
        return time_s - track.seen_s <= self._settings.lost_s

    def _match_strong(self, time_s: float, xyxy: FloatArray, score: FloatArray) -> npt.NDArray[np.bool_]:
        """Match all tracks with strong detections; return which detections were matched."""
        is_matched = np.zeros(len(xyxy), dtype=bool)
        columns = np.flatnonzero(score >= self._settings.high_score)
        costs = compute_costs(self._filter, xyxy[columns])
        is_tentative = np.array([track.tracklet is None for track in self._tracks], dtype=bool)
        costs = costs + self._settings.tentative_cost * is_tentative[:, None]
        rows, matched = assign(costs)
        self._see(time_s, rows, xyxy[columns[matched]], score[columns[matched]])
        is_matched[columns[matched]] = True
        return is_matched

    def _match_weak(
        self, time_s: float, xyxy: FloatArray, score: FloatArray, is_taken: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Match confirmed tracks without a strong detection with weak detections."""
        settings = self._settings
        is_matched = np.zeros(len(xyxy), dtype=bool)
        columns = np.flatnonzero((score < settings.high_score) & ~is_taken)
        is_waiting = np.array(
            [
                track.tracklet is not None
                and 0 < time_s - track.seen_s <= settings.weak_unseen_s
                and time_s - track.seen_strongly_s <= settings.weak_s
                for track in self._tracks
            ],
            dtype=bool,
        )
        if not len(columns) or not is_waiting.any():
            return is_matched
        costs = compute_costs(self._filter, xyxy[columns])
        costs[~is_waiting] = np.inf
        rows, matched = assign(costs)
        self._see(time_s, rows, xyxy[columns[matched]], score[columns[matched]])
        is_matched[columns[matched]] = True
        return is_matched

    def _see(self, time_s: float, rows: IndexArray, xyxy: FloatArray, score: FloatArray) -> None:
        if not len(rows):
            return
        self._filter.correct(rows, boxes_to_axes(xyxy))
        for row, box, confidence in zip(rows, xyxy.tolist(), score.tolist(), strict=True):
            is_strong = confidence >= self._settings.high_score
            self._tracks[row].see(time_s, to_box(box), confidence, is_strong=is_strong)

    def _begin_tracks(
        self, time_s: float, xyxy: FloatArray, score: FloatArray, is_matched: npt.NDArray[np.bool_]
    ) -> None:
        candidates = np.flatnonzero(~is_matched & (score >= self._settings.new_track_score))
        if not len(candidates):
            return
        seen_now = np.array([track.seen_s == time_s for track in self._tracks], dtype=bool)
        taken = axes_to_boxes(self._filter.position[seen_now])
        begun: list[int] = []
        for candidate in candidates[np.argsort(-score[candidates], kind="stable")]:
            rivals = np.concatenate([taken, xyxy[begun]])
            overlaps = compute_overlaps(xyxy[[candidate]], rivals)
            if overlaps.size and overlaps.max() > self._settings.duplicate_overlap:
                continue
            begun.append(int(candidate))
        self._filter.add(boxes_to_axes(xyxy[begun]))
        for row in begun:
            record = self._weak_past.begin_record(time_s, xyxy[row])
            record.see(time_s, to_box(xyxy[row].tolist()), float(score[row]), is_strong=True)
            self._tracks.append(record)

    def _report(self) -> list[TrackedBox]:
        reported: list[TrackedBox] = []
        for track in self._tracks:
            if not track.is_waiting:
                continue
            if track.tracklet is None:
                # half a millisecond covers the rounding of times such as 0.3 in binary
                lasted = track.seen_s - track.begun_s >= self._settings.confirm_s - 5e-4
                if track.sightings < self._settings.confirm_sightings or not lasted:
                    continue
                track.tracklet = self._next_tracklet()
            reported += track.release()
        return reported
