"""Capture of clips from live cameras, and from recorded video decoded in a child process."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from analytics.domain.camera import Camera
from analytics.domain.clock import SystemClock
from analytics.domain.errors import ClipError, ExpoFlowError, SourceError
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import convert_error
from app.validation.validation_clips import ClipFrame, ClipStore
from app.validation.validation_labels import ValidationLabels
from vision.pipeline.frame_slots import PreviewRows

Picture = npt.NDArray[np.uint8]

CLIP_FPS = 5.0
"""Frame rate of clips, that of the analysis: enough to see who crosses a line."""
MAX_WIDTH_PX = 960
"""Maximum width: people at the far end of a hall stay recognisable, and a minute takes some 20 MB."""
JPEG_QUALITY = 80
POLL_S = 0.05


class PictureSource(Protocol):
    """The interface of `vision.pipeline.frame_slots.FramePreview`."""

    def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> PreviewRows | None:
        """Return the newest picture; None if it is unchanged."""


def capture_clip(
    store: ClipStore,
    clip: Clip,
    watched: PictureSource,
    *,
    now_utc_s: Callable[[], float],
    wait: Callable[[float], object],
    context: JobContext | None = None,
) -> int:
    """Store the pictures of a live camera until a clip's end; return their number.

    Args:
        watched: the shared memory that the pipeline writes the camera's pictures into.
        now_utc_s: the clock of the camera.
        wait: pauses for so many seconds.

    Raises:
        ClipError: the camera gave no picture, or the store is full or closed; nothing is kept.
        JobCancelled: the context says so; nothing is kept.
    """
    return store.add(clip, _follow(clip, watched, now_utc_s, wait, context or JobContext()))


def encode_jpeg(picture: Picture) -> bytes:
    """Encode a BGR picture, shape (height, width, 3), as JPEG, shrunk if it is too wide."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    if image.width > MAX_WIDTH_PX:
        image = image.resize((MAX_WIDTH_PX, max(1, round(image.height * MAX_WIDTH_PX / image.width))))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=JPEG_QUALITY)
    return content.getvalue()


def _follow(
    clip: Clip,
    watched: PictureSource,
    now_utc_s: Callable[[], float],
    wait: Callable[[float], object],
    context: JobContext,
) -> Iterator[ClipFrame]:
    last_s: float | None = None
    while True:
        copied = watched.copy_rows(None, known_time_s=last_s)
        # a little early is in time: a camera's clock does not divide ours
        if copied is not None and (last_s is None or copied.time_s - last_s >= 0.9 / CLIP_FPS):
            last_s = copied.time_s
            if last_s > clip.end_utc_s:
                return
            context.checkpoint(max(0.0, last_s - clip.start_utc_s), clip.seconds)
            yield ClipFrame(last_s, encode_jpeg(copied.rows), copied.frame_wh)
            continue
        context.checkpoint(0, 0)
        if now_utc_s() > clip.end_utc_s + 1.0:
            return  # whatever is under way would be too late
        wait(POLL_S)


def read_recorded_frames(
    file: Path,
    camera: Camera,
    *,
    start_utc_s: float,
    is_included: Callable[[float], bool] = lambda _time_utc_s: True,
) -> Iterator[ClipFrame]:
    """Yield the pictures of a video file; loads the decoder, so it is for child processes.

    Args:
        camera: its privacy mask is blackened in every picture.
        start_utc_s: when its first frame was taken.
        is_included: whether the picture of a moment is; others are decoded, and nothing is made of them.

    Raises:
        SourceError: it cannot be read.
    """
    from vision.sources.frame_sampler import FrameSampler
    from vision.sources.frame_source import SourceAddress, SourceKind
    from vision.sources.privacy_mask import PrivacyMask
    from vision.sources.source_factory import open_source

    source = open_source(
        SourceAddress(SourceKind.VIDEO, str(file), start_utc_s=start_utc_s),
        camera,
        FrameSampler(analysed_fps=CLIP_FPS),
        SystemClock(),
    )
    mask = PrivacyMask(camera)
    source.open()
    try:
        while (frame := source.read()) is not None:
            if not is_included(frame.time_s):
                continue
            frame = mask.cover(frame)
            yield ClipFrame(frame.time_s, encode_jpeg(frame.picture), frame.size_wh)
    finally:
        source.close()


_POLL_INTERVAL_S = 0.1
_STOP_WITHIN_S = 2.0
_MARGIN_S = 0.5
"""Time before a clip, so that its start has a picture."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A video of one camera.

    Attributes:
        start_utc_s: time of its first frame, seconds since the epoch.
    """

    file: Path
    camera: CameraId
    start_utc_s: float


def draw_recorded_clips(
    venue: Venue,
    labels: ValidationLabels,
    recording: Recording,
    *,
    waiting: Sequence[Clip] = (),
    draw: random.Random,
) -> tuple[Clip, ...]:
    """Draw the missing clips of a camera's history since a recording began, in order of time.

    Every stretch of the observed time that no clip has yet is as likely.

    Raises:
        StoreError: the history cannot be read.
    """
    known = (
        *waiting,
        *(one.clip for one in (*labels.clips, *labels.unfinished)),
        *(one.clip for one in labels.skipped),
    )
    clips = (
        Clip(recording.camera, start_s, start_s + labels.clip_s)
        for start_s in _list_stretches(venue, recording, labels.clip_s)
    )
    stretches = [clip for clip in clips if not any(_overlap(clip, other) for other in known)]
    count = min(len(stretches), count_open_clips(labels, waiting))
    return tuple(sorted(draw.sample(stretches, count), key=lambda clip: clip.start_utc_s))


def count_open_clips(labels: ValidationLabels, waiting: Sequence[Clip]) -> int:
    """Return how many clips are still to be taken.

    Args:
        waiting: clips that were taken and are not labelled yet.
    """
    return max(0, labels.wanted_clips - len(labels.clips) - len(waiting))


def capture_recorded_clips(
    store: ClipStore,
    clips: Sequence[Clip],
    recording: Recording,
    camera: Camera,
    *,
    context: JobContext | None = None,
) -> int:
    """Store the pictures of clips of a recording; return the number of clips stored.

    The recording is decoded in a child process, which sends pictures through a pipe: none is ever in a file.

    Args:
        clips: in the order of time; those after the recording's end are left out.

    Raises:
        SourceError: the recording cannot be read.
        ClipError: the store is full, or the recording holds none of the clips.
        JobCancelled: the context says so; clips that were complete are kept.
    """
    context = context or JobContext()
    if not clips:
        raise _nothing_held(recording)
    parent, child = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_send_pictures, args=(child, recording, camera, tuple(clips)), name="clips of a recording"
    )
    process.daemon = True
    process.start()
    child.close()
    kept = 0
    pictures = _ReceivedPictures(parent, context, len(clips))
    try:
        for number, clip in enumerate(clips):
            pictures.done = number
            frames = pictures.take(clip)
            if frames:
                store.add(clip, frames)
                kept += 1
    finally:
        if process.is_alive():
            process.terminate()
        process.join(_STOP_WITHIN_S)
        if process.is_alive():
            process.kill()
            process.join()
        parent.close()
    if not kept:
        raise _nothing_held(recording)
    return kept


class _ReceivedPictures:
    """The pictures received from the child process, in order of time, with the progress."""

    def __init__(self, connection: Connection, context: JobContext, clips: int) -> None:
        self._connection, self._context, self._clips = connection, context, clips
        self._waiting: ClipFrame | None = None
        self._is_ended = False
        self.done = 0

    def take(self, clip: Clip) -> list[ClipFrame]:
        """Return the pictures of a clip; fewer at the end of the recording."""
        frames: list[ClipFrame] = []
        while (frame := self._waiting or self._receive()) is not None:
            self._waiting = None
            if frame.time_utc_s > clip.end_utc_s:
                self._waiting = frame
                break
            if frame.time_utc_s >= clip.start_utc_s:
                frames.append(frame)
        return frames

    def _receive(self) -> ClipFrame | None:
        if self._is_ended:
            return None
        while not self._connection.poll(_POLL_INTERVAL_S):
            self._context.checkpoint(self.done, self._clips)
        self._context.checkpoint(self.done, self._clips)
        try:
            message = self._connection.recv()
        except (EOFError, OSError):
            raise SourceError(
                "The process that read the recording has ended.", "Try again; see the log file for details."
            ) from None
        if isinstance(message, ExpoFlowError):
            raise message
        self._is_ended = message is None
        return None if message is None else ClipFrame(*message)


def _send_pictures(
    connection: Connection, recording: Recording, camera: Camera, clips: tuple[Clip, ...]
) -> None:
    """Send pictures as tuples, then None; target of the child process."""

    def is_included(time_utc_s: float) -> bool:
        return any(clip.start_utc_s - _MARGIN_S <= time_utc_s <= clip.end_utc_s for clip in clips)

    try:
        for frame in read_recorded_frames(
            recording.file, camera, start_utc_s=recording.start_utc_s, is_included=is_included
        ):
            connection.send((frame.time_utc_s, frame.jpeg, frame.size_wh))
        connection.send(None)
    except (BrokenPipeError, ConnectionError):
        return
    except Exception as error:
        words = (
            error
            if isinstance(error, ExpoFlowError)
            else convert_error(SourceError, error, file=recording.file)
        )
        with contextlib.suppress(OSError):
            connection.send(words)
    finally:
        connection.close()


def _list_stretches(venue: Venue, recording: Recording, clip_s: float) -> list[float]:
    """Return the start of each stretch of a clip's length in which the camera was observed throughout."""
    from analytics.metrics.observation import unite_spans
    from analytics.store.sql_event_store import open_reader

    with closing(open_reader(venue.folder)) as reader:
        extent = reader.time_range()
        if extent is None or extent.end_s <= recording.start_utc_s:
            return []
        spans = reader.read_spans(max(extent.start_s, recording.start_utc_s), extent.end_s)
    observed = unite_spans(spans, cameras={recording.camera})
    observed = np.maximum(observed, recording.start_utc_s)
    return [
        start_s
        for begins_s, ends_s in observed.tolist()
        for start_s in np.arange(begins_s, ends_s - clip_s + 1e-6, clip_s).tolist()
    ]


def _nothing_held(recording: Recording) -> ClipError:
    return ClipError(
        "{file} contains none of the clips needed from camera {camera}.",
        "Check the start time of the recording: it must match the times in the history.",
        file=recording.file.name,
        camera=recording.camera,
    )


def _overlap(one: Clip, other: Clip) -> bool:
    return (
        one.camera == other.camera and one.start_utc_s < other.end_utc_s and other.start_utc_s < one.end_utc_s
    )
