"""Define the commands ``record`` and ``service``."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.domain.errors import Phrase, fill_template
from app.console.console import (
    EXIT_FAILED,
    exit_with_error,
    print_json,
    print_json_line,
    print_message,
    print_table,
)
from app.console.language import tr, translate, translate_phrase
from app.console.options import AsJson, VenueOption

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.table import Table

    from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus

service_app = typer.Typer(
    help="Record a venue as a service that starts at boot (systemd).",
    no_args_is_help=True,
)
Venue = Annotated[
    Path, typer.Option(help="The venue's folder, accessible to the service's account, such as in /srv.")
]


@service_app.command("install")
def install(
    venue: Venue,
    user: Annotated[
        str, typer.Option(help="User of the window, who may watch and edit; defaults to the caller of sudo.")
    ] = "",
) -> None:
    """Create the account, give it access to the venue, and install and start the service. Needs root."""
    from app.recording.record_service import ServiceSystem, install_service
    from app.recording.service_passwords import list_cameras_without_password

    system = ServiceSystem()
    _print_phrases(install_service(venue, system, user=user or os.environ.get("SUDO_USER", "")))
    missing = list_cameras_without_password(venue, system)
    if missing:
        print_message(tr("The service has no password for: {cameras}.", cameras=", ".join(missing)))
        print_message(
            tr("If a camera needs one: {command}", command=f"service password --venue {venue} CAMERA")
        )
    print_message(tr("Check its state with: {command}", command=f"service status --venue {venue}"))


@service_app.command("remove")
def remove(venue: Venue) -> None:
    """Stop and remove the service; the venue and its history stay. Needs root."""
    from app.recording.record_service import remove_service

    _print_phrases(remove_service(venue))


@service_app.command("status")
def status(
    venue: Venue,
    as_json: AsJson = False,
) -> None:
    """Show the state of the service and the venue's recorder. Exit status 1 if not recording."""
    from app.recording.announcement import find_recorder
    from app.recording.public_status import describe_recorder
    from app.recording.record_service import find_service

    state, recorder = find_service(venue), find_recorder(venue)
    if as_json:
        print_json(
            {
                "unit": state.unit,
                "installed": state.is_installed,
                "enabled": state.enabled,
                "active": state.active,
                "detail": state.detail,
                "recorder": describe_recorder(recorder),
            }
        )
    else:
        yes_no = {True: tr("yes"), False: tr("no")}
        no_recorder = tr("none on this machine")
        who = (
            no_recorder if recorder is None else f"{recorder.kind.value}, {recorder.account}, {recorder.pid}"
        )
        print_table(
            ("", ""),
            [
                (tr("unit"), state.unit),
                (tr("installed"), yes_no[state.is_installed]),
                (tr("starts with the machine"), yes_no[state.enabled]),
                (tr("state"), " ".join(part for part in (state.active, state.detail, state.status) if part)),
                (tr("recorder of the venue"), who),
            ],
        )
    if recorder is None:
        raise typer.Exit(EXIT_FAILED)


@service_app.command("password")
def password(
    venue: Venue,
    camera: Annotated[str, typer.Argument(help="The camera's name.")],
    user: Annotated[str, typer.Option(help="User name on the camera.")],
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Store a camera's password for the service. Needs root.

    A service has no keyring. Its passwords are in an encrypted file in /var/lib/expoflow/settings, with
    the key beside it; only its account and root may read both. This protects a copy of the file, not
    against root.
    """
    from app.core.credentials import Credential
    from app.recording.record_service import ServiceSystem
    from app.recording.service_passwords import store_for_service

    system = ServiceSystem()
    system.require_installable()
    prompt = tr("Password of {user} at {camera}", user=user, camera=camera)
    secret = sys.stdin.readline().rstrip("\r\n") if password_stdin else typer.prompt(prompt, hide_input=True)
    store_for_service(venue, camera=camera, credential=Credential(user, secret), system=system)
    print_message(tr("The service will use the password of {camera} from its next start.", camera=camera))


def _print_phrases(done: Sequence[Phrase]) -> None:

    for phrase in done:
        print_message(translate_phrase(phrase))


def list_problems(status: PipelineStatus) -> Iterator[str]:
    """Yield a line for each camera problem, process restart and problem of the history."""
    for camera in status.cameras:
        problem = describe_camera_problem(camera)
        if problem:
            yield f"{camera.camera}: {problem}"
    for process in status.processes:
        if process.restarts:
            yield tr(
                "{process} was restarted {count} times, most recently because: {reason}",
                process=process.name,
                count=process.restarts,
                reason=process.detail,
            )
    condition = status.history.describe()
    if condition is not None:
        yield translate_phrase(condition)


def describe_camera_problem(camera: CameraStatus) -> str:
    """Describe the problem of a camera with its remedy, if known; empty without a problem."""
    from vision.pipeline.messages import CameraState

    error = camera.error
    if error is not None and camera.state in (CameraState.LOST, CameraState.REFUSED):
        sentences = (error.problem_template, error.remedy_template)
        return " ".join(fill_template(one, error.details, translate) for one in sentences if one)
    detail = translate_phrase(camera.detail)
    if camera.state is CameraState.QUARANTINED:
        fields = tr("This camera's video repeatedly crashed its reader; it is paused for a while.")
        return f"{fields} ({detail})" if detail else fields
    if camera.state is CameraState.FROZEN:
        return tr("The picture is frozen.")
    if camera.state is CameraState.DARK:
        return tr("The picture is black.")
    return detail


REFRESHES_PER_S = 4
STOP_TIMEOUT_S = 20.0
UPDATE_INTERVAL_S = 0.1


def record(
    venue: VenueOption,
    duration: Annotated[
        float | None, typer.Option(help="Seconds to record; by default until stopped.", min=1.0)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the status as JSON lines.")] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop the recording of this venue on this machine.")
    ] = False,
    as_service: Annotated[bool, typer.Option("--as-service", hidden=True)] = False,
    take_over: Annotated[bool, typer.Option("--take-over", hidden=True)] = False,
) -> None:
    """Record all cameras until stopped (Ctrl+C). Processes that crash or hang are restarted."""
    from app.recording.record_venue import StopRequested
    from app.recording.stop_request import EXIT_STOP_REQUESTED

    if stop:
        _stop_other(venue)
        return
    try:
        if take_over:
            _take_over(venue)
        else:
            _record(venue, duration=duration, as_json=as_json, as_service=as_service)
    except StopRequested as asked:
        exit_with_error(asked)
        raise typer.Exit(EXIT_STOP_REQUESTED) from None


def _record(venue: Path, *, duration: float | None, as_json: bool, as_service: bool) -> None:
    from app.recording.announcement import RecorderKind
    from app.recording.record_venue import record as record_cameras

    kind = RecorderKind.SERVICE if as_service else RecorderKind.COMMAND
    stop_event, stop_cause = _stop_on_signals()
    if as_service:
        # systemd stores the output in the system log; the program's own log suffices
        status = record_cameras(
            venue, duration_s=duration, stop_event=stop_event, stop_cause=stop_cause, kind=kind
        )
    elif as_json:
        from app.recording.public_status import describe_status

        status = record_cameras(
            venue,
            duration_s=duration,
            on_status=lambda s: print_json_line(describe_status(s)),
            stop_event=stop_event,
            stop_cause=stop_cause,
        )
    else:
        from rich.console import Console
        from rich.live import Live

        with Live(console=Console(stderr=True), refresh_per_second=REFRESHES_PER_S) as live:
            status = record_cameras(
                venue,
                duration_s=duration,
                on_status=lambda s: live.update(make_status_table(s)),
                stop_event=stop_event,
                stop_cause=stop_cause,
            )
    points = sum(camera.points for camera in status.cameras)
    frames = sum(camera.analysed for camera in status.cameras)
    print_message(
        tr(
            "Recorded {frames} frames and {points} positions to {venue}.",
            frames=frames,
            points=points,
            venue=venue,
        )
    )
    print_message(
        tr("Export them with: {command}", command=f"python -m app export --venue {venue} --out FOLDER")
    )


def _take_over(venue: Path) -> None:
    """Continue the recording of a window that is being closed.

    Camera logins are read from standard input, as `app.recording.background_recorder` sends them; the state
    goes to standard output and errors to standard error. Both are closed once the recording runs, because the
    window is gone then.
    """
    from app.recording.announcement import RecorderKind
    from app.recording.background_recorder import READY, RECORDING, unpack_logins
    from app.recording.record_venue import Takeover
    from app.recording.record_venue import record as record_cameras

    stop_event, stop_cause = _stop_on_signals()
    credentials = unpack_logins(venue, sys.stdin.read())
    _detach_output_of_children()
    record_cameras(
        venue,
        stop_event=stop_event,
        stop_cause=stop_cause,
        kind=RecorderKind.BACKGROUND,
        takeover=Takeover(
            credentials,
            notify_ready=lambda: print_json_line({"state": READY}),
            notify_recording=lambda: _print_and_detach({"state": RECORDING}),
        ),
    )


def _print_and_detach(value: object) -> None:
    print_json_line(value)
    for stream in (sys.stdout, sys.stderr):
        stream.close()
    sys.stdout = sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _detach_output_of_children() -> None:
    """Redirect the output of child processes, which outlive the reader of this process's output."""
    sys.stdout, sys.stderr = (os.fdopen(os.dup(number), "w", encoding="utf-8") for number in (1, 2))
    nothing = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nothing, number)
    os.close(nothing)


def _stop_on_signals() -> tuple[threading.Event, Callable[[], str]]:
    """Return an event that is set by Ctrl+C or the system, and a function that returns the cause."""
    from vision.pipeline.child_link import END_SIGNALS
    from vision.pipeline.observation_log import TERMINATED

    stop_event = threading.Event()
    causes: list[str] = []

    def stop(number: int, _stack: object) -> None:
        causes.append(TERMINATED if number in END_SIGNALS else "")
        stop_event.set()

    for number in (signal.SIGINT, *END_SIGNALS):
        signal.signal(number, stop)
    return stop_event, lambda: causes[0] if causes else ""


def _stop_other(venue: Path) -> None:
    from app.recording.announcement import find_recorder
    from app.recording.recording_entries import stop_recorder

    recorder = find_recorder(venue)
    if recorder is None:
        print_message(tr("{venue} is not being recorded on this machine.", venue=str(venue)))
        return
    stop_recorder(venue, recorder)
    deadline_s = time.monotonic() + STOP_TIMEOUT_S
    while find_recorder(venue) == recorder and time.monotonic() < deadline_s:
        time.sleep(UPDATE_INTERVAL_S)
    if find_recorder(venue) == recorder:
        print_message(tr("The recording has not stopped yet; it is saving its data."))
        raise typer.Exit(EXIT_FAILED)
    print_message(tr("The recording of {venue} has stopped; its data is saved.", venue=str(venue)))


def make_status_table(status: PipelineStatus) -> Table:
    """Return a table with one row per camera."""
    from rich.table import Table

    table = Table()
    for heading in (
        tr("camera"),
        tr("state"),
        tr("people"),
        tr("fps in"),
        tr("analysed"),
        tr("lost"),
        tr("delay"),
        tr("reconnects"),
    ):
        table.add_column(heading)
    for camera in status.cameras:
        table.add_row(
            str(camera.camera),
            translate(camera.state.value),
            str(camera.people),
            f"{camera.fps_in:.1f}",
            f"{camera.fps_analysed:.1f}",
            str(camera.dropped),
            "" if camera.age_s is None else f"{camera.age_s:.1f} s",
            str(camera.reconnects),
        )
    table.caption = "\n".join(list_problems(status)) or None
    return table
