"""A virtual camera: synthetic visitors in a rendered hall, as a source of frames."""

from __future__ import annotations

from analytics.domain.identifiers import CameraId
from tools.simulation.crowd.visitor_paths import VisitorPaths
from tools.simulation.crowd.walk_hall import WalkHall
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.demo_scene import (
    build_demo_renderer,
    dress_visitor,
    hang_demo_camera,
    pose_visitor,
)
from tools.simulation.rendering.figure import Appearance
from tools.simulation.rendering.scene_renderer import RenderedPerson, SceneRenderer
from vision.pixel_types import Frame


class RenderedSceneSource:
    """A `vision.sources.frame_source.FrameSource` of rendered visitors.

    Frame n is taken at n / fps seconds. The same arguments give the same pictures.
    """

    def __init__(
        self,
        *,
        camera: CameraId,
        hall: WalkHall,
        paths: VisitorPaths,
        fps: float,
        size_wh: tuple[int, int] = (960, 540),
        seed: int = 0,
    ) -> None:
        self._camera = camera
        self._hall = hall
        self._paths = paths
        self._fps = fps
        self._seed = seed
        self._view = hang_demo_camera(hall=hall, size_wh=size_wh)
        self._renderer: SceneRenderer | None = None
        self._number = 0
        self._wardrobe: dict[int, Appearance] = {}
        self._people: list[tuple[int, RenderedPerson]] = []

    @property
    def view(self) -> PinholeCamera:
        """The camera, for its exact geometry."""
        return self._view

    @property
    def frame_count(self) -> int:
        """Number of frames from time 0 to the end of the visitors' paths."""
        return int(self._paths.duration_s * self._fps + 1e-9)

    @property
    def people(self) -> list[tuple[int, RenderedPerson]]:
        """Visitors and exact boxes in the latest frame."""
        return self._people

    def open(self) -> None:
        """Render the hall; restarts at the first frame after a close."""
        self._renderer = build_demo_renderer(hall=self._hall, camera=self._view, seed=self._seed)
        self._number = 0

    def read(self) -> Frame | None:
        """Return the next frame, or None after the last."""
        if self._renderer is None:
            raise RuntimeError("the source is not open")
        if self._number >= self.frame_count:
            return None
        time_s = self._number / self._fps
        moments = self._paths.at(time_s)
        people = [(self._dress(moment.visitor), pose_visitor(moment)) for moment in moments]
        picture, rendered = self._renderer.render(people)
        self._people = [(moments[person.index].visitor, person) for person in rendered]
        frame = Frame(self._camera, picture, time_s, self._number)
        self._number += 1
        return frame

    def close(self) -> None:
        """Release the hall's picture."""
        self._renderer = None

    def _dress(self, visitor: int) -> Appearance:
        if visitor not in self._wardrobe:
            self._wardrobe[visitor] = dress_visitor(visitor=visitor, seed=self._seed)
        return self._wardrobe[visitor]
