"""A site on a real server: created, joined, shared and left, and each refusal in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import AccessError
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.timed_event import TimedNote
from analytics.domain.zone import Zone
from analytics.domain.zone_targets import ZoneTargets
from analytics.visitors.false_positives.corrections import Corrections
from app.access.access_file import User, VenueAccess, read_access, write_access
from app.access.guard import act_as, clear_actors
from app.access.roles import ROLES_OF_PEOPLE, Permission, Role, may
from app.access.users import add_user
from app.core.credentials import Credential, EncryptedFileCredentialStore, make_credential_key
from app.core.file_format import read_venue, write_venue
from app.findings.finding_decisions import FindingDecision, decide_finding, read_decisions
from app.plan.edit_geometry import AddShape
from app.plan.saved_edits import save_edit, save_undo
from app.site.join import (
    create_site,
    drain_machine,
    join_site,
    leave_site,
    make_join_code,
    move_camera,
    preview_join,
    read_changes,
    remove_machine,
    synchronise,
    undo_site_change,
)
from app.site.schema import SiteError
from app.site.settings_sync import join_settings, split_settings
from app.site.site_document import (
    DatabaseAddress,
    make_password_key,
    parse_address,
    read_membership,
    require_membership,
    using_site,
)
from app.site.site_status import read_status
from app.timeline.edit_timeline import add_note
from app.timeline.timeline_file import read_timeline
from tests.support.halls.builder import box, zone
from tests.support.halls.guarded_venue import read_contents, work_as
from tests.support.servers.postgres_server import PostgresServer
from tests.unit.app.core.venues import make_full_venue

PASSWORD = "the camera's own words"
MADE_BY_OTHERS = ("credentials.json", "credentials.key")


@dataclass
class Machine:
    """A computer of its own: a folder of passwords, and a venue."""

    name: str
    folder: Path
    store: EncryptedFileCredentialStore

    def join(self, address: DatabaseAddress, code: str, **options: str) -> None:
        join_site(self.folder, address=address, code=code, machine=self.name, store=self.store, **options)
        self.sync()

    def sync(self) -> object:
        return synchronise(self.folder, store=self.store)

    def list_zones(self) -> list[str]:
        return [
            str(one.name) for version in read_venue(self.folder).geometry_versions for one in version.zones
        ]

    def find_zone(self, name: str) -> Zone:
        versions = read_venue(self.folder).geometry_versions
        return next(one for version in versions for one in version.zones if one.name == name)


class LateClock(SystemClock):
    """A clock a day behind."""

    def now_utc_s(self) -> float:
        return super().now_utc_s() - 86_400.0


@pytest.fixture
def make_machine(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    def make(name: str, *, with_venue: bool = True) -> Machine:
        folder = tmp_path / name / f"{name}.expoflow"
        store = EncryptedFileCredentialStore(tmp_path / name / "settings", passphrase=None, scrypt_cost=2)
        folder.parent.mkdir()
        if with_venue:
            folder.mkdir()
            venue = make_full_venue(folder)
            venue = dataclasses.replace(
                venue, exhibition=dataclasses.replace(venue.exhibition, name=f"Fair of {name}")
            )
            (folder / "plan.png").write_bytes(b"a picture")
            write_venue(venue)
        return Machine(name, folder, store)

    yield make
    clear_actors()


@pytest.fixture
def address(postgres_server: PostgresServer) -> DatabaseAddress:
    return parse_address(postgres_server.make_database())


@pytest.fixture
def north(make_machine: Callable[..., Machine], address: DatabaseAddress) -> Machine:
    machine = make_machine("north")
    store_password(machine, PASSWORD)
    create_site(
        machine.folder, address=address, name="Fair", machine="north", hall="Hall 1", store=machine.store
    )
    machine.sync()
    return machine


def store_password(machine: Machine, password: str) -> None:
    machine.store.store(find_camera_key(machine), Credential("guard", password))


def find_camera_key(machine: Machine) -> str:
    source = read_venue(machine.folder).camera("north").address
    assert source is not None
    return make_credential_key(source, camera="north")


def test_every_part_of_a_venue_is_shared(tmp_path: Path) -> None:
    venue = dataclasses.replace(
        make_full_venue(tmp_path / "hall.expoflow"),
        corrections=Corrections(excludes_staff=True, not_doors=((1.0, 2.0),)),
        planned_cameras=(PlannedCamera(CameraId("planned"), 3.0, 4.0),),
        targets=(ZoneTargets(ZoneId(""), capacity=500), ZoneTargets(ZoneId("A1 展台"), rent=900.0)),
    )
    fields = dataclasses.fields(venue)
    assert not [one.name for one in fields if getattr(venue, one.name) in (one.default, (), None)]
    venue.folder.mkdir()
    write_venue(venue)
    parts = split_settings(venue, read_access(venue.folder))
    assert join_settings(parts, venue.folder) == (venue, read_access(venue.folder))


def test_a_second_machine_helps_with_a_hall_and_has_its_plan_cameras_and_passwords(
    north: Machine, make_machine: Callable[..., Machine], address: DatabaseAddress
) -> None:
    south = make_machine("south", with_venue=False)
    code = make_join_code(north.folder, hall="hall 1", store=north.store)
    assert timedelta(minutes=59) < code.expires_utc - datetime.now(UTC) <= timedelta(hours=1)
    place = DatabaseAddress(address.host, address.port, address.database)
    preview = preview_join(south.folder, address=place, code=code.code.lower(), machine="south")
    assert (preview.site, preview.hall, preview.is_new_hall, preview.replaced) == (
        "Fair",
        "Hall 1",
        False,
        (),
    )

    south.join(place, code.code)
    north.sync()
    south.sync()

    here, there = read_venue(north.folder), read_venue(south.folder)
    # the processor is each machine's own
    settings = dataclasses.replace(there.settings, device=here.settings.device)
    assert dataclasses.replace(there, folder=here.folder, settings=settings) == here
    assert (there.settings.device, here.settings.device) == ("auto", "GPU")
    assert (south.folder / "plan.png").read_bytes() == b"a picture"
    assert south.store.find(find_camera_key(south)) == Credential("guard", PASSWORD)
    status = read_status(south.folder, store=south.store)
    assert [(one.name, one.hall, one.is_this) for one in status.machines] == [
        ("north", "Hall 1", False),
        ("south", "Hall 1", True),
    ]
    assert [one.name for one in status.cameras] == [str(name) for name in there.camera_names]


def test_a_machine_with_a_venue_of_its_own_brings_a_hall(
    north: Machine, make_machine: Callable[..., Machine], address: DatabaseAddress
) -> None:
    east = make_machine("east")
    before = read_contents(east.folder)
    east.join(address, make_join_code(north.folder, hall=None, store=north.store).code)

    assert require_membership(east.folder).hall == "east"
    assert read_status(north.folder, store=north.store).halls == ("Hall 1", "east")
    leave_site(east.folder, store=east.store)
    assert read_contents(east.folder) == before
    assert [one.name for one in read_status(north.folder, store=north.store).machines] == ["north"]


def test_what_joining_changes_is_shown_first_and_only_cameras_and_users_come_along(
    north: Machine, make_machine: Callable[..., Machine], address: DatabaseAddress
) -> None:
    add_user(north.folder, name="Ada", role=Role.ADMINISTRATOR, secret="a long secret")
    act_as(north.folder, None)
    south = make_machine("south")
    venue = read_venue(south.folder)
    extra = dataclasses.replace(venue.cameras[0].camera, name="gate")
    geometry = venue.geometry_at(None)
    geometry = dataclasses.replace(geometry, zones=(*geometry.zones, zone("B1", box(10, 10, 12, 12))))
    write_venue(
        venue.with_camera(dataclasses.replace(venue.cameras[0], camera=extra)).with_geometry(geometry)
    )
    add_user(south.folder, name="Ben", role=Role.ADMINISTRATOR, secret="another secret")
    act_as(south.folder, None)
    work_as(north.folder, Role.SERVICE)
    north.sync()
    with pytest.raises(AccessError):
        make_join_code(north.folder, hall="Hall 1", store=north.store)
    sign(north, "Ada")
    sign(south, "Ben")
    code = make_join_code(north.folder, hall="Hall 1", store=north.store).code

    preview = preview_join(south.folder, address=address, code=code, machine="south")
    assert preview.added == ("cameras/gate", "users/Ben")
    assert "exhibition" in preview.replaced
    assert any(part.startswith("zones/") and part.endswith("/B1") for part in preview.replaced)
    south.join(address, code)
    north.sync()

    for machine in (north, south):
        venue = read_venue(machine.folder)
        assert "gate" in venue.camera_names
        assert venue.exhibition.name == "Fair of north"
        assert "B1" not in machine.list_zones()
        assert {user.name for user in read_access(machine.folder).users} == {"Ada", "Ben"}


def sign(machine: Machine, name: str) -> None:
    from app.access.guard import Actor

    act_as(machine.folder, Actor(name, Role.ADMINISTRATOR))


@pytest.fixture
def pair(
    north: Machine, make_machine: Callable[..., Machine], address: DatabaseAddress
) -> tuple[Machine, Machine]:
    south = make_machine("south", with_venue=False)
    south.join(address, make_join_code(north.folder, hall="Hall 1", store=north.store).code)
    return north, south


def test_an_edit_and_its_undoing_reach_the_other_machine(pair: tuple[Machine, Machine]) -> None:
    north, south = pair
    saved = save_edit(north.folder, AddShape(zone("B1", box(10, 10, 12, 12))))
    north.sync()
    south.sync()
    assert "B1" in south.list_zones()

    save_undo(north.folder, saved.step)
    north.sync()
    south.sync()
    assert "B1" not in south.list_zones()
    undone, made, *_first = read_changes(south.folder, store=south.store)
    assert made.author == undone.author == "north"
    assert [change.part for change in made.changes] == [change.part for change in undone.changes]

    undo_site_change(south.folder, undone.number, store=south.store)
    north.sync()
    assert "B1" in south.list_zones()
    assert "B1" in north.list_zones()


def test_notes_and_decisions_are_shared_entry_by_entry_and_undone(
    pair: tuple[Machine, Machine],
) -> None:
    north, south = pair
    add_note(north.folder, TimedNote(1_795_597_200.5, "The lift was closed"))
    decide_finding(north.folder, FindingDecision("cold", "A1 展台", note="moved", due_on=date(2026, 12, 1)))
    add_note(south.folder, TimedNote(1_795_600_800.0, "A school class"))
    for machine in (north, south, north):
        machine.sync()
    for read in (read_timeline, read_decisions):
        assert read(north.folder) == read(south.folder)
    assert [note.text for note in read_timeline(south.folder).notes] == [
        "The lift was closed",
        "A school class",
    ]

    newest = read_changes(north.folder, store=north.store)[0]
    undo_site_change(north.folder, newest.number, store=north.store)
    south.sync()
    assert [note.text for note in read_timeline(south.folder).notes] == ["The lift was closed"]
    assert [decision.note for decision in read_decisions(south.folder)] == ["moved"]


def test_edits_of_two_machines_at_once_are_both_kept_and_of_one_thing_the_first(
    pair: tuple[Machine, Machine], log_guard: Any
) -> None:
    north, south = pair
    save_edit(north.folder, AddShape(zone("B1", box(10, 10, 12, 12))))
    save_edit(south.folder, AddShape(zone("B2", box(13, 10, 15, 12))))
    save_edit(south.folder, AddShape(zone("B3", box(16, 10, 18, 12))))
    save_edit(north.folder, AddShape(zone("B3", box(16, 14, 18, 16))))
    north.sync()
    log_guard.expect("Others changed the same settings first")
    refused = south.sync().refused
    north.sync()

    assert [part.rpartition("/")[2] for part in refused] == ["B3"]
    assert sorted(north.list_zones()) == sorted(south.list_zones())
    assert {"B1", "B2", "B3"} <= set(north.list_zones())
    assert south.find_zone("B3") == north.find_zone("B3")
    assert (16.0, 14.0) in south.find_zone("B3").outline.points

    changes = read_changes(north.folder, store=north.store)
    first = next(one for one in changes if any("B3" in change.part for change in one.changes))
    undo_site_change(south.folder, first.number, store=south.store)
    with pytest.raises(SiteError, match="was undone already"):
        undo_site_change(south.folder, first.number, store=south.store)
    save_edit(south.folder, AddShape(zone("B3", box(20, 10, 22, 12))))
    south.sync()
    with pytest.raises(SiteError, match="zones//B3 changed again since"):
        undo_site_change(north.folder, first.number, store=north.store)


def test_a_machine_works_on_without_the_server_and_catches_up(
    pair: tuple[Machine, Machine], postgres_server: PostgresServer
) -> None:
    north, south = pair
    postgres_server.stop()
    try:
        save_edit(north.folder, AddShape(zone("B1", box(10, 10, 12, 12))))
        with pytest.raises(SiteError, match="does not answer"):
            north.sync()
        assert "B1" in north.list_zones()
    finally:
        postgres_server.start()
    north.sync()
    south.sync()
    assert "B1" in south.list_zones()


def test_a_changed_password_reaches_the_other_machine_and_none_is_in_the_database(
    pair: tuple[Machine, Machine], address: DatabaseAddress, postgres_server: PostgresServer
) -> None:
    north, south = pair
    north.sync()
    south.sync()
    store_password(south, "changed words")
    south.sync()
    north.sync()
    assert north.store.find(find_camera_key(north)) == Credential("guard", "changed words")

    copy = postgres_server.dump(address.database)
    login = north.store.find(make_password_key(require_membership(north.folder).machine_id))
    assert login is not None
    assert "sealed_password" in copy
    for secret in (PASSWORD, "changed words", login.password):
        assert secret not in copy
        assert secret.encode().hex() not in copy


def test_a_removed_machine_is_told_so_and_the_others_go_on(pair: tuple[Machine, Machine]) -> None:
    north, south = pair
    remove_machine(north.folder, "south", store=north.store)
    before = read_contents(south.folder)
    with pytest.raises(SiteError, match="removed from the site"):
        south.sync()
    with pytest.raises(SiteError, match="removed from the site"):
        read_status(south.folder, store=south.store)
    assert read_contents(south.folder) == before
    leave_site(south.folder, store=south.store, offline=True)
    assert read_membership(south.folder) is None
    assert north.sync()


def test_cameras_are_moved_and_machines_drained(pair: tuple[Machine, Machine]) -> None:
    north, south = pair
    move_camera(south.folder, "north", machine="South", store=south.store)
    drain_machine(south.folder, "north", is_draining=True, store=south.store)
    status = read_status(north.folder, store=north.store)
    assert next(one.wanted_machine for one in status.cameras if one.name == "north") == "south"
    assert [one.is_draining for one in status.machines] == [True, False]
    with pytest.raises(SiteError, match=r"no machine named 'west'.*'north', 'south'"):
        drain_machine(south.folder, "west", is_draining=True, store=south.store)
    with pytest.raises(SiteError, match="is this machine"):
        remove_machine(south.folder, "south", store=south.store)


def test_codes_that_do_not_join_say_why_and_nothing_changes(
    pair: tuple[Machine, Machine], make_machine: Callable[..., Machine], address: DatabaseAddress
) -> None:
    north, _south = pair
    west = make_machine("west")
    used = make_join_code(north.folder, hall=None, store=north.store).code
    make_machine("other").join(address, used)
    old = make_join_code(north.folder, hall=None, store=north.store).code
    age_codes(north)

    assert refuse_to_join(west, address, used, "was used at")
    assert refuse_to_join(west, address, old, "expired at")
    assert refuse_to_join(west, address, "0000-0000-0000-0000", "does not know this join code")
    assert refuse_to_join(west, address, "1234", "is not a join code")


def age_codes(machine: Machine) -> None:
    from sqlalchemy import create_engine, text

    place = require_membership(machine.folder).address
    engine = create_engine(f"postgresql+psycopg://postgres:root@{place}")
    with engine.begin() as connection:
        aged = "UPDATE site.join_code SET expires_utc = now() - interval '1 minute' WHERE used_utc IS NULL"
        connection.execute(text(aged))
    engine.dispose()


def refuse_to_join(machine: Machine, address: DatabaseAddress, code: str, match: str, **options: Any) -> bool:
    """Both the preview and joining refuse, and leave no trace."""
    before = read_contents(machine.folder.parent)
    options |= {"address": address, "code": code, "machine": machine.name}
    with pytest.raises(SiteError, match=match):
        preview_join(machine.folder, **options)
    with pytest.raises(SiteError, match=match):
        join_site(machine.folder, store=machine.store, **options)
    return read_contents(machine.folder.parent) == before


def test_names_that_are_taken_and_a_wrong_clock_are_refused(
    pair: tuple[Machine, Machine], make_machine: Callable[..., Machine], address: DatabaseAddress
) -> None:
    north, _south = pair
    west = make_machine("west")
    code = make_join_code(north.folder, hall=None, store=north.store).code

    assert refuse_to_join(west, address, code, "already has a hall named 'HALL 1'", hall="HALL 1")
    late = LateClock()
    assert refuse_to_join(west, address, code, "1440 minutes behind", clock=late, hall="Hall 9")
    twin = Machine("NORTH", west.folder, west.store)
    assert refuse_to_join(twin, address, code, "already has a machine named 'NORTH'", hall="Hall 9")
    west.join(address, code, hall="Hall 9")
    assert refuse_to_join(west, address, code, "already in the site 'Fair'")


def test_servers_that_cannot_be_used_say_why(
    make_machine: Callable[..., Machine], address: DatabaseAddress, postgres_server: PostgresServer
) -> None:
    machine = make_machine("north")
    before = read_contents(machine.folder.parent)
    wrong = address.with_login(address.user, "nonsense")
    elsewhere = dataclasses.replace(address, database="nothing_here")
    silent = dataclasses.replace(address, port=1)
    full = postgres_server.make_database()
    postgres_server.execute("CREATE TABLE orders (number integer)", parse_address(full).database)
    for place, match in (
        (wrong, "does not accept this user name and password"),
        (elsewhere, "no such database"),
        (silent, "does not answer"),
        (parse_address(full), "holds tables of another program"),
    ):
        with pytest.raises(SiteError, match=match) as refused:
            create_site(machine.folder, address=place, name="Fair", machine="north", store=machine.store)
        assert "nonsense" not in str(refused.value)
    assert read_contents(machine.folder.parent) == before
    schemas = postgres_server.execute("SELECT nspname FROM pg_namespace", address.database)
    assert ("site",) not in schemas


def test_a_server_without_a_free_connection_says_so(
    make_machine: Callable[..., Machine], address: DatabaseAddress, postgres_server: PostgresServer
) -> None:
    machine = make_machine("north")
    postgres_server.execute(f"ALTER ROLE {address.user} CONNECTION LIMIT 0")
    try:
        with pytest.raises(SiteError, match="no free connection"):
            create_site(machine.folder, address=address, name="Fair", machine="north", store=machine.store)
    finally:
        postgres_server.execute(f"ALTER ROLE {address.user} CONNECTION LIMIT -1")


def test_another_machine_is_only_reached_by_tls(
    make_machine: Callable[..., Machine], postgres_server: PostgresServer, address: DatabaseAddress
) -> None:
    with pytest.raises(SiteError, match="would not be encrypted"):
        parse_address("postgresql://u:p@db.example.org/expoflow?sslmode=prefer")
    machine = make_machine("north")
    # not known to be this machine's
    elsewhere = dataclasses.replace(address, host="127.1")

    def create(place: DatabaseAddress) -> object:
        return create_site(machine.folder, address=place, name="Fair", machine="north", store=machine.store)

    with pytest.raises(SiteError, match="offers no TLS"):
        create(elsewhere)
    postgres_server.use_tls()
    try:
        with pytest.raises(SiteError, match="certificate of the site's server"):
            create(
                dataclasses.replace(elsewhere, options={"sslmode": "verify-full", "sslrootcert": "system"})
            )
        create(elsewhere)
        machine.sync()
        membership = require_membership(machine.folder)
        with using_site(membership, store=machine.store) as engine, engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            assert driver.pgconn.ssl_in_use
    finally:
        postgres_server.use_tls(False)


@pytest.mark.parametrize(
    "text", ["", "host", "host/", "mysql://host/name", "host:port/name", "host/name?options=-c"]
)
def test_addresses_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SiteError, match="database address is not valid"):
        parse_address(text)


def test_a_copied_folder_gives_no_access(north: Machine, make_machine: Callable[..., Machine]) -> None:
    thief = make_machine("thief", with_venue=False)
    north.folder.rename(thief.folder)
    with pytest.raises(SiteError, match="has no access to the site 'Fair'"):
        thief.sync()


def test_roles_of_the_hall_decide_who_may_change_the_site(pair: tuple[Machine, Machine]) -> None:
    north, _south = pair
    created = datetime(2026, 11, 1, tzinfo=UTC)
    users = tuple(User(role.value, role, "no hash", created) for role in ROLES_OF_PEOPLE)
    write_access(north.folder, VenueAccess(users))
    acts: dict[Permission, tuple[Callable[[], object], ...]] = {
        Permission.ADMINISTER_USERS: (
            lambda: make_join_code(north.folder, hall=None, store=north.store),
            lambda: remove_machine(north.folder, "south", store=north.store),
            lambda: leave_site(north.folder, store=north.store),
        ),
        Permission.EDIT_CAMERAS: (
            lambda: drain_machine(north.folder, "south", is_draining=True, store=north.store),
            lambda: move_camera(north.folder, "north", machine="south", store=north.store),
        ),
        Permission.CHANGE_SETTINGS: (lambda: undo_site_change(north.folder, 1, store=north.store),),
    }
    refused = 0
    for role in (*ROLES_OF_PEOPLE, Role.SERVICE, Role.WALL):
        work_as(north.folder, role)
        for permission, group in acts.items():
            for act in () if may(role, permission) else group:
                with pytest.raises(AccessError):
                    act()
                refused += 1
    assert refused == 4 * 6 + 3
    act_as(north.folder, None)
    status = read_status(north.folder, store=north.store)
    assert [one.is_draining for one in status.machines] == [False, False]
    assert not any(one.wanted_machine for one in status.cameras)
