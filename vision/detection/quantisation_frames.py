"""Pictures from recordings that tell a quantisation what the network will see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from analytics.domain.errors import ModelError
from vision.detection.letterbox import letterbox_picture
from vision.pixel_types import Picture

FEWEST_FRAMES = 10
"""With fewer pictures the ranges of values are guesses."""


def sample_frames(
    videos: Sequence[Path],
    *,
    input_wh: tuple[int, int],
    count: int,
    report: Callable[[int, int], None],
) -> list[Picture]:
    """Letterboxed BGR pictures, spread evenly over the length of each recording.

    Args:
        count: over all recordings; each gets an equal share.
        report: called with pictures taken and wanted.

    Raises:
        ModelError: a recording cannot be read, or all together give too few pictures.
    """
    taken: list[Picture] = []
    for number, video in enumerate(videos):
        share = count * (number + 1) // len(videos) - count * number // len(videos)
        for picture in _spread(video, share):
            taken.append(letterbox_picture(picture, input_wh))
            report(len(taken), count)
    if len(taken) < FEWEST_FRAMES:
        raise ModelError(
            "The recordings give only {taken} pictures; quantising needs at least {fewest}.",
            "Add a longer recording of your own cameras.",
            taken=len(taken),
            fewest=FEWEST_FRAMES,
        )
    return taken


def _spread(video: Path, count: int) -> list[Picture]:
    capture = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG)
    try:
        # counted rather than read from the header, which lies for some containers
        length = 0
        while capture.grab():
            length += 1
        capture.release()
        if length == 0:
            raise ModelError(
                "The recording {file} cannot be read.",
                "Choose a video file that plays, such as an MP4.",
                file=str(video),
            )
        wanted = set(np.linspace(0, length - 1, min(count, length)).round().astype(int).tolist())
        capture.open(str(video), cv2.CAP_FFMPEG)
        pictures: list[Picture] = []
        for index in range(length):
            if not capture.grab():
                break
            if index in wanted:
                is_read, picture = capture.retrieve()
                if is_read:
                    pictures.append(np.asarray(picture, np.uint8))
        return pictures
    finally:
        capture.release()
