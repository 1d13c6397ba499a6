"""Folders of pictures, as in annotated data sets and from time-lapse cameras."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from analytics.domain.clock import Clock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame, Picture
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import Pacing, ReportListener, SourceAddress, SourceReport
from vision.sources.source_address import PICTURE_SUFFIXES
from vision.sources.source_counters import SourceCounters
from vision.sources.source_faults import SourceFault

_DIGITS = re.compile(r"(\d+)")


class ImageSequenceSource:
    """The pictures of one folder in the natural order of their names, ``images_fps`` per second."""

    def __init__(
        self,
        *,
        address: SourceAddress,
        camera: CameraId,
        sampler: FrameSampler,
        clock: Clock,
        listener: ReportListener | None = None,
    ) -> None:
        """Prepare without reading; ``listener`` receives a report for each unreadable picture."""
        self._address = address
        self._camera = camera
        self._sampler = sampler
        self._clock = clock
        self._listener = listener
        self._counters = SourceCounters()
        self._closing = threading.Event()
        self._paths: tuple[Path, ...] = ()
        self._position = 0
        self._fps = 0.0
        self._began_s: float | None = None
        self._size_wh: tuple[int, int] | None = None

    @property
    def counters(self) -> SourceCounters:
        """Return a copy of the counts; ``decoded`` counts pictures read, which are only those due."""
        return replace(self._counters)

    @property
    def duration_s(self) -> float | None:
        """Length of the opened sequence, in seconds."""
        return len(self._paths) / self._fps if self._fps else None

    def open(self) -> None:
        """List the folder.

        Raises:
            SourceError: the number of pictures per second is unknown, or there are no pictures.
        """
        fps = self._address.images_fps
        if fps is None or not (math.isfinite(fps) and fps > 0):
            raise self._make_error(
                "The number of pictures per second in the folder {location} is unknown.",
                "Enter the number of pictures per second; speeds and dwell times follow from it.",
            )
        self._paths = list_pictures(Path(self._address.location))
        if not self._paths:
            raise self._make_error(
                "There are no pictures in the folder {location}.", "Choose a folder with JPEG or PNG files."
            )
        self._closing.clear()
        self._fps, self._position, self._began_s, self._size_wh = fps, 0, None, None

    def read(self) -> Frame | None:
        """Return the next picture that is due, or None at the end.

        Raises:
            SourceError: no picture could be read.
        """
        while self._position < len(self._paths) and not self._closing.is_set():
            number, path = self._position, self._paths[self._position]
            self._position += 1
            elapsed_s = number / self._fps
            if not self._sampler.is_due(elapsed_s):
                continue
            picture = read_picture(path)
            if picture is None:
                self._counters.unreadable += 1
                self._report("unreadable_picture", f"The picture {path.name} cannot be read and is left out.")
                continue
            self._counters.decoded += 1
            size_wh = (picture.shape[1], picture.shape[0])
            self._counters.resized += self._size_wh is not None and self._size_wh != size_wh
            self._size_wh = size_wh
            if self._address.pacing is Pacing.REAL_TIME and not self._wait_for_turn(elapsed_s):
                return None
            self._counters.delivered += 1
            return Frame(self._camera, picture, (self._address.start_utc_s or 0.0) + elapsed_s, number)
        if self._counters.unreadable and not self._counters.decoded and not self._closing.is_set():
            raise self._make_error(
                "None of the pictures in {location} can be read.",
                "Check that they are complete JPEG or PNG files that this user may read.",
            )
        return None

    def close(self) -> None:
        """Close the source; a waiting read in another thread returns None."""
        self._closing.set()

    def _wait_for_turn(self, elapsed_s: float) -> bool:
        now_s = self._clock.monotonic_s()
        if self._began_s is None:
            self._began_s = now_s - elapsed_s
        wait_s = self._began_s + elapsed_s - now_s
        return not (wait_s > 0 and self._closing.wait(wait_s))

    def _report(self, state: str, detail: str) -> None:
        if self._listener is not None:
            self._listener(SourceReport(self._camera, state, detail))

    def _make_error(self, problem: str, remedy: str) -> SourceError:
        return SourceError(
            problem,
            remedy,
            location=self._address.location,
            camera=self._camera,
            fault=SourceFault.UNREADABLE_FILE.value,
        )


def list_pictures(folder: Path) -> tuple[Path, ...]:
    """Return a folder's pictures by name, numbers by value: ``2.jpg`` comes before ``10.jpg``."""
    if not folder.is_dir():
        return ()
    found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES]
    return tuple(sorted(found, key=lambda path: (_natural_key(path.name), path.name)))


def read_picture(path: Path) -> Picture | None:
    """Return the picture, shape (height, width, 3), BGR; None if it cannot be read.

    Read by Python and decoded from memory, because OpenCV cannot open every name on Windows.
    """
    try:
        content = np.fromfile(path, np.uint8)
        decoded = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except (OSError, cv2.error):
        return None
    return None if decoded is None else np.asarray(decoded, np.uint8)


def _natural_key(name: str) -> list[tuple[int, int, str]]:
    parts = _DIGITS.split(name.lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
