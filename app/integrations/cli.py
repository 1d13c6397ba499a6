"""The ``serve`` command."""

from __future__ import annotations

import dataclasses
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json_line, print_message
from app.console.language import tr, translate

if TYPE_CHECKING:
    from app.error_reporting import ErrorReport

STATE_INTERVAL_S = 1.0


def serve(
    venue: Annotated[Path, typer.Option(help="The venue's folder, or the folder with all halls of a site.")],
    duration: Annotated[
        float | None, typer.Option(help="Seconds to serve; runs until stopped by default.", min=1.0)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the status as a line of JSON every second.")
    ] = False,
) -> None:
    """Serve live data over REST, MQTT and webhooks, and raise alarms, until stopped (Ctrl+C).

    It runs beside ``record``, its service or the window, and reads their data.
    """
    from app.integrations.serving import PublisherState
    from app.integrations.venue_server import open_server

    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    server = open_server(venue)
    for state in server.states:
        print_message(tr("Publishing by {name}", name=state.name))
    print_message(tr("Stop with Ctrl+C."))

    def describe(state: PublisherState) -> dict[str, object]:
        return {
            "name": state.name,
            "published": state.published,
            "failed": state.failed,
            "skipped": state.skipped,
            "failure": None if state.failure is None else _render_failure(state.failure),
        }

    def print_states() -> None:
        while not stop.wait(STATE_INTERVAL_S):
            requests = server.requests
            print_json_line(
                {
                    "publishers": [describe(state) for state in server.states],
                    "rest": None if requests is None else dataclasses.asdict(requests),
                }
            )

    if as_json:
        threading.Thread(target=print_states, name="states", daemon=True).start()
    if duration is not None:
        threading.Timer(duration, stop.set).start()
    server.run(stop)


def _render_failure(failure: ErrorReport) -> str:
    report = failure.render(translate)
    return f"{report.problem} {report.remedy}"
