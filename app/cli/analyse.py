"""``analyse``: a recording in, visits and a heatmap out."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import print_json, say, show_progress
from app.cli.language import tr
from app.cli.summary_table import print_gaps, print_summary


def analyse(
    video: Annotated[str, typer.Argument(help="A video file, or a folder of pictures.")],
    venue: Annotated[Path | None, typer.Option(help="Whose plan, zones and calibration to use.")] = None,
    zones: Annotated[
        Path | None, typer.Option(help="GeoJSON of zones and lines, instead of a venue.")
    ] = None,
    calibration: Annotated[Path | None, typer.Option(help="CSV of point pairs, instead of a venue.")] = None,
    camera: Annotated[
        str | None, typer.Option(help="Which camera made it; the only one if left out.")
    ] = None,
    frame_size: Annotated[
        list[str] | None,
        typer.Option(help="In which the point pairs were picked, if not in the recording's: 1920x1080."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name or path of a network.")] = None,
    device: Annotated[str, typer.Option(help="CPU, GPU, cuda:0, or auto.")] = "auto",
    minimum_score: Annotated[
        float, typer.Option(help="Weaker detections are ignored.", min=0.01, max=0.99)
    ] = 0.1,
    analysed_fps: Annotated[
        float | None, typer.Option(help="Frames a second to analyse at most; all if left out.", min=0.1)
    ] = None,
    images_fps: Annotated[
        float | None, typer.Option(help="For a folder of pictures: how many were taken a second.", min=0.01)
    ] = None,
    start_utc: Annotated[
        str | None, typer.Option(help="When it began, such as 2026-11-25T09:00:00Z.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="The venue whose history it is to become part of.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the result files.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary for a machine to read.")] = False,
) -> None:
    """Find people in a recording, follow them over the floor, and write visits, crossings and a heatmap."""
    from analytics.domain.clock import parse_utc
    from app.cli.scene_options import choose_scene, warn_of_calibrations
    from app.operations.analyse_recording import analyse_recording
    from app.operations.choose_detector import choose_detector
    from app.operations.frame_sizes import parse_frame_sizes
    from vision.sources.source_address import parse_source

    start_s = parse_utc(start_utc) if start_utc else None
    chosen = choose_scene(
        venue=venue, zones=zones, calibration=calibration, into=into, out=out, start_utc_s=start_s
    )
    warn_of_calibrations(chosen.scene, camera)
    recording = replace(parse_source(video), images_fps=images_fps, start_utc_s=start_s)
    stop = threading.Event()
    with show_progress(tr("Fetching the network"), is_hidden=as_json) as update:
        wanted = model or (chosen.venue.settings.model_name if chosen.venue else None)
        detector = choose_detector(
            wanted, device=device, minimum_score=minimum_score, on_progress=lambda p: update(p.done, p.total)
        )
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with show_progress(
        tr("Analysing {name}", name=Path(recording.location).name), is_hidden=as_json
    ) as update:
        result = analyse_recording(
            recording=recording,
            scene=chosen.scene.at_rate(analysed_fps).in_sizes(parse_frame_sizes(frame_size or [])),
            camera=camera,
            detector=detector,
            out_folder=out,
            into=chosen.into,
            on_progress=lambda p: update(p.fraction or 0.0, 1.0 if p.fraction is not None else 0.0),
            should_cancel=stop.is_set,
        )
    if as_json:
        print_json(result.summary)
        return
    if result.summary is not None:
        print_summary(result.summary)
    print_gaps(result.gaps)
    analysis = result.analysis
    fps = analysis.frames / analysis.elapsed_s
    say(
        tr(
            "{frames} frames in {seconds:.1f} s, {fps:.1f} a second.",
            frames=analysis.frames,
            seconds=analysis.elapsed_s,
            fps=fps,
        )
    )
    if out is not None:
        say(tr("Written to {place}", place=out))
    if into is not None:
        say(tr("Now part of the history of {place}", place=into))
