"""The ``serve`` command."""

from __future__ import annotations

import dataclasses
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.store.history_folder import list_halls_inside
from app.console.console import print_json_line, print_message
from app.console.language import tr, translate

if TYPE_CHECKING:
    from analytics.domain.clock import Clock
    from app.error_reporting import ErrorReport
    from app.integrations.venue_server import Server

STATE_INTERVAL_S = 1.0


def open_server(folder: Path, *, clock: Clock | None = None) -> Server:
    """Return the server of a venue, or of a site.

    Raises:
        ExpoFlowError: as `VenueServer`.
    """
    from app.integrations.venue_server import VenueServer

    if not list_halls_inside(folder):
        return VenueServer(folder, clock=clock)
    # loads the driver of PostgreSQL, which nothing else does
    from app.site.site_server import SiteServer

    return SiteServer(folder, clock=clock)


def serve(
    venue: Annotated[Path, typer.Option(help="The venue's folder, or the folder with all halls of a site.")],
    duration: Annotated[
        float | None, typer.Option(help="Seconds to serve; runs until stopped by default.", min=1.0)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the status as a line of JSON every second.")
    ] = False,
) -> None:
    """Serve live data over REST, MQTT, webhooks and public pages, and raise alarms, until stopped (Ctrl+C).

    It runs beside ``record``, its service or the window, and reads their data.
    """
    from app.integrations.serving import PublisherState

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
