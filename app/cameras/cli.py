"""``cameras``: finding cameras on the network, listing their streams, and testing them."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.domain.errors import Phrase, SourceError, fill_template

# read when the command line is put together, and of the standard library alone
from app.cameras.mask_kind import MaskKind
from app.console.console import (
    EXIT_FAILED,
    print_json,
    print_json_line,
    print_message,
    print_table,
    show_progress,
)
from app.console.language import tr, translate
from app.doctor.cli import check_view

if TYPE_CHECKING:
    from app.core.job import JobContext
    from vision.sources.onvif.device import OnvifReport
    from vision.sources.onvif.media_profiles import MediaProfile
    from vision.sources.stream_probe import StreamReport

Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]
CameraName = Annotated[str, typer.Argument(help="The camera's name.")]
Kind = Annotated[
    MaskKind,
    typer.Argument(help="privacy: blacked out before anyone sees it; ignore: people there are not counted."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def masks(folder: Folder, as_json: AsJson = False) -> None:
    """List the privacy and ignore masks of a venue's cameras."""
    from app.cameras.edit_masks import list_polygons
    from app.core.file_format import read_venue

    found = [
        (entry, kind, number, polygon)
        for entry in read_venue(folder).cameras
        for kind in MaskKind
        for number, polygon in enumerate(list_polygons(entry.camera, kind), start=1)
    ]
    if as_json:
        print_json(
            [
                {
                    "camera": str(entry.name),
                    "kind": kind.value,
                    "number": number,
                    "frame_size": entry.camera.frame_size_wh,
                    "corners_px": [list(corner) for corner in polygon],
                }
                for entry, kind, number, polygon in found
            ]
        )
    elif not found:
        print_message(tr("There are no masks."))
    else:
        print_table(
            (tr("camera"), tr("mask"), tr("number"), tr("corners in pixels")),
            [
                (str(entry.name), kind.value, number, " ".join(f"{u:g},{v:g}" for u, v in polygon))
                for entry, kind, number, polygon in found
            ],
        )


def add_mask(
    folder: Folder,
    camera: CameraName,
    kind: Kind,
    corners: Annotated[str, typer.Option(help="At least three, in pixels, such as '0,0 400,0 400,300'.")],
    frame_size: Annotated[
        str | None, typer.Option(help="Size of the picture they refer to, such as 1280x720.")
    ] = None,
) -> None:
    """Add a privacy or ignore mask to a camera's picture, from the next start of its recording."""
    from app.cameras.edit_masks import AddMask
    from app.cameras.frame_sizes import parse_frame_sizes
    from app.core.file_format import read_venue
    from app.plan.saved_edits import save_edit

    known = read_venue(folder).camera(camera)
    frame_wh = known.camera.frame_size_wh
    if frame_size is not None:
        frame_wh = parse_frame_sizes([frame_size])[None]
    if frame_wh is None:
        raise typer.BadParameter(tr("its frame size is unknown: add --frame-size"))
    save_edit(folder, AddMask(known.name, kind, parse_corners(corners), frame_wh))
    print_message(tr("Takes effect at the next start of the recording."))


def remove_mask(
    folder: Folder,
    camera: CameraName,
    kind: Kind,
    number: Annotated[int, typer.Option(help="Number as listed by `venue masks`.", min=1)],
) -> None:
    """Remove a mask from a camera's picture, from the next start of its recording."""
    from app.cameras.edit_masks import MaskPart, RemoveMask
    from app.core.file_format import read_venue
    from app.plan.saved_edits import save_edit

    known = read_venue(folder).camera(camera)
    save_edit(folder, RemoveMask(MaskPart(known.name, kind, number - 1)))
    print_message(tr("Takes effect at the next start of the recording."))


def may_be_dark(
    folder: Folder,
    camera: CameraName,
    is_allowed: Annotated[
        bool, typer.Option("--yes/--no", help="Count black pictures as observed; otherwise they are a gap.")
    ] = True,
) -> None:
    """Set whether a camera may be dark, for example while the lights are out at night."""
    from app.cameras.edit_masks import SetMayBeDark
    from app.core.file_format import read_venue
    from app.plan.saved_edits import save_edit

    known = read_venue(folder).camera(camera)
    save_edit(folder, SetMayBeDark(known.name, is_allowed))
    if is_allowed:
        print_message(tr("Dark pictures of camera '{camera}' count as observed from now on.", camera=camera))
    else:
        print_message(tr("Dark pictures of camera '{camera}' count as a gap from now on.", camera=camera))


def set_detection(
    folder: Folder,
    camera: CameraName,
    model: Annotated[str | None, typer.Option(help="Network of this camera; '' for the venue's.")] = None,
    fps: Annotated[float | None, typer.Option(help="Frames a second to analyse.", min=0.1, max=120.0)] = None,
    score: Annotated[
        float | None, typer.Option(help="Score, 0.1 to 0.95, of the detections that begin a track.")
    ] = None,
) -> None:
    """Set how people are found in a camera's pictures, from the next start of its recording."""
    from app.cameras.detection import SetDetection
    from app.core.file_format import read_venue
    from app.plan.saved_edits import save_edit
    from app.settings.file import models_folder
    from vision.detection.model_catalogue import locate_model

    known = read_venue(folder).camera(camera).camera
    if model:
        locate_model(model, user_folder=models_folder())
    save_edit(
        folder,
        SetDetection(
            known.name,
            known.model_name if model is None else model,
            known.new_track_score if score is None else score,
            fps,
        ),
    )
    print_message(tr("Takes effect at the next start of the recording."))


def parse_corners(text: str) -> tuple[tuple[float, float], ...]:
    """Parse pairs of numbers such as ``0,0 400,0 400,300``."""
    number = r"[+-]?\d+(?:\.\d+)?"
    if re.fullmatch(rf"\s*(?:{number},{number}\s*)+", text) is None:
        raise typer.BadParameter(
            tr("'{given}' is not a list of corners such as '0,0 400,0 400,300'", given=text)
        )
    return tuple((float(u), float(v)) for u, v in (pair.split(",") for pair in text.split()))


def remove_camera(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The camera's name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a camera from a venue, with its calibration and masks. Recorded data remains."""
    from app.cameras.edit_masks import RemoveCamera
    from app.core.file_format import read_venue
    from app.plan.saved_edits import save_edit

    known = read_venue(folder).camera(name)
    if not yes:
        typer.confirm(
            tr(
                "Its calibration and masks will be removed. Recorded data remains, but floor seen "
                "only by this camera counts as not observed, also in the past. Remove {camera}?",
                camera=name,
            ),
            abort=True,
        )
    save_edit(folder, RemoveCamera(known.name))
    print_message(tr("{camera} was removed. The previous file is saved as venue.toml.bak.", camera=name))


app = typer.Typer(help="Find cameras, list their streams, and test them.", no_args_is_help=True)
app.command("check-view")(check_view)
User = Annotated[str | None, typer.Option(help="User name; prompts for the password.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Ask = Annotated[bool, typer.Option("--ask", help="Prompt for the password of the user in the address.")]


@app.command("find")
def find(
    timeout: Annotated[float, typer.Option(help="Seconds to search.", min=0.5, max=60.0)] = 4.0,
    as_json: AsJson = False,
) -> None:
    """Search this machine's networks for ONVIF cameras, and list USB cameras. Exit status 1 if none is
    found."""
    from app.cameras.probe_camera import find_cameras
    from vision.sources.usb_devices import list_usb_devices

    with _show_progress(tr("Searching"), is_hidden=as_json) as context:
        found = find_cameras(context=context, duration_s=timeout)
    plugged_in = list_usb_devices() or ()
    if as_json:
        print_json(
            {**dataclasses.asdict(found), "usb": [dataclasses.asdict(device) for device in plugged_in]}
        )
    elif found.devices:
        print_table(
            (tr("address"), tr("name"), tr("model"), tr("place"), tr("found via")),
            [(d.device_url, d.name, d.hardware, d.place, d.interface) for d in found.devices],
        )
        print_message(tr("Next: python -m app cameras streams ADDRESS --user NAME"))
    else:
        print_message(
            tr("No cameras found on {networks}.", networks=", ".join(found.searched) or tr("any network"))
        )
        print_message(
            tr(
                "Check that ONVIF and its discovery are enabled in the cameras, and that they are in "
                "the same network as this machine; cameras behind a router are not found. You can "
                "also enter their addresses."
            )
        )
    if not as_json and found.unsearchable:
        print_message(tr("Could not search: {networks}.", networks=", ".join(found.unsearchable)))
    if not as_json and plugged_in:
        print_table((tr("USB camera"), tr("name")), [(device.address, device.name) for device in plugged_in])
    if not found.devices and not plugged_in:
        raise typer.Exit(EXIT_FAILED)


@app.command("streams")
def streams(
    address: Annotated[
        str, typer.Argument(help="Camera address, such as 192.0.2.10 or one listed by 'find'.")
    ],
    user: User = None,
    password_stdin: FromInput = False,
    ask: Ask = False,
    as_json: AsJson = False,
) -> None:
    """List the streams of one camera by ONVIF, and which of them to use."""
    from app.cameras.probe_camera import SUB_STREAM_EXPLANATION, read_streams

    password = _read_password(address, user, from_input=password_stdin, ask=ask)
    with _print_failures_as_json(as_json), _show_progress(tr("Requesting"), is_hidden=as_json) as context:
        report = read_streams(address, context=context, user=user, password=password)
    if as_json:
        print_json(dataclasses.asdict(report))
        return
    print_message(_describe_device(report))
    print_table(
        (tr("stream"), tr("codec"), tr("pixels"), tr("frames/s"), tr("address"), ""),
        [_describe_profile(profile) for profile in report.profiles],
    )
    print_message(translate(SUB_STREAM_EXPLANATION))


@app.command("probe")
def probe(
    url: Annotated[
        str, typer.Argument(help="rtsp://, http://, usb:0, a video file or a folder of pictures.")
    ],
    user: User = None,
    password_stdin: FromInput = False,
    ask: Ask = False,
    transport: Annotated[str, typer.Option(help="For RTSP: tcp or udp.")] = "tcp",
    seconds: Annotated[float, typer.Option(help="Duration of the measurement.", min=0.5, max=60.0)] = 3.0,
    as_json: AsJson = False,
) -> None:
    """Test a camera: connect, and report its stream, the processing load and possible improvements."""
    from app.cameras.probe_camera import list_advice, probe_camera
    from vision.detection.model_catalogue import SHIPPED_MODEL
    from vision.sources.source_address import parse_source

    if transport not in ("tcp", "udp"):
        raise typer.BadParameter(tr("--transport must be tcp or udp"))
    password = _read_password(url, user, from_input=password_stdin, ask=ask)
    with _print_failures_as_json(as_json), _show_progress(tr("Testing"), is_hidden=as_json) as context:
        address = dataclasses.replace(parse_source(url), transport=transport)
        if user is not None or password is not None:
            address = dataclasses.replace(
                address, user=user or address.user, password=password or address.password
            )
        report = probe_camera(address, context=context, measure_s=seconds, model_name=SHIPPED_MODEL)
    advice = [_translate_phrase(phrase) for phrase in list_advice(report)]
    if as_json:
        report_fields = dataclasses.asdict(report)
        del report_fields["preview_rgb"]
        print_json({**report_fields, "advice": advice})
        return
    print_table((tr("what"), tr("found")), _describe_report(report))
    for sentence in advice:
        print_message(sentence)


@app.command("share")
def share(
    name: Annotated[str, typer.Argument(help="Name of the shared login, such as 'hall 3'.")],
    user: Annotated[str, typer.Option(help="User name on the cameras.")],
    password_stdin: FromInput = False,
) -> None:
    """Save a user name and password shared by several cameras, or change them for all.

    They are stored in the system's keyring, never in a venue's folder.
    """
    from app.core.credentials import Credential, open_credential_store, store_shared

    password = _read_password(name, user, from_input=password_stdin, ask=False)
    store = open_credential_store()
    store_shared(name, Credential(user, password or ""), store=store)
    print_message(
        tr("The password '{name}' was saved; cameras that use it are updated immediately.", name=name)
    )


@app.command("templates")
def templates(
    make: Annotated[str | None, typer.Argument(help="A make, such as Hikvision; all by default.")] = None,
    host: Annotated[str, typer.Option(help="Address of the camera.")] = "HOST",
    channel: Annotated[int | None, typer.Option(help="Number of a recorder's camera.", min=0)] = None,
    as_json: AsJson = False,
) -> None:
    """List the stream addresses of each camera make. Exit status 1 for an unknown make."""
    from vision.sources.vendor_paths import TEMPLATES, build_stream_url, find_templates

    chosen = TEMPLATES if make is None else find_templates(make)
    try:
        rows = [
            (
                template.vendor,
                build_stream_url(template, host, is_sub=False, channel=channel),
                build_stream_url(template, host, is_sub=True, channel=channel) if template.sub_path else "",
            )
            for template in chosen
        ]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        print_json([dict(zip(("make", "main", "sub"), row, strict=True)) for row in rows])
    elif rows:
        print_table((tr("make"), tr("main stream"), tr("sub-stream")), rows)
        print_message(
            tr(
                "These are the makers' usual addresses; for the exact one, see the camera's "
                "manual or web page."
            )
        )
    else:
        print_message(tr("There are no known addresses for '{make}'.", make=make))
    if not rows:
        raise typer.Exit(EXIT_FAILED)


@app.command("measure", hidden=True)
def measure() -> None:
    """Internal: subprocess of `probe` that reads a request from standard input and prints the answer."""
    from app.cameras.probe_camera import serve_measurement
    from app.core.job import JobContext

    context = JobContext(on_progress=lambda done, total: print_json_line({"done": done, "total": total}))
    serve_measurement(sys.stdin.read(), context, answer=print_json_line)


@app.command("find-chessboard", hidden=True)
def find_chessboard() -> None:
    """Internal: subprocess of the calibration that reads a picture from stdin and prints the corners."""
    from app.calibration.chessboard_search import serve_chessboard_search

    print_json_line(serve_chessboard_search(sys.stdin.read()))


@contextmanager
def _show_progress(what: str, *, is_hidden: bool) -> Iterator[JobContext]:
    from app.core.job import JobContext

    with show_progress(what, is_hidden=is_hidden) as listener:
        yield JobContext(on_progress=listener)


@contextmanager
def _print_failures_as_json(as_json: bool) -> Iterator[None]:
    """Print failures as JSON on standard output if ``--json`` is given; the status is 1 in any case."""
    try:
        yield
    except SourceError as error:
        if not as_json:
            raise
        from app.error_reporting import describe_error

        words = describe_error(error, translate=translate)
        print_json(
            {
                "fault": str(error.details.get("fault", "unknown")),
                "problem": words.problem,
                "remedy": words.remedy,
            }
        )
        raise typer.Exit(EXIT_FAILED) from None


def _read_password(address: str, user: str | None, *, from_input: bool, ask: bool) -> str | None:
    if from_input and ask:
        raise typer.BadParameter(tr("use either --password-stdin or --ask, not both"))
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not ask and user is None:
        return None
    from vision.sources.redaction import redact_url

    entered: str = typer.prompt(
        tr("Password for {address}", address=redact_url(address)), hide_input=True, err=True
    )
    return entered


def _describe_device(report: OnvifReport) -> str:
    make = " ".join(part for part in (report.manufacturer, report.model) if part) or tr("Camera")
    if report.clock_skew_s is None:
        return tr("{make}. It does not report its clock.", make=make)
    return tr("{make}. Its clock differs by {seconds:+.0f} s.", make=make, seconds=report.clock_skew_s)


def _describe_profile(profile: MediaProfile) -> Sequence[object]:
    roles = {"main": tr("main stream"), "sub": tr("sub-stream"), "other": tr("other stream")}
    return (
        roles[profile.role.value],
        profile.codec,
        "x".join(map(str, profile.size_wh)) if profile.size_wh else "",
        profile.fps or "",
        profile.location,
        tr("recommended") if profile.is_recommended else "",
    )


def _describe_report(report: StreamReport) -> list[tuple[str, str]]:
    unknown = tr("unknown")
    rows = [
        (tr("picture"), "{}x{}".format(*report.size_wh)),
        (tr("codec"), " ".join(part for part in (report.codec, report.profile) if part) or unknown),
        (
            tr("frame rate"),
            unknown if report.measured_fps is None else tr("{fps:.1f} per second", fps=report.measured_fps),
        ),
        (tr("first picture"), tr("after {seconds:.1f} s", seconds=report.first_picture_after_s)),
    ]
    if report.people is not None:
        rows.append((tr("people in the picture"), str(len(report.people))))
    if report.decode_ms is not None and report.core_share is not None:
        rows.append(
            (
                tr("decode cost"),
                tr(
                    "{milliseconds:.1f} ms per frame, {percent:.0f} % of a processor core",
                    milliseconds=report.decode_ms,
                    percent=100 * report.core_share,
                ),
            )
        )
    clock = (
        tr("not reported in the stream")
        if report.clock_skew_s is None
        else tr("differs by {seconds:+.1f} s", seconds=report.clock_skew_s)
    )
    return [*rows, (tr("camera's clock"), clock)]


def _translate_phrase(phrase: Phrase) -> str:
    return fill_template(phrase.template, phrase.fields, translate)
