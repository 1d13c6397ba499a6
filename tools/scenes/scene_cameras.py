"""Films a simulated crowd: cameras, their frame times and everything their detectors report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId
from tools.simulation.body_boxes import hide_behind_furniture, project_bodies
from tools.simulation.crowd.crowd_samples import CrowdSamples, sample_crowd_at
from tools.simulation.crowd.exhibition_hall import Furniture
from tools.simulation.crowd.visitor_paths import VisitorPaths
from tools.simulation.detector_simulation import (
    BodiesInFrame,
    DetectorErrors,
    DetectorSimulation,
    ReportedBoxes,
)
from tools.simulation.pinhole_camera import PinholeCamera

_PAIR_SIGMA_PX = 0.7
"""Of a calibration point picked by hand."""


@dataclass(frozen=True, slots=True)
class SceneCamera:
    """A camera of a scene.

    Attributes:
        view: exactly where it hangs and what it sees.
        pairs: what somebody measured to calibrate it, with errors.
    """

    name: CameraId
    view: PinholeCamera
    pairs: tuple[PointPair, ...]

    @property
    def frame_size_wh(self) -> tuple[int, int]:
        """Of its pictures, pixels."""
        return self.view.size_wh

    @property
    def exact_geometry(self) -> CameraGeometry:
        """The homography without the errors of the pairs."""
        return self.view.to_geometry()


@dataclass(frozen=True, slots=True, eq=False)
class FilmedCrowd:
    """What one camera's detector reported.

    Attributes:
        frame_times_s: every analysed frame, also those without a person, shape (k,).
        frame: index of the frame, shape (n,), not falling; within a frame the best score comes first.
        xyxy: shape (n, 4), pixels.
        score: shape (n,).
        visitor: whom each box truly shows, -1 where nobody; for diagnosis only, no file has it.
    """

    camera: CameraId
    frame_times_s: FloatArray
    frame: IntArray
    xyxy: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    visitor: IntArray

    def frames(self) -> Iterator[tuple[float, npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
        """Time, boxes and scores of every frame, in order."""
        borders = np.searchsorted(self.frame, np.arange(len(self.frame_times_s) + 1))
        for number, time_s in enumerate(self.frame_times_s.tolist()):
            part = slice(borders[number], borders[number + 1])
            yield time_s, self.xyxy[part], self.score[part]


@dataclass(frozen=True, slots=True)
class FrameTiming:
    """When frames are analysed.

    Attributes:
        jitter_share: standard deviation of an interval, in parts of it.
        busy_from, slower_per_person: from so many people in view on, each further one makes the interval
            longer by this share.
        stalls_per_s, stall_s: how often the computer is busy with something else, and for how long.
    """

    jitter_share: float = 0.06
    busy_from: int = 12
    slower_per_person: float = 0.02
    stalls_per_s: float = 0.003
    stall_s: float = 0.8


def measure_pairs(
    *, view: PinholeCamera, points_m: Sequence[tuple[float, float]], rng: np.random.Generator
) -> tuple[PointPair, ...]:
    """Calibration pairs of floor points that are in view, with the errors of a hand."""
    uv = view.to_geometry().project_to_pixel(np.asarray(points_m, dtype=np.float64))
    uv += rng.normal(0, _PAIR_SIGMA_PX, uv.shape)
    return tuple(
        PointPair(round(float(u), 2), round(float(v), 2), x, y)
        for (u, v), (x, y) in zip(uv, points_m, strict=True)
    )


def film_crowd(
    *,
    paths: VisitorPaths,
    camera: SceneCamera,
    furniture: Sequence[Furniture],
    banners_m: Sequence[tuple[float, float, float]],
    fps: float,
    timing: FrameTiming,
    errors: DetectorErrors,
    height_m: FloatArray,
    half_width_m: FloatArray,
    seed: int,
) -> FilmedCrowd:
    """Let a camera look at a crowd; the same arguments give the same detections.

    Args:
        banners_m: places (x, y) and heights of things that can be taken for people.
        height_m, half_width_m: of each of ``paths.paths``.
    """
    rng = np.random.default_rng([seed, 5, *str(camera.name).encode()])
    times_s = _draw_frame_times(paths, camera, fps, timing, rng)
    samples = sample_crowd_at(paths=paths, times_s=times_s)
    numbers = np.array([path.visitor for path in paths.paths], np.int64)
    number = np.searchsorted(numbers, samples.visitor)
    bodies = project_bodies(
        view=camera.view, xy_m=samples.xy_m, height_m=height_m[number], half_width_m=half_width_m[number]
    )
    rows = np.nonzero(bodies.is_visible)[0]
    hidden = hide_behind_furniture(
        view=camera.view,
        xyxy=bodies.xyxy[rows],
        xy_m=samples.xy_m[rows],
        height_m=height_m[number[rows]],
        furniture=furniture,
    )
    detector = DetectorSimulation(
        errors=errors,
        size_wh=camera.frame_size_wh,
        count=len(numbers),
        banners=_project_banners(camera.view, banners_m),
        rng=rng,
    )
    borders = np.searchsorted(samples.frame[rows], np.arange(len(times_s) + 1))
    reports = []
    for index, time_s in enumerate(times_s.tolist()):
        part = slice(borders[index], borders[index + 1])
        own = rows[part]
        reports.append(
            detector.report(
                BodiesInFrame(time_s, number[own], bodies.xyxy[own], bodies.distance_m[own], hidden[part])
            )
        )
    return collect_reports(camera.name, times_s, reports, numbers)


def find_seen(*, view: PinholeCamera, xy_m: FloatArray) -> npt.NDArray[np.bool_]:
    """Which floor points, shape (n, 2), are in the picture."""
    uv = view.to_geometry().project_to_pixel(xy_m)
    width, height = view.size_wh
    with np.errstate(invalid="ignore"):
        inside = (uv[:, 0] >= 0) & (uv[:, 0] < width) & (uv[:, 1] >= 0) & (uv[:, 1] < height)
    return np.asarray(inside, np.bool_)


def _draw_frame_times(
    paths: VisitorPaths, camera: SceneCamera, fps: float, timing: FrameTiming, rng: np.random.Generator
) -> FloatArray:
    samples: CrowdSamples = sample_crowd_at(paths=paths, times_s=np.arange(0.0, paths.duration_s + 1.0))
    seen = find_seen(view=camera.view, xy_m=samples.xy_m)
    in_view = np.bincount(samples.frame[seen], minlength=len(samples.times_s))
    times_s = []
    now_s = 0.0
    while now_s < paths.duration_s:
        times_s.append(round(now_s, 3))
        extra = max(0, int(in_view[int(now_s)]) - timing.busy_from)
        interval_s = (1 + timing.slower_per_person * extra) / fps
        interval_s *= max(1 + timing.jitter_share * float(rng.normal()), 0.3)
        if rng.random() < timing.stalls_per_s * interval_s:
            interval_s += float(rng.exponential(timing.stall_s))
        now_s += interval_s
    return np.array(times_s)


def _project_banners(view: PinholeCamera, banners_m: Sequence[tuple[float, float, float]]) -> FloatArray:
    if not banners_m:
        return np.empty((0, 4))
    places = np.asarray(banners_m, dtype=np.float64)
    boxes = project_bodies(
        view=view, xy_m=places[:, :2], height_m=places[:, 2], half_width_m=np.full(len(places), 0.35)
    )
    return boxes.xyxy[boxes.is_visible]


def collect_reports(
    camera: CameraId, times_s: FloatArray, reports: list[ReportedBoxes], numbers: IntArray
) -> FilmedCrowd:
    """Return one camera's reports as one table; ``numbers`` are those of the visitors, in their order."""
    counts = [len(report.score) for report in reports]
    number = np.concatenate([report.number for report in reports])
    return FilmedCrowd(
        camera,
        times_s,
        np.repeat(np.arange(len(reports)), counts),
        np.concatenate([report.xyxy for report in reports]),
        np.concatenate([report.score for report in reports]),
        np.where(number < 0, -1, numbers[number]),
    )
