"""The streams that a camera offers, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

MIN_WIDTH_PX = 640
"""Minimum width at which people at the far end of a hall are large enough to be detected."""


class StreamRole(StrEnum):
    """Role of a stream among those of the same lens."""

    MAIN = "main"
    SUB = "sub"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MediaProfile:
    """One stream of a camera. Values that the camera does not report are None, or empty.

    Attributes:
        name: as configured in the camera.
        source: the lens, or the camera of a recorder, that it shows.
        codec: ``H264``, ``H265``, ``JPEG`` or ``MPEG4``, as reported by the camera.
        size_wh: width and height in pixels.
        fps: maximum frames per second.
        bitrate_kbit_s: maximum kilobits per second.
        location: its address without any credentials.
    """

    token: str
    name: str
    source: str
    codec: str
    size_wh: tuple[int, int] | None
    fps: int | None
    bitrate_kbit_s: int | None
    location: str
    role: StreamRole = StreamRole.OTHER
    is_recommended: bool = False


def assign_roles(profiles: Sequence[MediaProfile]) -> tuple[MediaProfile, ...]:
    """Return the same profiles in order, with the main and the sub-stream of every lens marked.

    The main stream is the one with the most pixels. The sub-stream is the smallest of the others that is at
    least 640 pixels wide, or, where all are narrower, the largest of them. Recommended is the sub-stream if
    it is wide enough, otherwise the main stream. Where a camera reports no sizes, the order decides: cameras
    list their main stream first. Motion JPEG, which takes many times the bandwidth, is chosen only if there
    is nothing else.
    """
    marked = list(profiles)
    for source in dict.fromkeys(profile.source for profile in profiles):
        of_source = [place for place, profile in enumerate(profiles) if profile.source == source]
        places = [place for place in of_source if profiles[place].codec != "JPEG"] or of_source
        main = max(places, key=lambda place: _pixels(profiles[place]))
        largest = _pixels(profiles[main])
        others = [
            place for place in places if place != main and (_pixels(profiles[place]) < largest or not largest)
        ]
        wide = [place for place in others if _width(profiles[place]) >= MIN_WIDTH_PX]
        sub: int | None = None
        if wide:
            sub = min(wide, key=lambda place: _pixels(profiles[place]))
        elif others:
            sub = max(others, key=lambda place: _pixels(profiles[place]))
        marked[main] = replace(profiles[main], role=StreamRole.MAIN, is_recommended=not wide)
        if sub is not None:
            marked[sub] = replace(profiles[sub], role=StreamRole.SUB, is_recommended=bool(wide))
    return tuple(marked)


def _pixels(profile: MediaProfile) -> int:
    return profile.size_wh[0] * profile.size_wh[1] if profile.size_wh else 0


def _width(profile: MediaProfile) -> int:
    return profile.size_wh[0] if profile.size_wh else 0
