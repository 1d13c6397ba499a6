"""Test of a camera before it is saved: connect, show a picture, measure; decoded in a child process."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from analytics.domain.camera import NEW_TRACK_SCORE, Camera
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ModelError, Phrase, SourceError
from analytics.domain.identifiers import CameraId
from app.core.child_command import run_child_command
from app.core.job import JobCancelled, JobContext
from app.settings.file import models_folder
from app.settings.paths import cache_folder
from vision.detection.model_catalogue import locate_model
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.device import OnvifReport, parse_device_address, read_device
from vision.sources.onvif.discovery import Discovery, find_devices
from vision.sources.onvif.session import OnvifLogin
from vision.sources.source_faults import SourceFault, make_source_error
from vision.sources.stream_probe import (
    PREVIEW_MAX_WH,
    Box,
    FindPeople,
    ProbeStage,
    StreamReport,
    pack_report,
    probe_stream,
    unpack_report,
)
from vision.sources.stream_profile import HLS_SILENCE_LIMIT_S, OPEN_LIMIT_S

if TYPE_CHECKING:
    from vision.pixel_types import Picture

DEFAULT_SEARCH_S = 4.0
SUB_STREAM_EXPLANATION = (
    "Cameras send the same picture several times: the main stream in full resolution, and a "
    "sub-stream in a lower one. To detect people, a width of 640 to 1280 pixels is enough. The "
    "sub-stream needs only a fraction of the processor and network load; recorders of the main "
    "stream are not affected."
)


def find_cameras(
    *, context: JobContext, duration_s: float = DEFAULT_SEARCH_S, clock: Clock | None = None
) -> Discovery:
    """Search every network of this machine for ONVIF cameras; cameras that respond are not queried further.

    Progress is in seconds.

    Raises:
        JobCancelled: the context was cancelled.
    """
    return find_devices(duration_s=duration_s, clock=clock or SystemClock(), checkpoint=context.checkpoint)


def read_streams(
    address: str,
    *,
    context: JobContext,
    user: str | None = None,
    password: str | None = None,
    clock: Clock | None = None,
) -> OnvifReport:
    """Read clock, make and streams of one camera by ONVIF.

    Progress is in questions that were answered. Nothing is sent to any other host, whatever the camera says.

    Args:
        address: as a person types it, or the ``device_url`` of a camera that was found; a user and password
            in it are used where none are given.

    Raises:
        SourceError: with the cause (`vision.sources.source_faults.fault_of`) and a remedy.
        JobCancelled: the context was cancelled.
    """
    url, login = parse_device_address(address)
    if user:
        login = OnvifLogin(user, password or "")
    return read_device(url, login, clock=clock or SystemClock(), checkpoint=context.checkpoint)


DEFAULT_MEASURE_S = 3.0
MEASURE_COMMAND = ("cameras", "measure")
START_LIMIT_S = 20.0
"""Start time limit of the child process, which loads its libraries within it on a busy machine."""
PICTURE_LIMIT_S = 30.0
"""As in `vision.sources.live_source`: packets without a picture for this long cannot be decoded."""
_ADDRESS_FIELDS = ("location", "user", "password", "transport", "open_limit_s", "images_fps")
"""Address fields in the child's request, beside the kind."""
NARROW_PX = 640
WIDE_PX = 1280
MIN_FPS = 5.0
"""Minimum frame rate, the rate at which cameras without a setting of their own are analysed."""
MAX_SKEW_S = 2.0
"""Maximum clock difference; RTP sender reports and clocks with whole seconds are more exact."""


def probe_camera(
    address: SourceAddress,
    *,
    context: JobContext,
    camera: str | None = None,
    measure_s: float = DEFAULT_MEASURE_S,
    clock: Clock | None = None,
    preview_max_wh: tuple[int, int] = PREVIEW_MAX_WH,
    masked: Camera | None = None,
    model_name: str = "",
    on_picture: Callable[[StreamReport], None] = lambda _report: None,
) -> StreamReport:
    """Test a camera, stream, file or folder for some seconds in a child process.

    The process is ended when the context is cancelled, and when it takes longer than every limit of the
    source together: a name that is looked up for ever, or a decoder that hangs. Progress is a `ProbeStage`.

    Args:
        address: with its password, which goes to the child through a pipe, and nowhere else.
        camera: what the errors call it; by default its host, or its address.
        preview_max_wh: what the first picture is shrunk into.
        masked: the venue's camera whose privacy mask is blackened in it, before it leaves that process.
        model_name: of the network that looks for people in it; empty: none does. A network that cannot be
            loaded finds nobody, and the rest is tested.
        on_picture: called with each preview, before the end, in the thread that waits.

    Raises:
        SourceError: with the cause (`vision.sources.source_faults.fault_of`) and a remedy.
        JobCancelled: the context was cancelled.
    """
    clock = clock or SystemClock()
    name = camera or name_source(address)
    open_limit_s = address.open_limit_s or OPEN_LIMIT_S
    limit_s = START_LIMIT_S + open_limit_s + PICTURE_LIMIT_S + HLS_SILENCE_LIMIT_S + measure_s
    deadline_s = clock.monotonic_s() + limit_s
    patient = JobContext(
        is_cancelled=lambda: context.is_cancelled or clock.monotonic_s() > deadline_s,
        on_progress=lambda done, _total: context.checkpoint(done, ProbeStage.FINISHED),
    )
    try:
        answer = run_child_command(
            MEASURE_COMMAND,
            patient,
            given=_pack_request(
                address,
                camera=name,
                measure_s=measure_s,
                preview_max_wh=preview_max_wh,
                masked=masked,
                model_name=model_name,
            ),
            kind=SourceError,
            on_line=lambda line: on_picture(_read_report(line)),
        )
    except JobCancelled:
        if context.is_cancelled:
            raise
        raise make_source_error(
            SourceFault.NO_ANSWER, camera=name, location=address.location, limit_s=limit_s
        ) from None
    return _read_report(answer.splitlines()[-1])


def _read_report(line: str) -> StreamReport:
    return unpack_report(json.loads(line)["report"])


def serve_measurement(request_text: str, context: JobContext, *, answer: Callable[[object], None]) -> None:
    """Serve a request of `probe_camera` in the child process; ``answer`` gets the reports, the last complete.

    Raises:
        SourceError: with the cause and a remedy.
    """
    request = json.loads(request_text)
    largest_width, largest_height = request["preview_max_wh"]
    address = SourceAddress(SourceKind(request["kind"]), **{name: request[name] for name in _ADDRESS_FIELDS})
    with ThreadPoolExecutor(max_workers=1) as pool:
        report = probe_stream(
            address,
            camera=CameraId(request["camera"]),
            clock=SystemClock(),
            measure_s=float(request["measure_s"]),
            preview_max_wh=(largest_width, largest_height),
            masked=_unpack_masked(request),
            on_stage=lambda stage: context.checkpoint(stage, ProbeStage.FINISHED),
            find_people=_load_finder(request["model_name"], pool),
            on_picture=lambda report: answer({"report": pack_report(report)}),
        )
    answer({"report": pack_report(report)})


def _load_finder(model_name: str, pool: ThreadPoolExecutor) -> FindPeople | None:
    """Load a network while the camera connects; None if there is none."""
    if not model_name:
        return None
    from vision.detection.detector import detect
    from vision.detection.detector_choice import DetectorChoice
    from vision.detection.detector_loading import choose_adapter, load_detector

    try:
        path = locate_model(model_name, user_folder=models_folder())
        choice = DetectorChoice(
            path, choose_adapter(path), minimum_score=NEW_TRACK_SCORE, cache_folder=cache_folder()
        )
    except ModelError:
        return None
    loading = pool.submit(load_detector, choice)

    def find_people(picture: Picture) -> list[Box]:
        with contextlib.suppress(ModelError):
            (found,) = detect(loading.result(), [picture])
            return [(float(x1), float(y1), float(x2), float(y2)) for x1, y1, x2, y2 in found.xyxy]
        return []

    return find_people


def name_source(address: SourceAddress) -> str:
    """Return a name for an unnamed camera: its host, or else its kind."""
    try:
        return urlsplit(address.location).hostname or address.location
    except ValueError:
        return address.location


def list_advice(report: StreamReport, *, clock_skew_s: float | None = None) -> tuple[Phrase, ...]:
    """Return possible improvements of a working stream, most important first.

    Args:
        clock_skew_s: how far the camera's clock is ahead, if known from outside of the stream.
    """
    skew_s = report.clock_skew_s if report.clock_skew_s is not None else clock_skew_s
    width, height = report.size_wh
    advice = []
    if width < NARROW_PX:
        advice.append(
            Phrase(
                "The picture is only {width} pixels wide: people far from the camera will be missed. "
                "Choose a stream at least {least} pixels wide.",
                {"width": width, "least": NARROW_PX},
            )
        )
    if width > WIDE_PX:
        advice.append(
            Phrase(
                "The picture has {width}x{height} pixels, more than needed to detect people. The "
                "camera's sub-stream, {least} to {most} pixels wide, needs less processor and "
                "network load.",
                {"width": width, "height": height, "least": NARROW_PX, "most": WIDE_PX},
            )
        )
    if report.measured_fps is not None and report.measured_fps < 0.9 * MIN_FPS:
        advice.append(
            Phrase(
                "Only {fps:.1f} frames per second arrive, too few to track walking people and to keep apart "
                "those who sit side by side. Set the stream to at least {fewest:.0f} frames per second.",
                {"fps": report.measured_fps, "fewest": MIN_FPS},
            )
        )
    if report.damaged > 0:
        advice.append(
            Phrase(
                "{damaged} of {frames} frames arrived damaged. Check the cable, and use TCP rather than UDP.",
                {"damaged": report.damaged, "frames": report.damaged + report.frames},
            )
        )
    if skew_s is not None and abs(skew_s) > MAX_SKEW_S:
        advice.append(
            Phrase(
                (
                    "The camera's clock is {seconds:.0f} s ahead of this machine's. Counts are not "
                    "affected; synchronise the camera with a time server (NTP), so that its own "
                    "recordings match them."
                )
                if skew_s > 0
                else (
                    "The camera's clock is {seconds:.0f} s behind this machine's. Counts are not "
                    "affected; synchronise the camera with a time server (NTP), so that its own "
                    "recordings match them."
                ),
                {"seconds": abs(skew_s)},
            )
        )
    return tuple(advice)


def _pack_request(
    address: SourceAddress,
    *,
    camera: str,
    measure_s: float,
    preview_max_wh: tuple[int, int],
    masked: Camera | None,
    model_name: str,
) -> str:
    return json.dumps(
        {
            "kind": address.kind.value,
            **{name: getattr(address, name) for name in _ADDRESS_FIELDS},
            "camera": camera,
            "measure_s": measure_s,
            "preview_max_wh": preview_max_wh,
            "model_name": model_name,
            "masked": None
            if masked is None
            else {"frame_size": masked.frame_size_wh, "privacy_mask": masked.privacy_mask},
        }
    )


def _unpack_masked(request: Mapping[str, Any]) -> Camera | None:
    packed = request["masked"]
    if packed is None or packed["frame_size"] is None:
        return None
    width, height = packed["frame_size"]
    polygons = tuple(tuple((u, v) for u, v in polygon) for polygon in packed["privacy_mask"])
    return Camera(CameraId(request["camera"]), (width, height), privacy_mask=polygons)
