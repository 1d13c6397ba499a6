"""Read the present state of a site: its halls, machines and cameras."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Float, cast, func, select

from analytics.alarms.alarm import Alarm
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Exhibition
from analytics.domain.zone import ZoneKind
from app.access.roles import Permission, may
from app.core.credentials import CredentialStore
from app.core.file_format import read_venue
from app.integrations.hall_snapshot import HallSnapshot
from app.site.hub_writer import name_hall_folder
from app.site.jobs import PREPARE, UNFINISHED, JobState, read_jobs
from app.site.join import find_role
from app.site.schema import camera, hall, hall_state, lease, machine, site
from app.site.site_document import find_known_site, require_membership, using_site

ALIVE_WITHIN_S = 15.0
"""Age of the last sign of a machine after which it counts as not running."""
CURRENT_WITHIN_S = 30.0
"""Age of a hall's state up to which it counts as that of this moment."""
_SNAPSHOT = TypeAdapter(HallSnapshot)
_ENDED_JOBS = 5
_DAY_S = 86_400.0
WARN_CLOCK_S = 0.05
"""Clock offset from which on it is told."""

_STATES = {
    "todo": Phrase("waiting"),
    "aborting": Phrase("stopping"),
    "succeeded": Phrase("done"),
    "failed": Phrase("not possible: see the log of the machine that tried"),
}


_GIVEN_NAME = re.compile(r"(Line|计数线) \d+")
"""A line's name until somebody names it, in the languages of the window."""


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
class SiteJob:
    """A job of the site.

    Attributes:
        title: what it does.
        status: as in `JobState`.
        share: done part; None while it is unknown.
    """

    number: int
    title: Phrase
    hall: str
    status: str
    share: float | None

    @property
    def is_unfinished(self) -> bool:
        """True if it waits or is being done."""
        return self.status in UNFINISHED

    @property
    def state(self) -> Phrase:
        """Words for how far the work is."""
        if self.status == "doing":
            if self.share is None:
                return Phrase("running")
            return Phrase("{percent:.0f} % done", {"percent": 100 * self.share})
        return _STATES.get(self.status) or Phrase("cancelled")


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """A site as this machine sees it.

    Attributes:
        hall: of this machine.
        jobs: those that wait or are being done, and the last ones that ended, newest first.
    """

    site: str
    hall: str
    machine: str
    halls: tuple[str, ...]
    machines: tuple[MachineStatus, ...]
    cameras: tuple[SiteCamera, ...]
    jobs: tuple[SiteJob, ...] = ()


@dataclass(frozen=True, slots=True)
class HallFigures:
    """A hall at this moment, as the machine that writes the hub's history saw it last.

    Attributes:
        machines_alive, machines: numbers of machines.
        cameras_read, cameras: numbers of cameras.
        may_see: whether the current user may see its figures.
        snapshot: None before the first, and where the user may not see it.
        age_s: seconds since the snapshot.
        data_age_s: seconds since the end of the observations that the server has.
        gap_s: seconds missing today, for the average camera; None where nothing was observed for a day.
        folder: at the hub, if this machine knows it.
    """

    name: str
    machines_alive: int
    machines: int
    cameras_read: int
    cameras: int
    may_see: bool
    snapshot: HallSnapshot | None = None
    age_s: float | None = None
    data_age_s: float | None = None
    gap_s: float | None = None
    folder: Path | None = None

    @property
    def is_current(self) -> bool:
        """True if the figures of this moment are of this moment."""
        return self.snapshot is not None and self.age_s is not None and self.age_s <= CURRENT_WITHIN_S

    @property
    def people(self) -> int | None:
        """People now; None if that is not known."""
        return self.snapshot.people if self.is_current and self.snapshot is not None else None


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """All halls of a site at this moment.

    Attributes:
        hall: the one that is open here.
        own_folder: the venue of this machine.
        has_hub_folder: whether this machine reaches the hub's storage.
    """

    site: str
    hall: str
    halls: tuple[HallFigures, ...]
    own_folder: Path
    has_hub_folder: bool

    @property
    def people(self) -> int | None:
        """People now in the halls where that is known; each is in one hall."""
        known = [one.people for one in self.halls if one.people is not None]
        return sum(known) if known else None

    @property
    def alarms(self) -> tuple[tuple[str, Alarm], ...]:
        """Open alarms, each with its hall, newest first."""
        found = [
            (one.name, alarm)
            for one in self.halls
            if one.snapshot is not None
            for alarm in one.snapshot.alarms
        ]
        return tuple(sorted(found, key=lambda entry: -entry[1].raised_utc_s))

    @property
    def doors_between(self) -> tuple[str, ...]:
        """Names of entrance lines that several halls have: the doors between them.

        A name that the program gave is the same in several halls by chance.
        """
        names = Counter(name for one in self.halls for name in _list_entrances(one))
        return tuple(name for name, count in names.items() if count > 1 and not _GIVEN_NAME.fullmatch(name))

    @property
    def arrivals_today(self) -> int | None:
        """People who came in today where that is known, without those through the doors between the halls."""
        doors = self.doors_between
        known = [
            one.snapshot.arrivals_today
            - sum(entered for name, entered in _list_entrances(one).items() if name in doors)
            for one in self.halls
            if one.snapshot is not None and one.snapshot.arrivals_today is not None
        ]
        return max(0, sum(known)) if known else None


def _list_entrances(one: HallFigures) -> dict[str, int]:
    lines = () if one.snapshot is None else one.snapshot.lines
    return {line.name: line.in_today or 0 for line in lines if line.kind == ZoneKind.ENTRANCE.value}


def read_site_figures(folder: Path, *, store: CredentialStore) -> SiteFigures:
    """Return the present figures of all halls of the site that a venue is in.

    Raises:
        SiteError: the venue is in no site, or the server cannot be used.
    """
    membership = require_membership(folder)
    known = find_known_site(membership.site_id)
    hub = Path(known["hub"]) if "hub" in known else None
    age_s = cast(func.extract("epoch", func.clock_timestamp() - hall_state.c.at_utc), Float)
    data_age_s = cast(func.extract("epoch", func.clock_timestamp() - hall_state.c.observed_until_utc), Float)
    with (
        using_site(membership, store=store) as engine,
        engine.connect() as connection,
    ):
        cameras = _list_cameras(connection)
        machines = _list_machines(connection, cameras, membership.machine_id)
        statement = (
            select(hall.c.id, hall.c.name, hall_state.c.body, age_s, data_age_s, hall_state.c.gap_s)
            .outerjoin(hall_state, hall_state.c.hall == hall.c.id)
            .order_by(hall.c.id)
        )
        halls = []
        for number, name, body, age, data_age, gap_s in connection.execute(statement).all():
            role = find_role(connection, folder, number)
            may_see = role is not None and may(role, Permission.SEE_FIGURES)
            own = [one for one in machines if one.hall == name]
            read = [one.machine for one in cameras if one.hall == name]
            place = None if hub is None else name_hall_folder(hub, number)
            halls.append(
                HallFigures(
                    name,
                    sum(one.is_alive for one in own),
                    len(own),
                    sum(map(bool, read)),
                    len(read),
                    may_see,
                    _parse_snapshot(body) if may_see else None,
                    age,
                    data_age,
                    # a hall without observations has no gaps either
                    gap_s if data_age is not None and data_age < _DAY_S else None,
                    place if place is not None and place.is_dir() else None,
                )
            )
        return SiteFigures(
            connection.execute(select(site.c.name)).scalar_one(),
            membership.hall,
            tuple(halls),
            Path(known.get("venue", folder)),
            hub is not None and hub.is_dir(),
        )


def _parse_snapshot(body: object) -> HallSnapshot | None:
    """Return a snapshot; None if there is none, or another version wrote it."""
    try:
        return None if body is None else _SNAPSHOT.validate_python(body)
    except ValidationError:
        return None


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
            jobs=_list_jobs(connection, read_venue(folder).exhibition),
        )


def _describe_job(job: JobState, exhibition: Exhibition) -> Phrase:
    at = job.arguments
    if job.kind == PREPARE:
        return Phrase("Prepare {day}", {"day": exhibition.local_day(float(at["start_s"])).isoformat()})
    return Phrase("Make and send scheduled reports")


def _list_jobs(connection: Connection, exhibition: Exhibition) -> tuple[SiteJob, ...]:
    names = {row.id: row.name for row in connection.execute(select(hall.c.id, hall.c.name))}
    jobs = [
        SiteJob(
            one.number,
            _describe_job(one, exhibition),
            names.get(one.arguments.get("hall", 0), ""),
            one.status,
            one.done / one.total if one.total else None,
        )
        for one in reversed(read_jobs(connection))
    ]
    ended = [one for one in jobs if not one.is_unfinished]
    return (*(one for one in jobs if one.is_unfinished), *ended[:_ENDED_JOBS])


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
