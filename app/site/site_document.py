"""Keep a machine's record of its site, and connect to the site's database.

``site.toml`` in the venue's folder names the site, the hall and the machine. The machine's database password
and its private key are where the cameras' passwords are: in the keyring or the encrypted file.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from analytics.domain.errors import Phrase
from analytics.store.history_folder import read_server_mark
from app.core.credentials import Credential, CredentialStore
from app.core.document import MEMBERSHIP_FILE
from app.core.file_format import read_venue
from app.core.toml_file import TomlFile
from app.core.web_address import is_loopback
from app.error_reporting import ErrorTemplates
from app.settings.paths import settings_folder
from app.site.schema import GROUP_PREFIX, MACHINE_PREFIX, SiteError, check_schema
from resources.atomic_file import write_text_atomically

_SITES_NAME = "sites.json"
DEFAULT_PORT = 5432
CONNECT_TIMEOUT_S = 5
REPLY_TIMEOUT_MS = 10_000
"""Time after which a connection whose data the server does not acknowledge is given up."""
_ENCRYPTED = ("require", "verify-ca", "verify-full")
_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding")


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Place of the database of a site, and the user who logs in.

    Attributes:
        host: name or address; a folder for a socket of this machine.
        options: of libpq, for TLS only.
    """

    host: str
    port: int
    database: str
    options: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/{self.database}"

    @property
    def is_local(self) -> bool:
        """True if the server runs on this machine."""
        return self.host.startswith("/") or is_loopback(self.host)

    def with_login(self, user: str, password: str) -> DatabaseAddress:
        """Return the address with another user."""
        return dataclasses.replace(self, user=user, password=password)


def parse_address(text: str) -> DatabaseAddress:
    """Parse ``host:port/database`` or ``postgresql://user:password@host:port/database?sslmode=verify-full``.

    Raises:
        SiteError: it is neither, or would send data to another machine without TLS.
    """
    try:
        parts = urlsplit(text.strip() if "://" in text else f"postgresql://{text.strip()}")
        host, port = unquote(parts.hostname or ""), parts.port or DEFAULT_PORT
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        host, port, options = "", 0, {}
    database = unquote(parts.path.strip("/")) if host else ""
    is_known = parts.scheme in ("postgresql", "postgres", "postgresql+psycopg") if host else False
    if not (host and database and is_known) or set(options) - set(_OPTIONS):
        raise SiteError(
            "The database address is not valid.",
            "Enter it as HOST:PORT/DATABASE, such as db.example.org:5432/expoflow.",
        )
    address = DatabaseAddress(
        host, port, database, options, unquote(parts.username or ""), unquote(parts.password or "")
    )
    if not address.is_local and options.get("sslmode", "require") not in _ENCRYPTED:
        raise SiteError(
            "The connection to {host} would not be encrypted (sslmode={mode}).",
            "Leave 'sslmode' out of the address, or set it to verify-full. Only a server on this machine may "
            "be used without TLS.",
            host=host,
            mode=options["sslmode"],
        )
    return address


def make_engine(address: DatabaseAddress, *, pool_size: int = 2, role: str = "") -> Engine:
    """Return the engine of a site's database; nothing is connected yet.

    A server elsewhere has to use TLS, and to prove by channel binding that it knows the password's verifier,
    so that nobody can pose as it, unless its certificate is checked instead.

    Args:
        role: group whose rights and ownership the connections have; empty: those of the user.

    Raises:
        SiteError: the driver of PostgreSQL is not installed.
    """
    options = dict(address.options)
    if not address.is_local:
        options.setdefault("sslmode", "require")
        if options["sslmode"] == "require":
            options.setdefault("channel_binding", "require")
    url = URL.create(
        "postgresql+psycopg",
        username=address.user or None,
        password=address.password or None,
        host=address.host,
        port=address.port,
        database=address.database,
    )
    keeping: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "tcp_user_timeout": REPLY_TIMEOUT_MS,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "application_name": "expoflow",
    }
    # the server shall find as soon that this machine is gone, and release what it has locked
    keeping["options"] = (
        "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 "
        f"-c tcp_user_timeout={REPLY_TIMEOUT_MS}"
    )
    if role:
        keeping["options"] += f" -c role={role}"
    try:
        return create_engine(
            url, connect_args={**keeping, **options}, pool_size=pool_size, max_overflow=2, pool_pre_ping=True
        )
    except ImportError as error:
        raise SiteError(
            "A site needs psycopg, which is not installed.", "Install it with: pip install 'expoflow[site]'"
        ) from error


@contextmanager
def explain_failures(address: DatabaseAddress, *, refusal: SiteError | None = None) -> Iterator[None]:
    """Convert errors of the server to sentences, never with a password in them.

    Args:
        refusal: raised if the server does not let the user in; None: for a machine of the site.

    Raises:
        SiteError: the server does not answer, has no free connection, offers no TLS, lacks the database, does
            not let the user in, or failed otherwise.
    """
    try:
        yield
    except DBAPIError as error:
        raise _explain(error, address, refusal or _make_shut_out(address)) from None
    except SQLAlchemyError as error:
        raise _make_failure(address, type(error).__name__) from None


def is_shut_out(error: Exception, address: DatabaseAddress) -> bool:
    """Return whether the server answered by not letting this machine in, as after its removal."""
    refusal = _make_shut_out(address)
    return isinstance(error, DBAPIError) and _explain(error, address, refusal) is refusal


def _make_shut_out(address: DatabaseAddress) -> SiteError:
    return SiteError(
        "The site's server {where} does not let this machine in: it was removed from the site.",
        "To take part again, leave the site here and join it with a new code. What was recorded here stays.",
        where=str(address),
    )


def _make_failure(address: DatabaseAddress, cause: str | Phrase) -> SiteError:
    return SiteError(
        "The site's server {where} failed: {cause}.",
        "Try again. If it fails again, see the server's log.",
        where=str(address),
        cause=cause,
    )


_FAILURES: tuple[tuple[str, str, str], ...] = (
    (
        r"too many (clients|connections)|remaining connection slots",
        "The site's server {where} has no free connection.",
        "Raise max_connections in postgresql.conf (each machine needs up to 10), or close other programs "
        "that use the server.",
    ),
    (
        r"does not support SSL|no encryption|SSL off",
        "The site's server {where} offers no TLS.",
        "Turn it on (ssl = on in postgresql.conf, with a certificate). Only a server on this machine may be "
        "used without it.",
    ),
    (
        r"channel binding",
        "The site's server {where} cannot prove that it is the one of this site.",
        "Let it use scram-sha-256 (pg_hba.conf, password_encryption), or add "
        "?sslmode=verify-full&sslrootcert=FILE to its address.",
    ),
    (
        r"certificate|root\.crt",
        "The certificate of the site's server {where} is not accepted.",
        "Check that 'sslrootcert' names the authority that signed it, and that it names this host.",
    ),
    (
        r'database "[^"]*" does not exist',
        "There is no such database on the server: {where}.",
        "Check the database's name in the address, or create it: createdb {database}",
    ),
    (
        r"pg_hba\.conf",
        "The site's server {where} accepts no connection from this machine.",
        "Add a line such as 'hostssl {database} all 10.0.0.0/8 scram-sha-256' to its pg_hba.conf and reload "
        "it.",
    ),
    (
        r"starting up|shutting down|in recovery|read-only transaction",
        "The site's server {where} is starting, stopping or only a standby.",
        "Wait for a minute. With several servers, enter the address of the one that is written to.",
    ),
    (
        r"No space left|disk full",
        "The disk of the site's server {where} is full.",
        "Make room on it. The machines keep what they record meanwhile.",
    ),
)
_REFUSED = (
    r"authentication failed|not permitted to log in|role \"[^\"]*\" does not exist|no password supplied|"
    r"permission denied to set role"
)


def _explain(error: DBAPIError, address: DatabaseAddress, refusal: SiteError) -> SiteError:
    said = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    for pattern, problem, remedy in _FAILURES:
        if re.search(pattern, said):
            return SiteError(problem, remedy, where=str(address), database=address.database)
    if state in ("42501", "28000", "28P01") or re.search(_REFUSED, said):
        return refusal
    if error.connection_invalidated or state is None or state[:2] in ("08", "57"):
        return SiteError(
            "The site's server {where} does not answer.",
            "Check that it runs, and that this machine reaches it. Recording goes on without it.",
            where=str(address),
        )
    return _make_failure(address, Phrase("error {state}", {"state": state}))


@dataclass(frozen=True, slots=True)
class Membership:
    """A venue's part in a site: the content of ``site.toml``.

    Attributes:
        machine_id: also the end of the name of its database user.
    """

    site_id: str
    site: str
    hall_id: int
    hall: str
    machine_id: str
    machine: str
    host: str
    port: int
    database: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> DatabaseAddress:
        """The database's address, without a login."""
        return DatabaseAddress(self.host, self.port, self.database, self.options)


_FILE = TomlFile(
    MEMBERSHIP_FILE,
    TypeAdapter(Membership).validate_python,
    ErrorTemplates(
        "{file}, which names the site, cannot be read by this version: {cause}.",
        "Restore a valid copy of the file, or delete it and join the site again with a new code.",
    ),
)
_LOGINS: WeakKeyDictionary[CredentialStore, dict[str, Credential]] = WeakKeyDictionary()
"""Logins by store and machine, as long as a store is in use: the encrypted file takes a quarter of a second
to open, and a machine's password never changes.
"""


def read_membership(folder: Path) -> Membership | None:
    """Return a venue's part in a site; None if it is in none.

    A hall's folder at the hub has this machine's part, but with that hall.

    Raises:
        VenueError: ``site.toml`` cannot be read.
    """
    mark = read_server_mark(folder)
    if mark:
        own = find_known_site(str(mark.get("site_id", ""))).get("venue")
        found = None if own is None else read_membership(Path(own))
        if found is None:
            return None
        return dataclasses.replace(found, hall_id=mark["hall_id"], hall=str(mark.get("hall", "")))
    return _FILE.read(folder)


def remember_site(folder: Path, membership: Membership, *, hub_folder: Path | None = None) -> None:
    """Note on this machine which of its venues is in a site, and where the halls' history is.

    Args:
        hub_folder: storage of the hub's history; None: as it was.

    Raises:
        OSError: the settings cannot be written.
    """
    entry = {"venue": str(folder.absolute())}
    hub = None if hub_folder is None else str(hub_folder.absolute())
    if found := hub or find_known_site(membership.site_id).get("hub"):
        entry["hub"] = found
    file = settings_folder() / _SITES_NAME
    sites = _read_sites()
    if sites.get(membership.site_id) != entry:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(file, json.dumps(sites | {membership.site_id: entry}, indent=1))


def find_known_site(site_id: str) -> dict[str, str]:
    """Return the ``venue`` of this machine in a site, and the folder of the ``hub`` if it is known."""
    return _read_sites().get(site_id, {})


def _read_sites() -> dict[str, dict[str, str]]:
    try:
        found = json.loads((settings_folder() / _SITES_NAME).read_text(encoding="utf-8"))
        return {str(site): dict(entry) for site, entry in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def require_membership(folder: Path, *, is_own: bool = False) -> Membership:
    """Return a venue's part in a site.

    Args:
        is_own: refuse a hall's folder at the hub, which is not this machine's venue.

    Raises:
        SiteError: it is in none, or not this machine's venue.
        VenueError: there is no such venue, or ``site.toml`` cannot be read.
    """
    membership = read_membership(folder)
    if membership is None:
        read_venue(folder)
        raise SiteError(
            "'{venue}' is in no site.",
            "Create one or join one: python -m app site --help",
            venue=folder.stem,
        )
    if is_own and read_server_mark(folder):
        raise SiteError(
            "This is the hall '{hall}' as the site has it, not the venue of this machine.",
            "Do this with the venue that this machine records: {venue}.",
            hall=membership.hall,
            venue=find_known_site(membership.site_id)["venue"],
        )
    return membership


def write_membership(folder: Path, membership: Membership) -> None:
    """Write ``site.toml``.

    Raises:
        VenueError: it cannot be written.
    """
    _FILE.write(folder, dataclasses.asdict(membership))


def make_password_key(machine_id: str) -> str:
    """Return the key of a machine's database password in the credential store."""
    return f"site:{machine_id}:database"


def make_private_key_key(machine_id: str) -> str:
    """Return the key of a machine's private key in the credential store."""
    return f"site:{machine_id}:key"


def store_secrets(machine_id: str, *, password: str, private_key: str, store: CredentialStore) -> None:
    """Store a machine's database password and private key.

    Raises:
        CredentialError: the store cannot keep them.
    """
    store.store(make_password_key(machine_id), Credential(MACHINE_PREFIX + machine_id, password))
    store.store(make_private_key_key(machine_id), Credential("", private_key))


def forget_secrets(machine_id: str, *, store: CredentialStore) -> None:
    """Delete a machine's database password and private key.

    Raises:
        CredentialError: the store cannot be changed.
    """
    store.forget(make_password_key(machine_id))
    store.forget(make_private_key_key(machine_id))


def open_site(membership: Membership, *, store: CredentialStore, pool_size: int = 2) -> Engine:
    """Return an engine of the site's database for this machine; nothing is connected yet.

    What its connections create belongs to the machines' group, so that all of them may use it.

    Raises:
        SiteError: this machine has no password for it.
        CredentialError: the credential store cannot be asked.
    """
    logins = _LOGINS.setdefault(store, {})
    login = logins.get(membership.machine_id) or store.find(make_password_key(membership.machine_id))
    if login is None:
        raise SiteError(
            "This computer has no access to the site '{site}'; the venue's folder was copied from another.",
            "Leave the site here and join it with a code of its own: python -m app site leave --offline",
            site=membership.site,
        )
    logins[membership.machine_id] = login
    address = membership.address.with_login(login.user, login.password)
    return make_engine(address, pool_size=pool_size, role=GROUP_PREFIX + membership.site_id)


@contextmanager
def using_site(membership: Membership, *, store: CredentialStore) -> Iterator[Engine]:
    """Open the site's database for a short task, check its version, and close it.

    Raises:
        SiteError: as `open_site` and `explain_failures`, or the database is of another version.
    """
    engine = open_site(membership, store=store)
    try:
        with explain_failures(membership.address):
            with engine.connect() as connection:
                check_schema(connection)
            yield engine
    finally:
        engine.dispose()
