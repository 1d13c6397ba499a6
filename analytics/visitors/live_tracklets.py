"""What the live view remembers: the latest samples of every tracklet, and how cameras disagree."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.track import TrackPoint, TrackState
from analytics.visitors.tracklet_rows import SMALLEST_SIGMA_M, UNKNOWN_SIGMA_M, TrackletRows

Sample = tuple[float, float, float, float, float, bool]
"""(time_s, x_m, y_m, sigma_m, height_m, whether it was seen)."""


@dataclass(slots=True)
class LiveTracklet:
    """What is kept of one tracklet.

    Attributes:
        camera: number of the camera.
        beginning: its first samples, for its state there.
        recent: its latest samples.
        visitor: None while it waits.
    """

    number: int
    camera: int
    beginning: list[Sample] = field(default_factory=list)
    recent: deque[Sample] = field(default_factory=deque)
    visitor: int | None = None

    @property
    def begun_s(self) -> float:
        """When it was first seen."""
        return self.beginning[0][0]

    @property
    def seen_s(self) -> float:
        """When its latest sample was."""
        return self.recent[-1][0]


@dataclass(slots=True)
class CameraShift:
    """Running mean of how far two cameras disagree, the second's place minus the first's, metres."""

    x_m: float = 0.0
    y_m: float = 0.0
    looks: float = 0.0

    def learn(self, x_m: float, y_m: float, *, most_looks: float) -> None:
        """Take one more look at somebody whom both see."""
        self.looks = min(self.looks + 1.0, most_looks)
        self.x_m += (x_m - self.x_m) / self.looks
        self.y_m += (y_m - self.y_m) / self.looks


def read_sample(point: TrackPoint) -> Sample | None:
    """A sample of a track point; None of one without a place or time."""
    if not (np.isfinite(point.x_m) and np.isfinite(point.y_m) and np.isfinite(point.time_s)):
        return None
    is_known = np.isfinite(point.sigma_m) and point.sigma_m >= 0
    return (
        point.time_s,
        point.x_m,
        point.y_m,
        max(point.sigma_m, SMALLEST_SIGMA_M) if is_known else UNKNOWN_SIGMA_M,
        point.height_m if point.height_m is not None else np.nan,
        point.state not in {TrackState.INTERPOLATED, TrackState.COASTED},
    )


def collect_rows(tracklets: list[tuple[LiveTracklet, list[Sample]]]) -> TrackletRows:
    """Samples of live tracklets in the form that the likelihoods take."""
    samples = [sample for _, own in tracklets for sample in own]
    table = np.array(samples, np.float64).reshape(-1, 6)
    length = np.array([len(own) for _, own in tracklets], np.int64)
    ends = np.cumsum(length)
    return TrackletRows(
        source=np.arange(len(table)),
        time_s=table[:, 0],
        x_m=table[:, 1],
        y_m=table[:, 2],
        sigma_m=table[:, 3],
        height_m=table[:, 4],
        is_seen=table[:, 5] > 0,
        starts=ends - length,
        ends=ends,
        camera=np.array([t.camera for t, _ in tracklets], np.int64),
        number=np.array([t.number for t, _ in tracklets], np.int64),
        camera_names=(),
    )
