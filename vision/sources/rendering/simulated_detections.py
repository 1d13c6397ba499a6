"""Detections of a crowd by a camera of the demo exhibition, without drawing a picture.

Where people stand in the picture follows from the camera's geometry, what hides them from the hall and from
each other, and what is reported of them from the error model.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from analytics.synthetic.body_boxes import COLUMNS, ROWS, place_body_points, project_bodies
from analytics.synthetic.crowd_samples import CrowdSamples
from analytics.synthetic.detector_simulation import BodiesInFrame, DetectorErrors, DetectorSimulation
from analytics.synthetic.exhibition_hall import ExhibitionLayout
from analytics.synthetic.pinhole_camera import PinholeCamera
from vision.pixel_types import Detections
from vision.sources.rendering.demo_scene import dress_visitor
from vision.sources.rendering.exhibition_scene import HallCamera, cast_exhibition

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_ERRORS = DetectorErrors(smallest_px=10.0, large_enough_px=22.0, edge_sigma_px=0.6)
"""People are small in the pictures of the demo's cameras, to which its network is trained."""
_HALF_WIDTH_M = 0.27
_CHUNK = 100_000


def simulate_detections(
    *,
    samples: CrowdSamples,
    layout: ExhibitionLayout,
    camera: HallCamera,
    seed: int,
    errors: DetectorErrors = _ERRORS,
) -> Iterator[tuple[float, Detections]]:
    """Time and detections of every frame, in order; the same arguments give the same detections."""
    view = camera.to_pinhole()
    rng = np.random.default_rng([seed, *camera.name.encode()])
    rows, boxes, distance_m = _project_people(samples, view, seed)
    hidden = _hide_behind_furniture(boxes, distance_m, layout, view)
    frames = samples.frame[rows]
    borders = np.searchsorted(frames, np.arange(len(samples.times_s) + 1))
    numbers, number = np.unique(samples.visitor[rows], return_inverse=True)
    detector = DetectorSimulation(
        errors=errors, size_wh=view.size_wh, count=len(numbers), banners=np.empty((0, 4)), rng=rng
    )
    for index, time_s in enumerate(samples.times_s.tolist()):
        part = slice(borders[index], borders[index + 1])
        found = detector.report(
            BodiesInFrame(time_s, number[part], boxes[part], distance_m[part], hidden[part])
        )
        yield time_s, Detections(found.xyxy, found.score)


def _project_people(
    samples: CrowdSamples, view: PinholeCamera, seed: int
) -> tuple[npt.NDArray[np.int64], FloatArray, FloatArray]:
    """Rows of the samples that are in the picture, their true boxes, and their distance on the floor."""
    numbers, inverse = np.unique(samples.visitor, return_inverse=True)
    looks = [dress_visitor(visitor=int(number), seed=seed) for number in numbers]
    height_m = np.array([look.height_m for look in looks])[inverse]
    half_m = _HALF_WIDTH_M * np.array([look.build for look in looks])[inverse]
    bodies = project_bodies(view=view, xy_m=samples.xy_m, height_m=height_m, half_width_m=half_m)
    rows = np.nonzero(bodies.is_visible)[0]
    return rows, bodies.xyxy[rows], bodies.distance_m[rows]


def _hide_behind_furniture(
    boxes: FloatArray, distance_m: FloatArray, layout: ExhibitionLayout, view: PinholeCamera
) -> BoolArray:
    """Body points, shape (n, ROWS * COLUMNS), that are behind a stand or outside the picture."""
    obstacle_m = cast_exhibition(layout=layout, view=view, oversampling=1).obstacle_distance_m
    width, height = view.size_wh
    hidden = np.empty((len(boxes), ROWS * COLUMNS), bool)
    for start in range(0, len(boxes), _CHUNK):
        part = slice(start, start + _CHUNK)
        points = place_body_points(boxes[part])
        u, v = points[:, :, 0], points[:, :, 1]
        column = np.clip(u, 0, width - 1).astype(int)
        row = np.clip(v, 0, height - 1).astype(int)
        is_outside = (u < 0) | (u >= width) | (v < 0) | (v >= height)
        hidden[part] = is_outside | (obstacle_m[row, column] < distance_m[part, None])
    return hidden
