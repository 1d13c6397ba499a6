"""Every command that prints JSON, with arguments that let it say something of a venue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from app.cli.program import make_app

NEEDS_MORE = {
    "demo-exhibition": "a new folder and minutes of computing",
    "models prepare": "a network to download",
    "site changes": "a site's server",
    "site code": "a site's server",
    "site halls": "a site's server",
    "site status": "a site's server",
    "validate": "labelled clips",
}
"""Commands that print no JSON here, and what they lack; what they say is looked at nevertheless."""

COMMANDS: dict[str, str] = {
    "analyse": "{video} --zones {zones} --calibration {pairs} --model {model} --out {out}/result",
    "audit show": "--venue {venue}",
    "calibrate": "{pairs} --frame-size 128x96",
    "cameras check-view": "{venue} --seconds 2",
    "cameras find": "--timeout 0.5",
    "cameras probe": "{address} --seconds 1",
    "cameras streams": "127.0.0.1:1",
    "cameras templates": "",
    "compare": "--venue {venue} --a {begin}/{middle} --b {middle}/{end}",
    "demo-exhibition": "--venue {venue}",
    "doctor": "--venue {venue} --no-cameras",
    "evaluate": "--truth {out}/result --against {out}/result",
    "export": "--venue {venue} --out {out}/export",
    "findings": "--venue {venue} --from {day} --to {day}",
    "health": "--venue {venue}",
    "models bench": "{model} --seconds 1",
    "models list": "",
    "models prepare": "--file {video}",
    "mqtt show": "--venue {venue}",
    "replay": "{detections} --zones {walked_zones} --calibration {walked_pairs} --frame-size 1280x720 "
    "--out {out}/again",
    "rest show": "--venue {venue}",
    "schedule list": "--venue {venue}",
    "serve": "--venue {venue} --duration 3",
    "service status": "--venue {venue}",
    "site changes": "--venue {venue}",
    "site code": "--venue {venue}",
    "site halls": "--venue {venue}",
    "site status": "--venue {venue}",
    "stands": "--venue {venue} --from {day} --to {day}",
    "token list": "--venue {venue}",
    "user list": "--venue {venue}",
    "validate": "--venue {venue}",
    "validate plan": "--venue {venue}",
    "venue backup": "{venue}",
    "venue check": "{venue} --history",
    "venue coverage": "{venue}",
    "venue erase": "{venue} --from {day} --to {day} --dry-run",
    "venue hours": "{venue}",
    "venue import-tracks": "{venue} {tracks} --sensor lidar --start-utc 2026-03-02T09:00:00Z",
    "venue masks": "{venue}",
    "venue places": "{venue}",
    "venue prepare": "{venue}",
    "venue privacy": "{venue}",
    "venue repair": "{copy}",
    "venue restore": "{copy} --yes",
    "venue retention": "{venue}",
    "venue staff": "{venue}",
    "venue try-zones": "{venue} --zones {zones}",
    "version": "",
    "webhook list": "--venue {venue}",
}
"""Arguments by command, except `record`, which runs while the others are tried."""


def list_json_commands() -> list[str]:
    """Return the names of all commands with the option ``--json``, in order."""
    return sorted(_walk(typer.main.get_command(make_app()), ()))


def _walk(command: Any, names: tuple[str, ...]) -> Iterator[str]:
    if any("--json" in option.opts for option in command.params):
        yield " ".join(names)
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(inner, (*names, name))
