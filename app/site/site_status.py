"""Read the present state of a site: its halls, machines and cameras."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Float, cast, func, select

from app.core.credentials import CredentialStore
from app.site.schema import camera, hall, lease, machine, site
from app.site.site_document import require_membership, using_site

ALIVE_WITHIN_S = 15.0
"""Age of the last sign of a machine after which it counts as not running."""
WARN_CLOCK_S = 0.05
"""Clock offset from which on it is told."""


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """A machine of the site.

    Attributes:
        heartbeat_age_s: seconds since its last sign; None before the first.
        clock_offset_s: its clock minus the server's; None while not measured.
        load: busy processors, of its `cores`; None while not measured.
        cameras: that it reads.
    """

    name: str
    hall: str
    is_this: bool
    is_draining: bool
    heartbeat_age_s: float | None
    clock_offset_s: float | None
    cores: int | None
    load: float | None
    disk_free_gb: float | None
    program_version: str | None
    cameras: tuple[str, ...] = ()

    @property
    def is_alive(self) -> bool:
        """True if it gave a sign of life lately."""
        return self.heartbeat_age_s is not None and self.heartbeat_age_s <= ALIVE_WITHIN_S

    @property
    def busy_share(self) -> float | None:
        """Part of its processors in use; None while not measured."""
        return None if self.load is None or not self.cores else self.load / self.cores

    @property
    def has_wrong_clock(self) -> bool:
        """True if its clock is off by more than walks across machines can bear unnoticed."""
        return self.clock_offset_s is not None and abs(self.clock_offset_s) > WARN_CLOCK_S


@dataclass(frozen=True, slots=True)
class SiteCamera:
    """A camera of the site.

    Attributes:
        machine: that reads it; empty for none.
        wanted_machine: that a person chose for it; empty for none.
    """

    name: str
    hall: str
    machine: str
    wanted_machine: str


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """A site as this machine sees it.

    Attributes:
        hall: of this machine.
    """

    site: str
    hall: str
    machine: str
    halls: tuple[str, ...]
    machines: tuple[MachineStatus, ...]
    cameras: tuple[SiteCamera, ...]


def read_status(folder: Path, *, store: CredentialStore) -> SiteStatus:
    """Return the state of the site that a venue is in.

    Raises:
        SiteError: the venue is in no site, or the server cannot be used.
    """
    membership = require_membership(folder)
    with (
        using_site(membership, store=store) as engine,
        engine.connect() as connection,
    ):
        cameras = _list_cameras(connection)
        return SiteStatus(
            site=connection.execute(select(site.c.name)).scalar_one(),
            hall=membership.hall,
            machine=membership.machine,
            halls=tuple(connection.execute(select(hall.c.name).order_by(hall.c.id)).scalars()),
            machines=_list_machines(connection, cameras, membership.machine_id),
            cameras=cameras,
        )


def _list_cameras(connection: Connection) -> tuple[SiteCamera, ...]:
    owner, wanted = machine.alias(), machine.alias()
    statement = (
        select(camera.c.name, hall.c.name, owner.c.name, wanted.c.name)
        .join(hall, hall.c.id == camera.c.hall)
        .outerjoin(lease, (lease.c.camera == camera.c.id) & (lease.c.until_utc > func.now()))
        .outerjoin(owner, owner.c.id == lease.c.owner)
        .outerjoin(wanted, wanted.c.id == camera.c.wanted_machine)
        .order_by(hall.c.id, camera.c.id)
    )
    return tuple(
        SiteCamera(name, hall_name, reader or "", chosen or "")
        for name, hall_name, reader, chosen in connection.execute(statement)
    )


def _list_machines(
    connection: Connection, cameras: tuple[SiteCamera, ...], own_id: str
) -> tuple[MachineStatus, ...]:
    age_s = cast(func.extract("epoch", func.now() - machine.c.heartbeat_utc), Float)
    statement = (
        select(machine, hall.c.name.label("hall_name"), age_s.label("age_s"))
        .join(hall, hall.c.id == machine.c.hall)
        .where(machine.c.removed_utc.is_(None))
        .order_by(hall.c.id, machine.c.joined_utc)
    )
    return tuple(
        MachineStatus(
            name=row.name,
            hall=row.hall_name,
            is_this=row.id == own_id,
            is_draining=row.draining,
            heartbeat_age_s=row.age_s,
            clock_offset_s=row.clock_offset_s,
            cores=row.cores,
            load=row.load,
            disk_free_gb=row.disk_free_gb,
            program_version=row.program_version,
            cameras=tuple(one.name for one in cameras if one.machine == row.name),
        )
        for row in connection.execute(statement)
    )
