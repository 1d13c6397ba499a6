"""Leases on cameras and duties: held for seconds by the server's clock, renewed every second."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql

from app.site.schema import SiteError, camera, duty, lease, ownership

LEASE_S = 5.0
"""Time after the last renewal at which a camera is free for another machine."""
RENEW_EVERY_S = 1.0


def _now() -> ColumnElement[datetime]:
    return func.clock_timestamp()


def _end() -> Any:
    return func.clock_timestamp() + text(f"interval '{LEASE_S} seconds'")


def renew_leases(connection: Connection, machine: str) -> dict[int, int]:
    """Extend a machine's leases, also expired ones that nobody took; return their epochs by camera."""
    held = update(lease).where(lease.c.owner == machine).values(until_utc=_end())
    return {
        row.camera: row.epoch for row in connection.execute(held.returning(lease.c.camera, lease.c.epoch))
    }


def take_leases(connection: Connection, machine: str, cameras: Collection[int]) -> dict[int, int]:
    """Take those of some cameras that are free at this moment, and return their new epochs by camera.

    Cameras that another machine is taking at the same moment are left out.
    """
    if not cameras:
        return {}
    _add_missing(connection, cameras)
    at = lease.c
    is_free = or_(at.owner.is_(None), at.until_utc.is_(None), at.until_utc < _now())
    free = list(
        connection.scalars(
            select(at.camera)
            .where(at.camera.in_(sorted(cameras)), is_free)
            .order_by(at.camera)
            .with_for_update(skip_locked=True)
        )
    )
    if not free:
        return {}
    taken = connection.execute(
        update(lease)
        .where(at.camera.in_(free))
        .values(owner=machine, epoch=at.epoch + 1, until_utc=_end())
        .returning(at.camera, at.epoch)
    ).all()
    connection.execute(
        insert(ownership),
        [{"camera": row.camera, "epoch": row.epoch, "owner": machine} for row in taken],
    )
    return {row.camera: row.epoch for row in taken}


def release_leases(connection: Connection, machine: str, cameras: Collection[int]) -> None:
    """Give cameras up, so that another machine can take them at once."""
    if cameras:
        is_mine = (lease.c.owner == machine) & lease.c.camera.in_(sorted(cameras))
        connection.execute(update(lease).where(is_mine).values(owner=None, until_utc=None))


def release_all(connection: Connection, machine: str) -> None:
    """Give up everything that a machine holds, because it ends."""
    for table in (lease, duty):
        held = update(table).where(table.c.owner == machine)
        connection.execute(held.values(owner=None, until_utc=None))


def read_owners(connection: Connection, hall: int) -> Mapping[int, str]:
    """Return the machine of every camera of a hall whose lease is valid."""
    at = lease.c
    rows = connection.execute(
        select(at.camera, at.owner)
        .join(camera, camera.c.id == at.camera)
        .where(camera.c.hall == hall, at.owner.is_not(None), at.until_utc >= _now())
    )
    return {row.camera: row.owner for row in rows}


def hold_duty(connection: Connection, name: str, machine: str) -> int | None:
    """Take or extend a duty and return its epoch; None while another machine has it."""
    connection.execute(postgresql.insert(duty).values(name=name).on_conflict_do_nothing())
    at = duty.c
    row = connection.execute(
        select(at.owner, at.epoch, (at.until_utc < _now()).label("is_over"))
        .where(at.name == name)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        # its owner is just using it
        return None
    if row.owner == machine:
        epoch = row.epoch
    elif row.owner is None or row.is_over is None or row.is_over:
        epoch = row.epoch + 1
    else:
        return None
    connection.execute(
        update(duty).where(at.name == name).values(owner=machine, epoch=epoch, until_utc=_end())
    )
    return int(epoch)


def require_duty(connection: Connection, name: str, *, owner: str, epoch: int) -> None:
    """Check that a machine still has a duty, which nobody can take before the transaction ends.

    Raises:
        SiteError: another machine took it.
    """
    at = duty.c
    row = connection.execute(
        select(at.owner, at.epoch).where(at.name == name).with_for_update(read=True)
    ).one_or_none()
    if row is None or (row.owner, row.epoch) != (owner, epoch):
        raise SiteError(
            "Another machine has taken over the duty '{duty}'.",
            "Nothing to do; what this machine did not finish, that one does.",
            duty=name,
        )


def _add_missing(connection: Connection, cameras: Collection[int]) -> None:
    # without those that exist, as "on conflict" waits for a transaction that changes one
    exists = select(lease.c.camera).where(lease.c.camera == camera.c.id).exists()
    missing = select(camera.c.id).where(camera.c.id.in_(sorted(cameras)), ~exists)
    connection.execute(postgresql.insert(lease).from_select(["camera"], missing).on_conflict_do_nothing())
