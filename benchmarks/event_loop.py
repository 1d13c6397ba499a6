"""How long the window's event loop is busy at a time: a wall of cameras beside a heatmap that changes.

Run as ``python -m benchmarks.event_loop``. A process of its own writes the cameras' frames into shared
memory, as capture processes do; the page, its feed of pictures and the heatmap's layer are the window's own.
With ``--pages`` it is the whole window instead, whose pages are turned for two days of the demonstration.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import multiprocessing.synchronize
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId, TrackletId
from app.core.child_work import ChildWorker
from app.core.document import Venue, VenueCamera
from app.core.job import JobContext
from vision.pipeline.frame_slots import FramePreview, FrameWriter, create_frame_slots, remove_frame_slots
from vision.pipeline.messages import CameraState, LiveTrack
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus
from vision.pipeline.shared_segment import make_segment_name
from vision.pixel_types import Frame
from vision.sources.frame_source import SourceAddress, SourceKind

CAMERAS, FPS, PEOPLE = 9, 15.0, 12
FRAME_WH = (1280, 720)
WINDOW_WH = (1920, 1080)
HALL_M = (40.0, 25.0)
CELLS = (500, 300)
HEATMAP_EVERY_MS, STATUS_EVERY_MS = 1000, 100
WARM_UP_S = 2.0
QUIET_S = 0.4
MAX_MS, MAX_P99_MS = 50.0, 16.0
"""What the loop may take: a person feels 50 ms, and 16 ms is a frame of a screen."""


@dataclass(frozen=True, slots=True)
class LoopFigures:
    """What was measured, in milliseconds.

    Attributes:
        turn: from one wait of the loop to the next, by the clock on the wall; at most 1 ms of it is waiting.
        work: the same by the main thread's own processor time, which other programs do not lengthen.
        late: how late a timer of 1 ms comes.
        pictures_per_s: that were put onto tiles, all together.
        longest: the longest work of a turn after each step, such as the opening of a page.
    """

    turns: int
    turn_max: float
    turn_p99: float
    work_max: float
    work_p99: float
    late_max: float
    late_p99: float
    over_p99: int
    """Turns whose work is longer than `MAX_P99_MS`."""
    pictures_per_s: float
    longest: dict[str, float]

    @property
    def is_within_target(self) -> bool:
        """Whether nobody would notice the loop."""
        return self.turn_max <= MAX_MS and self.turn_p99 <= MAX_P99_MS


def write_frames(names: list[str], stop: multiprocessing.synchronize.Event) -> None:
    """Body of the writing process: every camera in turn, evenly spread."""
    writers = [FrameWriter(name, is_lossless=False) for name in names]
    width, height = FRAME_WH
    random = np.random.default_rng(1)
    scenes = [
        random.integers(0, 255, (height // 8, width // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        for _ in range(4)
    ]
    number, next_s = 0, time.monotonic()
    while not stop.is_set():
        camera = number % len(writers)
        picture = scenes[(number // len(writers)) % len(scenes)]
        writers[camera].publish(
            Frame(CameraId(str(camera)), picture, time.time(), number), wait=lambda: False
        )
        number += 1
        next_s += 1.0 / (FPS * len(writers))
        stop.wait(max(0.0, next_s - time.monotonic()))


def burn(context: JobContext, duration_s: float) -> None:
    """Hold the interpreter's lock, as Python code that makes a month's report or exhibitor packs does."""
    end_s = time.perf_counter() + duration_s
    while (left_s := end_s - time.perf_counter()) > 0:
        context.checkpoint(duration_s - left_s, duration_s)
        for number in range(2000):
            str(number)


class LoopWatch:
    """Measures the turns of this thread's event loop, with a timer of 1 ms in it."""

    def __init__(self) -> None:
        from PySide6.QtCore import QAbstractEventDispatcher, Qt, QTimer

        self._turns: list[tuple[float, float, str]] = []
        self._lates: list[float] = []
        self._waited: tuple[float, float] | None = None
        self._fired_s: float | None = None
        self._step = ""
        # The loop of Unix says that it wakes only after timers and sockets have had their turn, so that a
        # turn is measured from wait to wait. This timer ends each wait after 1 ms at the latest.
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_fired)
        self._timer.start(1)
        self._dispatcher = QAbstractEventDispatcher.instance()
        self._dispatcher.aboutToBlock.connect(self._on_waiting, Qt.ConnectionType.DirectConnection)

    def begin(self, step: str = "") -> None:
        """Name what happens from now on; without a name, forget what was measured."""
        if not step:
            self._turns.clear()
            self._lates.clear()
        self._step = step

    def compute_figures(self, *, pictures_per_s: float = 0.0) -> LoopFigures:
        """Stop, and return what was measured."""
        self._timer.stop()
        self._dispatcher.aboutToBlock.disconnect(self._on_waiting)
        walls, works = 1e3 * np.array([turn[:2] for turn in self._turns]).T
        late = 1e3 * np.array(self._lates)
        longest: dict[str, float] = {}
        for (_wall_s, _work_s, step), work_ms in zip(self._turns, works, strict=True):
            longest[step] = max(longest.get(step, 0.0), float(work_ms))
        return LoopFigures(
            turns=len(walls),
            turn_max=float(walls.max()),
            turn_p99=float(np.percentile(walls, 99)),
            work_max=float(works.max()),
            work_p99=float(np.percentile(works, 99)),
            late_max=float(late.max()),
            late_p99=float(np.percentile(late, 99)),
            over_p99=int((works > MAX_P99_MS).sum()),
            pictures_per_s=pictures_per_s,
            longest=longest,
        )

    def _on_waiting(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        if self._waited is not None:
            self._turns.append((now[0] - self._waited[0], now[1] - self._waited[1], self._step))
        self._waited = now

    def _on_fired(self) -> None:
        now_s = time.perf_counter()
        if self._fired_s is not None:
            self._lates.append(max(0.0, now_s - self._fired_s - 1e-3))
        self._fired_s = now_s


def measure_event_loop(duration_s: float, *, work: str = "none") -> LoopFigures:
    """Show everything for so long and watch the loop.

    Args:
        work: what else runs: ``none``, or a job of pure Python in a ``thread`` or in a ``child`` process.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # GLib's loop says that it wakes only after it has done the work
    os.environ["QT_NO_GLIB"] = "1"
    names = [make_segment_name(os.getpid()) for _ in range(CAMERAS)]
    controls = [create_frame_slots(name, is_lossless=False) for name in names]
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    writer = context.Process(target=write_frames, args=(names, stop), daemon=True)
    writer.start()
    try:
        return _watch(names, duration_s, work)
    finally:
        stop.set()
        writer.join(5.0)
        for name in names:
            remove_frame_slots(name)
        controls.clear()


def _watch(names: list[str], duration_s: float, work: str) -> LoopFigures:
    from PySide6.QtCore import QRectF, Qt, QTimer
    from PySide6.QtGui import QImage, QPainterPath
    from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QHBoxLayout, QWidget

    from app.gui.canvas.heatmap_layer import HeatmapLayer
    from app.gui.live.model import LiveWallViewModel
    from app.gui.live.page import LiveWallView
    from app.gui.live.video_tile import VideoTile
    from app.gui.session.app_state import AppState
    from app.gui.session.job_runner import JobRunner
    from app.gui.session.pipeline_monitor import PipelineMonitor
    from app.gui.session.theme import LIGHT, install_theme
    from app.gui.window.startup import make_application

    class WrittenMonitor(PipelineMonitor):
        """Shows the frames of the writing process, and people who walk."""

        def __init__(self) -> None:
            super().__init__()
            self._shown = make_status(0)
            self._found = {str(n): FramePreview(name, is_lossless=False) for n, name in enumerate(names)}

        @property
        def status(self) -> PipelineStatus:
            return self._shown

        @property
        def is_active(self) -> bool:
            return True

        def preview(self, camera: str) -> FramePreview | None:
            return self._found.get(camera)

        def show(self, step: int) -> None:
            self._shown = make_status(step)
            self.updated.emit(self._shown)

    application = make_application()
    install_theme(application, LIGHT)
    app_state, jobs, monitor = AppState(), JobRunner(), WrittenMonitor()
    viewmodel = LiveWallViewModel(app_state=app_state, job_runner=jobs, monitor=monitor)
    window, scene, layer = QWidget(), QGraphicsScene(), HeatmapLayer()
    row = QHBoxLayout(window)
    row.addWidget(LiveWallView(viewmodel), 3)
    floor_view = QGraphicsView(scene)
    row.addWidget(floor_view, 2)
    hall = QRectF(0, 0, *HALL_M)
    floor = QPainterPath()
    floor.addRect(hall)
    layer.set_floor(floor)
    scene.addItem(layer)
    window.resize(*WINDOW_WH)
    app_state.show_venue(make_venue())
    window.show()
    floor_view.fitInView(hall, Qt.AspectRatioMode.KeepAspectRatio)

    steps, pictures = 0, 0
    shown = VideoTile.set_picture

    def count_picture(tile: VideoTile, image: QImage, frame_wh: tuple[int, int]) -> None:
        nonlocal pictures
        pictures += 1
        shown(tile, image, frame_wh)

    VideoTile.set_picture = count_picture  # type: ignore[method-assign,assignment]

    def show_status() -> None:
        nonlocal steps
        steps += 1
        monitor.show(steps)

    def order_heatmap() -> None:
        jobs.run_latest(
            "heatmap",
            "heatmap",
            lambda _context: compute_heat(steps),
            on_done=lambda heat: layer.set_values(heat, hall, top=float(heat.max())),
        )

    worker, burnt_s = ChildWorker(), WARM_UP_S + duration_s
    if work == "thread":
        jobs.run("report", lambda context: burn(context, burnt_s), on_done=lambda _: None)
    elif work == "child":
        jobs.run("report", lambda context: worker.run(burn, context, burnt_s), on_done=lambda _: None)

    timers = []
    for interval_ms, slot in ((STATUS_EVERY_MS, show_status), (HEATMAP_EVERY_MS, order_heatmap)):
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        timer.start(interval_ms)
        timers.append(timer)
    watch = LoopWatch()

    def begin() -> None:
        nonlocal pictures
        watch.begin()
        pictures = 0

    QTimer.singleShot(round(1e3 * WARM_UP_S), begin)
    QTimer.singleShot(round(1e3 * (WARM_UP_S + duration_s)), application.quit)
    application.exec()
    VideoTile.set_picture = shown  # type: ignore[method-assign]
    for timer in timers:
        timer.stop()
    window.close()
    jobs.shutdown()
    worker.close()
    return watch.compute_figures(pictures_per_s=pictures / duration_s)


def measure_pages() -> LoopFigures:
    """Open the demonstration and turn all pages of the main window, for its last day and the day before.

    The loop is idle most of the time, so that the longest turns say more than a percentile of all.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_NO_GLIB"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EXPOFLOW_HOME"] = folder
        return _turn_pages(Path(folder) / "demonstration.expoflow")


def _turn_pages(folder: Path) -> LoopFigures:
    from PySide6.QtCore import QTimer

    from app.demo.ready_venue import list_show_days, unpack_demo_venue
    from app.gui.window.pages import Page
    from app.gui.window.startup import GarbageCollection, add_pages, make_application, make_window

    days = list_show_days(unpack_demo_venue(folder))
    application = make_application()
    window, parts = make_window(application)
    add_pages(window, parts)
    window.resize(1366, 768)
    window.show()
    gc.freeze()
    collection, watch = GarbageCollection(parts.job_runner), LoopWatch()
    quiet_from_s = 0.0

    def take_steps() -> Iterator[None]:
        parts.shell.open_venue(folder)
        yield
        watch.begin()
        for number, day in enumerate(days[:-3:-1], start=1):
            watch.begin(f"day {number}")
            parts.app_state.set_period(day)
            yield
            for page in Page:
                watch.begin(f"day {number} {page.name}")
                window.show_page(page)
                yield
        application.quit()

    def take_step() -> None:
        """Take the next step once no job has run for a while."""
        nonlocal quiet_from_s
        now_s = time.monotonic()
        if parts.job_runner.handles:
            quiet_from_s = now_s
        elif now_s - quiet_from_s > QUIET_S:
            quiet_from_s = now_s
            next(steps, None)

    steps, timer = take_steps(), QTimer()
    timer.timeout.connect(take_step)
    timer.start(50)
    application.exec()
    timer.stop()
    figures = watch.compute_figures()
    window.end()
    collection.stop()
    return figures


def make_venue() -> Venue:
    """A venue with the benchmark's cameras; nothing is written."""
    width, depth = HALL_M
    outline = Polygon.from_points([(0, 0), (width, 0), (width, depth), (0, depth)], what="the hall")
    address = SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.7/stream")
    cameras = tuple(VenueCamera(Camera(CameraId(str(n)), analysed_fps=FPS), address) for n in range(CAMERAS))
    folder = Path(tempfile.gettempdir()) / "benchmark.expoflow"
    return Venue(folder, Exhibition("Benchmark", "UTC"), FloorPlan(outline), cameras)


def make_status(step: int) -> PipelineStatus:
    """Every camera is live, and its people have walked on."""
    inference = ProcessStatus("inference", 1, 60.0, 0, False, "")
    return PipelineStatus(
        cameras=tuple(_make_camera(n, step) for n in range(CAMERAS)), processes=(inference,)
    )


def compute_heat(step: int) -> npt.NDArray[np.float64]:
    """Hills that move: as many cells as a large hall has."""
    across, down = CELLS
    y, x = np.mgrid[0:down, 0:across]
    heat = np.zeros((down, across))
    for hill in range(8):
        u, v = (hill * 61 + step) % across, (hill * 37 + step) % down
        heat += np.exp(-((x - u) ** 2 + (y - v) ** 2) / 800.0)
    return heat


def _make_camera(camera: int, step: int) -> CameraStatus:
    tracks = tuple(
        LiveTrack(
            TrackletId(100 * camera + person),
            (left := float((person * 97 + step * 8) % 1200), 200.0, left + 60.0, 420.0),
            None,
            None,
            0.9,
        )
        for person in range(PEOPLE)
    )
    return CameraStatus(
        camera=CameraId(str(camera)),
        state=CameraState.STREAMING,
        detail="",
        fps_in=FPS,
        fps_analysed=FPS,
        fps_dropped=0.0,
        decoded=step,
        analysed=step,
        dropped=0,
        corrupt=0,
        points=0,
        reconnects=0,
        age_s=0.1 + 0.1 * (step % 3),
        people=PEOPLE,
        media_s=0.0,
        duration_s=None,
        size_wh=FRAME_WH,
        tracks=tracks,
        tracks_time_s=0.1 * step,
    )


def main() -> int:
    """Measure, print, and say by the exit status whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long is measured")
    parser.add_argument(
        "--work", choices=("none", "thread", "child"), default="none", help="a job of pure Python beside it"
    )
    parser.add_argument("--pages", action="store_true", help="turn the pages of the demonstration instead")
    options = parser.parse_args()
    if options.pages:
        figures = measure_pages()
        for step, work_ms in sorted(figures.longest.items(), key=lambda item: -item[1]):
            if work_ms > MAX_P99_MS:
                sys.stdout.write(f"{step:32} {work_ms:6.1f} ms\n")
    else:
        figures = measure_event_loop(options.seconds, work=options.work)
        sys.stdout.write(
            f"{CAMERAS} cameras of {FRAME_WH[0]}x{FRAME_WH[1]} at {FPS:.0f} frames/s with {PEOPLE} people "
            f"each, a heatmap of {CELLS[0]}x{CELLS[1]} a second, window {WINDOW_WH[0]}x{WINDOW_WH[1]}\n"
            f"pictures shown        {figures.pictures_per_s:8.1f} a second\n"
        )
    sys.stdout.write(
        f"turns of the loop     {figures.turns:8d}\n"
        f"turn                  max {figures.turn_max:6.1f} ms   p99 {figures.turn_p99:6.1f} ms   "
        f"(targets {MAX_MS:.0f} and {MAX_P99_MS:.0f})\n"
        f"own work in a turn    max {figures.work_max:6.1f} ms   p99 {figures.work_p99:6.1f} ms   "
        f"({figures.over_p99} turns over {MAX_P99_MS:.0f} ms)\n"
        f"1 ms timer comes late max {figures.late_max:6.1f} ms   p99 {figures.late_p99:6.1f} ms\n"
    )
    return 0 if figures.is_within_target else 1


if __name__ == "__main__":
    sys.exit(main())
