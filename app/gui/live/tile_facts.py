"""What a tile of the wall says of its camera."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.cameras.pictured_figures import PicturedFigure
from app.gui.live.preview_picture import Box


class TileTone(StrEnum):
    """How a tile looks."""

    IDLE = "idle"
    WAITING = "waiting"
    LIVE = "live"
    CAUTION = "caution"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class TileTrack:
    """One person in the picture: box and foot points in pixels of the full frame, the oldest first."""

    number: int
    box: Box
    trail: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class TileContent:
    """What a tile says; all texts are translated.

    Attributes:
        problem, remedy: why there is no picture, or what is wrong with it; empty where all is well.
        since: since when there is none.
        people, figures: short texts over the picture.
        found: everybody whom the detector found, whether they count or not.
        zones: zones and lines that are drawn over the picture.
        stale_after_s: after how long without a new picture the old one must go.
        silhouettes_wh: size of the camera's frame, where figures are shown in the place of its picture.
    """

    camera: str
    tone: TileTone
    problem: str = ""
    remedy: str = ""
    since: str = ""
    people: str = ""
    figures: str = ""
    tracks: tuple[TileTrack, ...] = ()
    found: tuple[Box, ...] = ()
    zones: tuple[PicturedFigure, ...] = ()
    shows_tracks: bool = True
    is_blurred: bool = True
    stale_after_s: float = 3.0
    silhouettes_wh: tuple[int, int] | None = None

    @property
    def people_boxes(self) -> tuple[Box, ...]:
        """Everybody in the picture, some of them twice: as a track and as they were found."""
        return (*(track.box for track in self.tracks), *self.found)
