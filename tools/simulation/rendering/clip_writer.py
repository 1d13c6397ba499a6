"""Writing of an H.264 clip."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from analytics.domain.errors import OutputError
from resources.atomic_file import replace_file
from vision.pixel_types import Picture


def write_video(
    path: Path, *, pictures: Iterable[Picture], fps: float, size_wh: tuple[int, int], crf: int = 20
) -> int:
    """Encode BGR pictures of one size and return their number; the file is written atomically.

    Raises:
        OutputError: this machine's FFmpeg has no H.264 encoder, or the file cannot be written.
    """
    import av

    count = 0
    rate = Fraction(fps).limit_denominator(1000)
    try:
        with replace_file(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
            options = {"crf": str(crf), "preset": "veryfast"}
            stream = container.add_stream("libx264", rate=rate, options=options)
            stream.width, stream.height = size_wh
            stream.pix_fmt = "yuv420p"
            stream.thread_count = 1
            for picture in pictures:
                frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
                frame.pts = count
                frame.time_base = 1 / rate
                container.mux(stream.encode(frame))
                count += 1
            container.mux(stream.encode())
    except (OSError, ValueError) as error:
        raise OutputError(
            "The clip {file} cannot be written: {reason}",
            "Check the free disk space and the write permission of the folder.",
            file=path.name,
            reason=str(error),
        ) from error
    return count
