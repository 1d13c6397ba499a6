"""Frame sizes of cameras, as given on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from analytics.domain.errors import DetectionFileError, Phrase

FrameSizes = Mapping[str | None, tuple[int, int]]
"""Width and height by camera; None stands for all others."""

_SIZE = re.compile(r"(?:(?P<camera>.+)=)?\s*(?P<width>[0-9]{2,5})\s*[xX×]\s*(?P<height>[0-9]{2,5})\s*")


def parse_frame_sizes(texts: Sequence[str]) -> FrameSizes:
    """Parse sizes such as ``1920x1080``, for all cameras, or ``cam1=1920x1080``.

    Raises:
        DetectionFileError: one that cannot be read, or two for the same camera.
    """
    sizes: dict[str | None, tuple[int, int]] = {}
    for text in texts:
        found = _SIZE.fullmatch(text)
        if found is None:
            raise DetectionFileError(
                "'{text}' is not a frame size.",
                "Enter it as 1920x1080, or for one of several cameras as NAME=1920x1080.",
                text=text,
            )
        camera = found["camera"].strip() if found["camera"] else None
        if camera in sizes:
            raise DetectionFileError(
                "Two frame sizes are given for {camera}.",
                "Use one for each camera.",
                camera=Phrase("all cameras") if camera is None else f"'{camera}'",
            )
        sizes[camera] = int(found["width"]), int(found["height"])
    return sizes
