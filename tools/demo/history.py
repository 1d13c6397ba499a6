"""Three days as the cameras' detectors report them, followed by the product's tracker, in its own history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import TRACK_COLUMNS
from analytics.domain.event_sink import CameraEvent, Gap, ObservedSpan
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.past_hours import POINT_TYPE, STATES
from app.core.document import Venue
from tools.demo.cameras import FRAME_SIZE_WH, LIVE_FPS, DemoCamera
from tools.demo.story import HABITS, Story
from tools.fairs.fair_itineraries import FairDay
from tools.fairs.lively_walks import draw_bodies, sample_lively_crowd
from tools.simulation.body_boxes import BodySizes
from tools.simulation.crowd.crowd_samples import CrowdSamples
from tools.simulation.detector_simulation import DetectorErrors
from tools.simulation.simulated_detections import simulate_detections
from vision.pipeline.detection_lane import DetectionLane
from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog

SEED = 37
_STATE_NUMBERS = {state: number for number, state in enumerate(STATES)}
_ROWS_PER_PART = 20_000


def simulate_day(
    story: Story, number: int, *, duration_s: float, fps: float
) -> tuple[CrowdSamples, BodySizes]:
    """Simulate the first part of a day with people who give way, sway and step aside, and their bodies."""
    random = np.random.default_rng([SEED, number])
    hall = story.fair.halls[number]
    walks = FairDay(hall, story.fair.programmes[number], HABITS, random).run()
    random = np.random.default_rng([SEED, number, 2])
    samples = sample_lively_crowd(walks, hall, frames=round(duration_s * fps), fps=fps, random=random)
    return samples, draw_bodies(int(walks.person.max(initial=-1)) + 1, random)


def track_day(
    venue: Venue,
    story: Story,
    number: int,
    samples: CrowdSamples,
    bodies: BodySizes,
    own: DemoCamera,
) -> npt.NDArray[np.void]:
    """Return one camera's track points of ``POINT_TYPE``; times count from the opening."""
    camera = own.name
    geometry = venue.camera_geometry(camera)
    assert geometry is not None
    numbers = iter(range(1, 1 << 40))
    collected = _CollectedPoints()
    lane = DetectionLane(
        replace(venue.camera(camera).camera, obstacles=venue.plan.occluders),
        geometry,
        next_tracklet=lambda: TrackletId(next(numbers)),
        sink=collected,
        observations=ObservationLog(
            camera, collected, interval_s=1.0 / LIVE_FPS, observed_until_s=None, first_cause=NOT_RUNNING
        ),
    )
    lane.follow_size(FRAME_SIZE_WH)
    detections = simulate_detections(
        samples=samples,
        layout=story.fair.halls[number].make_layout(),
        camera=camera,
        view=own.view,
        seed=SEED + number,
        errors=DetectorErrors(),
        bodies=bodies,
    )
    for time_s, boxes in detections:
        lane.accept(time_s, boxes)
    lane.finish()
    return collected.to_array()


def make_exact_tracks(samples: CrowdSamples) -> pd.DataFrame:
    """Return the exact positions as columns of ``TRACK_COLUMNS``."""
    table = pd.DataFrame(
        {
            "time_s": samples.times_s[samples.frame],
            "camera": "all",
            "tracklet": samples.visitor,
            "visitor": samples.visitor,
            "x_m": samples.xy_m[:, 0],
            "y_m": samples.xy_m[:, 1],
            "sigma_m": 0.0,
            "height_m": np.nan,
            "state": TrackState.TRUTH.value,
        }
    )
    return table.astype({column.name: column.dtype for column in TRACK_COLUMNS})


class _CollectedPoints:
    """An ``EventSink`` that collects the points of a day; a million objects would take too much memory."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, int, float, float, float, int]] = []
        self._parts: list[npt.NDArray[np.void]] = []

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        self._rows += [
            (p.time_s, p.tracklet, p.x_m, p.y_m, p.sigma_m, _STATE_NUMBERS[p.state]) for p in points
        ]
        if len(self._rows) >= _ROWS_PER_PART:
            self._flush_rows()

    def to_array(self) -> npt.NDArray[np.void]:
        self._flush_rows()
        return np.concatenate(self._parts)

    def _flush_rows(self) -> None:
        self._parts.append(np.array(self._rows, POINT_TYPE))
        self._rows.clear()

    def write_span(self, span: ObservedSpan) -> None:
        pass

    def write_gap(self, gap: Gap) -> None:
        pass

    def write_event(self, event: CameraEvent) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass
