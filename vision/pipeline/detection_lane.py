"""Processing of one camera from detections to track points, spans and events.

The same for a live camera, a recording and imported detections.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.event_sink import EventSink
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.lens import PictureLens
from analytics.domain.track import TrackPoint
from analytics.domain.uncounted_people import LOW_COUNT_SHARE, UncountedPeople
from vision.pipeline.observation_log import ObservationLog, TimeOrder
from vision.pipeline.pipeline_parts import (
    Projection,
    ProjectionMaker,
    TrackerMaker,
    make_camera_tracker,
    make_floor_projection,
)
from vision.pipeline.stage_timer import StageTimer
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_view import FloorView, make_floor_view
from vision.tracking.tracker import PeopleEstimator, Tracker

LOGGED_EVERY_S = 600.0
SAMPLED_EVERY_S = 1.0
MIN_UNCOUNTED = 0.5
"""Fewer people on average are no warning: somebody is hidden now and then."""
MIN_SAMPLES = 20


class UncountedLog:
    """Takes samples of one camera's people and writes a line where the count is low."""

    def __init__(self, camera: CameraId, sink: EventSink) -> None:
        self._camera = camera
        self._sink = sink
        self._begin(None)

    def _begin(self, start_s: float | None) -> None:
        self._start_s, self._last_s = start_s, start_s
        self._samples, self._counted, self._uncounted = 0, 0.0, 0.0

    def observe(self, time_s: float, tracker: Tracker) -> None:
        """Look at the tracker after a frame, once a second."""
        if self._last_s is not None and 0 <= time_s - self._last_s < SAMPLED_EVERY_S:
            return
        if not isinstance(tracker, PeopleEstimator):
            return
        if self._start_s is None or time_s < self._start_s or time_s - self._start_s >= LOGGED_EVERY_S:
            self.write()
            self._start_s = time_s
        self._last_s = time_s
        counted, uncounted = tracker.estimate_people()
        self._samples += 1
        self._counted += counted
        self._uncounted += uncounted

    def write(self) -> None:
        """Write what was found since the last time, if the count was low, and begin anew."""
        if self._start_s is not None and self._last_s is not None and self._samples >= MIN_SAMPLES:
            found = UncountedPeople(
                self._camera,
                self._start_s,
                self._last_s,
                self._counted / self._samples,
                self._uncounted / self._samples,
            )
            if found.share >= LOW_COUNT_SHARE and found.uncounted >= MIN_UNCOUNTED:
                self._sink.write_event(found.to_event())
        self._begin(None)


_Move = Callable[[FloatArray], FloatArray]
EDGE_MARGIN_PARTS = 0.01
"""Distance from an edge, as a share of the picture, within which a box counts as cut off."""
_MASK_STEPS = 8
"""Pieces into which each side of a mask is split, to follow the undistorted curve closely."""


class UndistortedPicture:
    """Conversion of boxes between a distorted picture and its undistorted counterpart.

    The undistorted picture is the smallest rectangle that holds all of the distorted one. A box that touches
    an edge of the distorted picture is moved to touch that of the undistorted one, as trackers use the edge
    to recognise people who are cut off.

    Attributes:
        size_wh: size of the undistorted picture.
        camera: the same camera without a lens, its size and both its masks (as ``mask``) in the undistorted
            picture.
        geometry: conversion from the undistorted picture to the floor.
    """

    def __init__(self, camera: Camera, view: FloorView, lens: PictureLens) -> None:
        """Prepare for the pictures of ``view``, whose geometry has ``lens``."""
        self._lens = lens
        self._distorted_wh = np.array(view.frame_size_wh, dtype=np.float64)
        border = lens.straighten(_trace_border(view.frame_size_wh))
        self._origin = border.min(axis=0)
        width, height = np.ceil(border.max(axis=0) - self._origin).astype(int).tolist()
        self.size_wh: tuple[int, int] = (width, height)
        shift = np.array([[1.0, 0.0, self._origin[0]], [0.0, 1.0, self._origin[1]], [0.0, 0.0, 1.0]])
        geometry = view.geometry
        self.geometry = CameraGeometry(
            geometry.floor_from_pixel @ shift,
            geometry.pair_rms_m,
            floor_errors=geometry.floor_errors,
            lens_width_px=float(view.frame_size_wh[0]),
        )
        self.camera = dataclasses.replace(
            camera,
            frame_size_wh=self.size_wh,
            lens=None,
            privacy_mask=(),
            mask=tuple(
                tuple((float(u), float(v)) for u, v in self._undistort(_cut_sides(polygon)))
                for polygon in view.mask
            ),
        )

    def undistort_detections(self, detections: Detections) -> Detections:
        """Return boxes of the distorted picture as boxes of the undistorted one."""
        if not len(detections):
            return detections
        xyxy = np.clip(detections.xyxy.astype(np.float64), 0.0, np.tile(self._distorted_wh, 2))
        undistorted = _move_sides(xyxy, self._undistort)
        margin = self._distorted_wh * EDGE_MARGIN_PARTS
        for side in (0, 1):
            undistorted[xyxy[:, side] <= margin[side], side] = 0.0
            is_cut = xyxy[:, 2 + side] >= self._distorted_wh[side] - margin[side]
            undistorted[is_cut, 2 + side] = self.size_wh[side]
        return Detections(undistorted.astype(np.float32), detections.score, detections.appearance)

    def distort_boxes(self, boxes: Sequence[TrackedBox]) -> list[TrackedBox]:
        """Return tracked boxes of the undistorted picture as boxes of the distorted one, for display."""
        if not boxes:
            return []
        nowhere = (math.nan, math.nan)
        distorted = _move_sides(
            np.array([box.xyxy for box in boxes], dtype=np.float64), self._distort
        ).tolist()
        feet_px = self._distort(np.array([box.foot[:2] if box.foot else nowhere for box in boxes])).tolist()
        return [
            _place_box(box, xyxy, uv_px) for box, xyxy, uv_px in zip(boxes, distorted, feet_px, strict=True)
        ]

    def _undistort(self, uv_px: FloatArray) -> FloatArray:
        return np.asarray(self._lens.straighten(uv_px) - self._origin, np.float64)

    def _distort(self, uv_px: FloatArray) -> FloatArray:
        return self._lens.distort(uv_px + self._origin)


def make_undistorted_picture(camera: Camera, view: FloorView) -> UndistortedPicture | None:
    """Return the undistorted picture of a view; None if the lens has no distortion."""
    lens = view.geometry.lens
    return None if lens is None else UndistortedPicture(camera, view, lens)


def _place_box(box: TrackedBox, xyxy: Sequence[float], foot_px: Sequence[float]) -> TrackedBox:
    """Return a tracked box moved within a picture, its foot too; unchanged if the new place is not finite."""
    left, top, right, bottom = xyxy
    if not all(map(math.isfinite, xyxy)):
        return box
    foot, (u_px, v_px) = box.foot, foot_px
    if foot is not None and math.isfinite(u_px):
        foot = foot._replace(u_px=u_px, v_px=v_px)
    return box._replace(xyxy=(left, top, right, bottom), foot=foot)


def _move_sides(xyxy: FloatArray, move: _Move) -> FloatArray:
    """Return boxes, shape (n, 4), with sides through the moved midpoints of their sides."""
    left, top, right, bottom = xyxy.T
    middle_u, middle_v = (left + right) / 2, (top + bottom) / 2
    middles = np.array([[left, middle_v], [middle_u, top], [right, middle_v], [middle_u, bottom]])
    moved = move(np.moveaxis(middles, 1, 2).reshape(-1, 2)).reshape(4, -1, 2)
    return np.stack([moved[0, :, 0], moved[1, :, 1], moved[2, :, 0], moved[3, :, 1]], axis=1)


def _trace_border(size_wh: tuple[int, int]) -> FloatArray:
    return _cut_sides(np.array([(0, 0), (size_wh[0], 0), size_wh, (0, size_wh[1])], dtype=np.float64))


def _cut_sides(polygon: FloatArray) -> FloatArray:
    """Return the corners of a polygon, shape (k, 2), with points between them."""
    parts = np.arange(_MASK_STEPS)[None, :, None] / _MASK_STEPS
    ahead = np.roll(polygon, -1, axis=0)
    cut: FloatArray = (polygon[:, None] * (1 - parts) + ahead[:, None] * parts).reshape(-1, 2)
    return cut


class DetectionLane:
    """Tracking of one camera's detections in the order of time; set the size of its frames first."""

    def __init__(
        self,
        camera: Camera,
        geometry: CameraGeometry | None,
        *,
        next_tracklet: Callable[[], TrackletId],
        sink: EventSink,
        observations: ObservationLog,
        timer: StageTimer | None = None,
        make_tracker: TrackerMaker = make_camera_tracker,
        make_projection: ProjectionMaker = make_floor_projection,
    ) -> None:
        """Begin without a frame.

        Args:
            geometry: None for a camera that is not calibrated, which is not tracked.
            observations: log that writes to the same sink.
        """
        self._camera = camera
        self._geometry = geometry
        self._next_tracklet = next_tracklet
        self._sink = sink
        self._observations = observations
        self._uncounted = UncountedLog(camera.name, sink)
        self._timer = timer or StageTimer()
        self._make_tracker = make_tracker
        self._make_projection = make_projection
        self._view: FloorView | None = None
        self._undistorted: UndistortedPicture | None = None
        self._projection: Projection | None = None
        self._tracker: Tracker | None = None
        self._size_wh: tuple[int, int] | None = None
        self._doubted_from_s: float | None = None
        self._doubted: list[TrackPoint] = []
        self.points = 0

    @property
    def is_projecting(self) -> bool:
        """Return whether frames of the present size can be projected onto the floor."""
        return self._projection is not None

    def follow_size(self, size_wh: tuple[int, int]) -> None:
        """Set the size of the next frames; tracks end if it changes.

        Raises:
            CalibrationError: the aspect ratio differs from the calibration's; no frame can be accepted.
        """
        if size_wh == self._size_wh:
            return
        self._end_tracks()
        self._size_wh = size_wh
        self._projection = self._view = self._undistorted = None
        if self._geometry is not None:
            camera, geometry = self._camera, self._geometry
            self._view = make_floor_view(camera, geometry, size_wh)
            self._undistorted = make_undistorted_picture(camera, self._view)
            if self._undistorted is not None:
                undistorted = self._undistorted
                camera, geometry, size_wh = undistorted.camera, undistorted.geometry, undistorted.size_wh
                self._view = make_floor_view(camera, geometry, size_wh)
            self._projection = self._make_projection(camera, geometry, size_wh)

    def accept(
        self,
        time_s: float,
        detections: Detections,
        *,
        link: int = 0,
        uptime_s: float | None = None,
        doubted_from_s: float | None = None,
    ) -> tuple[Sequence[TrackedBox], Sequence[TrackPoint]]:
        """Accept the detections of a frame.

        Args:
            link, uptime_s: see ``ObservationLog.observe``.
            doubted_from_s: later points are written only once the view is confirmed.

        Returns:
            New points of tracks, in the picture and on the floor, some of them from earlier frames.
        """
        self._doubted_from_s = doubted_from_s
        order = self._observations.observe(time_s, link=link, uptime_s=uptime_s)
        if order is TimeOrder.AFTER_OUTAGE:
            self._finish_tracks()
        elif order is not TimeOrder.LATER:
            self._end_tracks()
        # detections may come after the size changed to one without a projection
        if order is TimeOrder.REPEATED or self._view is None:
            return (), ()
        if self._tracker is None:
            self._tracker = self._make_tracker(self._next_tracklet, self._view)
        undistorted = self._undistorted
        with self._timer.stage("track"):
            if undistorted is not None:
                detections = undistorted.undistort_detections(detections)
            boxes = self._tracker.update(time_s, detections)
            self._uncounted.observe(time_s, self._tracker)
        points = self._write(boxes)
        return boxes if undistorted is None else undistorted.distort_boxes(boxes), points

    @property
    def repeats_until_s(self) -> float | None:
        """Return the same as ``ObservationLog.repeats_until_s``."""
        return self._observations.repeats_until_s

    def pass_over(self, time_s: float, *, since_s: float | None, cause: str, link: int = 0) -> None:
        """Skip a frame in which nothing can be seen: it proves neither presence nor absence.

        Args:
            since_s: start of the doubt; time recorded as observed after it is corrected.
            cause: the cause, as a word.
            link: see ``ObservationLog.observe``.
        """
        self._doubted_from_s = since_s
        self._end_tracks()
        self._uncounted.write()
        self._doubted.clear()
        self._observations.blind(time_s, since_s=since_s, cause=cause, link=link)

    def write_observed(self) -> None:
        """Bring the record of observed time up to date before a flush."""
        self._observations.write()

    def finish(
        self,
        now_utc_s: float | None = None,
        *,
        is_lost: bool = False,
        cause: str = "",
        uptime_s: float | None = None,
    ) -> None:
        """End the tracks and the record; the last call. See ``ObservationLog.finish``."""
        self._doubted_from_s = None
        self._end_tracks()
        self._write_certain(())
        self._uncounted.write()
        self._observations.finish(now_utc_s, is_lost=is_lost, cause=cause, uptime_s=uptime_s)

    def _end_tracks(self) -> None:
        """End the tracks; the next frame begins with a new tracker, made for its picture size."""
        self._finish_tracks()
        self._tracker = None

    def _finish_tracks(self) -> None:
        """End tracks at their last sighting; keep what the tracker has learned about the camera."""
        if self._tracker is not None:
            self._write(self._tracker.finish())

    def _write(self, boxes: Sequence[TrackedBox]) -> Sequence[TrackPoint]:
        points: Sequence[TrackPoint] = ()
        if boxes and self._projection is not None:
            with self._timer.stage("project"):
                points = self._projection.project(boxes)
        if points or self._doubted:
            with self._timer.stage("write"):
                self._write_certain(points)
        return points

    def _write_certain(self, points: Sequence[TrackPoint]) -> None:
        """Write the points that are certain by now, new and held back; hold back the rest."""
        from_s = self._doubted_from_s
        if from_s is not None or self._doubted:
            points = [*self._doubted, *points]
            self._doubted = [] if from_s is None else [p for p in points if p.time_s > from_s]
            points = points if from_s is None else [p for p in points if p.time_s <= from_s]
        if points:
            self._sink.write_points(points)
            self.points += len(points)
