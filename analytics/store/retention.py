"""Apply a retention policy to track points: deletion by age or size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from analytics.store import track_catalogue
from analytics.store.counters import POINTS_SINCE, raise_counter
from analytics.store.microseconds import HOUR_US, hour_of, to_s, to_us
from analytics.store.recovery.lost_tracks import delete_quarantined
from analytics.store.sql_schema import track_journal
from analytics.store.track_archive import TrackArchive
from analytics.store.track_files import TrackFile

DAY_S = 86_400.0
MIN_RETENTION_DAYS = 2.0


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """A retention policy for track points; visits, crossings and the log are not affected.

    Attributes:
        keep_days: age from which points are deleted, by whole hours of UTC; None for no limit.
        max_bytes: total size of files above which the oldest hours are deleted; None for no limit. The
            last two days are always kept, so that a day is complete before it is deleted.
    """

    keep_days: float | None = None
    max_bytes: int | None = None

    def __post_init__(self) -> None:
        if (self.keep_days or 0) < 0 or (self.max_bytes or 0) < 0:
            raise ValueError("ages and sizes cannot be negative")


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """The actions of a policy at one point in time.

    Attributes:
        delete_before_us: start of the first hour to keep; None to delete nothing.
    """

    delete_before_us: int | None
    to_delete: tuple[TrackFile, ...]


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """The result of applying a policy.

    Attributes:
        deleted_points: deleted points of files and journal.
        deleted_before_s: time before which no points remain, seconds since the epoch; None if none were
            deleted.
    """

    deleted_files: int
    deleted_points: int
    deleted_before_s: float | None


def plan_retention(
    *, files: Sequence[TrackFile], now_s: float, policy: RetentionPolicy, max_files: int | None = None
) -> RetentionPlan:
    """Return the files to delete, without changing anything.

    Args:
        max_files: approximate maximum number of files to delete now, oldest hours first.
    """
    limits_us = [_find_size_limit(files, now_s=now_s, max_bytes=policy.max_bytes)]
    if policy.keep_days is not None:
        limits_us.append(hour_of(to_us(now_s - policy.keep_days * DAY_S)))
    before_us = max((limit_us for limit_us in limits_us if limit_us is not None), default=None)
    if before_us is not None and max_files is not None:
        going = sorted(file.hour_us for file in files if file.hour_us < before_us)
        if len(going) > max_files:
            before_us = going[max_files - 1] + HOUR_US
    to_delete = tuple(file for file in files if before_us is not None and file.hour_us < before_us)
    return RetentionPlan(before_us, to_delete)


def _find_size_limit(files: Sequence[TrackFile], *, now_s: float, max_bytes: int | None) -> int | None:
    """Return the start of the first hour to keep within a size limit; None if all files fit."""
    if max_bytes is None:
        return None
    total = sum(file.bytes for file in files)
    newest_us = hour_of(to_us(now_s - MIN_RETENTION_DAYS * DAY_S))
    limit_us = None
    for file in sorted(files, key=lambda file: file.hour_us):
        if limit_us is not None and file.hour_us < limit_us:
            total -= file.bytes  # of the same hour
        elif total <= max_bytes or file.hour_us >= newest_us:
            break
        else:
            total -= file.bytes
            limit_us = file.hour_us + HOUR_US
    return limit_us


def apply_retention(
    *, archive: TrackArchive, policy: RetentionPolicy, now_s: float, max_files: int | None = None
) -> RetentionReport:
    """Delete track points by a policy.

    Args:
        max_files: approximate maximum number of files to delete now, to limit the duration.

    Raises:
        OSError, ValueError, SQLAlchemyError: completed steps stay done.
    """
    with archive.engine.connect() as connection:
        files = track_catalogue.list_files(connection)
    plan = plan_retention(files=files, now_s=now_s, policy=policy, max_files=max_files)
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
        delete_quarantined(archive.folder, None, plan.delete_before_us)
    return RetentionReport(
        deleted_files=len(plan.to_delete),
        deleted_points=journalled + sum(file.points for file in plan.to_delete),
        deleted_before_s=None if plan.delete_before_us is None else to_s(plan.delete_before_us),
    )
