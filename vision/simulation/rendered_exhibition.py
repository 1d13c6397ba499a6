"""Cameras of the demo exhibition: a simulated crowd, rendered endlessly as it is read."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from pathlib import Path

from analytics.domain.clock import Clock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame
from vision.simulation.crowd.crowd_file import EndlessCrowd, read_crowd
from vision.simulation.crowd.exhibition_hall import make_exhibition
from vision.simulation.crowd.visitor_paths import VisitorState
from vision.simulation.rendering.demo_scene import dress_visitor, pose_visitor
from vision.simulation.rendering.exhibition_scene import (
    HALL_CAMERAS,
    build_exhibition_renderer,
    find_hall_camera,
)
from vision.simulation.rendering.figure import Appearance, Pose
from vision.simulation.rendering.scene_renderer import SceneRenderer
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import ReportListener, SourceAddress
from vision.sources.source_counters import SourceCounters
from vision.sources.source_faults import SourceFault

PICTURES_PER_S = 10.0
"""Default frame rate; only frames that are due are rendered."""

_STANDING_M_S = 0.15
_STANDING_GRID_M, _STANDING_TURN_RAD = 0.05, 0.1
"""Movement and turn beyond which a standing visitor is rendered again."""


class RenderedExhibitionSource:
    """A live camera of the demo exhibition.

    The crowd's clock is UTC modulo its period: all cameras show the same moment, and a camera that comes
    back goes on where the others are.
    """

    def __init__(
        self,
        *,
        address: SourceAddress,
        camera: CameraId,
        sampler: FrameSampler,
        clock: Clock,
        listener: ReportListener | None = None,
    ) -> None:
        """Prepare without reading; ``listener`` is never called, as nothing can change."""
        del listener
        self._address = address
        self._camera = camera
        self._sampler = sampler
        self._clock = clock
        self._counters = SourceCounters()
        self._closing = threading.Event()
        self._period_s = 1.0 / (address.images_fps or PICTURES_PER_S)
        self._renderer: SceneRenderer | None = None
        self._crowd: EndlessCrowd | None = None
        self._seed = 0
        self._wardrobe: dict[int, Appearance] = {}
        self._slot = 0
        self._number = 0

    @property
    def counters(self) -> SourceCounters:
        """A copy of the counts; ``decoded`` includes frames that were not rendered."""
        return replace(self._counters)

    def open(self) -> None:
        """Read the crowd and render the hall as this camera sees it.

        Raises:
            SourceError: the exhibition has no such camera, or the file of the crowd cannot be read.
        """
        hall_camera = find_hall_camera(self._camera)
        if hall_camera is None:
            raise SourceError(
                "The demo exhibition has no camera '{camera}'.",
                "Its cameras are: {names}. Enter another address for this one.",
                camera=self._camera,
                names=", ".join(f"'{known.name}'" for known in HALL_CAMERAS),
                fault=SourceFault.NOT_FOUND.value,
            )
        crowd = read_crowd(Path(self._address.location))
        self._crowd, self._seed = EndlessCrowd(crowd.paths), crowd.seed
        if self._renderer is None:
            self._renderer = build_exhibition_renderer(
                layout=make_exhibition(crowd.layout), view=hall_camera.to_pinhole(), seed=crowd.seed
            )
        self._closing.clear()
        self._slot = math.floor(self._clock.now_utc_s() / self._period_s)

    def read(self) -> Frame | None:
        """Return the next due frame at its time; None only after a close.

        A picture whose time is over before it could be drawn is passed over, as a camera's would be.
        """
        if self._renderer is None or self._crowd is None:
            raise RuntimeError("the source is not open")
        while not self._closing.is_set():
            now_s = self._clock.now_utc_s()
            newest = math.floor(now_s / self._period_s)
            # also when the clock was set back by more than a moment
            if newest > self._slot + 1 or newest < self._slot - 10:
                self._slot = newest - 1
            self._slot += 1
            self._counters.decoded += 1
            self._number += 1
            time_s = self._slot * self._period_s
            if time_s > now_s and self._closing.wait(time_s - now_s):
                return None
            if not self._sampler.is_due(time_s):
                continue
            people = [(self._dress(moment.visitor), _pose(moment)) for moment in self._crowd.at(time_s)]
            picture, _ = self._renderer.render(people)
            self._counters.delivered += 1
            return Frame(self._camera, picture, time_s, self._number - 1)
        return None

    def close(self) -> None:
        """Close the source; a waiting read in another thread returns None."""
        self._closing.set()

    def _dress(self, visitor: int) -> Appearance:
        if visitor not in self._wardrobe:
            self._wardrobe[visitor] = dress_visitor(visitor=visitor, seed=self._seed)
        return self._wardrobe[visitor]


def _pose(moment: VisitorState) -> Pose:
    pose = pose_visitor(moment)
    if moment.speed_m_s >= _STANDING_M_S:
        return pose
    x_m, y_m = (round(value / _STANDING_GRID_M) * _STANDING_GRID_M for value in pose.xy_m)
    heading = round(pose.heading_rad / _STANDING_TURN_RAD) * _STANDING_TURN_RAD
    return replace(pose, xy_m=(x_m, y_m), heading_rad=heading, step_rad=0.0)
