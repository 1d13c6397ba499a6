"""``cameras``: finding cameras on the network, and testing them."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.domain.errors import SourceError

# read when the command line is put together, and of the standard library alone
from app.console.console import (
    EXIT_FAILED,
    print_json,
    print_json_line,
    print_message,
    print_table,
    show_progress,
)
from app.console.language import tr, translate, translate_phrase
from app.console.options import AsJson, PasswordFromInput

if TYPE_CHECKING:
    from app.core.job import JobContext
    from vision.sources.stream_probe import StreamReport


app = typer.Typer(help="Find and test cameras.", no_args_is_help=True)
User = Annotated[str | None, typer.Option(help="User name; prompts for the password.")]
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
        print_message(tr("Next: python -m app cameras probe ADDRESS --user NAME"))
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


@app.command("probe")
def probe(
    url: Annotated[
        str, typer.Argument(help="rtsp://, http://, usb:0, a video file or a folder of pictures.")
    ],
    user: User = None,
    password_stdin: PasswordFromInput = False,
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
    advice = [translate_phrase(phrase) for phrase in list_advice(report)]
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
    password_stdin: PasswordFromInput = False,
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
