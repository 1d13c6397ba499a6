"""Define the tables of a site's database, its functions for joining and leaving, and their version.

All of it is in the schema ``site`` of a PostgreSQL database, and belongs to the database user who created
it. Every machine has a user of its own that gets its rights from one group, so that a machine is shut out by
leaving the group. Machines are added and removed by functions that run with the rights of the owner. The
history of a hall has a schema of its own, ``hall_ID``, which belongs to the group. Times are the server's.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from analytics.domain.errors import ExpoFlowError

SCHEMA = "site"
JOBS_SCHEMA = "site_jobs"
"""Schema of the queue of work, whose tables procrastinate makes."""
SCHEMA_VERSION = 3
"""Rises with every change of the tables; `_STEPS` leads to each version from the one before."""
MIN_SERVER_VERSION = 15
"""First major version of PostgreSQL that this was tested with."""

metadata = MetaData(schema=SCHEMA)


class SiteError(ExpoFlowError):
    """An error of a site: its server, its database, or this machine's part in it."""


def _reference(name: str, target: str, *, is_nullable: bool = False, is_key: bool = False) -> Column[object]:
    key = ForeignKey(f"{SCHEMA}.{target}", ondelete="SET NULL" if is_nullable else "CASCADE")
    return Column(name, key, nullable=is_nullable, primary_key=is_key, autoincrement=False)


def _time(name: str, *, is_nullable: bool = False) -> Column[object]:
    default = None if is_nullable else func.now()
    return Column(name, DateTime(timezone=True), nullable=is_nullable, server_default=default)


def _text(name: str, *, is_key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, primary_key=is_key)


def _number(name: str, *, default: str | None = None, is_key: bool = False) -> Column[int]:
    return Column(
        name, BigInteger, nullable=False, primary_key=is_key, autoincrement=False, server_default=default
    )


site_version = Table("site_version", metadata, Column("version", Integer, nullable=False))
"""One row: the version of these tables."""

site = Table("site", metadata, _text("id", is_key=True), _text("name"), _time("created_utc"))
"""One row; the identifier is random and names the group of the machines' database users."""

hall = Table(
    "hall",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    _text("name"),
    Column("settings", JSON(none_as_null=True)),
    _number("version", default="0"),
)
Index("hall_by_name", func.lower(hall.c.name), unique=True)
"""A hall with its ``venue.toml`` but for its cameras, and the number of its last `setting_change`.

The settings are missing until its first machine has sent them.
"""

machine = Table(
    "machine",
    metadata,
    _text("id", is_key=True),
    Column("number", Integer, Identity(), nullable=False, unique=True),
    _reference("hall", "hall.id"),
    _text("name"),
    Column("public_key", LargeBinary, nullable=False),
    _time("joined_utc"),
    _time("removed_utc", is_nullable=True),
    Column("draining", Boolean, nullable=False, server_default="false"),
    _time("heartbeat_utc", is_nullable=True),
    Column("clock_offset_s", Double),
    Column("round_trip_s", Double),
    Column("cores", Integer),
    Column("load", Double),
    Column("disk_free_gb", Double),
    Column("program_version", Text),
)
Index(
    "machine_by_name",
    func.lower(machine.c.name),
    unique=True,
    postgresql_where=machine.c.removed_utc.is_(None),
)
"""A machine; its database user is ``expoflow_m_ID``. Removed ones stay for the history they wrote."""

join_code = Table(
    "join_code",
    metadata,
    _text("hash", is_key=True),
    _reference("hall", "hall.id", is_nullable=True),
    _time("expires_utc"),
    _time("used_utc", is_nullable=True),
)
"""Join codes; without a hall, for a new one. A code is the password of a user who can only join."""

camera = Table(
    "camera",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    _reference("hall", "hall.id"),
    _text("name"),
    Column("settings", JSON, nullable=False),
    _number("version", default="0"),
    _reference("wanted_machine", "machine.id", is_nullable=True),
    Index("camera_by_name", "hall", "name", unique=True),
)
"""A camera as in ``venue.toml``, and the machine that should read it if it can."""

sealed_password = Table(
    "sealed_password",
    metadata,
    _reference("camera", "camera.id", is_key=True),
    _reference("machine", "machine.id", is_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
"""A camera's user and password, encrypted for one machine."""

hall_file = Table(
    "hall_file",
    metadata,
    _reference("hall", "hall.id", is_key=True),
    _text("name", is_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""The picture of a hall's plan."""

hall_user = Table(
    "hall_user",
    metadata,
    _reference("hall", "hall.id", is_key=True),
    _text("name", is_key=True),
    _text("role"),
    _text("secret_hash"),
    _time("created_utc"),
)
"""A user's role in a hall. The same name with the same hash in two halls is the same person."""

setting_change = Table(
    "setting_change",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    _reference("hall", "hall.id"),
    _text("author"),
    _time("at_utc"),
    Column("body", JSON, nullable=False),
    Index("setting_change_by_hall", "hall", "seq"),
)
"""Changes made together: a list of parts of the hall's documents before and after."""

lease = Table(
    "lease",
    metadata,
    _reference("camera", "camera.id", is_key=True),
    _reference("owner", "machine.id", is_nullable=True),
    _number("epoch", default="0"),
    _time("until_utc", is_nullable=True),
)
"""The machine that reads a camera; the epoch rises with every owner."""

ownership = Table(
    "ownership",
    metadata,
    _reference("camera", "camera.id", is_key=True),
    _number("epoch", is_key=True),
    _reference("owner", "machine.id"),
    _time("since_utc"),
)
"""Every owner that a camera had; decides whose observations count where two machines have some."""

duty = Table(
    "duty",
    metadata,
    _text("name", is_key=True),
    _reference("owner", "machine.id", is_nullable=True),
    _number("epoch", default="0"),
    _time("until_utc", is_nullable=True),
)
"""Work that one machine does for the site, such as writing the hub's history; leased as cameras are."""

journal = Table(
    "journal",
    metadata,
    _reference("machine", "machine.id", is_key=True),
    _number("epoch", is_key=True),
    _number("seq", is_key=True),
    _number("clock_offset_us", default="0"),
    Column("body", LargeBinary, nullable=False),
)
"""Batches of a second, as Arrow IPC; the key makes sending one twice harmless."""

acknowledged = Table(
    "acknowledged",
    metadata,
    _reference("machine", "machine.id", is_key=True),
    _number("epoch", is_key=True),
    _number("seq"),
)
"""The last batch of each machine and epoch that was received."""

hub_position = Table(
    "hub_position",
    metadata,
    _reference("machine", "machine.id", is_key=True),
    _number("epoch", is_key=True),
    _number("seq"),
)
"""The last batch of each machine and epoch that is in the hub's history."""


hall_state = Table(
    "hall_state",
    metadata,
    _reference("hall", "hall.id", is_key=True),
    _time("at_utc"),
    _time("observed_until_utc", is_nullable=True),
    Column("gap_s", Double, nullable=False, server_default="0"),
    Column("body", JSON, nullable=False),
)
"""A hall as the hub saw it last: a `HallSnapshot`, and the gaps of today of its average camera."""

job_progress = Table(
    "job_progress",
    metadata,
    _number("job", is_key=True),
    Column("done", Double, nullable=False),
    Column("total", Double, nullable=False),
)
"""Progress of the jobs that are being done; the total is 0 while it is unknown."""


def _report(name: str, last: Column[object]) -> Table:
    return Table(
        name,
        metadata,
        _reference("hall", "hall.id", is_key=True),
        _text("machine", is_key=True),
        _text("camera", is_key=True),
        _number("start_us", is_key=True),
        _number("end_us"),
        last,
        Index(f"{name}_by_end", "hall", "end_us"),
    )


reported_span = _report("reported_span", Column("frames", BigInteger, nullable=False))
"""Spans in the hub's history as each machine reported them, from which those that count are chosen."""
reported_gap = _report("reported_gap", Column("cause", Text, nullable=False))
"""Gaps in the hub's history as each machine reported them; without a machine, what was erased."""

_READ_AND_WRITE = (
    camera,
    sealed_password,
    hall_file,
    hall_user,
    setting_change,
    lease,
    ownership,
    duty,
    journal,
    reported_span,
    reported_gap,
    hall_state,
    job_progress,
    acknowledged,
    hub_position,
)
"""Tables of which machines may change every row; they change their own state by columns of `machine`."""
_STEPS: dict[int, tuple[Table, ...]] = {2: (hall_state,), 3: ()}
"""The tables that were added by each version; functions are replaced by every one."""
_OWN_STATE = (
    "name",
    "draining",
    "heartbeat_utc",
    "clock_offset_s",
    "round_trip_s",
    "cores",
    "load",
    "disk_free_gb",
    "program_version",
)

GROUP_PREFIX, MACHINE_PREFIX, CODE_PREFIX = "expoflow_s_", "expoflow_m_", "expoflow_j_"
"""Beginnings of the names of database users: the machines' group, a machine, a join code."""

_FUNCTIONS = (
    # lets whoever knows the code log in, and do nothing but join
    """
    CREATE OR REPLACE FUNCTION site.make_join_code(code text, hall_id integer, verifier text)
    RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        old text;
        ends timestamptz := now() + interval '1 hour';
        joining text := (SELECT 'expoflow_s_' || id || '_joining' FROM site.site);
    BEGIN
        FOR old IN SELECT hash FROM site.join_code WHERE expires_utc < now() - interval '1 day' LOOP
            EXECUTE format('DROP ROLE IF EXISTS %I', 'expoflow_j_' || old);
            DELETE FROM site.join_code WHERE hash = old;
        END LOOP;
        EXECUTE format(
            'CREATE ROLE %I LOGIN PASSWORD %L IN ROLE %I', 'expoflow_j_' || code, verifier, joining
        );
        INSERT INTO site.join_code (hash, hall, expires_utc) VALUES (code, hall_id, ends);
        RETURN ends;
    END $$
    """,
    # what a person is shown before joining; of a code that is no longer valid, only why
    """
    CREATE OR REPLACE FUNCTION site.read_join_code() RETURNS json
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        code site.join_code;
    BEGIN
        SELECT * INTO code FROM site.join_code WHERE 'expoflow_j_' || hash = session_user;
        IF code.hash IS NULL OR code.used_utc IS NOT NULL OR code.expires_utc < now() THEN
            RETURN json_build_object(
                'used_utc', extract(epoch FROM code.used_utc),
                'expired_utc', extract(epoch FROM code.expires_utc)
            );
        END IF;
        RETURN json_build_object(
            'site', (SELECT name FROM site.site),
            'site_id', (SELECT id FROM site.site),
            'hall_id', code.hall,
            'hall', (SELECT name FROM site.hall WHERE id = code.hall),
            'settings', (SELECT settings FROM site.hall WHERE id = code.hall),
            'cameras', (SELECT json_agg(settings ORDER BY id) FROM site.camera WHERE hall = code.hall),
            'users', (SELECT json_agg(name ORDER BY name) FROM site.hall_user WHERE hall = code.hall),
            'halls', (SELECT json_agg(name ORDER BY name) FROM site.hall),
            'machines', (SELECT json_agg(name ORDER BY name) FROM site.machine WHERE removed_utc IS NULL)
        );
    END $$
    """,
    # for the owner, who creates the first machine, and for join_site; without a hall, in a new one
    """
    CREATE OR REPLACE FUNCTION site.add_machine(
        hall_id integer, machine_name text, new_hall text, new_key bytea, verifier text
    ) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        machine_id text := substr(md5(gen_random_uuid()::text), 1, 12);
        machines text := (SELECT 'expoflow_s_' || id FROM site.site);
    BEGIN
        IF hall_id IS NULL THEN
            INSERT INTO site.hall (name) VALUES (new_hall) RETURNING id INTO hall_id;
            EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', 'hall_' || hall_id, machines);
        END IF;
        INSERT INTO site.machine (id, hall, name, public_key)
        VALUES (machine_id, hall_id, machine_name, new_key);
        EXECUTE format(
            'CREATE ROLE %I LOGIN PASSWORD %L IN ROLE %I', 'expoflow_m_' || machine_id, verifier, machines
        );
        RETURN json_build_object('machine', machine_id, 'hall', hall_id);
    END $$
    """,
    # null: the code was used or expired meanwhile
    """
    CREATE OR REPLACE FUNCTION site.join_site(machine_name text, new_hall text, new_key bytea, verifier text)
    RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        hall_id integer;
    BEGIN
        UPDATE site.join_code SET used_utc = now()
        WHERE 'expoflow_j_' || hash = session_user AND used_utc IS NULL AND expires_utc >= now()
        RETURNING hall INTO hall_id;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        RETURN site.add_machine(hall_id, machine_name, new_hall, new_key, verifier);
    END $$
    """,
    # to be called in two transactions: until the first ends, the machine can log in again. A machine cannot
    # drop its own user while it is logged in; the next removal does. Join codes may be the machine's own.
    """
    CREATE OR REPLACE FUNCTION site.remove_machine(machine_id text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        account text;
        is_shut_out boolean;
        is_new boolean;
        machines text := (SELECT 'expoflow_s_' || id FROM site.site);
    BEGIN
        UPDATE site.machine SET removed_utc = now() WHERE id = machine_id AND removed_utc IS NULL;
        is_new := FOUND;
        UPDATE site.lease SET owner = NULL, until_utc = NULL WHERE owner = machine_id;
        UPDATE site.duty SET owner = NULL, until_utc = NULL WHERE owner = machine_id;
        UPDATE site.camera SET wanted_machine = NULL WHERE wanted_machine = machine_id;
        DELETE FROM site.sealed_password WHERE machine = machine_id;
        IF is_new THEN
            UPDATE site.join_code SET expires_utc = now() WHERE used_utc IS NULL AND expires_utc > now();
        END IF;
        FOR account, is_shut_out IN
            SELECT rolname, NOT rolcanlogin FROM site.machine JOIN pg_roles ON rolname = 'expoflow_m_' || id
            WHERE removed_utc IS NOT NULL
        LOOP
            EXECUTE format('GRANT %I TO CURRENT_USER', account);
            EXECUTE format('REVOKE %I FROM %I', machines, account);
            EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', account);
            CONTINUE WHEN account = session_user;
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = account;
            IF is_shut_out THEN
                EXECUTE format('DROP OWNED BY %I', account);
                EXECUTE format('DROP ROLE %I', account);
            END IF;
        END LOOP;
        RETURN is_new;
    END $$
    """,
)


def create_schema(connection: Connection, *, site_id: str, name: str) -> None:
    """Create the tables, functions and groups of a new site, in the transaction of the connection.

    Args:
        connection: of the database user who is to own them.
        site_id: 12 hexadecimal digits.

    Raises:
        SiteError: the server is too old, the database is in use for something else or for another site, or
            its user may not create users.
    """
    _require_empty(connection)
    machines, joining = GROUP_PREFIX + site_id, f"{GROUP_PREFIX}{site_id}_joining"
    connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    metadata.create_all(connection)
    for function in _FUNCTIONS:
        connection.exec_driver_sql(function.replace("%", "%%"))
    own_state = ", ".join(_OWN_STATE)
    for statement in (
        f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC",
        f"CREATE ROLE {machines} NOLOGIN",
        f"CREATE ROLE {joining} NOLOGIN",
        # new schemas of halls are given to it
        f"GRANT {machines} TO CURRENT_USER",
        f"CREATE SCHEMA {JOBS_SCHEMA} AUTHORIZATION {machines}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {machines}, {joining}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {machines}",
        f"GRANT SELECT ON {SCHEMA}.site_version TO {joining}",
        *(f"GRANT INSERT, UPDATE, DELETE ON {table} TO {machines}" for table in _READ_AND_WRITE),
        f"GRANT UPDATE ({own_state}) ON {machine} TO {machines}",
        f"GRANT UPDATE (name, settings, version) ON {hall} TO {machines}",
        f"GRANT UPDATE (name) ON {site} TO {machines}",
        f"GRANT EXECUTE ON FUNCTION site.make_join_code, site.remove_machine TO {machines}",
        f"GRANT EXECUTE ON FUNCTION site.read_join_code, site.join_site TO {joining}",
    ):
        connection.execute(text(statement))
    connection.execute(insert(site_version).values(version=SCHEMA_VERSION))
    connection.execute(insert(site).values(id=site_id, name=name))


def check_schema(connection: Connection) -> None:
    """Check that the database belongs to a site that this program can use.

    Raises:
        SiteError: it has no site, or one of another version.
    """
    version = _read_version(connection)
    if version < SCHEMA_VERSION:
        raise SiteError(
            "The site's database was made by an older ExpoFlow (version {version}; this one needs {known}).",
            "Install this version on all machines, then upgrade the database once: python -m app site "
            "upgrade",
            version=version,
            known=SCHEMA_VERSION,
        )


def upgrade_schema(connection: Connection) -> tuple[int, int]:
    """Bring a site's tables to this version, in the transaction of the connection of their owner.

    Returns:
        The versions before and after.

    Raises:
        SiteError: the database holds no site, or one of a newer program.
    """
    before = _read_version(connection)
    # older programs that write meanwhile wait, and are refused afterwards
    connection.execute(text(f"LOCK TABLE {site_version} IN ACCESS EXCLUSIVE MODE"))
    machines = GROUP_PREFIX + connection.execute(select(site.c.id)).scalar_one()
    for version in range(before + 1, SCHEMA_VERSION + 1):
        for table in _STEPS[version]:
            table.create(connection)
            connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {machines}"))
    for function in _FUNCTIONS:
        connection.exec_driver_sql(function.replace("%", "%%"))
    connection.execute(update(site_version).values(version=SCHEMA_VERSION))
    return before, SCHEMA_VERSION


def _read_version(connection: Connection) -> int:
    if not inspect(connection).has_table(site_version.name, SCHEMA):
        raise SiteError(
            "The database '{database}' holds no ExpoFlow site.",
            "Check the database's name in the address. A new site is made in Settings, Site, or with: "
            "python -m app site create",
            database=connection.engine.url.database,
        )
    version: int = connection.execute(select(site_version.c.version)).scalar_one()
    if version > SCHEMA_VERSION:
        raise SiteError(
            "The site's database was made by a newer ExpoFlow (version {version}; this one knows {known}).",
            "Install the same version of ExpoFlow on this machine as on the others.",
            version=version,
            known=SCHEMA_VERSION,
        )
    return version


def _require_empty(connection: Connection) -> None:
    database = connection.engine.url.database
    server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    if server < MIN_SERVER_VERSION:
        raise SiteError(
            "The database server is PostgreSQL {version}; a site needs {needed} or newer.",
            "Upgrade the server, or use another one.",
            version=server,
            needed=MIN_SERVER_VERSION,
        )
    found = inspect(connection)
    if found.has_table(site_version.name, SCHEMA):
        check_schema(connection)
        raise SiteError(
            "The database '{database}' already holds the site '{site}'.",
            "To add this machine to it, make a join code on one of its machines. For another site, use a "
            "database of its own.",
            database=database,
            site=connection.execute(select(site.c.name)).scalar(),
        )
    used = [
        name
        for name in found.get_schema_names()
        if name != "information_schema" and found.get_table_names(name)
    ]
    if used:
        raise SiteError(
            "The database '{database}' holds tables of another program.",
            "Use an empty database, such as one made with: createdb expoflow",
            database=database,
        )
    may_create = connection.execute(
        text(
            "SELECT rolsuper OR rolcreaterole, has_database_privilege(current_database(), 'CREATE'), rolname "
            "FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    if not all(may_create[:2]):
        raise SiteError(
            "The database user '{user}' may not create users and schemas.",
            "Let the server's administrator run: ALTER ROLE {user} CREATEROLE; GRANT CREATE ON DATABASE "
            "{database} TO {user};",
            user=may_create[2],
            database=database,
        )
