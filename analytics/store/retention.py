"""How long track points are kept, and in what detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from analytics.store import track_catalogue
from analytics.store.counters import POINTS_SINCE, raise_counter
from analytics.store.microseconds import hour_of, to_s, to_us
from analytics.store.sql_schema import track_journal
from analytics.store.track_archive import TrackArchive
from analytics.store.track_files import TrackFile

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """What becomes of track points with age; visits, crossings and the log are not touched.

    Attributes:
        keep_days: older points are deleted, by whole hours of UTC; None keeps them for ever.
        thin_after_days: of older points one per tracklet and ``thin_to_s`` is kept; None keeps them all.
    """

    keep_days: float | None = None
    thin_after_days: float | None = None
    thin_to_s: float = 1.0

    def __post_init__(self) -> None:
        ages = [days for days in (self.keep_days, self.thin_after_days) if days is not None]
        if any(days < 0 for days in ages) or self.thin_to_s <= 0:
            raise ValueError("ages cannot be negative, and thinning needs a length of time")


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """What a policy asks for at one moment.

    Attributes:
        delete_before_us: start of the first hour that is kept; None to delete nothing.
    """

    delete_before_us: int | None
    to_delete: tuple[TrackFile, ...]
    to_thin: tuple[TrackFile, ...]
    thin_to_us: int


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What was deleted.

    Attributes:
        deleted_points: of files and journal.
        thinned_points: that went from files which are kept.
        deleted_before_s: no point before it is left, seconds since the epoch; None if none was to go.
    """

    deleted_files: int
    deleted_points: int
    thinned_files: int
    thinned_points: int
    deleted_before_s: float | None


def plan_retention(*, files: Sequence[TrackFile], now_s: float, policy: RetentionPolicy) -> RetentionPlan:
    """Decide which files are to go and which to be thinned; changes nothing."""
    before_us = None
    if policy.keep_days is not None:
        before_us = hour_of(to_us(now_s - policy.keep_days * DAY_S))
    to_delete = tuple(file for file in files if before_us is not None and file.hour_us < before_us)
    thin_to_us = to_us(policy.thin_to_s)
    to_thin: tuple[TrackFile, ...] = ()
    if policy.thin_after_days is not None:
        thin_before_us = hour_of(to_us(now_s - policy.thin_after_days * DAY_S))
        to_thin = tuple(
            file
            for file in files
            if file not in to_delete and file.hour_us < thin_before_us and file.kept_every_us < thin_to_us
        )
    return RetentionPlan(before_us, to_delete, to_thin, thin_to_us)


def apply_retention(*, archive: TrackArchive, policy: RetentionPolicy, now_s: float) -> RetentionReport:
    """Delete and thin what a policy asks for.

    Raises:
        OSError, ValueError, SQLAlchemyError: what was done until then stays done.
    """
    with archive.engine.connect() as connection:
        files = track_catalogue.list_files(connection)
    plan = plan_retention(files=files, now_s=now_s, policy=policy)
    journalled = 0
    if plan.delete_before_us is not None:
        with archive.engine.begin() as connection:
            journalled = connection.execute(
                delete(track_journal).where(track_journal.c.time_us < plan.delete_before_us)
            ).rowcount
            track_catalogue.remove_files(connection, [file.name for file in plan.to_delete])
            if journalled or plan.to_delete:
                raise_counter(connection, POINTS_SINCE, plan.delete_before_us)
        track_catalogue.delete_removed_files(archive.engine, archive.folder)
    thinned = 0
    for file in plan.to_thin:
        thinned += file.points - archive.replace_file(file, keep_every_us=plan.thin_to_us).points
    return RetentionReport(
        deleted_files=len(plan.to_delete),
        deleted_points=journalled + sum(file.points for file in plan.to_delete),
        thinned_files=len(plan.to_thin),
        thinned_points=thinned,
        deleted_before_s=None if plan.delete_before_us is None else to_s(plan.delete_before_us),
    )
