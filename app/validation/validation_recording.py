"""Where the pictures of a clip come from: a camera that is being watched, or a recording."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from analytics.domain.camera import Camera
from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.core.job import JobContext
from app.validation.validation_clips import ClipFrame, ClipFrames, ClipStore
from vision.pipeline.frame_slots import PreviewRows

Picture = npt.NDArray[np.uint8]

CLIP_FPS = 5.0
"""As many as are analysed: enough to see who crosses a line."""
WIDEST_PX = 960
"""A person at the far end of a hall is still told from a chair, and a minute takes some 20 MB."""
JPEG_QUALITY = 80
POLL_S = 0.05


class WatchedCamera(Protocol):
    """What `vision.pipeline.frame_slots.FramePreview` offers."""

    def copy_rows(self, fit_height_px: int | None, *, unlike_s: float | None) -> PreviewRows | None:
        """The newest picture; None if there is no other one."""


class PreviewClipFrames:
    """Pictures of a live camera, from the shared memory that the pipeline writes them into."""

    def __init__(self, camera: CameraId, watched: WatchedCamera, *, fps: float = CLIP_FPS) -> None:
        self._camera, self._watched = camera, watched
        self._interval_s = 1.0 / fps
        self._last_s: float | None = None

    @property
    def camera(self) -> CameraId:
        """Whose pictures they are."""
        return self._camera

    @property
    def is_ended(self) -> bool:
        """Never: a camera that is lost may come back."""
        return False

    def next_frame(self) -> ClipFrame | None:
        """The newest picture, unless it came too soon after the last one; None while there is none."""
        copied = self._watched.copy_rows(None, unlike_s=self._last_s)
        if copied is None:
            return None
        # a little early is in time: a camera's clock does not divide ours
        if self._last_s is not None and copied.time_s - self._last_s < 0.9 * self._interval_s:
            return None
        self._last_s = copied.time_s
        return ClipFrame(copied.time_s, encode_jpeg(copied.rows), copied.frame_wh)


class RecordingClipFrames:
    """Pictures of a recorded video; loads the decoder, so that it is for the command line and children."""

    def __init__(
        self,
        file: Path,
        camera: Camera,
        *,
        start_utc_s: float,
        fps: float = CLIP_FPS,
        is_wanted: Callable[[float], bool] = lambda _time_utc_s: True,
    ) -> None:
        """Open a recording.

        Args:
            camera: its privacy mask is blackened in every picture.
            start_utc_s: when its first frame was taken.
            is_wanted: whether the picture of a moment is; others are decoded, and nothing is made of them.

        Raises:
            SourceError: it cannot be read.
        """
        self._camera = camera.name
        self._frames = _read_recording(file, camera, start_utc_s=start_utc_s, fps=fps, is_wanted=is_wanted)
        self._next: ClipFrame | None = next(self._frames, None)

    @property
    def camera(self) -> CameraId:
        """Whose pictures they are."""
        return self._camera

    @property
    def is_ended(self) -> bool:
        """Whether the recording is over."""
        return self._next is None

    def next_frame(self) -> ClipFrame | None:
        """The next picture; None at the end."""
        current, self._next = self._next, next(self._frames, None)
        return current


def take_clip(
    store: ClipStore,
    clip: Clip,
    frames: ClipFrames,
    *,
    now_utc_s: Callable[[], float],
    wait: Callable[[float], object],
    context: JobContext | None = None,
) -> int:
    """Keep a clip's pictures as they come, until its end; gives how many.

    Args:
        now_utc_s: the clock of a live camera; a recording ends by itself.
        wait: pauses for so many seconds.

    Raises:
        ClipError: the camera gave no picture, or the store is full or closed; nothing is kept.
        JobCancelled: the context says so; nothing is kept.
    """
    return store.add(clip, _follow(clip, frames, now_utc_s, wait, context or JobContext()))


def encode_jpeg(picture: Picture) -> bytes:
    """A BGR picture, shape (height, width, 3), as JPEG, made smaller where it is wide."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    if image.width > WIDEST_PX:
        image = image.resize((WIDEST_PX, max(1, round(image.height * WIDEST_PX / image.width))))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=JPEG_QUALITY)
    return content.getvalue()


def _follow(
    clip: Clip,
    frames: ClipFrames,
    now_utc_s: Callable[[], float],
    wait: Callable[[float], object],
    context: JobContext,
) -> Iterator[ClipFrame]:
    while not frames.is_ended:
        frame = frames.next_frame()
        if frame is not None:
            if frame.time_utc_s > clip.end_utc_s:
                return
            context.checkpoint(max(0.0, frame.time_utc_s - clip.start_utc_s), clip.seconds)
            yield frame
            continue
        context.checkpoint(0, 0)
        if now_utc_s() > clip.end_utc_s + 1.0:
            return  # whatever is under way would be too late
        wait(POLL_S)


def _read_recording(
    file: Path, camera: Camera, *, start_utc_s: float, fps: float, is_wanted: Callable[[float], bool]
) -> Iterator[ClipFrame]:
    from vision.sources.frame_sampler import FrameSampler
    from vision.sources.frame_source import SourceAddress, SourceKind
    from vision.sources.privacy_mask import PrivacyMask
    from vision.sources.source_factory import open_source

    source = open_source(
        SourceAddress(SourceKind.VIDEO, str(file), start_utc_s=start_utc_s),
        camera,
        FrameSampler(analysed_fps=fps),
        SystemClock(),
    )
    mask = PrivacyMask(camera)
    source.open()
    try:
        while (frame := source.read()) is not None:
            if not is_wanted(frame.time_s):
                continue
            frame = mask.cover(frame)
            yield ClipFrame(frame.time_s, encode_jpeg(frame.picture), frame.size_wh)
    finally:
        source.close()
