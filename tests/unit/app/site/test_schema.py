"""The site's database: made whole, refused where it is not ours, and closed to a machine that was removed."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from app.site import schema
from app.site.schema import SiteError, check_schema, create_schema
from tests.support.servers.postgres_server import PostgresServer

SITE = "0123456789ab"


@pytest.fixture
def engine(postgres_server: PostgresServer) -> Engine:
    address = postgres_server.make_database().replace("postgresql:", "postgresql+psycopg:")
    return create_engine(address, poolclass=NullPool)


@pytest.fixture
def site(engine: Engine, request: pytest.FixtureRequest) -> str:
    site_id = f"{abs(hash(request.node.name)) % 16**12:012x}"
    with engine.begin() as connection:
        create_schema(connection, site_id=site_id, name="Fair")
        check_schema(connection)
    return site_id


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("CREATE TABLE orders (number integer)", "holds tables of another program"),
        ("CREATE SCHEMA shop CREATE TABLE shop.orders (number integer)", "holds tables of another program"),
    ],
)
def test_a_database_of_another_program_is_left_alone(engine: Engine, statement: str, problem: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))

    with pytest.raises(SiteError, match=problem), engine.begin() as connection:
        create_schema(connection, site_id=SITE, name="Fair")
    with pytest.raises(SiteError, match="holds no ExpoFlow site"), engine.connect() as connection:
        check_schema(connection)


def test_a_database_holds_one_site(engine: Engine, site: str) -> None:
    with pytest.raises(SiteError, match="already holds the site 'Fair'"), engine.begin() as connection:
        create_schema(connection, site_id=SITE, name="Other")


@pytest.mark.parametrize(("version", "word"), [(schema.SCHEMA_VERSION + 1, "newer"), (0, "older")])
def test_another_version_is_refused(engine: Engine, site: str, version: int, word: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(schema.site_version).values(version=version))

    with pytest.raises(SiteError, match=f"made by an? {word} ExpoFlow"), engine.connect() as connection:
        check_schema(connection)


def test_an_older_database_is_upgraded_by_its_owner_and_equals_a_new_one(
    postgres_server: PostgresServer, engine: Engine, site: str
) -> None:
    address = postgres_server.make_database().replace("postgresql:", "postgresql+psycopg:")
    old = create_engine(address, poolclass=NullPool)
    with old.begin() as connection:
        create_schema(connection, site_id=SITE, name="Old")
        for table in (one for added in schema._STEPS.values() for one in added):
            table.drop(connection)
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION site.remove_machine(machine_id text) RETURNS boolean LANGUAGE sql "
            "AS 'SELECT false'"
        )
        connection.execute(update(schema.site_version).values(version=1))
    with pytest.raises(SiteError, match="app site upgrade"), old.connect() as connection:
        check_schema(connection)

    with old.begin() as connection:
        assert schema.upgrade_schema(connection) == (1, schema.SCHEMA_VERSION)
        check_schema(connection)
    assert list_rights(old, SITE) == list_rights(engine, site)
    functions = text(
        "SELECT proname, prosrc, proacl IS NULL FROM pg_proc WHERE pronamespace = 'site'::regnamespace"
    )
    with old.connect() as one, engine.connect() as other:
        assert set(one.execute(functions)) == set(other.execute(functions))


def list_rights(engine: Engine, site: str) -> set[tuple[str, str, str]]:
    """Return every column of the site's tables, and what the machines may do with it."""
    statement = text(
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges "
        "WHERE table_schema = 'site' AND grantee = :machines"
    )
    with engine.connect() as connection:
        found = connection.execute(statement, {"machines": schema.GROUP_PREFIX + site})
        return {(row[0], row[1], row[2]) for row in found}


def test_an_old_server_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIN_SERVER_VERSION", 99)
    with pytest.raises(SiteError, match="a site needs 99 or newer"), engine.begin() as connection:
        create_schema(connection, site_id=SITE, name="Fair")


def test_a_user_who_may_not_create_users_is_told_what_is_missing(
    postgres_server: PostgresServer, engine: Engine
) -> None:
    postgres_server.execute("ALTER ROLE expoflow NOCREATEROLE")
    try:
        with pytest.raises(SiteError, match="ALTER ROLE expoflow CREATEROLE"), engine.begin() as connection:
            create_schema(connection, site_id=SITE, name="Fair")
    finally:
        postgres_server.execute("ALTER ROLE expoflow CREATEROLE")


def connect_as(engine: Engine, user: str, password: str = "x") -> Engine:
    return create_engine(engine.url.set(username=user, password=password), poolclass=NullPool)


def add_machine(engine: Engine, code: str, machine: str, hall: str | None = None) -> str:
    with engine.begin() as connection:
        hall_id = None if hall is None else connection.scalar(select(schema.hall.c.id).filter_by(name=hall))
        make = text("SELECT site.make_join_code(:code, :hall, 'x')")
        connection.execute(make, {"code": code, "hall": hall_id})
    joining = connect_as(engine, schema.CODE_PREFIX + code)
    with joining.begin() as connection:
        join = text("SELECT site.join_site(:machine, :hall, '\\x00', 'x')")
        made = connection.scalar(join, {"machine": machine, "hall": f"Hall of {machine}"})
    return str(made["machine"])


def test_a_code_joins_once_and_can_do_nothing_else(engine: Engine, site: str) -> None:
    assert add_machine(engine, "aaaa", "north")

    joining = connect_as(engine, schema.CODE_PREFIX + "aaaa")
    with joining.begin() as connection:
        said = connection.scalar(text("SELECT site.read_join_code()"))
        assert set(said) == {"used_utc", "expired_utc"}
        assert connection.scalar(text("SELECT site.join_site('south', 'South', '\\x00', 'x')")) is None
    for statement in ("SELECT * FROM site.camera", "SELECT site.remove_machine('1')"):
        with pytest.raises(ProgrammingError, match="permission denied"), joining.begin() as connection:
            connection.execute(text(statement))


def test_an_expired_code_does_not_join(engine: Engine, site: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT site.make_join_code('bbbb', NULL, 'x')"))
        connection.execute(update(schema.join_code).values(expires_utc=text("now() - interval '1 second'")))

    joining = connect_as(engine, schema.CODE_PREFIX + "bbbb")
    with joining.begin() as connection:
        assert connection.scalar(text("SELECT site.join_site('south', 'South', '\\x00', 'x')")) is None


def test_a_removed_machine_can_neither_read_nor_write(engine: Engine, site: str) -> None:
    north, south = add_machine(engine, "cccc", "north"), add_machine(engine, "dddd", "south")
    removed, other = (connect_as(engine, schema.MACHINE_PREFIX + name) for name in (north, south))
    batch = insert(schema.journal).values(machine=north, epoch=1, seq=1, body=b"batch")
    held = removed.connect()
    held.execute(batch)
    held.commit()

    with other.begin() as connection:
        assert connection.scalar(text("SELECT site.remove_machine(:it)"), {"it": north})

    for connect in (lambda: held, removed.connect):
        with pytest.raises(Exception, match=r"terminat|authentication|closed|permi|does not exist"):
            connect().execute(select(schema.camera))
    with other.connect() as connection:
        assert connection.scalar(select(schema.journal.c.body)) == b"batch"
        kept = connection.execute(select(schema.machine.c.name).filter_by(removed_utc=None)).scalars().all()
    assert kept == ["south"]
    held.close()


def test_a_machine_that_logs_in_while_it_is_removed_or_has_a_code_left_is_shut_out(
    engine: Engine, site: str
) -> None:
    north = add_machine(engine, "a1a1", "north")
    group = {"options": f"-c role={schema.GROUP_PREFIX}{site}"}
    url = engine.url.set(username=schema.MACHINE_PREFIX + north, password="x")
    removed = create_engine(url, connect_args=group, poolclass=NullPool)
    remove = text("SELECT site.remove_machine(:it)")
    with removed.begin() as connection:
        connection.execute(text("SELECT site.make_join_code('b1b1', NULL, 'x')"))

    with engine.connect() as removing:
        assert removing.scalar(remove, {"it": north})
        late = removed.connect()
        late.execute(select(schema.camera))
        removing.commit()
        removing.execute(remove, {"it": north})
        removing.commit()

    with pytest.raises(Exception, match=r"terminat|closed"):
        late.execute(select(schema.camera))
    joining = connect_as(engine, schema.CODE_PREFIX + "b1b1")
    with joining.begin() as connection:
        assert connection.scalar(text("SELECT site.join_site('south', 'South', '\\x00', 'x')")) is None
    roles = text("SELECT count(*) FROM pg_roles WHERE rolname = :name")
    with engine.connect() as connection:
        assert connection.scalar(roles, {"name": schema.MACHINE_PREFIX + north}) == 0


def test_a_machine_that_leaves_is_shut_out_as_well(engine: Engine, site: str) -> None:
    north, south = add_machine(engine, "eeee", "north"), add_machine(engine, "ffff", "south")
    leaving = connect_as(engine, schema.MACHINE_PREFIX + north)
    with leaving.connect() as connection:
        assert connection.scalar(text("SELECT site.remove_machine(:it)"), {"it": north})
        connection.commit()
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(select(schema.camera))
    with pytest.raises(Exception, match=r"authentication|not permitted"):
        leaving.connect()

    other = connect_as(engine, schema.MACHINE_PREFIX + south)
    with other.begin() as connection:
        connection.execute(text("SELECT site.remove_machine(:it)"), {"it": south})


def test_two_halls_and_two_machines_need_two_names(engine: Engine, site: str) -> None:
    add_machine(engine, "1111", "north")
    with pytest.raises(Exception, match="machine_by_name"):
        add_machine(engine, "2222", "North", hall="Hall of north")
    joining = connect_as(engine, schema.CODE_PREFIX + "2222")
    with engine.begin() as connection:
        connection.execute(update(schema.join_code).filter_by(hash="2222").values(hall=None))
    join = text("SELECT site.join_site('east', 'hall of NORTH', '\\x00', 'x')")
    with pytest.raises(Exception, match="hall_by_name"), joining.begin() as connection:
        connection.execute(join)
