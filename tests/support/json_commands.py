"""Every command that prints JSON, with arguments that let it say something of a venue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from app.cli.program import make_app

NEEDS_MORE = {
    "demo-exhibition": "a new folder and minutes of computing",
    "site code": "a site's server",
    "site status": "a site's server",
    "validate": "labelled clips",
}
"""Commands that print no JSON here, and what they lack; what they say is looked at nevertheless."""

COMMANDS: dict[str, str] = {
    "analyse": "{video} --zones {zones} --calibration {pairs} --model {model} --out {out}/result",
    "calibrate": "{pairs} --frame-size 128x96",
    "cameras find": "--timeout 0.5",
    "cameras probe": "{address} --seconds 1",
    "demo-exhibition": "--venue {venue}",
    "doctor": "--venue {venue} --no-cameras",
    "evaluate": "--truth {out}/result --against {out}/result",
    "export": "--venue {venue} --out {out}/export",
    "models list": "",
    "replay": "{detections} --zones {walked_zones} --calibration {walked_pairs} --frame-size 1280x720 "
    "--out {out}/again",
    "serve": "--venue {venue} --duration 3",
    "service status": "--venue {venue}",
    "site code": "--venue {venue}",
    "site status": "--venue {venue}",
    "validate": "--venue {venue}",
    "venue backup": "{venue}",
    "venue check": "{venue} --history",
    "venue erase": "{venue} --from {day} --to {day} --dry-run",
    "venue import-tracks": "{venue} {tracks} --sensor lidar --start-utc 2026-03-02T09:00:00Z",
    "venue prepare": "{venue}",
    "venue repair": "{copy}",
    "venue restore": "{copy} --yes",
    "venue retention": "{venue}",
    "version": "",
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
