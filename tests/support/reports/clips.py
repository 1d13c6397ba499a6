"""Test video made with PyAV alone; every picture carries its number, so that a lost frame shows."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

NUMBER_BITS = 16
_CELL_PX = 16
_LEFT_PX = 8
_TOP_PX = 8


def draw_numbered_picture(
    number: int, *, width: int = 320, height: int = 180, motif: int | None = None
) -> npt.NDArray[np.uint8]:
    """A BGR picture with a gradient, a bar that moves with ``motif`` and 16 blocks that tell its number."""
    step = number if motif is None else motif
    rows, columns = np.arange(height)[:, None], np.arange(width)
    picture = np.empty((height, width, 3), np.uint8)
    picture[..., 0] = (columns + step * 4) % 256
    picture[..., 1] = (rows + step * 2) % 256
    picture[..., 2] = (rows + columns) % 256
    left = (step * 8) % width
    picture[height // 3 : height // 3 * 2, left : left + 40] = 255
    for bit in range(NUMBER_BITS):
        start = _LEFT_PX + bit * _CELL_PX
        picture[_TOP_PX : _TOP_PX + _CELL_PX, start : start + _CELL_PX] = 255 if (number >> bit) & 1 else 0
    return picture


def read_picture_number(picture: npt.NDArray[np.uint8]) -> int:
    """The number drawn by ``draw_numbered_picture``, from the same size or a larger one made alike."""
    number = 0
    for bit in range(NUMBER_BITS):
        start = _LEFT_PX + bit * _CELL_PX
        cell = picture[_TOP_PX + 4 : _TOP_PX + _CELL_PX - 4, start + 4 : start + _CELL_PX - 4]
        number |= int(cell.mean() > 127) << bit
    return number


def make_clip(
    path: Path,
    *,
    width: int = 320,
    height: int = 180,
    fps: int = 25,
    frames: int = 50,
    codec: str = "libx264",
    group: int | None = None,
    first_number: int = 0,
    container_options: dict[str, str] | None = None,
    b_frames: int = 0,
) -> Path:
    """Encode numbered pictures; the container follows from the suffix.

    Args:
        codec: ``libx264``, ``libx265``, ``mpeg2video``, ``mjpeg``.
        group: pictures from key frame to key frame, by default one second.
    """
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    options = {"libx264": {"preset": "veryfast", "profile": "main"}, "libx265": {"preset": "ultrafast"}}
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.gop_size = group or fps
        stream.codec_context.max_b_frames = b_frames
        stream.bit_rate = 2_000_000
        stream.options = dict(options.get(codec, {}))
        if codec == "libx265":
            stream.options = {**stream.options, "x265-params": "log-level=error:bframes=0"}
        for number in range(first_number, first_number + frames):
            picture = draw_numbered_picture(number, width=width, height=height)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def make_still_clip(path: Path, picture: npt.NDArray[np.uint8], *, fps: int = 10, frames: int = 200) -> Path:
    """Encode one picture again and again, as a camera does whose sensor has stopped."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = 2 * fps
        stream.codec_context.max_b_frames = 0
        stream.options = {"preset": "veryfast", "profile": "main"}
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode())
    return path


def encode_jpegs(*, count: int, width: int = 320, height: int = 180) -> list[bytes]:
    """Numbered pictures as JPEG files in memory."""
    import cv2

    jpegs = []
    for number in range(count):
        is_encoded, content = cv2.imencode(".jpg", draw_numbered_picture(number, width=width, height=height))
        assert is_encoded
        jpegs.append(content.tobytes())
    return jpegs
