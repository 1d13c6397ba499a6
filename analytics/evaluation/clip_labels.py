"""Labels of a clip: crossings, heads, stays and floor marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics.domain.identifiers import CameraId, LineId, ZoneId

DIRECTIONS = ("in", "out")
LABEL_FAULTS = {
    "backwards": "the clip ends before it starts",
    "outside_clip": "a label is outside the clip",
    "direction": "a direction is neither in nor out",
    "unlabelled_line": "someone crosses a line that was not labelled",
    "unlabelled_zone": "someone stays in a zone that was not labelled",
    "backwards_stay": "someone leaves a zone before entering it",
    "outside_picture": "a click is outside the picture",
}
"""Contradictions in the labels of a clip."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A short period of one camera to be labelled; times in seconds since the epoch."""

    camera: CameraId
    start_utc_s: float
    end_utc_s: float

    @property
    def seconds(self) -> float:
        """Return its duration."""
        return self.end_utc_s - self.start_utc_s


@dataclass(frozen=True, slots=True)
class CrossingLabel:
    """A crossing of a line; ``direction`` is ``in`` or ``out``."""

    line: LineId
    time_utc_s: float
    direction: str


@dataclass(frozen=True, slots=True)
class HeadCountLabel:
    """All people in view at one time, by a click on each one's feet.

    Attributes:
        foot_points_px: pixels (u, v) of the original frame.
    """

    time_utc_s: float
    foot_points_px: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class StayLabel:
    """One visitor's stay in a zone.

    Attributes:
        entered_utc_s, left_utc_s: None if inside at the start or end of the clip; gives no dwell time.
    """

    zone: ZoneId
    entered_utc_s: float | None
    left_utc_s: float | None

    @property
    def seconds(self) -> float | None:
        """Return its duration; None if either end was not seen."""
        if self.entered_utc_s is None or self.left_utc_s is None:
            return None
        return self.left_utc_s - self.entered_utc_s


@dataclass(frozen=True, slots=True)
class PlaceLabel:
    """A floor point with a known place, such as a mark on the floor, clicked in the picture."""

    time_utc_s: float
    uv_px: tuple[float, float]
    xy_m: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ClipLabels:
    """All labels of one clip.

    Attributes:
        frame_size_wh: of the frame in which pixels were clicked.
        lines: lines with all crossings labelled, including none.
        zones: zones with followed visitors.
    """

    clip: Clip
    frame_size_wh: tuple[int, int]
    labelled_by: str
    labelled_utc_s: float
    lines: tuple[LineId, ...] = ()
    zones: tuple[ZoneId, ...] = ()
    crossings: tuple[CrossingLabel, ...] = ()
    heads: tuple[HeadCountLabel, ...] = ()
    stays: tuple[StayLabel, ...] = ()
    places: tuple[PlaceLabel, ...] = ()

    def find_faults(self) -> Iterator[str]:
        """Return contradictions in these labels, as keys of ``LABEL_FAULTS``."""
        clip = self.clip
        if not clip.seconds > 0:
            yield "backwards"
        for moment in self._list_moments():
            if not clip.start_utc_s - 1e-6 <= moment <= clip.end_utc_s + 1e-6:
                yield "outside_clip"
                break
        if any(crossing.direction not in DIRECTIONS for crossing in self.crossings):
            yield "direction"
        if {crossing.line for crossing in self.crossings} - set(self.lines):
            yield "unlabelled_line"
        if {stay.zone for stay in self.stays} - set(self.zones):
            yield "unlabelled_zone"
        if any(stay.seconds is not None and not stay.seconds > 0 for stay in self.stays):
            yield "backwards_stay"
        width, height = self.frame_size_wh
        pixels = [uv for head in self.heads for uv in head.foot_points_px] + [p.uv_px for p in self.places]
        if any(not (0 <= u <= width and 0 <= v <= height) for u, v in pixels):
            yield "outside_picture"

    def _list_moments(self) -> Iterator[float]:
        yield from (crossing.time_utc_s for crossing in self.crossings)
        yield from (head.time_utc_s for head in self.heads)
        yield from (place.time_utc_s for place in self.places)
        for stay in self.stays:
            yield from (at for at in (stay.entered_utc_s, stay.left_utc_s) if at is not None)
