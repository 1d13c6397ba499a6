"""``replay``: detections that anyone made in, visits and a heatmap out."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import print_json, say, show_progress
from app.cli.language import tr, translate
from app.cli.summary_table import format_share, print_summary

if TYPE_CHECKING:
    from app.operations.detection_checks import SkippedRows


def replay(
    detections: Annotated[Path, typer.Argument(help="CSV, Parquet, or a det.txt of MOTChallenge.")],
    venue: Annotated[Path | None, typer.Option(help="Whose plan, zones and calibration to use.")] = None,
    zones: Annotated[
        Path | None, typer.Option(help="GeoJSON of zones and lines, instead of a venue.")
    ] = None,
    calibration: Annotated[Path | None, typer.Option(help="CSV of point pairs, instead of a venue.")] = None,
    frame_size: Annotated[
        list[str] | None,
        typer.Option(help="Of the pictures: 1920x1080, or NAME=1920x1080 for each of several cameras."),
    ] = None,
    camera: Annotated[str | None, typer.Option(help="Only this camera; whose a det.txt is.")] = None,
    fps: Annotated[float | None, typer.Option(help="Of a det.txt: its frames a second.", min=0.01)] = None,
    start_utc: Annotated[
        str | None, typer.Option(help="When it began, such as 2026-11-25T09:00:00Z.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="The venue whose history it is to become part of.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the result files.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary for a machine to read.")] = False,
) -> None:
    """Follow people over the floor from detections in a file, and write visits, crossings and a heatmap."""
    from analytics.domain.clock import parse_utc
    from app.cli.scene_options import choose_scene, warn_of_calibrations
    from app.operations.frame_sizes import parse_frame_sizes
    from app.operations.replay_detections import replay_detections

    start_s = parse_utc(start_utc) if start_utc else None
    chosen = choose_scene(
        venue=venue, zones=zones, calibration=calibration, into=into, out=out, start_utc_s=start_s
    )
    warn_of_calibrations(chosen.scene, camera)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with show_progress(tr("Replaying {name}", name=detections.name), is_hidden=as_json) as update:
        result = replay_detections(
            file=detections,
            scene=chosen.scene,
            camera=camera,
            frame_sizes=parse_frame_sizes(frame_size or []),
            fps=fps,
            start_utc_s=start_s,
            out_folder=out,
            into=chosen.into,
            on_progress=lambda share: update(share, 1.0),
            should_cancel=stop.is_set,
        )
    _report_skipped(result.skipped)
    if as_json:
        print_json(result.summary)
        return
    if result.summary is not None:
        print_summary(result.summary)
    if out is not None:
        say(tr("Written to {place}", place=out))
    if into is not None:
        say(tr("Now part of the history of {place}", place=into))


def _report_skipped(skipped: SkippedRows) -> None:
    from app.operations.detection_checks import MANY_SHARE, REASONS

    for reason, words in REASONS.items():
        count = skipped.counts.get(reason)
        if count:
            lines = ", ".join(map(str, skipped.lines[reason]))
            more = ", …" if count > len(skipped.lines[reason]) else ""
            say(
                tr(
                    "Rows skipped: {count}, {reason} (line {lines}).",
                    count=count,
                    reason=translate(words),
                    lines=f"{lines}{more}",
                )
            )
    if skipped.share > MANY_SHARE:
        say(
            tr(
                "{share} of the rows could not be used: the figures are of the rest alone.",
                share=format_share(skipped.share),
            )
        )
        if skipped.remedy is not None:
            say(translate(skipped.remedy))
    if skipped.reordered:
        say(
            tr(
                "Rows late by less than a second, put in their place: {count}.",
                count=skipped.reordered,
            )
        )
