"""The wall of cameras at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.cameras.pictured_figures import PicturedFigure
from app.core.privacy_file import PreviewMode
from app.gui.live.pixel_trails import Trail
from app.gui.session.camera_words import CameraHealth, CameraWords
from vision.pipeline.messages import LiveTrack

WALL_SIZES = (1, 4, 9, 16)
LEAST_STALE_S = 3.0
"""A tile without a new picture for so long is no longer live, whatever else is said of its camera."""


class WallPhase(StrEnum):
    """What the page is about."""

    NO_VENUE = "no_venue"
    NO_CAMERA = "no_camera"
    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class TileState:
    """One camera.

    Attributes:
        since: local time since when it has been offline, as text; empty otherwise.
        people: confirmed tracks in its newest analysed picture; None while that is not known.
        fps: analysed frames a second; ``dropped`` counts due frames that were not, since the start.
        age_s: of the newest analysed picture.
        trails: of each of ``tracks``, in their order.
        found_xyxy: everybody whom the detector found in it, counted or not.
        stale_after_s: without a new picture for so long the tile must not look live.
        zones: zones and lines as its pictures show them.
        frame_wh: size of its pictures; None until it is known.
    """

    camera: str
    words: CameraWords
    since: str = ""
    people: int | None = None
    fps: float = 0.0
    dropped: int = 0
    age_s: float | None = None
    tracks: tuple[LiveTrack, ...] = ()
    trails: tuple[Trail, ...] = ()
    found_xyxy: tuple[tuple[float, float, float, float], ...] = ()
    stale_after_s: float = LEAST_STALE_S
    zones: tuple[PicturedFigure, ...] = ()
    frame_wh: tuple[int, int] | None = None

    @property
    def has_picture(self) -> bool:
        """Whether its camera gives pictures now."""
        return self.words.health in (CameraHealth.LIVE, CameraHealth.CAUTION)


@dataclass(frozen=True, slots=True)
class LiveWallState:
    """The page at one moment.

    Attributes:
        tiles: those of the shown page of the wall, or the enlarged one alone.
        size: tiles that the wall has room for: one of `WALL_SIZES`.
        page, pages: which part of the cameras is shown, counted from 0, of how many.
        enlarged: the camera that fills the wall.
        people: in all pictures together, those seen by two cameras twice; None while nothing is recorded.
        live, cameras: how many cameras of how many give pictures.
        previews: what the venue lets be shown; only where it is ``PLAIN``, blurring can be switched off.
        problem, remedy: why the recording could not start or stopped by itself.
        advice: what is to be done before recording counts; empty where nothing is missing.
        recorded_by, recorded_note: who records where it is another process, and what that means.
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
    advice: str = ""
    recorded_by: str = ""
    recorded_note: str = ""
