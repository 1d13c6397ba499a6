"""The options that say whose cameras and zones a recording belongs to, and where its results go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from analytics.domain.errors import CalibrationError, fill_template
from app.cli.console import say
from app.cli.language import tr, translate
from app.operations.calibration_report import find_contradiction
from app.operations.recording_scene import RecordingScene, find_venue_scene, fit_geometry, read_scene
from app.venue.document import Venue
from app.venue.file_format import read_venue


@dataclass(frozen=True, slots=True)
class ChosenScene:
    """A scene, the venue that it comes from if any, and the one whose history is extended."""

    scene: RecordingScene
    venue: Venue | None
    into: Venue | None


def choose_scene(
    *,
    venue: Path | None,
    zones: Path | None,
    calibration: Path | None,
    into: Path | None,
    out: Path | None,
    start_utc_s: float | None,
) -> ChosenScene:
    """Read what the options name.

    Raises:
        typer.BadParameter: the options do not fit together.
        ExpoFlowError: what is wrong in which file.
    """
    if out is None and into is None:
        raise typer.BadParameter(tr("say where the results go: --out FOLDER, --into VENUE, or both"))
    target = read_venue(into) if into else None
    document = read_venue(venue) if venue else None
    source = document or target
    if zones is not None and calibration is not None and document is None:
        scene = read_scene(zones, calibration)
    elif zones is None and calibration is None and source is not None:
        scene = find_venue_scene(source, start_utc_s=start_utc_s)
    else:
        raise typer.BadParameter(tr("give --venue VENUE, or both --zones and --calibration"))
    return ChosenScene(scene, document, target)


def warn_of_calibrations(scene: RecordingScene, wanted: str | None) -> None:
    """Say whose pairs contradict each other: every place that such a camera gives may be wrong.

    Args:
        wanted: the one camera that made the recording, where that was said.
    """
    for camera in scene.cameras:
        if wanted is not None and camera.name != wanted:
            continue
        try:
            contradiction = find_contradiction(camera)
        except CalibrationError:
            # told by whatever uses it
            continue
        if contradiction is not None:
            rms_cm = 100 * fit_geometry(camera).pair_rms_m
            say(
                tr(
                    "The calibration of camera '{camera}' is {rms_cm:.0f} cm off (root mean square).",
                    camera=camera.name,
                    rms_cm=rms_cm,
                )
            )
            say(fill_template(contradiction.template, contradiction.fields, translate))
