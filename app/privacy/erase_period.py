"""Erase the observations of a period and all data derived from them.

Erasure can be limited to one camera, but not to a zone, see ``analytics/store/erasure``.

What remains does not identify visitors: events, sales and typed notes, alarms, finished reports. Copies such
as backups are listed, and deleted on request.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import StoreError, VenueError
from analytics.domain.exhibition import find_time_zone
from analytics.rollups.rollup_folder import RollupFolder
from analytics.store.sql_event_store import open_reader, open_store
from app.access.guard import doing
from app.access.roles import Permission
from app.core.document import Venue
from app.core.job import JobContext
from app.core.number_words import Translator
from app.error_reporting import convert_error
from app.facts.identified_period import clear_cached_periods
from app.validation.validation_labels import ValidationLabels, list_labels_files, read_labels, write_labels

if TYPE_CHECKING:
    from analytics.evaluation.clip_labels import Clip
    from analytics.store.erasure import ErasedPart


_COPY_PATTERNS = ("backups/*", "events*damaged*", "events*replaced*", "tracks/date=*/*.unreadable")
"""Patterns of files in a venue's folder that may hold copies of observations."""
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Erasure:
    """The data of a period to erase, or that was erased.

    Attributes:
        period_s: start and end (exclusive), seconds since the epoch.
        part: part of the history.
        camera: camera whose observations are erased; None for all.
        day_tables: number of prepared day tables that overlap the period; they are deleted completely.
        lost_day_tables: number of these whose tracks no longer exist; their other hours are lost, too.
        clips: number of labelled, skipped or unfinished validation clips.
        copies: files and folders that may hold a copy, relative to the venue's folder.
    """

    period_s: Interval
    part: ErasedPart
    day_tables: int
    lost_day_tables: int
    clips: int
    copies: tuple[str, ...]
    camera: str | None = None

    def __bool__(self) -> bool:
        return bool(self.part or self.day_tables or self.clips)


def plan_erasure(venue: Venue, period_s: Interval, *, camera: str | None = None) -> Erasure:
    """Return what an erasure would delete, without changing anything.

    Args:
        camera: limit to this camera, which may have been removed from the venue.

    Raises:
        VenueError: the period ends before it begins, there is no history, or the camera is unknown.
        StoreError, LabelError: the history or the labels cannot be read.
    """
    start_s, end_s = period_s
    if not start_s < end_s:
        raise VenueError("The period ends before it starts.", "Choose an end after the start.")
    with closing(open_reader(venue.folder)) as reader:
        part, tracks_since_s = reader.find_part(start_s, end_s, camera=camera), reader.points_since()
    if camera is not None and not part:
        _require_camera(venue, camera)
    # a camera without observations contributes nothing to the tables of the days
    is_touched = bool(part) or camera is None
    folders = RollupFolder(venue.folder).find_between(start_s, end_s) if is_touched else ()
    begins = [int(folder.name.split("-", 1)[0]) / 1e6 for folder in folders]
    return Erasure(
        period_s=period_s,
        part=part,
        day_tables=len(folders),
        lost_day_tables=sum(tracks_since_s is not None and begin < tracks_since_s for begin in begins),
        clips=sum(
            _count_clips(labels) - _count_clips(_without(labels, period_s, camera))
            for labels in map(read_labels, list_labels_files(venue.folder))
        ),
        copies=find_copies(venue.folder),
        camera=camera,
    )


def erase_period(
    venue: Venue,
    period_s: Interval,
    *,
    camera: str | None = None,
    with_copies: bool = False,
    context: JobContext | None = None,
    clock: Clock | None = None,
) -> Erasure:
    """Erase a period irreversibly; it can be cancelled until the first deletion.

    Observed time becomes a gap with the cause ``erased``: not observed, never zero.

    Args:
        camera: limit to this camera. Prepared day tables cover all cameras: they are deleted and
            recomputed from the other cameras' tracks.
        with_copies: also delete everything that may hold a copy, including its data of other periods.

    Raises:
        AccessError: the current user may not erase; nothing was changed.
        StoreError: a recording is running (nothing was changed), or the history cannot be written.
        VenueError, LabelError, OutputError: see ``plan_erasure``; something cannot be deleted. Erasing
            the period again deletes the rest.
        JobCancelled: nothing was changed.
    """
    context, clock = context or JobContext(), clock or SystemClock()
    named = {"from": format_utc(period_s[0]), "to": format_utc(period_s[1])}
    if camera is not None:
        named["camera"] = camera
    with doing(venue.folder, Permission.ERASE, "period erased", named) as work:
        planned = plan_erasure(venue, period_s, camera=camera)
        # a recorder holds the history's lease, so this fails before anything is deleted
        writer = open_store(venue.folder, clock=clock)
        try:
            context.checkpoint(0, _STEPS)
            if planned.part or camera is None:
                RollupFolder(venue.folder).erase_between(*period_s)
            _report_progress(context, 1)
            _erase_labels(venue.folder, period_s, camera)
            _report_progress(context, 2)
            part = writer.erase(start_s=period_s[0], end_s=period_s[1], camera=camera)
            _report_progress(context, 3)
            copies = planned.copies if with_copies else ()
            for name in copies:
                _delete(venue.folder / name)
        except OSError as error:
            raise convert_error(VenueError, error) from error
        finally:
            writer.close()
            clear_cached_periods()
        left = () if with_copies else planned.copies
        work.what |= {"points": part.points, "clips": planned.clips, "copies left": len(left)}
    _report_progress(context, _STEPS)
    return replace(planned, part=part, copies=left)


def require_confirmation(venue: Venue, typed: str) -> None:
    """Check that the user typed the venue's name.

    Raises:
        StoreError: another text was typed.
    """
    if typed.strip() != venue.name:
        raise StoreError(
            "Nothing was erased: '{typed}' was typed, but the venue's name is '{name}'.",
            "To erase permanently, type the venue's name exactly.",
            typed=typed.strip(),
            name=venue.name,
        )


def _report_progress(context: JobContext, done: int) -> None:
    if not context.is_cancelled:
        # too late to cancel from here on
        context.checkpoint(done, _STEPS)


def _require_camera(venue: Venue, camera: str) -> None:
    known = [str(entry.name) for entry in venue.cameras]
    if camera not in known:
        raise VenueError(
            "'{camera}' has no observations in this period and is not a camera of this venue.",
            "Its cameras: {names}. Names are case-sensitive.",
            camera=camera,
            names=", ".join(known) or "–",
        )


def _erase_labels(folder: Path, period_s: Interval, camera: str | None) -> None:
    for file in list_labels_files(folder):
        labels = read_labels(file)
        remaining = _without(labels, period_s, camera)
        if remaining != labels:
            write_labels(file, remaining)


def _count_clips(labels: ValidationLabels) -> int:
    return len(labels.clips) + len(labels.unfinished) + len(labels.skipped)


def _without(labels: ValidationLabels, period_s: Interval, camera: str | None) -> ValidationLabels:
    def remains(clip: Clip) -> bool:
        if camera is not None and clip.camera != camera:
            return True
        return clip.end_utc_s <= period_s[0] or clip.start_utc_s >= period_s[1]

    return replace(
        labels,
        clips=tuple(one for one in labels.clips if remains(one.clip)),
        unfinished=tuple(one for one in labels.unfinished if remains(one.clip)),
        skipped=tuple(one for one in labels.skipped if remains(one.clip)),
    )


def find_copies(folder: Path) -> tuple[str, ...]:
    """Return the files that may hold copies of observations, relative to a venue's folder."""
    found = {path for pattern in _COPY_PATTERNS for path in folder.glob(pattern)}
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


_NAMED_COPIES = 5


def describe_erasure(
    venue: Venue, planned: Erasure, *, has_copies_deleted: bool, tr: Translator
) -> list[str]:
    """Return the sentences of an erasure's confirmation, most important first."""
    part = planned.part
    start, end = (format_time(venue, time_s) for time_s in planned.period_s)
    sentences = [
        tr("From {start} to {end} (venue time).", start=start, end=end)
        if planned
        else tr("No data is stored from {start} to {end}.", start=start, end=end)
    ]
    if planned.camera is not None:
        sentences.append(
            tr(
                "Only observations of camera {camera}. Other cameras keep their observations of the same "
                "people.",
                camera=planned.camera,
            )
        )
    if planned:
        sentences += [
            tr(
                "Permanently erased: about {points} track points, {hours:.1f} hours of observation; "
                "cameras: {names}.",
                points=part.points,
                names=", ".join(part.cameras) or "–",
                hours=part.observed_s / 3600,
            ),
            tr(
                "Prepared day tables ({days}) and labelled clips ({clips}) will be deleted, too. The "
                "other hours of partly erased days are recomputed.",
                days=planned.day_tables,
                clips=planned.clips,
            ),
        ]
    if planned.lost_day_tables:
        sentences.append(
            tr(
                "Days whose tracks no longer exist: {days}. The figures of their other hours will be "
                "lost, too.",
                days=planned.lost_day_tables,
            )
            if planned.camera is None
            else tr(
                "Days whose tracks no longer exist: {days}. Their figures cannot be separated by camera, "
                "so those of all cameras and hours will be lost.",
                days=planned.lost_day_tables,
            )
        )
    if part.recordings:
        sentences.append(
            tr("Imported recordings whose entries will be erased: {names}.", names=", ".join(part.recordings))
        )
    if planned:
        sentences.append(
            tr(
                "The period will count as not observed, with the cause 'erased'. Events, sales, notes, "
                "alarms and finished reports stay; they do not identify anybody."
            )
        )
    if planned.copies and (planned or has_copies_deleted):
        names = ", ".join(planned.copies[:_NAMED_COPIES])
        if len(planned.copies) > _NAMED_COPIES:
            names += ", …"
        sentences.append(
            tr(
                "Also deleted, because they may contain copies ({count}): {names}.",
                count=len(planned.copies),
                names=names,
            )
            if has_copies_deleted
            else tr(
                "These may contain copies and will stay ({count}): {names}. Copies elsewhere, such as "
                "archives of the venue, must be deleted by hand.",
                count=len(planned.copies),
                names=names,
            )
        )
    if planned:
        sentences.append(tr("This cannot be undone."))
    return sentences


def format_time(venue: Venue, time_s: float) -> str:
    """Return a time by the venue's clock as text."""
    zone = find_time_zone(venue.exhibition.time_zone)
    return datetime.fromtimestamp(time_s, tz=zone).strftime("%Y-%m-%d %H:%M:%S")
