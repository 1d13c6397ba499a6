"""Three days as the cameras' detectors report them, followed by the product's tracker, in its own history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import TRACK_COLUMNS
from analytics.domain.event_sink import CameraEvent, Gap, ObservedSpan
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.past_hours import POINT_TYPE, STATES
from app.core.document import Venue
from app.demo.ready_venue import HISTORY_FPS
from tools.demo.cameras import DEMO_CAMERAS, FRAME_SIZE_WH, DemoCamera
from tools.demo.story import HABITS, OBSERVED_S, Story
from tools.fairs.fair_itineraries import DayWalks, FairDay
from tools.fairs.itinerary_tracks import track_walks
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
_INTERVAL_S = 1.0 / HISTORY_FPS


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedDay:
    """One day of the fair.

    Attributes:
        walks: everybody's exact way; times count from the opening.
        samples: the same at the moments of the cameras' frames.
    """

    walks: DayWalks
    samples: CrowdSamples


def simulate_day(story: Story, number: int) -> SimulatedDay:
    """Simulate the visitors of a day, 0 for the first; the same number gives the same day."""
    fair = story.fair
    random = np.random.default_rng([SEED, number])
    walks = FairDay(fair.halls[number], fair.programmes[number], HABITS, random).run()
    tracked = track_walks(
        walks, interval_s=_INTERVAL_S, position_error_m=0.0, random=np.random.default_rng(0)
    )
    tracks = tracked.tracks
    times_s = np.arange(round(OBSERVED_S * HISTORY_FPS), dtype=np.float64) * _INTERVAL_S
    frame = np.round((tracks["time_s"].to_numpy(np.float64)) * HISTORY_FPS)
    kept = frame < len(times_s)
    samples = CrowdSamples(
        times_s,
        frame[kept].astype(np.int64),
        tracks["visitor"].to_numpy(np.int64)[kept],
        tracks[["x_m", "y_m"]].to_numpy(np.float64)[kept],
    )
    return SimulatedDay(walks, samples)


def simulate_lively_day(
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
    own: DemoCamera,
    bodies: BodySizes | None = None,
) -> npt.NDArray[np.void]:
    """Return one camera's track points of ``POINT_TYPE``; times count from the opening.

    Args:
        bodies: of all visitors; None: like those of the rendered clips.
    """
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
            camera, collected, interval_s=_INTERVAL_S, observed_until_s=None, first_cause=NOT_RUNNING
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
            "camera": str(DEMO_CAMERAS[0].name),
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
