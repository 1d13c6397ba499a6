"""Erase a period of a venue for ever: what was seen of people in it, and everything that was made of it.

It may be what one camera saw of it; not what happened in one zone, see ``analytics/store/erasure``.

What is left says nothing of anybody: events, sales and notes that people typed, alarms, finished reports.
Copies that were put aside, such as backups, are named, and deleted where that is asked for.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

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


Period = tuple[float, float]

_COPY_PATTERNS = ("backups/*", "events*damaged*", "events*replaced*", "tracks/date=*/*.unreadable")
"""In a venue's folder: what was put aside and may hold observations of any period."""
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a venue has of a period, or what was erased.

    Attributes:
        period_s: start and end, seconds since the epoch; the end is not in it.
        part: of the history.
        camera: the only one whose observations go; None: those of all.
        kept_days: folders of tables of days that touch the period; they go as a whole.
        lost_days: of these, those whose tracks are kept no more, so that the other hours are lost, too.
        clips: labelled, skipped or unfinished clips of validations.
        copies: files and folders in the venue's that may hold a copy, relative to it.
    """

    period_s: Period
    part: ErasedPart
    kept_days: int
    lost_days: int
    clips: int
    copies: tuple[str, ...]
    camera: str | None = None

    def __bool__(self) -> bool:
        return bool(self.part or self.kept_days or self.clips)


def plan_erasure(venue: Venue, period_s: Period, *, camera: str | None = None) -> Erasure:
    """What would go with a period; changes nothing.

    Args:
        camera: only what this one saw; it may be one that the venue has no more.

    Raises:
        VenueError: the period ends before it begins, there is no history, or nobody knows such a camera.
        StoreError, LabelError: the history or the labels cannot be read.
    """
    start_s, end_s = period_s
    if not start_s < end_s:
        raise VenueError(
            "The period to erase ends before it begins.", "Give a moment for 'to' that comes after 'from'."
        )
    with closing(open_reader(venue.folder)) as reader:
        part, tracks_since_s = reader.find_part(start_s, end_s, camera=camera), reader.points_since()
    if camera is not None and not part:
        _require_camera(venue, camera)
    # of a camera that saw nothing, the tables of the days hold nothing either
    is_touched = bool(part) or camera is None
    folders = RollupFolder(venue.folder).find_between(start_s, end_s) if is_touched else ()
    begins = [int(folder.name.split("-", 1)[0]) / 1e6 for folder in folders]
    return Erasure(
        period_s=period_s,
        part=part,
        kept_days=len(folders),
        lost_days=sum(tracks_since_s is not None and begin < tracks_since_s for begin in begins),
        clips=sum(
            _count_clips(labels) - _count_clips(_without(labels, period_s, camera))
            for labels in map(read_labels, list_labels_files(venue.folder))
        ),
        copies=find_copies(venue.folder),
        camera=camera,
    )


def erase_period(
    venue: Venue,
    period_s: Period,
    *,
    camera: str | None = None,
    with_copies: bool = False,
    context: JobContext | None = None,
    clock: Clock | None = None,
) -> Erasure:
    """Erase a period; there is no way back. It can be stopped until the first thing is deleted.

    Time in which cameras were watched becomes a gap with the cause ``erased``: not observed, and never zero.

    Args:
        camera: only what this one saw. Kept tables of the days are of all cameras: they go and are made again
            of the others' tracks.
        with_copies: delete what may hold a copy, too: all of it, also what it holds of other periods.

    Raises:
        AccessError: whoever is at work may not erase; nothing was changed.
        StoreError: somebody is recording (nothing was changed), or the history cannot be written.
        VenueError, LabelError, OutputError: see ``plan_erasure``; something cannot be deleted. To erase the
            period again deletes what is left.
        JobCancelled: nothing was changed.
    """
    context, clock = context or JobContext(), clock or SystemClock()
    named = {"from": format_utc(period_s[0]), "to": format_utc(period_s[1])}
    if camera is not None:
        named["camera"] = camera
    with doing(venue.folder, Permission.ERASE, "period erased", named) as work:
        planned = plan_erasure(venue, period_s, camera=camera)
        # whoever records holds the history: this refuses before anything is deleted
        writer = open_store(venue.folder, clock=clock)
        try:
            context.checkpoint(0, _STEPS)
            if planned.part or camera is None:
                RollupFolder(venue.folder).erase_between(*period_s)
            _tell(context, 1)
            _erase_labels(venue.folder, period_s, camera)
            _tell(context, 2)
            part = writer.erase(start_s=period_s[0], end_s=period_s[1], camera=camera)
            _tell(context, 3)
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
    _tell(context, _STEPS)
    return replace(planned, part=part, copies=left)


def require_word(venue: Venue, typed: str) -> None:
    """Check that somebody meant this venue.

    Raises:
        StoreError: another word was typed.
    """
    if typed.strip() != venue.name:
        raise StoreError(
            "Nothing was erased: '{typed}' was typed, and the venue is called '{name}'.",
            "Type the venue's name exactly as it is written, to erase for ever.",
            typed=typed.strip(),
            name=venue.name,
        )


def _tell(context: JobContext, done: int) -> None:
    if not context.is_cancelled:
        # from here on it is too late to stop
        context.checkpoint(done, _STEPS)


def _require_camera(venue: Venue, camera: str) -> None:
    known = [str(entry.name) for entry in venue.cameras]
    if camera not in known:
        raise VenueError(
            "'{camera}' has seen nothing in this period, and is no camera of this venue.",
            "Its cameras: {names}. Names are told apart by capital and small letters.",
            camera=camera,
            names=", ".join(known) or "–",
        )


def _erase_labels(folder: Path, period_s: Period, camera: str | None) -> None:
    for file in list_labels_files(folder):
        labels = read_labels(file)
        kept = _without(labels, period_s, camera)
        if kept != labels:
            write_labels(file, kept)


def _count_clips(labels: ValidationLabels) -> int:
    return len(labels.clips) + len(labels.unfinished) + len(labels.skipped)


def _without(labels: ValidationLabels, period_s: Period, camera: str | None) -> ValidationLabels:
    def is_kept(clip: Clip) -> bool:
        if camera is not None and clip.camera != camera:
            return True
        return clip.end_utc_s <= period_s[0] or clip.start_utc_s >= period_s[1]

    return replace(
        labels,
        clips=tuple(one for one in labels.clips if is_kept(one.clip)),
        unfinished=tuple(one for one in labels.unfinished if is_kept(one.clip)),
        skipped=tuple(one for one in labels.skipped if is_kept(one.clip)),
    )


def find_copies(folder: Path) -> tuple[str, ...]:
    """What was put aside in a venue's folder and may hold observations of any period, relative to it."""
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
    """Sentences for somebody who is to confirm an erasure, the most important first."""
    part = planned.part
    start, end = (format_moment(venue, moment_s) for moment_s in planned.period_s)
    sentences = [
        tr("From {start} to {end}, by the venue's clock.", start=start, end=end)
        if planned
        else tr("Nothing is stored of {start} to {end}.", start=start, end=end)
    ]
    if planned.camera is not None:
        sentences.append(
            tr(
                "Only what the camera {camera} saw. Cameras that looked at the same floor keep what they saw "
                "of the same people.",
                camera=planned.camera,
            )
        )
    if planned:
        sentences += [
            tr(
                "Erased for ever: about {points} track points, {hours:.1f} hours of observation; "
                "cameras: {names}.",
                points=part.points,
                names=", ".join(part.cameras) or "–",
                hours=part.observed_s / 3600,
            ),
            tr(
                "With them go kept tables of days ({days}) and labelled clips ({clips}). "
                "Where a day is erased in part, its other hours are computed again.",
                days=planned.kept_days,
                clips=planned.clips,
            ),
        ]
    if planned.lost_days:
        sentences.append(
            tr(
                "Days of which the tracks are kept no more: {days}. The figures of their other hours are "
                "lost, too.",
                days=planned.lost_days,
            )
            if planned.camera is None
            else tr(
                "Days of which the tracks are kept no more: {days}. Their figures cannot be told apart by "
                "camera: those of all cameras and hours are lost.",
                days=planned.lost_days,
            )
        )
    if part.recordings:
        sentences.append(
            tr("Recordings that were taken in and are forgotten: {names}.", names=", ".join(part.recordings))
        )
    if planned:
        sentences.append(
            tr(
                "The period counts as not observed afterwards, with the cause 'erased'. Events, sales, "
                "notes, alarms and finished reports stay; they name nobody."
            )
        )
    if planned.copies and (planned or has_copies_deleted):
        names = ", ".join(planned.copies[:_NAMED_COPIES])
        if len(planned.copies) > _NAMED_COPIES:
            names += ", …"
        sentences.append(
            tr(
                "Deleted as well, since they may hold a copy ({count}): {names}.",
                count=len(planned.copies),
                names=names,
            )
            if has_copies_deleted
            else tr(
                "These may hold a copy and stay ({count}): {names}. Copies elsewhere, such as archives of "
                "the venue, are to be deleted by hand.",
                count=len(planned.copies),
                names=names,
            )
        )
    if planned:
        sentences.append(tr("It cannot be undone."))
    return sentences


def format_moment(venue: Venue, moment_s: float) -> str:
    """A moment by the venue's clock."""
    zone = find_time_zone(venue.exhibition.time_zone)
    return datetime.fromtimestamp(moment_s, tz=zone).strftime("%Y-%m-%d %H:%M:%S")
