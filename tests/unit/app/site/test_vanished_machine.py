"""A machine whose network goes away in the middle of a transaction."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.site.leases import take_leases
from tests.support.servers.site_machines import Site
from tests.support.waiting import wait_until
from tools.site.namespace_link import NETWORK, NamespaceLink, can_use_namespaces
from tools.site.postgres_server import NoPostgresError, PostgresServer

PROJECT = Path(__file__).parents[4]
HOLD = """
import sys
from app.site.leases import renew_leases
from app.site.site_document import DatabaseAddress, make_engine

host, port = sys.argv[1:]
server = make_engine(DatabaseAddress(host, int(port), "postgres", {"sslmode": "disable"}, "postgres"))
with server.begin() as connection:
    print(renew_leases(connection, "m0"), flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    # not pytest's folder, which other users cannot enter
    with tempfile.TemporaryDirectory(prefix="expoflow-postgres-") as folder:
        Path(folder).chmod(0o755)
        try:
            started = PostgresServer(Path(folder) / "server", network=NETWORK)
        except NoPostgresError as error:
            pytest.skip(str(error))
        started.start()
        yield started
        started.stop()


@pytest.mark.slow
@pytest.mark.skipif(not can_use_namespaces(), reason="network namespaces need root, ip and tc")
def test_what_it_had_locked_is_free_for_others_soon(server: PostgresServer, tmp_path: Path) -> None:
    link = NamespaceLink(server.port)
    site = Site(server.name_url(), tmp_path / "site", cameras=["north"], machines=2)
    holder = None
    try:
        with site.engine.begin() as connection:
            assert take_leases(connection, "m0", [site.cameras["north"]])
        command = [*link.prefix, sys.executable, "-c", HOLD, link.host, str(link.port)]
        holder = subprocess.Popen(
            command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        assert "1" in holder.stdout.readline()
        link.cut()
        taken: dict[int, int] = {}

        def take() -> bool:
            with site.engine.begin() as connection:
                taken.update(take_leases(connection, "m1", [site.cameras["north"]]))
            return bool(taken)

        wait_until(take, 12, every_s=0.2)
        assert taken == {site.cameras["north"]: 2}
    finally:
        if holder is not None:
            holder.kill()
            holder.communicate()
        link.close()
        site.close()
