"""Command ``venue``: create a venue's folder, and add cameras, zones and calibration to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.analysis.cli import import_tracks
from app.console.console import EXIT_FAILED, parse_size, print_json, print_message, print_table
from app.console.language import tr, translate, translate_phrase
from app.console.options import AsJson, VenueFolder
from app.facts.cli import prepare
from app.maintenance.cli import (
    archive,
    backup,
    print_history_check,
    repair,
    restore,
    retention,
    unarchive,
    upgrade,
)
from app.plan.cli import (
    FirstDay,
    LastDay,
    OpenHours,
    describe_faults,
    find_faults,
    parse_show_days,
    print_faults,
)
from app.privacy.cli import erase

app = typer.Typer(help="Create, change and check a venue's folder.", no_args_is_help=True)
app.command("prepare")(prepare)
app.command("import-tracks")(import_tracks)
app.command("archive")(archive)
app.command("unarchive")(unarchive)
app.command("upgrade")(upgrade)
app.command("erase")(erase)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("repair")(repair)
app.command("retention")(retention)


@app.command("create")
def create(
    folder: VenueFolder,
    name: Annotated[str, typer.Option(help="The exhibition's name.")],
    time_zone: Annotated[str, typer.Option(help="Time zone, such as Asia/Shanghai.")],
    size: Annotated[str, typer.Option(help="The hall in metres, width x depth, such as 40x25.")],
    first: FirstDay = None,
    last: LastDay = None,
    opening: OpenHours = None,
) -> None:
    """Create a venue with an empty rectangular hall."""
    from app.plan.edit_venue import create_hall

    venue = create_hall(
        folder,
        name=name,
        time_zone=time_zone,
        size_m=parse_size(size),
        opening_hours=parse_show_days(first, last, opening),
    )
    print_message(
        tr(
            "{folder} is ready. Next: {command}",
            folder=venue.folder,
            command=f"python -m app venue add-camera {folder} NAME ADDRESS",
        )
    )


@app.command("add-camera")
def add_camera(
    folder: VenueFolder,
    name: Annotated[str, typer.Argument(help="The camera's name.")],
    address: Annotated[str, typer.Argument(help="rtsp://, http://, /dev/video0, a video file or a folder.")],
    user: Annotated[str | None, typer.Option(help="User name; prompts for the password.")] = None,
    frame_size: Annotated[
        str | None, typer.Option(help=("Width x height of its pictures, such as 1280x720."))
    ] = None,
    analysed_fps: Annotated[float | None, typer.Option(help="Frames a second to analyse.", min=0.1)] = None,
    shared: Annotated[
        str | None, typer.Option(help="A password that several cameras share, by its name ('cameras share').")
    ] = None,
) -> None:
    """Add a camera, or change its address. The password goes to the system's keyring, never to the folder."""
    from app.core.credentials import open_credential_store
    from app.plan.edit_venue import add_camera as add

    if user and shared:
        raise typer.BadParameter(tr("use --user or --shared, not both"))
    password = typer.prompt(f"Password of {user} at {name}", hide_input=True) if user else None
    width_height = None
    if frame_size is not None:
        width, height = parse_size(frame_size)
        width_height = (int(width), int(height))
    add(
        folder,
        name=name,
        address=address,
        user=user,
        password=password,
        frame_size_wh=width_height,
        analysed_fps=analysed_fps,
        credentials=open_credential_store(),
        shared_credential=shared,
    )
    print_message(
        tr(
            "Camera {name} is in {folder}. Try it: {command}",
            name=name,
            folder=folder,
            command=f"python -m app doctor --venue {folder}",
        )
    )


@app.command("import")
def import_files(
    folder: VenueFolder,
    zones: Annotated[
        Path | None, typer.Option(help="GeoJSON of zones, counting lines and obstacles, metres.")
    ] = None,
    valid_from: Annotated[
        str | None, typer.Option(help="Time from which the zones apply, such as 2026-11-25T09:00:00Z.")
    ] = None,
    calibration: Annotated[Path | None, typer.Option(help="CSV of point pairs.")] = None,
    stands: Annotated[
        Path | None, typer.Option(help="CSV or XLSX of exhibitors, rents, targets and sponsors, by stand.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only list what --stands would change.")] = False,
    skip_wrong: Annotated[
        bool, typer.Option("--skip-wrong", help="Import the other stands if rows are wrong.")
    ] = False,
) -> None:
    """Import zones, lines and point pairs, and rents and targets of stands, from files."""
    from analytics.domain.clock import parse_utc
    from app.core.calibration_csv import read_calibration
    from app.plan.edit_venue import import_calibration, import_geometry
    from app.plan.geojson import read_floor_file

    if zones is None and calibration is None and stands is None:
        raise typer.BadParameter(tr("specify --zones, --calibration or --stands"))
    floor = read_floor_file(zones) if zones else None
    pairs = read_calibration(calibration) if calibration else None
    if pairs is not None:
        for camera, rms_m in import_calibration(folder, pairs).items():
            print_message(
                tr(
                    "Camera {name}: {pairs} pairs, {error_cm:.1f} cm root mean square error.",
                    name=camera,
                    pairs=len(pairs[camera]),
                    error_cm=rms_m * 100,
                )
            )
    if floor is not None:
        geometry = floor.geometry
        import_geometry(folder, floor, valid_from_utc_s=parse_utc(valid_from) if valid_from else None)
        print_message(
            tr("{zones} zones and {lines} lines.", zones=len(geometry.zones), lines=len(geometry.lines))
        )

    if stands is not None:
        _import_stands(folder, stands, only_preview=preview, skips_wrong=skip_wrong)


def _import_stands(folder: Path, file: Path, *, only_preview: bool, skips_wrong: bool) -> None:
    from app.core.file_format import read_venue
    from app.exhibition.stand_import import list_changed_cells, preview_stands, read_stand_file
    from app.plan.saved_edits import save_edit

    venue = read_venue(folder)
    found = preview_stands(read_stand_file(file), venue)
    if found.faults:
        print_table(
            ("row", "stand", "what is wrong", "what to do"),
            [
                (
                    row.number,
                    row.name,
                    *(translate_phrase(part) for part in (row.problem, row.remedy) if part is not None),
                )
                for row in found.faults
            ],
        )
        if not skips_wrong and not only_preview:
            print_message(tr("Nothing was imported. Correct these rows, or use --skip-wrong."))
            raise typer.Exit(EXIT_FAILED)
    if only_preview:
        print_table(("row", "stand", "field", "now", "then"), list_changed_cells(found))
        raise typer.Exit(EXIT_FAILED if found.faults else 0)
    save_edit(folder, found.edit)
    print_message(tr("Rents and targets of {count} stands were changed.", count=len(found.edit.stands)))


@app.command("export")
def export_files(
    folder: VenueFolder,
    zones: Annotated[Path | None, typer.Option(help="Write the current zones and lines as GeoJSON.")] = None,
    calibration: Annotated[Path | None, typer.Option(help="Write the point pairs as CSV.")] = None,
    stands: Annotated[
        Path | None, typer.Option(help="Write exhibitors, rents, targets and sponsors as CSV.")
    ] = None,
) -> None:
    """Export zones, lines and point pairs, and rents and targets of stands, to files."""
    from app.core.file_format import read_venue
    from app.core.table_file import write_csv_file
    from app.exhibition.stand_import import list_stand_cells
    from app.plan.edit_venue import save_pairs, save_zones

    if zones is None and calibration is None and stands is None:
        raise typer.BadParameter(tr("specify --zones, --calibration or --stands"))
    venue = read_venue(folder)
    if zones is not None:
        save_zones(venue, zones)
    if calibration is not None:
        save_pairs(venue, calibration)
    if stands is not None:
        titles, rows = list_stand_cells(venue)
        write_csv_file(path=stands, titles=titles, rows=rows)


@app.command("check")
def check(
    folder: VenueFolder,
    minutes: Annotated[
        float, typer.Option(help="Also check this many minutes at the end of the history; 0: none.", min=0.0)
    ] = 10.0,
    as_json: AsJson = False,
    history: Annotated[
        bool, typer.Option("--history", help="Also read all databases and track files; may take minutes.")
    ] = False,
) -> None:
    """Check a venue's folder and list its contents and problems; exit status 1 if it cannot count."""
    from app.core.check_results import Verdict, worst_verdict
    from app.core.file_format import read_venue
    from app.plan.plan_shapes import ZONE_KIND_NAMES

    venue = read_venue(folder)
    geometry = venue.geometry_at(None)
    findings = find_faults(venue, last_minutes=minutes)
    status = EXIT_FAILED if worst_verdict(findings) is Verdict.FAILED else 0
    if as_json:
        print_json(
            {
                "exhibition": venue.exhibition.name,
                "cameras": {str(c.name): len(c.camera.pairs) for c in venue.cameras},
                "zones": [str(zone.name) for zone in geometry.zones],
                "lines": [str(line.name) for line in geometry.lines],
                "findings": describe_faults(findings),
            }
        )
        raise typer.Exit(status)
    print_table(
        ("camera", "address", "pairs"),
        [
            (c.name, c.address.location if c.address else "none", len(c.camera.pairs) or "not calibrated")
            for c in venue.cameras
        ],
        title=venue.exhibition.name,
    )
    shapes = [(str(zone.name), zone.kind) for zone in geometry.zones]
    shapes += [(str(line.name), line.kind) for line in geometry.lines]
    rows = [(name, translate(ZONE_KIND_NAMES[kind].template)) for name, kind in shapes]
    print_table(("zone or line", "kind"), rows)
    print_faults(findings)
    if history and not print_history_check(venue.folder):
        status = EXIT_FAILED
    raise typer.Exit(status)
