"""Create a site, join it with a code, look after its machines, and leave it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import AccessError, Phrase
from analytics.store.database_url import open_sqlite
from analytics.store.history_folder import DATABASE_NAME, read_server_mark
from analytics.store.outbox import stop_outbox
from analytics.store.store_failures import converting_store_errors
from app.access.access_file import read_access
from app.access.audit_log import Outcome, record_audit
from app.access.guard import EVERYBODY, Actor, describe_roles, doing, find_actor, refuse
from app.access.roles import Permission, Role, may
from app.core.credentials import CredentialStore
from app.core.document import MEMBERSHIP_FILE
from app.core.file_format import create_venue, read_venue, write_venue
from app.recording.held_cameras import LAST_HELD_NAME, forget_held_cameras
from app.site.schema import CODE_PREFIX, SiteError, check_schema, create_schema, hall_user, upgrade_schema
from app.site.schema import hall as halls
from app.site.sealed_passwords import make_key_pair, share_passwords
from app.site.settings_sync import (
    BASE_NAME,
    Exchange,
    Parts,
    SentChange,
    compare_parts,
    exchange_settings,
    find_additions,
    join_settings,
    list_changes,
    prepare_first_exchange,
    split_documents,
    split_settings,
    undo_change,
)
from app.site.site_document import (
    DatabaseAddress,
    Membership,
    explain_failures,
    forget_secrets,
    make_engine,
    read_membership,
    require_membership,
    store_secrets,
    using_site,
    write_membership,
)

MAX_CLOCK_DIFFERENCE_S = 60.0
CODE_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""
CODE_LENGTH = 16
MAX_NAME = 60
_NAME = re.compile(r"[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?")


@dataclass(frozen=True, slots=True)
class JoinCode:
    """A code that one machine can join with, once."""

    code: str
    expires_utc: datetime


@dataclass(frozen=True, slots=True)
class JoinPreview:
    """Consequences of joining.

    Attributes:
        hall: that the machine will be part of.
        is_new_hall: whether the site does not have it yet.
        added: cameras, users, and files with entries of this machine that the hall does not have: they come
            along.
        replaced: parts of this venue that will be as in the hall.
    """

    site: str
    hall: str
    is_new_hall: bool
    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def create_site(
    folder: Path,
    *,
    address: DatabaseAddress,
    name: str,
    machine: str,
    hall: str = "",
    store: CredentialStore,
    clock: Clock | None = None,
) -> Membership:
    """Create a site in an empty database, with a venue as its first hall and this machine as its first.

    Args:
        address: with a user who may create users and schemas; the login is not kept.
        hall: empty for that of the venue's folder.

    Raises:
        SiteError: the venue is in a site already, or the database cannot be used; nothing was changed.
        AccessError: the current user may not do this.
        ExpoFlowError: the venue cannot be read, or its folder not written to.
    """
    hall = hall or read_venue(folder).name
    _check_names(name, hall, machine)
    _require_no_site(folder)
    site_id = secrets.token_hex(6)
    with doing(folder, Permission.ADMINISTER_USERS, "site created", {"site": name, "machine": machine}):
        refusal = SiteError(
            "The server {where} does not accept this user name and password.",
            "Enter the database user who is to own the site, and the password.",
            where=str(address),
        )
        with _all_or_nothing(folder, store), _connect(address, refusal) as connection:
            _check_clock(connection, clock)
            create_schema(connection, site_id=site_id, name=name)
            call = text("SELECT site.add_machine(NULL, :machine, :hall, :key, :verifier)")
            membership = _add_machine(
                folder,
                connection,
                lambda values: connection.execute(call, values).scalar_one(),
                found={"site_id": site_id, "site": name},
                hall=hall,
                machine=machine,
                store=store,
                address=address,
            )
            connection.commit()
    return membership


def upgrade_site(*, address: DatabaseAddress) -> tuple[int, int]:
    """Bring a site's database to this program's version, and return the versions before and after.

    Args:
        address: with the database user who owns the site; the login is not kept.

    Raises:
        SiteError: the database cannot be used, holds no site, or one of a newer program.
    """
    refusal = SiteError(
        "The server {where} does not accept this user name and password.",
        "Enter the database user who created the site, and the password.",
        where=str(address),
    )
    with _connect(address, refusal) as connection:
        versions = upgrade_schema(connection)
        connection.commit()
    return versions


def make_join_code(folder: Path, *, hall: str | None, store: CredentialStore) -> JoinCode:
    """Make a code with which one more machine can join, within an hour.

    Args:
        hall: name of the hall that it will be part of; None for a new one.

    Raises:
        SiteError: there is no such hall, or the server cannot be used.
        AccessError: the current user may not do this.
    """
    membership = require_membership(folder)
    what = {"hall": hall or ""}
    code = "".join(secrets.choice(CODE_CHARACTERS) for _ in range(CODE_LENGTH))
    with (
        doing(folder, Permission.ADMINISTER_USERS, "join code made", what),
        using_site(membership, store=store) as engine,
        engine.begin() as connection,
    ):
        hall_id = None
        if hall is not None:
            find = text("SELECT id FROM site.hall WHERE lower(name) = lower(:name)")
            hall_id = connection.execute(find, {"name": hall}).scalar()
            if hall_id is None:
                raise make_unknown(connection, "hall", hall)
            _require_in_hall(
                connection, folder, hall_id, Permission.ADMINISTER_USERS, action="join code made", what=what
            )
        call = text("SELECT site.make_join_code(:code, :hall, :verifier)")
        values = {"code": _hash_code(code), "hall": hall_id, "verifier": _make_verifier(connection, code)}
        expires: datetime = connection.execute(call, values).scalar_one()
    groups = (code[at : at + 4] for at in range(0, CODE_LENGTH, 4))
    return JoinCode("-".join(groups), expires.astimezone(UTC))


def describe_address(folder: Path) -> str:
    """Return the database's address as another machine has to enter it.

    Raises:
        SiteError: the venue is in no site.
    """
    address = require_membership(folder).address
    host = socket.gethostname() if address.is_local else address.host
    return str(dataclasses.replace(address, host=host))


def preview_join(
    folder: Path,
    *,
    address: DatabaseAddress,
    code: str,
    hall: str = "",
    machine: str,
    clock: Clock | None = None,
) -> JoinPreview:
    """Return what joining would do, without changing anything.

    Args:
        address: its login is not used.
        hall: name of a new hall; empty for that of the venue's folder.

    Raises:
        SiteError: as `join_site`.
    """
    _require_no_site(folder)
    with _connect_by_code(address, code) as connection:
        return _plan_join(_read_code(connection, clock), folder, hall=hall, machine=machine)[0]


def join_site(
    folder: Path,
    *,
    address: DatabaseAddress,
    code: str,
    machine: str,
    hall: str = "",
    store: CredentialStore,
    clock: Clock | None = None,
) -> Membership:
    """Join a site with a venue; one that is not there yet is created with the hall's settings.

    History, users and cameras come along and stay here; see `preview_join`.

    Args:
        address: its login is not used.
        hall: name of a new hall; empty for that of the venue's folder.

    Raises:
        SiteError: the code is wrong, used or expired; a hall or machine of that name exists; this machine's
            clock is wrong; or the server cannot be used. Nothing was changed.
        AccessError: the current user may not do this.
    """
    _require_no_site(folder)
    with (
        doing(folder, Permission.ADMINISTER_USERS, "site joined", {"machine": machine}),
        _connect_by_code(address, code) as connection,
    ):
        found = _read_code(connection, clock)
        preview, there = _plan_join(found, folder, hall=hall, machine=machine)
        call = text("SELECT site.join_site(:machine, :hall, :key, :verifier)")
        with _all_or_nothing(folder, store):
            if not folder.exists():
                _create_folder(folder, there)
            if not preview.is_new_hall:
                prepare_first_exchange(folder, there)
            membership = _add_machine(
                folder,
                connection,
                lambda values: connection.execute(call, values).scalar_one(),
                found=found,
                hall=preview.hall,
                machine=machine,
                store=store,
                address=address,
            )
            connection.commit()
    return membership


def leave_site(folder: Path, *, store: CredentialStore, offline: bool = False) -> Membership:
    """Leave the site; history, users, cameras and settings stay in the venue's folder.

    Args:
        offline: forget the site here without telling the server, which keeps the machine until another
            machine removes it.

    Raises:
        SiteError: the venue is in no site, or the server cannot be used.
        AccessError: the current user may not do this.
    """
    membership = require_membership(folder, is_own=True)
    with doing(folder, Permission.ADMINISTER_USERS, "site left", {"site": membership.site}):
        if not offline:
            with using_site(membership, store=store) as engine, engine.begin() as connection:
                _remove(connection, membership.machine_id)
        _forget(folder, membership, store)
    return membership


def remove_machine(folder: Path, name: str, *, store: CredentialStore) -> None:
    """Remove another machine, which can then neither read nor write; what it recorded stays in the history.

    Raises:
        SiteError: there is no such machine, it is this one, or the server cannot be used.
        AccessError: the current user may not do this.
    """
    membership = require_membership(folder)
    with (
        doing(folder, Permission.ADMINISTER_USERS, "machine removed", {"machine": name}),
        using_site(membership, store=store) as engine,
    ):
        with engine.begin() as connection:
            machine_id = _find_machine(
                connection, name, folder, Permission.ADMINISTER_USERS, "machine removed"
            )
            if machine_id == membership.machine_id:
                raise SiteError(
                    "'{name}' is this machine.",
                    "To take it out of the site: python -m app site leave",
                    name=name,
                )
            _remove(connection, machine_id)
        # its connections of the last moment, now that it can make no more
        with engine.begin() as connection:
            _remove(connection, machine_id)


def drain_machine(folder: Path, name: str, *, is_draining: bool, store: CredentialStore) -> None:
    """Hand a machine's cameras over to the others, for maintenance, or let it take cameras again.

    Raises:
        SiteError: there is no such machine, or the server cannot be used.
        AccessError: the current user may not do this.
    """
    membership = require_membership(folder)
    action = "machine drained" if is_draining else "machine takes cameras again"
    with (
        doing(folder, Permission.EDIT_CAMERAS, action, {"machine": name}),
        using_site(membership, store=store) as engine,
        engine.begin() as connection,
    ):
        it = _find_machine(connection, name, folder, Permission.EDIT_CAMERAS, action)
        values = {"it": it, "is": is_draining}
        connection.execute(text("UPDATE site.machine SET draining = :is WHERE id = :it"), values)


def move_camera(
    folder: Path, camera: str, *, machine: str | None, store: CredentialStore, hall: str = ""
) -> None:
    """Choose the machine that should read a camera, if it runs; None: the site chooses.

    Args:
        hall: of the camera; empty for that of this machine.

    Raises:
        SiteError: there is no such camera, hall or machine, or the server cannot be used.
        AccessError: the current user may not do this.
    """
    membership = require_membership(folder)
    action, what = "camera moved to a machine", {"camera": camera, "machine": machine or ""}
    with (
        doing(folder, Permission.EDIT_CAMERAS, action, what),
        using_site(membership, store=store) as engine,
        engine.begin() as connection,
    ):
        find = text(
            "SELECT camera.id, hall.id AS hall FROM site.camera JOIN site.hall ON hall.id = camera.hall "
            "WHERE camera.name = :camera AND hall.name = :hall"
        )
        found = connection.execute(find, {"camera": camera, "hall": hall or membership.hall}).first()
        if found is None:
            raise make_unknown(connection, "camera", camera)
        _require_in_hall(connection, folder, found.hall, Permission.EDIT_CAMERAS, action=action, what=what)
        wanted = (
            None
            if machine is None
            else _find_machine(connection, machine, folder, Permission.EDIT_CAMERAS, action)
        )
        values = {"camera": found.id, "machine": wanted}
        connection.execute(
            text("UPDATE site.camera SET wanted_machine = :machine WHERE id = :camera"), values
        )


def synchronise(folder: Path, *, store: CredentialStore) -> Exchange:
    """Exchange settings and passwords with the site now; the program does so by itself while it runs.

    Raises:
        SiteError: the venue is in no site, or the server cannot be used.
        VenueError: the venue cannot be read or written.
        CredentialError: the credential store cannot be used.
    """
    membership = require_membership(folder)
    with using_site(membership, store=store) as engine:
        with engine.connect() as connection:
            done = exchange_settings(
                connection, folder, hall_id=membership.hall_id, author=_find_author(folder, membership)
            )
        with engine.begin() as connection:
            share_passwords(
                connection, hall_id=membership.hall_id, machine_id=membership.machine_id, store=store
            )
    return done


def read_changes(folder: Path, *, store: CredentialStore) -> list[SentChange]:
    """Return the newest changes of the settings of a venue's hall, newest first.

    Raises:
        SiteError: the venue is in no site, or the server cannot be used.
    """
    membership = require_membership(folder)
    with using_site(membership, store=store) as engine, engine.connect() as connection:
        return list_changes(connection, membership.hall_id)


def undo_site_change(folder: Path, number: int, *, store: CredentialStore) -> None:
    """Undo a change of the settings of a venue's hall, on all its machines.

    Raises:
        SiteError: there is no such change, it was changed again since, or the server cannot be used.
        AccessError: the current user may not do this.
    """
    membership = require_membership(folder)
    author = _find_author(folder, membership)
    with (
        doing(folder, Permission.CHANGE_SETTINGS, "site change undone", {"number": number}),
        using_site(membership, store=store) as engine,
    ):
        with engine.connect() as connection:
            undo_change(connection, number, hall_id=membership.hall_id, author=author)
        with engine.connect() as connection:
            exchange_settings(connection, folder, hall_id=membership.hall_id, author=author)


def _find_author(folder: Path, membership: Membership) -> str:
    actor = find_actor(folder)
    return actor.name if actor is not None and actor.name else membership.machine


def _add_machine(
    folder: Path,
    connection: Connection,
    add: Callable[[Mapping[str, object]], dict[str, Any] | None],
    *,
    found: Mapping[str, Any],
    hall: str,
    machine: str,
    store: CredentialStore,
    address: DatabaseAddress,
) -> Membership:
    private_key, public_key = make_key_pair()
    password = secrets.token_urlsafe(32)
    verifier = _make_verifier(connection, password)
    made = add({"machine": machine, "hall": hall, "key": public_key, "verifier": verifier})
    if made is None:
        raise _make_invalid("The join code was used or has expired meanwhile.")
    membership = Membership(
        found["site_id"],
        found["site"],
        made["hall"],
        hall,
        made["machine"],
        machine,
        address.host,
        address.port,
        address.database,
        dict(address.options),
    )
    write_membership(folder, membership)
    store_secrets(membership.machine_id, password=password, private_key=private_key, store=store)
    return membership


@contextmanager
def _all_or_nothing(folder: Path, store: CredentialStore) -> Iterator[None]:
    """Leave a venue's folder as it was if the machine could not be added."""
    was_there = folder.exists()
    try:
        yield
    except BaseException:
        membership = read_membership(folder)
        if membership is not None:
            _forget(folder, membership, store)
        (folder / BASE_NAME).unlink(missing_ok=True)
        if not was_there:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _forget(folder: Path, membership: Membership, store: CredentialStore) -> None:
    for name in (MEMBERSHIP_FILE, BASE_NAME, LAST_HELD_NAME):
        (folder / name).unlink(missing_ok=True)
    forget_held_cameras(folder)
    if (folder / DATABASE_NAME).exists():
        local = open_sqlite(folder / DATABASE_NAME)
        try:
            with converting_store_errors(str(folder / DATABASE_NAME)):
                stop_outbox(local)
        finally:
            local.dispose()
    forget_secrets(membership.machine_id, store=store)


@contextmanager
def _connect(address: DatabaseAddress, refusal: SiteError) -> Iterator[Connection]:
    engine = make_engine(address, pool_size=1)
    try:
        with explain_failures(address, refusal=refusal), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _connect_by_code(address: DatabaseAddress, code: str) -> Iterator[Connection]:
    typed = _normalise_code(code)
    refusal = _make_invalid("The server {where} does not know this join code.", where=str(address))
    with _connect(address.with_login(CODE_PREFIX + _hash_code(typed), typed), refusal) as connection:
        yield connection


def _read_code(connection: Connection, clock: Clock | None) -> dict[str, Any]:
    check_schema(connection)
    found: dict[str, Any] = connection.execute(text("SELECT site.read_join_code()")).scalar_one()
    if "site" not in found:
        if found["used_utc"]:
            raise _make_invalid("The join code was used at {time} UTC.", time=_write_time(found["used_utc"]))
        raise _make_invalid("The join code expired at {time} UTC.", time=_write_time(found["expired_utc"]))
    _check_clock(connection, clock)
    return found


def _write_time(time_utc_s: float) -> str:
    return f"{datetime.fromtimestamp(time_utc_s, UTC):%H:%M}"


def _plan_join(
    found: Mapping[str, Any], folder: Path, *, hall: str, machine: str
) -> tuple[JoinPreview, Parts]:
    """Return what joining will do, and the hall's settings so far."""
    is_new_hall = found["hall_id"] is None
    if is_new_hall and not folder.exists():
        raise SiteError(
            "The join code is for a new hall, which needs a venue with its plan.",
            "Create or open its venue first; or make a code for one of the site's halls.",
        )
    hall_name = (hall or read_venue(folder).name) if is_new_hall else str(found["hall"])
    _check_names(hall_name, machine)
    if is_new_hall and hall_name.casefold() in map(str.casefold, found["halls"] or ()):
        raise SiteError(
            "The site '{site}' already has a hall named '{hall}'.",
            "Choose another name for the new hall, or make a code for that hall to add this machine to it.",
            site=found["site"],
            hall=hall_name,
        )
    if machine.casefold() in map(str.casefold, found["machines"] or ()):
        raise SiteError(
            "The site '{site}' already has a machine named '{machine}'.",
            "Choose another name for this machine, or remove the old one first.",
            site=found["site"],
            machine=machine,
        )
    if is_new_hall:
        return JoinPreview(found["site"], hall_name, is_new_hall=True), {}
    if found["settings"] is None:
        raise SiteError(
            "The hall '{hall}' has no settings yet.",
            "Start ExpoFlow on its first machine, so that it sends them, then try again.",
            hall=hall_name,
        )
    there = {
        **found["settings"],
        **{f"cameras/{entry['name']}": entry for entry in found["cameras"] or ()},
        **{f"users/{name}": None for name in found["users"] or ()},
    }
    if not folder.exists():
        return JoinPreview(found["site"], hall_name, is_new_hall=False), there
    here = split_settings(read_venue(folder), read_access(folder)) | split_documents(folder)
    added = find_additions(here, there)
    replaced = tuple(
        change.part
        for change in compare_parts(here, there)
        if change.part not in added and not change.part.startswith(("users/", "files/"))
    )
    # of the entries of other files, their files
    named = dict.fromkeys(part.split("/")[1] if part.startswith("files/") else part for part in added)
    preview = JoinPreview(found["site"], hall_name, is_new_hall=False, added=tuple(named), replaced=replaced)
    return preview, there


def _create_folder(folder: Path, there: Mapping[str, Any]) -> None:
    """Make a venue with a hall's settings but for its users, which the first exchange brings."""
    venue, _access = join_settings(
        {part: value for part, value in there.items() if not part.startswith("users/")}, folder
    )
    create_venue(folder, venue.exhibition, venue.plan)
    write_venue(dataclasses.replace(venue, plan=dataclasses.replace(venue.plan, picture=None)))


def _require_no_site(folder: Path) -> None:
    if read_server_mark(folder):
        raise SiteError(
            "This is a hall as a site has it, not the venue of a machine.", "Open a venue of this computer."
        )
    membership = read_membership(folder)
    if membership is not None:
        raise SiteError(
            "'{venue}' is already in the site '{site}', as the machine '{machine}'.",
            "To join another one, leave this one first: python -m app site leave",
            venue=folder.stem,
            site=membership.site,
            machine=membership.machine,
        )


def _check_names(*names: str) -> None:
    for name in names:
        if len(name) > MAX_NAME or _NAME.fullmatch(name) is None:
            raise SiteError(
                "'{name}' is not a valid name for a site, hall or machine.",
                "Use at most {count} characters, without line breaks and without spaces at its ends.",
                name=name,
                count=MAX_NAME,
            )


def _check_clock(connection: Connection, clock: Clock | None) -> None:
    """Refuse a machine whose clock is so wrong that its history would be in another hour."""
    own = clock or SystemClock()
    before_s = own.now_utc_s()
    there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    ahead_s = (before_s + own.now_utc_s()) / 2.0 - there.timestamp()
    if abs(ahead_s) > MAX_CLOCK_DIFFERENCE_S:
        raise SiteError(
            "This machine's clock is {minutes} minutes ahead of the server's."
            if ahead_s > 0
            else "This machine's clock is {minutes} minutes behind the server's.",
            "Set the clock that is wrong, for example by: timedatectl set-ntp true",
            minutes=round(abs(ahead_s) / 60.0),
        )


def _normalise_code(code: str) -> str:
    typed = re.sub(r"[\s-]", "", code).upper().translate(str.maketrans("OIL", "011"))
    if len(typed) != CODE_LENGTH or set(typed) - set(CODE_CHARACTERS):
        raise _make_invalid("'{code}' is not a join code.", code=code)
    return typed


def _hash_code(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def _make_invalid(problem: str, **details: object) -> SiteError:
    return SiteError(
        problem,
        "Make a new one on a machine of the site (Settings, Site; or python -m app site code), and enter it "
        "within an hour.",
        **details,
    )


def _make_verifier(connection: Connection, password: str) -> str:
    """Return what the server needs to check a password, so that it never receives the password itself."""
    driver: Any = connection.connection.driver_connection
    made: bytes = driver.pgconn.encrypt_password(password.encode(), b"expoflow", b"scram-sha-256")
    return made.decode("ascii")


def _find_machine(
    connection: Connection, name: str, folder: Path, permission: Permission, action: str
) -> str:
    """Return a machine's number, after checking that the current user may do this in its hall."""
    find = text("SELECT id, hall FROM site.machine WHERE removed_utc IS NULL AND lower(name) = lower(:name)")
    found = connection.execute(find, {"name": name}).first()
    if found is None:
        raise make_unknown(connection, "machine", name)
    _require_in_hall(connection, folder, found.hall, permission, action=action, what={"machine": name})
    return str(found.id)


def find_role(connection: Connection, folder: Path, hall_id: int) -> Role | None:
    """Return the current user's role in a hall of the site; None without one.

    The user of another hall is the same person if the name and the secret are.
    """
    membership, actor, access = require_membership(folder), find_actor(folder), read_access(folder)
    if actor is None or hall_id == membership.hall_id:
        return None if actor is None else actor.role
    users = list(connection.execute(select(hall_user).filter_by(hall=hall_id)))
    if not users:
        return Role.EVERYBODY
    own = access.find_user(actor.name) if actor.name else None
    same = [
        user.role
        for user in users
        if own is not None and (user.name, user.secret_hash) == (own.name, own.secret_hash)
    ]
    return Role(same[0]) if same else None


def _require_in_hall(
    connection: Connection,
    folder: Path,
    hall_id: int,
    permission: Permission,
    *,
    action: str,
    what: Mapping[str, object],
) -> None:
    """Check that the current user may do something in a hall of the site; a refusal is recorded.

    Raises:
        AccessError: the user has no role there, or one that does not permit it.
    """
    role = find_role(connection, folder, hall_id)
    if role is not None and may(role, permission):
        return
    actor = find_actor(folder) or EVERYBODY
    record_audit(folder, action, what, user=actor.name, role=actor.role.value, outcome=Outcome.REFUSED)
    if role is not None:
        raise refuse(Actor(actor.name, role), permission)
    raise AccessError(
        "You have no role in the hall '{hall}'.",
        "Ask somebody there with one of these roles, or to be added with the same name and password: "
        "{roles}.",
        hall=connection.execute(select(halls.c.name).filter_by(id=hall_id)).scalar(),
        roles=describe_roles(permission),
    )


def make_unknown(connection: Connection, kind: str, name: str) -> SiteError:
    """Return the error that the site has no machine, camera or hall of a name, with the ones that it has."""
    condition = "WHERE removed_utc IS NULL" if kind == "machine" else ""
    listed = connection.execute(text(f"SELECT name FROM site.{kind} {condition} ORDER BY name")).scalars()  # noqa: S608
    return SiteError(
        "The site has no {kind} named '{name}'.",
        "It has: {names}.",
        kind=Phrase(kind),
        name=name,
        names=", ".join(f"'{one}'" for one in listed) or Phrase("none yet"),
    )


def _remove(connection: Connection, machine_id: str) -> None:
    connection.execute(text("SELECT site.remove_machine(:it)"), {"it": machine_id})
