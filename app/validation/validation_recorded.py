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
from typing import TYPE_CHECKING, Protocol

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

if TYPE_CHECKING:
    from analytics.evaluation.clip_plan import ClipPlan


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
    plan: ClipPlan,
    labels: ValidationLabels,
    recording: Recording,
    *,
    waiting: Sequence[Clip] = (),
    draw: random.Random,
    context: JobContext | None = None,
) -> tuple[Clip, ...]:
    """Draw the missing clips of a camera's history since a recording began, in order of time.

    The stretches of the history are visited in an order by chance, and each is taken if its stratum still
    wants a clip; so every stretch of a stratum has the same chance.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    from app.validation.validation_plan import draw_next_clip

    moments, people = _find_people(venue, recording, plan.clip_s, context or JobContext())
    taken: list[Clip] = []
    for index in draw.sample(range(len(moments)), len(moments)):
        clip = draw_next_clip(
            plan,
            labels,
            venue=venue,
            now_utc_s=moments[index],
            people={recording.camera: people[index]},
            waiting=(*waiting, *taken),
            draw=draw,
        )
        known = (
            *waiting,
            *(one.clip for one in (*labels.clips, *labels.unfinished)),
            *(one.clip for one in labels.skipped),
        )
        if clip is not None and not any(_overlap(clip, other) for other in known):
            taken.append(clip)
    return tuple(sorted(taken, key=lambda clip: clip.start_utc_s))


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


def _find_people(
    venue: Venue, recording: Recording, clip_s: float, context: JobContext
) -> tuple[list[float], list[float]]:
    """Return the start of each possible clip, and the people in view in its minute."""
    from analytics.store.sql_event_store import open_reader
    from app.validation.validation_plan import MIN_OBSERVED_S, list_days, measure_minutes, read_day_results

    with closing(open_reader(venue.folder)) as reader:
        extent = reader.time_range()
        if extent is None or extent.end_s <= recording.start_utc_s:
            return [], []
        period_s = max(extent.start_s, recording.start_utc_s), extent.end_s
        days = read_day_results(
            venue,
            reader,
            moments_s=[
                day[0]
                for day in list_days(venue, history_s=(extent.start_s, extent.end_s), period_s=period_s)
            ],
            context=context,
        )
        parts = [measure_minutes(recording.camera, reader, day, period_s, frozenset()) for day in days]
    if not parts:
        return [], []
    minutes_s, people, _crossings, observed_s = (
        np.concatenate([part[column] for part in parts]) for column in range(4)
    )
    starts = np.arange(period_s[0], period_s[1] - clip_s + 1e-6, clip_s)
    if not len(minutes_s) or not len(starts):
        return [], []
    at = np.clip(np.searchsorted(minutes_s, starts, side="right") - 1, 0, len(minutes_s) - 1)
    seen = (observed_s[at] >= MIN_OBSERVED_S) & np.isfinite(people[at])
    return starts[seen].tolist(), people[at][seen].tolist()


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
