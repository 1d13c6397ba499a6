"""The demonstration's hall as an installer finds it: cameras on the network, a plan, and what is true."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import shapely
from PIL import Image, ImageDraw

from analytics.domain.zone import CountingLine
from tests.support.servers.faultcam import FaultCam
from tools.simulation.crowd.crowd_simulation import simulate_endless_crowd
from tools.simulation.crowd.endless_crowd import EndlessCrowd
from tools.simulation.crowd.exhibition_hall import SIZE_M, make_exhibition
from tools.simulation.crowd.truth import make_true_crossings
from tools.simulation.crowd.visitor_paths import VisitorPaths
from tools.simulation.rendering.demo_scene import dress_visitor, pose_visitor
from tools.simulation.rendering.exhibition_scene import (
    FRAME_SIZE_WH,
    HALL_CAMERAS,
    HallCamera,
    build_exhibition_renderer,
    cast_exhibition,
)
from vision.pixel_types import Picture

LAYOUT = make_exhibition("B")
FPS = 5.0
USER, PASSWORD = "viewer", "hall-3 viewer"
SEED = 1
PLAN_PX_PER_M = 30


@dataclass(frozen=True)
class DrawnHall:
    """Cameras that show one crowd again and again, all at the same moment of it.

    Attributes:
        paths: None where nobody is in the hall; all of them come again after their duration.
    """

    server: FaultCam
    paths: VisitorPaths | None

    def url(self, camera: HallCamera) -> str:
        """Without user and password."""
        return f"rtsp://127.0.0.1:{self.server.port}/{name_plainly(camera)}"

    def count_people(self, floor: shapely.Geometry) -> float:
        """How many are within a part of the floor, on average over all time."""
        assert self.paths is not None
        crowd = EndlessCrowd(self.paths)
        times_s = np.arange(0.0, self.paths.duration_s, 0.5).tolist()
        return float(
            np.mean(
                [sum(shapely.contains_xy(floor, *moment.xy_m) for moment in crowd.at(t)) for t in times_s]
            )
        )

    def count_crossings(self, line: CountingLine, duration_s: float) -> float:
        """How many walk in across a line, on average in such a time."""
        assert self.paths is not None
        crossings = make_true_crossings(paths=self.paths, lines=(line,), step_s=0.1)
        return int((crossings["direction"] == "in").sum()) * duration_s / self.paths.duration_s


def name_plainly(camera: HallCamera) -> str:
    """What an installer without accents on the keyboard calls it."""
    return unicodedata.normalize("NFKD", camera.name).encode("ascii", "ignore").decode()


def find_seen_floor() -> shapely.Geometry:
    """The floor that any of the cameras sees, square metres of the hall."""
    hall = shapely.box(0, 0, *SIZE_M)
    return shapely.union_all([_find_view(camera) for camera in HALL_CAMERAS]).intersection(hall)


def find_pixel(camera: HallCamera, place: tuple[float, float]) -> tuple[float, float]:
    """Where a place of the floor is in a camera's picture."""
    ((u, v),) = camera.to_pinhole().to_geometry().project_to_pixel(np.array([place])).tolist()
    return u, v


@contextmanager
def open_hall(
    folder: Path, cameras: Sequence[HallCamera], *, period_s: float, is_open: bool
) -> Iterator[DrawnHall]:
    """``is_open``: visitors walk about; else the hall is empty."""
    paths = (
        simulate_endless_crowd(layout=LAYOUT, period_s=period_s, seed=SEED, max_visit_s=400.0)
        if is_open
        else None
    )
    crowd = None if paths is None else EndlessCrowd(paths)
    mounts = {}
    for camera in cameras:
        name = name_plainly(camera)
        mounts[f"/{name}"] = _encode(folder / f"{name}.mp4", _draw(camera, crowd, period_s))
    with FaultCam(mounts, user=USER, password=PASSWORD, follows_clock=True) as server:
        yield DrawnHall(server, paths)


def draw_plan(file: Path) -> Path:
    """The hall from above, as an organiser sends it: to scale, but nobody says to which."""
    width, depth = (round(length * PLAN_PX_PER_M) for length in SIZE_M)
    image = Image.new("RGB", (width, depth), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, width - 1, depth - 1), outline="#333333", width=5)
    for item in LAYOUT.furniture:
        left, low, right, high = (value * PLAN_PX_PER_M for value in item.footprint)
        pen.rectangle((left, depth - high, right, depth - low), fill="#d8dde3", outline="#667788", width=2)
        if right - left > 2 * PLAN_PX_PER_M:
            middle = ((left + right) / 2, depth - (low + high) / 2)
            pen.text(middle, item.name, fill="#223344", anchor="mm")
    image.save(file)
    return file


def _draw(camera: HallCamera, crowd: EndlessCrowd | None, period_s: float) -> Iterator[Picture]:
    view, count = camera.to_pinhole(), round(period_s * FPS)
    if crowd is None:
        picture = cast_exhibition(layout=LAYOUT, view=view, oversampling=1).picture
        yield from [picture] * count
        return
    renderer = build_exhibition_renderer(layout=LAYOUT, view=view, seed=SEED)
    for number in range(count):
        people = [
            (dress_visitor(visitor=moment.visitor, seed=SEED), pose_visitor(moment))
            for moment in crowd.at(number / FPS)
        ]
        picture, _ = renderer.render(people)
        yield picture


def _encode(file: Path, pictures: Iterator[Picture]) -> Path:
    """Each second begins with a whole picture, from which a viewer who comes late can start."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=round(FPS), options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height = FRAME_SIZE_WH
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.max_b_frames = round(FPS), 0
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode())
    return file


def _find_view(camera: HallCamera) -> shapely.Polygon:
    width, height = FRAME_SIZE_WH
    corners = np.array([(0.0, height), (width, height), (width, 0.0), (0.0, 0.0)])
    return shapely.Polygon(camera.to_pinhole().to_geometry().project_to_floor(corners))
