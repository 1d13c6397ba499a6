"""Test of a camera before use: its first picture, its stream, and the processor time it costs.

Decoding libraries are imported where they are used: a process that only requests a probe loads none.
"""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind

if TYPE_CHECKING:
    from vision.pixel_types import Frame, Picture
    from vision.sources.source_counters import CountingSource

PREVIEW_MAX_WH = (640, 360)
"""Size as on the live wall; 0.7 MB when sent from the child process."""
DEFAULT_ANALYSED_FPS = 5.0
"""Typical rate, for a realistic cost: all frames are decoded, the due ones also converted."""
LOOK_S = 3.0
"""Seconds to look for somebody where the first picture shows nobody."""
_FILM_STEP_S = 1.0
"""Between the pictures of a film that are looked at: it goes by faster than life."""
Box = tuple[float, float, float, float]
FindPeople = Callable[[Any], Sequence[Box]]
"""Finds the boxes xyxy of people in a picture, in its pixels."""
_CODEC_TITLES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG", "mpeg4": "MPEG-4", "av1": "AV1"}


class ProbeStage(IntEnum):
    """Progress of a probe."""

    CONNECTING = 0
    WAITING_FOR_PICTURE = 1
    MEASURING = 2
    FINISHED = 3


@dataclass(frozen=True, slots=True)
class StreamReport:
    """Result of a probe. Values that the kind of source cannot provide are None, or empty.

    Attributes:
        size_wh: size of its pictures, pixels.
        codec: common name, such as ``H.264``; ``profile``: of the codec, such as ``Main``.
        announced_fps: frame rate stated by the stream; ``measured_fps``: as measured.
        connected_after_s, first_picture_after_s: from the start of connecting.
        decode_ms: processor time per frame for receiving, decoding and, of five frames a second, converting.
        core_share: processor time per second at the measured rate: 0.1 is a tenth of one core.
        clock_skew_s: seconds by which the camera's clock is ahead of ours, if the stream carries it.
        frames, damaged: intact and damaged frames decoded during the measurement.
        preview_wh: size of the preview.
        preview_rgb: the first picture with somebody, or else the first one, shape (height, width, 3), RGB,
            row by row.
        people: boxes xyxy of people in the preview, in its pixels; None if they were not looked for.
    """

    size_wh: tuple[int, int]
    codec: str
    profile: str
    announced_fps: float | None
    measured_fps: float | None
    connected_after_s: float
    first_picture_after_s: float
    decode_ms: float | None
    core_share: float | None
    clock_skew_s: float | None
    frames: int
    damaged: int
    preview_wh: tuple[int, int]
    preview_rgb: bytes = field(repr=False)
    people: tuple[Box, ...] | None = None


def probe_stream(
    address: SourceAddress,
    *,
    camera: CameraId,
    clock: Clock,
    measure_s: float,
    on_stage: Callable[[ProbeStage], None],
    preview_max_wh: tuple[int, int] = PREVIEW_MAX_WH,
    masked: Camera | None = None,
    find_people: FindPeople | None = None,
    on_picture: Callable[[StreamReport], None] = lambda _report: None,
) -> StreamReport:
    """Read a source as the pipeline would, for some seconds; nothing is stored.

    Args:
        address: address with its password, if any.
        camera: name in errors.
        measure_s: seconds to read after the first picture.
        preview_max_wh: maximum size of the preview; a smaller picture stays unchanged.
        masked: camera whose privacy mask is blackened in the preview.
        find_people: None to look for nobody.
        on_picture: called with each preview before the measurement.

    Raises:
        SourceError: with the cause and a remedy.
    """
    containers: list[Any] = []
    source = _make_source(address, camera, clock, containers)
    on_stage(ProbeStage.CONNECTING)
    began_s = clock.monotonic_s()
    try:
        source.open()
        connected_s = clock.monotonic_s()
        on_stage(ProbeStage.WAITING_FOR_PICTURE)
        first = source.read()
        if first is None:
            raise SourceError(
                "Camera '{camera}' delivered no picture.",
                "Check that the recording or stream is not empty.",
                camera=camera,
            )
        pictured_s = clock.monotonic_s()
        on_stage(ProbeStage.MEASURING)
        report = StreamReport(
            size_wh=first.size_wh,
            codec="",
            profile="",
            announced_fps=None,
            measured_fps=None,
            connected_after_s=connected_s - began_s,
            first_picture_after_s=pictured_s - began_s,
            decode_ms=None,
            core_share=None,
            clock_skew_s=None,
            frames=1,
            damaged=0,
            preview_wh=(0, 0),
            preview_rgb=b"",
        )
        cover, last = _make_cover(masked), first
        report = _add_preview(report, cover(first).picture, preview_max_wh)
        on_picture(report)
        if find_people is not None:
            step_s = _FILM_STEP_S if address.kind.is_recording else 0.0
            for frame in _step_through(source, first, step_s=step_s, clock=clock):
                covered, last = cover(frame).picture, frame
                people = find_people(covered)
                if people or report.people is None:
                    report = _add_preview(report, covered, preview_max_wh, people)
                    on_picture(report)
                if people:
                    break
        report = _measure(report, source, last, clock=clock, until_s=clock.monotonic_s() + measure_s)
        if containers:
            report = _add_announcement(report, containers[-1])
        elif address.kind is SourceKind.VIDEO:
            report = _add_file_announcement(report, address.location)
    finally:
        source.close()
    on_stage(ProbeStage.FINISHED)
    return report


def pack_report(report: StreamReport) -> dict[str, object]:
    """Return the report as a JSON object for `unpack_report` in another process."""
    fields = {name: getattr(report, name) for name in StreamReport.__dataclass_fields__}
    return {**fields, "preview_rgb": base64.b64encode(report.preview_rgb).decode("ascii")}


def unpack_report(packed: Mapping[str, Any]) -> StreamReport:
    """Return the report from the JSON object of another process.

    Raises:
        KeyError, TypeError, ValueError: it is not a report.
    """
    fields = {name: packed[name] for name in StreamReport.__dataclass_fields__}
    if fields["people"] is not None:
        fields["people"] = tuple(tuple(map(float, box)) for box in fields["people"])
    for name in ("size_wh", "preview_wh"):
        width, height = fields[name]
        fields[name] = (int(width), int(height))
    return StreamReport(**{**fields, "preview_rgb": base64.b64decode(fields["preview_rgb"])})


def _make_source(
    address: SourceAddress, camera: CameraId, clock: Clock, containers: list[Any]
) -> CountingSource:
    """Return the pipeline's source; live ones add their container to the list on opening."""
    import av

    def open_container(*arguments: Any, **options: Any) -> Any:
        container = av.open(*arguments, **options)
        containers.append(container)
        return container

    sampler = FrameSampler(analysed_fps=DEFAULT_ANALYSED_FPS)
    match address.kind:
        case SourceKind.RTSP | SourceKind.HTTP:
            from vision.sources.stream_source import StreamSource

            return StreamSource(
                address=address, camera=camera, sampler=sampler, clock=clock, opener=open_container
            )
        case SourceKind.DEVICE:
            from vision.sources.device_source import DeviceSource

            return DeviceSource(
                address=address, camera=camera, sampler=sampler, clock=clock, opener=open_container
            )
        case _:
            from vision.sources.source_factory import open_source

            return open_source(address, Camera(camera), sampler, clock)


def _make_cover(masked: Camera | None) -> Callable[[Frame], Frame]:
    """Return a function that blackens a camera's privacy mask."""
    if masked is None:
        return lambda frame: frame
    from vision.sources.privacy_mask import PrivacyMask

    return PrivacyMask(masked).cover


def _step_through(source: CountingSource, first: Frame, *, step_s: float, clock: Clock) -> Iterator[Frame]:
    """Yield the first frame and, for some seconds after it was looked at, those that follow."""
    yield first
    due_s = first.time_s + step_s
    for frame in itertools.islice(
        _read_until(source, first, clock=clock, until_s=clock.monotonic_s() + LOOK_S), 1, None
    ):
        if frame.time_s >= due_s:
            due_s = frame.time_s + step_s
            yield frame


def _read_until(source: CountingSource, first: Frame, *, clock: Clock, until_s: float) -> Iterator[Frame]:
    frame: Frame | None = first
    while frame is not None:
        yield frame
        frame = source.read() if clock.monotonic_s() < until_s else None


def _add_preview(
    report: StreamReport,
    picture: Picture,
    largest_wh: tuple[int, int],
    people: Sequence[Box] | None = None,
) -> StreamReport:
    import cv2

    width, height = report.size_wh
    scale = min(1.0, largest_wh[0] / width, largest_wh[1] / height)
    preview_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrunk = cv2.resize(picture, preview_wh, interpolation=cv2.INTER_AREA)
    rgb = cv2.cvtColor(shrunk, cv2.COLOR_BGR2RGB).tobytes()
    boxes = (
        None
        if people is None
        else tuple((x1 * scale, y1 * scale, x2 * scale, y2 * scale) for x1, y1, x2, y2 in people)
    )
    return replace(report, preview_wh=preview_wh, preview_rgb=rgb, people=boxes)


def _measure(
    report: StreamReport, source: CountingSource, first: Frame, *, clock: Clock, until_s: float
) -> StreamReport:
    """Continue to read, and count frames and processor time between the first frame and the last."""
    before, spent_s, last = source.counters, -time.process_time(), first
    for frame in _read_until(source, first, clock=clock, until_s=until_s):
        last = frame
    spent_s += time.process_time()
    after = source.counters
    frames, span_s = last.number - first.number, last.time_s - first.time_s
    fps = frames / span_s if frames > 0 and span_s > 0 else None
    decode_s = spent_s / frames if frames > 0 else None
    return replace(
        report,
        measured_fps=fps,
        decode_ms=None if decode_s is None else decode_s * 1e3,
        core_share=None if fps is None or decode_s is None else fps * decode_s,
        clock_skew_s=getattr(source, "camera_clock_skew_s", None),
        frames=frames + 1,
        damaged=after.corrupt + after.undecodable - before.corrupt - before.undecodable,
    )


def _add_announcement(report: StreamReport, container: Any) -> StreamReport:
    """Add the container's description of its video, which stays after the connection is closed."""
    stream = container.streams.video[0]
    name = stream.codec_context.codec.canonical_name
    rate = stream.average_rate or stream.guessed_rate
    return replace(
        report,
        codec=_CODEC_TITLES.get(name, name.upper()),
        profile=stream.codec_context.profile or "",
        announced_fps=float(rate) if rate else None,
    )


def _add_file_announcement(report: StreamReport, path: str) -> StreamReport:
    import av

    with av.open(path) as container:
        return _add_announcement(report, container)
