"""``record``: read a venue's cameras into its history."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import EXIT_FAILED, exit_with_error, print_json_line, say
from app.cli.language import tr, translate
from app.cli.recording_troubles import list_troubles

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.table import Table

    from vision.pipeline.pipeline_status import PipelineStatus

REFRESHES_PER_S = 4
LONGEST_STOP_S = 20.0
LOOK_EVERY_S = 0.1


def record(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    duration: Annotated[
        float | None, typer.Option(help="Seconds to record; until stopped if left out.", min=1.0)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of status after the other, for a machine to read.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Ask whoever records this venue on this machine to stop.")
    ] = False,
    as_service: Annotated[bool, typer.Option("--as-service", hidden=True)] = False,
    take_over: Annotated[bool, typer.Option("--take-over", hidden=True)] = False,
) -> None:
    """Count people at every camera until stopped (Ctrl+C). What crashes or hangs is started again."""
    from app.operations.record_venue import StopAsked
    from app.recorder.stop_request import EXIT_ASKED_TO_STOP

    if stop:
        _stop_other(venue)
        return
    try:
        if take_over:
            _take_over(venue)
        else:
            _record(venue, duration=duration, as_json=as_json, as_service=as_service)
    except StopAsked as asked:
        exit_with_error(asked)
        raise typer.Exit(EXIT_ASKED_TO_STOP) from None


def _record(venue: Path, *, duration: float | None, as_json: bool, as_service: bool) -> None:
    from app.operations.record_venue import record as record_cameras
    from app.recorder.announcement import RecorderKind

    kind = RecorderKind.SERVICE if as_service else RecorderKind.COMMAND
    stop_event, stop_cause = _stop_on_signals()
    if as_service:
        # its manager keeps what it says in the system's log: the program's own log is enough
        status = record_cameras(
            venue, duration_s=duration, stop_event=stop_event, stop_cause=stop_cause, kind=kind
        )
    elif as_json:
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
                on_status=lambda s: live.update(draw_status(s)),
                stop_event=stop_event,
                stop_cause=stop_cause,
            )
    points = sum(camera.points for camera in status.cameras)
    frames = sum(camera.analysed for camera in status.cameras)
    say(
        tr(
            "Recorded {frames} frames and {points} positions into {venue}.",
            frames=frames,
            points=points,
            venue=venue,
        )
    )
    say(tr("See them: {command}", command=f"python -m app export --venue {venue} --out FOLDER"))


def _take_over(venue: Path) -> None:
    """Go on with the recording of a window that is being closed.

    Logins of cameras come through standard input, as `app.operations.background_recorder` sends them; what it
    is told comes back through standard output, and an error through standard error. Both are let go once it
    records, for the window is gone then.
    """
    from app.operations.background_recorder import READY, RECORDING, unpack_logins
    from app.operations.record_venue import TakenOver
    from app.operations.record_venue import record as record_cameras
    from app.recorder.announcement import RecorderKind

    stop_event, stop_cause = _stop_on_signals()
    credentials = unpack_logins(venue, sys.stdin.read())
    _keep_output_from_children()
    record_cameras(
        venue,
        stop_event=stop_event,
        stop_cause=stop_cause,
        kind=RecorderKind.BACKGROUND,
        taken_over=TakenOver(
            credentials,
            tell_ready=lambda: print_json_line({"state": READY}),
            tell_recording=lambda: _say_last_word({"state": RECORDING}),
        ),
    )


def _say_last_word(word: object) -> None:
    print_json_line(word)
    for stream in (sys.stdout, sys.stderr):
        stream.close()
    sys.stdout = sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _keep_output_from_children() -> None:
    """Let this process alone write to whoever reads its output: its children outlive the reader."""
    sys.stdout, sys.stderr = (os.fdopen(os.dup(number), "w", encoding="utf-8") for number in (1, 2))
    nothing = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nothing, number)
    os.close(nothing)


def _stop_on_signals() -> tuple[threading.Event, Callable[[], str]]:
    """Return what the keyboard or the system sets to end a recording, and why it then ends."""
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
    from app.operations.recording_entries import stop_recorder
    from app.recorder.announcement import find_recorder

    recorder = find_recorder(venue)
    if recorder is None:
        say(tr("Nobody records {venue} on this machine.", venue=str(venue)))
        return
    stop_recorder(venue, recorder)
    deadline_s = time.monotonic() + LONGEST_STOP_S
    while find_recorder(venue) == recorder and time.monotonic() < deadline_s:
        time.sleep(LOOK_EVERY_S)
    if find_recorder(venue) == recorder:
        say(tr("It was asked and has not stopped yet; it writes what it has counted first."))
        raise typer.Exit(EXIT_FAILED)
    say(tr("The recording of {venue} has stopped; what was counted is kept.", venue=str(venue)))


def describe_status(status: PipelineStatus) -> dict[str, object]:
    """A status for a machine: cameras and processes as they are."""
    return {
        "cameras": [
            {**dataclasses.asdict(camera), "detail": str(camera.detail)} for camera in status.cameras
        ],
        "processes": [dataclasses.asdict(process) for process in status.processes],
        "history": {
            "mode": status.history.mode.value,
            "free_bytes": status.history.free_bytes,
            "waiting_points": status.history.waiting_points,
            "detail": str(status.history.describe() or ""),
        },
    }


def draw_status(status: PipelineStatus) -> Table:
    """One line per camera."""
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
    table.caption = "\n".join(list_troubles(status)) or None
    return table
