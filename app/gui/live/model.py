"""Provide the view-model of the camera wall."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, SourceError
from analytics.domain.exhibition import find_time_zone
from app.cameras.new_camera import save_camera_picture
from app.cameras.pictured_shapes import PicturedShape
from app.core.document import Venue, VenueCamera, is_in_site
from app.core.job import JobContext
from app.core.privacy_file import PreviewMode, find_privacy
from app.error_reporting import ErrorReport, describe_error
from app.gui.canvas.camera_picture_items import PlanProjector
from app.gui.session.app_state import AppState
from app.gui.session.camera_words import (
    CameraDescription,
    CameraHealth,
    describe_camera,
    describe_idle_camera,
    describe_recorder,
    explain_recorder,
)
from app.gui.session.job_runner import JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import ComposedViewModel
from app.privacy.edit_privacy import record_blurring
from app.recording.set_up_steps import SetUpStep, list_missing_steps
from vision.pipeline.frame_slots import FramePreview
from vision.pipeline.messages import LiveTrack
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus
from vision.pixel_types import Picture

TRAIL_S = 3.0
"""Long enough to show where people are going, short enough to keep a crowd readable."""

Trail = tuple[tuple[float, float], ...]
"""Foot points (u, v) in pixels of the full frame, oldest first."""


class PixelTrails:
    """The recent foot points of the tracks in a picture."""

    def __init__(self) -> None:
        self._paths: dict[int, deque[tuple[float, float, float]]] = {}
        self._time_s: float | None = None

    def observe(self, time_s: float | None, tracks: Sequence[LiveTrack]) -> None:
        """Add the tracks of the newest picture; a repeated picture is ignored, None clears the trails."""
        if time_s is None or (self._time_s is not None and time_s < self._time_s):
            self._paths.clear()
        if time_s is None or time_s == self._time_s:
            self._time_s = time_s
            return
        self._time_s = time_s
        present = {track.tracklet for track in tracks}
        self._paths = {tracklet: path for tracklet, path in self._paths.items() if tracklet in present}
        for track in tracks:
            left, _top, right, bottom = track.xyxy
            path = self._paths.setdefault(track.tracklet, deque())
            path.append((time_s, (left + right) / 2, bottom))
            while path[0][0] < time_s - TRAIL_S:
                path.popleft()

    def trail(self, tracklet: int) -> Trail:
        return tuple((u, v) for _time_s, u, v in self._paths.get(tracklet, ()))


WALL_SIZES = (1, 4, 9, 16)
MIN_STALE_S = 3.0
"""Age of a picture after which a tile is no longer live, regardless of the camera's status."""


class WallPhase(StrEnum):
    NO_VENUE = "no_venue"
    NO_CAMERA = "no_camera"
    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class TileState:
    """The state of one camera tile.

    Attributes:
        since: local time since when the camera has been offline, as text; empty otherwise.
        people: confirmed tracks in the newest analysed picture; None if unknown.
        fps: analysed frames per second; ``dropped`` counts due frames that were dropped since the start.
        age_s: age of the newest analysed picture.
        trails: trail of each of ``tracks``, in the same order.
        found_xyxy: boxes of all detections, counted or not.
        stale_after_s: age of a picture after which the tile must not look live.
        zones: zones and lines in pixels of the picture.
        frame_wh: size of the pictures; None until known.
    """

    camera: str
    words: CameraDescription
    since: str = ""
    people: int | None = None
    fps: float = 0.0
    dropped: int = 0
    age_s: float | None = None
    tracks: tuple[LiveTrack, ...] = ()
    trails: tuple[Trail, ...] = ()
    found_xyxy: tuple[tuple[float, float, float, float], ...] = ()
    stale_after_s: float = MIN_STALE_S
    zones: tuple[PicturedShape, ...] = ()
    frame_wh: tuple[int, int] | None = None

    @property
    def has_picture(self) -> bool:
        return self.words.health in (CameraHealth.LIVE, CameraHealth.CAUTION)


@dataclass(frozen=True, slots=True)
class LiveWallState:
    """The state of the page.

    Attributes:
        tiles: tiles of the current page of the wall, or only the enlarged one.
        size: number of tiles per page, one of `WALL_SIZES`.
        page, pages: current page, counted from 0, and number of pages.
        enlarged: name of the enlarged camera.
        people: people in all pictures, counting those seen by two cameras twice; None while not
            recording.
        live, cameras: numbers of live and of all cameras.
        previews: preview mode of the venue; blurring can only be switched off in mode ``PLAIN``.
        problem, remedy: reason why the recording failed to start or ended unexpectedly.
        is_set_up: nothing is missing for counting but the recording.
        recorded_by, recorded_note: description of a recorder in another process, and its consequences.
    """

    phase: WallPhase = WallPhase.NO_VENUE
    tiles: tuple[TileState, ...] = ()
    size: int = 1
    page: int = 0
    pages: int = 1
    enlarged: str | None = None
    people: int | None = None
    live: int = 0
    cameras: int = 0
    shows_boxes: bool = True
    shows_zones: bool = False
    is_blurred: bool = True
    previews: PreviewMode = PreviewMode.BLURRED
    problem: str = ""
    remedy: str = ""
    is_set_up: bool = True
    recorded_by: str = ""
    recorded_note: str = ""


_INTERVALS_UNTIL_STALE = 3.0

EncodePicture = Callable[[Picture, tuple[tuple[float, float, float, float], ...]], bytes]
"""Encoder of a picture, given the boxes of the people in it, as the content of an image file."""


class LiveWallViewModel(ComposedViewModel[LiveWallState]):
    """The view-model that combines the venue's cameras and the pipeline's status."""

    start_requested = Signal()
    """The user requested a recording."""
    camera_changed = Signal(str)
    """Name of the camera whose address or login changed."""
    demo_requested = Signal()
    """The user requested the demonstration."""
    venue_requested = Signal()
    """The user requested to open a venue."""
    snapshot_saved = Signal(str)
    """Name of the saved file."""
    failed = Signal(object)
    """An `ErrorReport` about a failed snapshot or a failed change of the display."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._job_runner = job_runner
        self._monitor = monitor
        self._clock = clock or SystemClock()
        self._size: int | None = None
        self._page = 0
        self._enlarged: str | None = None
        self._shows_boxes, self._shows_zones = True, False
        self._plan = PlanProjector()
        self._is_blurred = True
        self._previews = PreviewMode.BLURRED
        self._failure: ErrorReport | None = None
        self._trails: dict[str, PixelTrails] = {}
        self._offline_since_s: dict[str, float] = {}
        self._state = LiveWallState()
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        monitor.updated.connect(lambda _status: self.refresh())
        monitor.started.connect(self._on_started)
        monitor.stopped.connect(self._on_stopped)
        monitor.failed.connect(self._on_failed)
        self.refresh()

    def preview(self, camera: str) -> FramePreview | None:
        """Return the source of a camera's newest picture; None if there is none or it must not be shown."""
        return None if self._previews is PreviewMode.SILHOUETTES else self._monitor.preview(camera)

    def set_size(self, size: int) -> None:
        """Set the number of tiles per page, keeping the first tile visible."""
        first = self._state.page * self._state.size
        self._size, self._enlarged = size, None
        self._page = first // size
        self.refresh()

    def turn_page(self, by: int) -> None:
        self._page = self._state.page + by
        self.refresh()

    def enlarge(self, camera: str | None) -> None:
        """Enlarge one camera, or show all for None."""
        self._enlarged = camera
        self.refresh()

    def show_boxes(self, is_shown: bool) -> None:
        self._shows_boxes = is_shown
        self.refresh()

    def show_zones(self, is_shown: bool) -> None:
        self._shows_zones = is_shown
        self.refresh()

    def blur(self, is_blurred: bool) -> None:
        """Switch the blurring of heads on or off; the change is recorded in the audit log."""
        venue = self._app_state.venue
        is_choice = self._previews is PreviewMode.PLAIN and is_blurred != self._is_blurred
        if venue is not None and is_choice:
            try:
                record_blurring(venue.folder, is_blurred=is_blurred)
            except ExpoFlowError as error:
                self.failed.emit(describe_error(error, translate=tr))
                # resets the check box, which already shows the refused value
                self.state_changed.emit()
                return
        self._is_blurred = is_blurred
        self.refresh()

    def request_start(self) -> None:
        self._failure = None
        self.refresh()
        self.start_requested.emit()

    def save_snapshot(self, camera: str, file: Path, encode: EncodePicture) -> None:
        """Save a camera's newest picture after the user has confirmed it twice.

        Args:
            encode: returns the file's content; called in a worker thread.
        """
        venue = self._app_state.venue
        if venue is None:
            return
        folder, preview = venue.folder, self.preview(camera)
        tile = next((tile for tile in self._state.tiles if tile.camera == camera), None)
        people = () if tile is None else (*(track.xyxy for track in tile.tracks), *tile.found_xyxy)
        is_live = tile is not None and tile.has_picture

        def work(_context: JobContext) -> str:
            copied = preview.copy_newest() if preview is not None and is_live else None
            if copied is None:
                raise SourceError(
                    "Camera '{camera}' currently has no picture.",
                    "Wait until it is live again.",
                    camera=display_name(camera),
                )
            save_camera_picture(folder, camera, file, encode(copied[0], people))
            return str(file)

        self._job_runner.run(
            tr("Saving a picture of {camera}", camera=display_name(camera)),
            work,
            on_done=self.snapshot_saved.emit,
            on_failed=self.failed.emit,
        )

    def _compose(self) -> LiveWallState:
        venue = self._app_state.venue
        if venue is None:
            return LiveWallState()
        if not venue.cameras:
            return LiveWallState(WallPhase.NO_CAMERA)
        phase = self._find_phase()
        status = self._monitor.status if phase in (WallPhase.STARTING, WallPhase.RUNNING) else None
        tiles = {str(entry.name): self._compose_tile(venue, entry, status, phase) for entry in venue.cameras}
        if self._enlarged not in tiles:
            self._enlarged = None
        size = self._size or next((n for n in WALL_SIZES if n >= len(tiles)), WALL_SIZES[-1])
        pages = -(-len(tiles) // size)
        self._page = min(max(self._page, 0), pages - 1)
        shown = (
            [tiles[self._enlarged]] if self._enlarged else list(tiles.values())[self._page * size :][:size]
        )
        people = [tile.people for tile in tiles.values() if tile.people is not None]
        recorder = self._monitor.recorder
        return LiveWallState(
            phase=phase,
            tiles=tuple(shown),
            size=size,
            page=self._page,
            pages=pages,
            enlarged=self._enlarged,
            people=sum(people) if people else None,
            live=sum(tile.has_picture for tile in tiles.values()),
            cameras=len(tiles),
            shows_boxes=self._shows_boxes,
            shows_zones=self._shows_zones,
            is_blurred=self._is_blurred or self._previews is not PreviewMode.PLAIN,
            previews=self._previews,
            problem="" if self._failure is None else self._failure.problem,
            remedy="" if self._failure is None else self._failure.remedy,
            is_set_up=set(list_missing_steps(venue)) <= {SetUpStep.RECORDING},
            recorded_by=""
            if recorder is None
            else describe_recorder(recorder, time_zone=venue.exhibition.time_zone),
            recorded_note=""
            if recorder is None
            else explain_recorder(
                recorder, hides_status=self._monitor.hides_status, is_in_site=is_in_site(venue.folder)
            ),
        )

    def _find_phase(self) -> WallPhase:
        monitor = self._monitor
        if not monitor.is_active:
            return WallPhase.IDLE
        if monitor.is_stopping:
            return WallPhase.STOPPING
        status = monitor.status
        return WallPhase.RUNNING if status is not None and status.is_running else WallPhase.STARTING

    def _compose_tile(
        self, venue: Venue, entry: VenueCamera, status: PipelineStatus | None, phase: WallPhase
    ) -> TileState:
        name = str(entry.name)
        found = None if status is None else next((c for c in status.cameras if c.camera == name), None)
        if found is None or status is None:
            words = describe_idle_camera(has_address=entry.address is not None)
            if phase is WallPhase.STARTING and entry.address is not None:
                words = CameraDescription(CameraHealth.WAITING, tr("Starting"))
            elif phase is WallPhase.RUNNING and is_in_site(venue.folder):
                words = CameraDescription(
                    CameraHealth.IDLE,
                    tr("This machine does not read this camera."),
                    tr("Settings, Site, shows which machine of the site does."),
                )
            return TileState(name, words)
        words = describe_camera(found, is_analysing=status.is_analysing)
        trails = self._trails.setdefault(name, PixelTrails())
        trails.observe(found.tracks_time_s, found.tracks)
        is_known = words.health is CameraHealth.LIVE or found.tracks_time_s is not None
        interval_s = 1.0 / (entry.camera.analysed_fps or venue.settings.analysed_fps)
        return TileState(
            name,
            words,
            since=self._note_offline(venue, name, found, words),
            people=found.people if is_known and words.health is not CameraHealth.OFFLINE else None,
            fps=round(found.fps_analysed, 1),
            dropped=found.dropped,
            age_s=None if found.age_s is None else round(found.age_s, 1),
            tracks=found.tracks,
            trails=tuple(trails.trail(track.tracklet) for track in found.tracks),
            found_xyxy=found.found_xyxy,
            stale_after_s=max(MIN_STALE_S, _INTERVALS_UNTIL_STALE * interval_s),
            zones=self._plan.find(venue, name, found.size_wh) if self._shows_zones else (),
            frame_wh=found.size_wh,
        )

    def _note_offline(self, venue: Venue, name: str, found: CameraStatus, words: CameraDescription) -> str:
        if words.health is not CameraHealth.OFFLINE:
            self._offline_since_s.pop(name, None)
            return ""
        since_s = self._offline_since_s.setdefault(name, self._clock.now_utc_s() - (found.age_s or 0.0))
        local_time = datetime.fromtimestamp(since_s, tz=find_time_zone(venue.exhibition.time_zone))
        return local_time.strftime("%H:%M:%S")

    def _on_venue_opened(self) -> None:
        self._page, self._enlarged, self._size, self._failure = 0, None, None, None
        self._is_blurred = True
        self._plan.forget()
        self._forget()
        self._read_privacy()
        self.refresh()

    def _on_changed(self, _changes: object, _initiator: object) -> None:
        self._read_privacy()
        self.refresh()

    def _read_privacy(self) -> None:
        venue = self._app_state.venue
        self._previews = PreviewMode.BLURRED if venue is None else find_privacy(venue.folder).previews

    def _on_started(self) -> None:
        self._failure = None
        self._forget()
        self._read_privacy()
        self.refresh()

    def _on_stopped(self) -> None:
        self._forget()
        self.refresh()

    def _on_failed(self, report: ErrorReport) -> None:
        self._failure = report
        self.refresh()

    def _forget(self) -> None:
        self._trails.clear()
        self._offline_since_s.clear()
