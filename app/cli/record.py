"""``record``: read a venue's cameras into its history."""

from __future__ import annotations

import dataclasses
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import print_json_line, say

if TYPE_CHECKING:
    from rich.table import Table

    from vision.pipeline.pipeline_status import PipelineStatus

REFRESHES_PER_S = 4


def record(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    duration: Annotated[
        float | None, typer.Option(help="Seconds to record; until stopped if left out.", min=1.0)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of status after the other, for a machine to read.")
    ] = False,
) -> None:
    """Count people at every camera until stopped (Ctrl+C). What crashes or hangs is started again."""
    from app.operations.record_venue import record as record_cameras

    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    if as_json:
        status = record_cameras(
            venue,
            duration_s=duration,
            on_status=lambda s: print_json_line(describe_status(s)),
            stop_event=stop,
        )
    else:
        from rich.console import Console
        from rich.live import Live

        with Live(console=Console(stderr=True), refresh_per_second=REFRESHES_PER_S) as live:
            status = record_cameras(
                venue, duration_s=duration, on_status=lambda s: live.update(draw_status(s)), stop_event=stop
            )
    points = sum(camera.points for camera in status.cameras)
    frames = sum(camera.analysed for camera in status.cameras)
    say(f"Recorded {frames} frames and {points} positions into {venue}.")
    say(f"See them: python -m app export --venue {venue} --out FOLDER")


def describe_status(status: PipelineStatus) -> dict[str, object]:
    """A status for a machine: cameras and processes as they are."""
    return {
        "cameras": [
            {**dataclasses.asdict(camera), "detail": str(camera.detail)} for camera in status.cameras
        ],
        "processes": [dataclasses.asdict(process) for process in status.processes],
    }


def draw_status(status: PipelineStatus) -> Table:
    """One line per camera."""
    from rich.table import Table

    table = Table()
    for heading in (
        "camera",
        "state",
        "people",
        "fps in",
        "analysed",
        "dropped",
        "age",
        "reconnects",
        "what",
    ):
        table.add_column(heading)
    for camera in status.cameras:
        table.add_row(
            str(camera.camera),
            camera.state.value,
            str(camera.people),
            f"{camera.fps_in:.1f}",
            f"{camera.fps_analysed:.1f}",
            str(camera.dropped),
            "" if camera.age_s is None else f"{camera.age_s:.1f} s",
            str(camera.reconnects),
            str(camera.detail),
        )
    restarts = sum(process.restarts for process in status.processes)
    if restarts:
        reasons = ", ".join(f"{p.name}: {p.detail}" for p in status.processes if p.restarts)
        table.caption = f"{restarts} restarts of processes ({reasons})"
    return table
