"""Define the commands ``models``, ``venue backup``, ``restore``, ``repair``, ``retention`` and archives."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import (
    EXIT_FAILED,
    print_json,
    print_message,
    print_table,
    show_progress,
)
from app.console.language import tr, translate_phrase
from app.console.options import AsJson, VenueFolder

if TYPE_CHECKING:
    from analytics.store.recovery.folder_backup import Backup
    from app.core.document import Venue
    from app.maintenance.model_library import ModelRecord, ProgressListener, TaskProgress

MEGABYTE = 1e6


def archive(
    folder: VenueFolder,
    file: Annotated[Path, typer.Argument(help="The file to write, NAME.expoflow.zip.")],
) -> None:
    """Archive a whole venue in one file, even during recording. It contains tracks: keep it safe.

    Not included: passwords (never stored in a venue), users and their PINs, backups, and waiting reports.
    """
    from app.archive.archive_venue import archive_venue
    from app.core.job import JobContext

    with show_progress(tr("Archiving the venue")) as listener:
        made = archive_venue(folder, file, JobContext(on_progress=listener))
    size = made.size_bytes / MEGABYTE
    print_message(
        tr(
            "{files} files were archived to {file}, {size:.1f} MB.",
            files=made.files,
            file=str(file),
            size=size,
        )
    )
    print_message(tr("Restore it with: python -m app venue unarchive {file} FOLDER", file=str(file)))


def upgrade(
    folder: VenueFolder,
) -> None:
    """Upgrade the history of an older version of ExpoFlow. A copy is kept, and restored on failure."""
    from app.maintenance.upgrade_venue import upgrade_venue

    if upgrade_venue(folder):
        print_message(
            tr(
                "The history was upgraded; a copy of the former state is in {folder}.",
                folder=str(folder / "backups"),
            )
        )
    else:
        print_message(tr("The history is already up to date."))


def unarchive(
    file: Annotated[Path, typer.Argument(help="An archive, NAME.expoflow.zip.")],
    folder: Annotated[Path, typer.Argument(help="The folder to create, NAME.expoflow.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before restoring a large venue.")] = False,
) -> None:
    """Restore a venue from an archive. Every part is checked; nothing is restored if one is damaged.

    REST, tokens, brokers, webhooks and scheduled reports in it are switched off.
    """
    from app.archive.unarchive_venue import inspect_archive, unarchive_venue
    from app.core.job import JobContext

    contents = inspect_archive(file)
    if contents.is_large and not yes:
        typer.confirm(
            tr(
                "{file} is {size:.1f} MB, and the venue in it takes {content:.1f} MB. Restore it?",
                file=str(file),
                size=contents.size_bytes / MEGABYTE,
                content=contents.content_bytes / MEGABYTE,
            ),
            abort=True,
            err=True,
        )
    with show_progress(tr("Restoring the venue")) as listener:
        restored = unarchive_venue(file, folder, JobContext(on_progress=listener), is_agreed=True)
    venue = restored.venue
    print_message(
        tr("'{venue}' was restored to {folder}.", venue=venue.exhibition.name, folder=str(venue.folder))
    )
    switched_off = restored.describe_switched_off()
    if switched_off is not None:
        print_message(translate_phrase(switched_off))
        print_message(
            tr(
                "Switch trusted connections on again in the window, or with rest on, token add, mqtt set and "
                "webhook add, each with --venue {folder}",
                folder=str(venue.folder),
            )
        )
    print_message(tr("Enter the cameras' passwords on this machine and set up its users again."))


models_app = typer.Typer(help="List, download, import and export networks.", no_args_is_help=True)
MEBIBYTE = 2**20


@models_app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the known networks and those on this machine."""
    from app.maintenance.model_library import list_models
    from app.settings.file import models_folder

    models = list_models(user_folder=models_folder())
    if as_json:
        print_json([dataclasses.asdict(model) for model in models])
        return
    rows = [
        (
            m.name,
            m.state,
            f"{m.size_bytes / MEBIBYTE:.1f} MiB" if m.size_bytes else "",
            m.licence,
            m.description,
        )
        for m in models
    ]
    print_table(("name", "state", "size", "licence", "description"), rows)
    print_message(tr("Your own networks are in {folder}.", folder=models_folder()))


@models_app.command("get")
def get(
    name: Annotated[str, typer.Argument(help="A name from 'models list', such as yolo26n.")],
    replace: Annotated[bool, typer.Option(help="Download it again if it already exists.")] = False,
) -> None:
    """Download official weights."""
    from analytics.domain.clock import SystemClock
    from app.maintenance.model_library import get_model
    from app.settings.file import models_folder

    with _listen(f"Fetching {name}") as listener:
        record = get_model(
            name, user_folder=models_folder(), clock=SystemClock(), replace=replace, listener=listener
        )
    _print_record(record)


@models_app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="Weights (.pt, .onnx, .engine) or a folder with an OpenVINO model.")
    ],
    name: Annotated[
        str | None, typer.Option(help="Name of the network; defaults to the file's name.")
    ] = None,
    replace: Annotated[bool, typer.Option(help="Replace an existing network of that name.")] = False,
) -> None:
    """Import weights from a file, for machines without internet access. They are loaded once as a test."""
    from analytics.domain.clock import SystemClock
    from app.maintenance.model_library import import_model
    from app.settings.file import models_folder

    _print_record(
        import_model(file, user_folder=models_folder(), clock=SystemClock(), name=name, replace=replace)
    )


@models_app.command("export")
def export(
    model: Annotated[str, typer.Argument(help="Name or file of the weights (.pt).")],
    shape: Annotated[str, typer.Option(help="Height x width in pixels, multiples of 32.")] = "640x640",
    int8: Annotated[bool, typer.Option("--int8", help="8 bits: fastest; needs --calibrate.")] = False,
    fp16: Annotated[bool, typer.Option("--fp16", help="16 bits: half the size, for GPUs.")] = False,
    calibrate: Annotated[
        list[Path] | None, typer.Option(help="A video of your own cameras; can be repeated.")
    ] = None,
    frames: Annotated[int, typer.Option(help="Number of pictures for calibration.", min=8)] = 200,
    name: Annotated[str | None, typer.Option(help="Name of the new network.")] = None,
) -> None:
    """Export an OpenVINO network for your picture size, with 8 bits calibrated on your own footage."""
    from analytics.domain.clock import SystemClock
    from app.maintenance.model_library import export_model
    from app.settings.file import models_folder

    if int8 and fp16:
        raise typer.BadParameter(tr("choose --int8 or --fp16, not both"))
    precision = "int8" if int8 else "fp16" if fp16 else "fp32"
    with _listen(f"Exporting {model}") as listener:
        record = export_model(
            model,
            user_folder=models_folder(),
            clock=SystemClock(),
            input_wh=parse_shape(shape),
            precision=precision,
            videos=calibrate or (),
            frame_count=frames,
            name=name,
            listener=listener,
        )
    _print_record(record)


def parse_shape(text: str) -> tuple[int, int]:
    """Return width and height of a text ``HEIGHTxWIDTH``."""
    match = re.fullmatch(r"(\d+)x(\d+)", text.strip())
    if match is None:
        raise typer.BadParameter(
            tr("'{given}' does not have the form HEIGHTxWIDTH, such as 384x640", given=text)
        )
    return int(match[2]), int(match[1])


@contextmanager
def _listen(what: str) -> Iterator[ProgressListener]:
    with show_progress(what) as update:

        def listener(progress: TaskProgress) -> None:
            update(progress.done, progress.total)

        yield listener


def _print_record(record: ModelRecord) -> None:
    size = f"{record.size_bytes / MEBIBYTE:.1f} MiB"
    print_message(
        tr(
            "{name} is ready: {file}, {size}, sha256 {digest}",
            name=record.name,
            file=record.file,
            size=size,
            digest=record.sha256,
        )
    )


def backup(
    folder: VenueFolder,
    show: Annotated[bool, typer.Option("--list", help="Only list existing backups.")] = False,
    as_json: AsJson = False,
) -> None:
    """Back up everything except the tracks now. A recording does so every hour and keeps a week."""
    from analytics.store.recovery.folder_backup import list_backups
    from app.maintenance.venue_backups import back_up_venue, describe_size

    if show:
        known = list_backups(folder)
        if as_json:
            print_json([_describe(backup) for backup in known])
        else:
            rows = [(b.name, str(b.files), describe_size(b.size_bytes)) for b in known]
            print_table((tr("backup"), tr("files"), tr("size")), rows)
        return
    made = back_up_venue(folder)
    if as_json:
        print_json(_describe(made))
    else:
        print_message(
            tr(
                "Backup {name}: {files} files, {size}.",
                name=made.name,
                files=made.files,
                size=describe_size(made.size_bytes),
            )
        )


def restore(
    folder: VenueFolder,
    name: Annotated[
        str | None, typer.Option("--backup", help="Name of the backup; defaults to the newest.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the venue is replaced.")] = False,
    as_json: AsJson = False,
) -> None:
    """Restore a backup. Replaced files are renamed, and tracks stay. Stop the recording first."""
    from analytics.store.recovery.folder_backup import find_backup
    from app.access.guard import require
    from app.access.roles import Permission
    from app.maintenance.venue_backups import restore_venue

    # report missing permission or backup before the question
    require(folder, Permission.ERASE, action="venue restored")
    name = find_backup(folder, name).name
    if not yes:
        typer.confirm(
            tr(
                "Plan, zones, cameras, settings and the log return to the backup {name}. Replaced files are "
                "kept under another name. Restore it?",
                name=name,
            ),
            abort=True,
            err=True,
        )
    report = restore_venue(folder, name)
    if as_json:
        print_json(
            {
                **_describe(report.backup),
                "put_back": list(report.files),
                "kept_aside": report.replaced_mark,
                "track_files": report.track_files,
            }
        )
        return
    print_message(
        tr(
            "{count} files of the backup {name} were restored; replaced files have '.replaced-{mark}' in "
            "their names. {tracks} track files are listed.",
            count=len(report.files),
            name=report.backup.name,
            mark=report.replaced_mark,
            tracks=report.track_files,
        )
    )


def repair(folder: VenueFolder, as_json: AsJson = False) -> None:
    """Repair a damaged history from its newest backup and all readable data, and report losses."""
    from app.core.number_words import join_phrases
    from app.maintenance.venue_backups import check_history, repair_history

    repairs = [report.describe() for report in repair_history(folder)]
    faults = check_history(folder).faults
    if as_json:
        print_json(
            {
                "was_damaged": bool(repairs),
                "report": str(join_phrases(repairs)) if repairs else None,
                "faults": [str(fault) for fault in faults],
            }
        )
    else:
        if not repairs and not faults:
            print_message(tr("The history is intact; there was nothing to repair."))
        for repair in repairs:
            print_message(translate_phrase(repair))
        for fault in faults:
            print_message(translate_phrase(fault))
    raise typer.Exit(EXIT_FAILED if faults else 0)


def retention(
    folder: VenueFolder,
    keep_days: Annotated[
        float | None, typer.Option(help="Days after which tracks are deleted; 0 for never.", min=0.0)
    ] = None,
    max_gb: Annotated[
        float | None,
        typer.Option(help="Maximum GB of tracks; the oldest are deleted first. 0 for no limit.", min=0.0),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Delete expired tracks now; a recording does so every day.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before tracks are deleted sooner.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show or change how long tracks are kept. Counts of past days are kept forever."""
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.maintenance.edit_retention import enforce_retention, measure_tracks, set_retention
    from app.maintenance.venue_backups import describe_size

    venue = read_venue(folder)
    if keep_days is not None or max_gb is not None:
        _warn_of_loss(venue, keep_days, max_gb, is_agreed=yes)
        venue = set_retention(folder, kept_days=keep_days, max_gb=max_gb)
    deleted = None
    if apply:
        with show_progress(tr("Preparing past days"), is_hidden=as_json) as update:
            deleted = enforce_retention(folder, JobContext(on_progress=update))
    stored, settings = measure_tracks(venue), venue.settings
    if as_json:
        print_json(
            {
                "tracks_kept_days": settings.tracks_kept_days,
                "tracks_most_gb": settings.tracks_most_gb,
                "track_files": stored.files,
                "track_bytes": stored.size_bytes,
                "oldest_utc_s": stored.oldest_s,
                "deleted_positions": deleted,
            }
        )
        return
    if settings.tracks_kept_days:
        print_message(tr("Tracks are kept for {days:g} days.", days=settings.tracks_kept_days))
    else:
        print_message(tr("Tracks are kept forever."))
    if settings.tracks_most_gb:
        print_message(
            tr("They may use {size:g} GB; beyond that, the oldest are deleted.", size=settings.tracks_most_gb)
        )
    if stored.oldest_s is not None:
        print_message(
            tr(
                "There are {files} track files of {size}, the oldest of {day} (UTC).",
                files=stored.files,
                size=describe_size(stored.size_bytes),
                day=f"{datetime.fromtimestamp(stored.oldest_s, tz=UTC):%Y-%m-%d}",
            )
        )
    if deleted is not None:
        print_message(tr("{count} positions were deleted.", count=deleted))


def _warn_of_loss(venue: Venue, keep_days: float | None, max_gb: float | None, *, is_agreed: bool) -> None:
    """Describe the loss by tighter limits and ask for confirmation."""
    from app.access.guard import require
    from app.access.roles import Permission
    from app.maintenance.edit_retention import describe_expiring_days, find_expiring_days, is_shortened

    if not is_shortened(venue.settings, kept_days=keep_days, max_gb=max_gb):
        return
    # report missing permission before the question
    require(venue.folder, Permission.CHANGE_SETTINGS, action="retention changed")
    days = find_expiring_days(venue, kept_days=keep_days, max_gb=max_gb)
    for sentence in describe_expiring_days(days, tr=tr):
        print_message(sentence)
    if not is_agreed:
        typer.confirm(tr("Delete tracks sooner from now on?"), abort=True, err=True)


def print_history_check(folder: Path) -> bool:
    """Check the whole history, print its faults and return whether it is sound."""
    from app.core.job import JobContext
    from app.maintenance.venue_backups import check_history

    with show_progress(tr("Reading the history")) as update:
        found = check_history(folder, JobContext(on_progress=update))
    for fault in found.faults:
        print_message(translate_phrase(fault))
    if found.faults:
        print_message(tr("Fix it with: python -m app venue repair {folder}", folder=str(folder)))
    else:
        print_message(
            tr("The history is intact: databases and {files} track files.", files=found.track_files)
        )
    if found.backups:
        print_message(
            tr("The newest of {count} backups: {name}", count=len(found.backups), name=found.backups[0].name)
        )
    else:
        print_message(tr("There are no backups yet; a recording makes one every hour."))
    return not found.faults


def _describe(backup: Backup) -> dict[str, object]:
    return {
        "name": backup.name,
        "made_utc_s": backup.made_s,
        "files": backup.files,
        "size_bytes": backup.size_bytes,
    }
