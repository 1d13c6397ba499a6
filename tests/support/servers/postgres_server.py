"""A real PostgreSQL server of a test, which an unprivileged account runs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

OWNER, PASSWORD = "expoflow", "owner's secret"
_BIN_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


class PostgresServer:
    """A server with password authentication on 127.0.0.1, whose user `OWNER` may create users, no more."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self._folder, self._bin = folder, bin_folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._made = 0
        secret = folder / "password"
        secret.write_text("root\n")
        hand_over(folder)
        self._run(
            "initdb", "-D", str(self.data), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}"
        )

    @property
    def data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off"
        self._run(
            "pg_ctl", "-D", str(self.data), "-o", options, "-l", str(self._folder / "log"), "-w", "start"
        )

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as the superuser."""
        import psycopg

        where = f"host=127.0.0.1 port={self.port} dbname={database} user=postgres password=root"
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def make_database(self) -> str:
        """Create an empty database, and return its address with the owner's password."""
        self._made += 1
        name = f"site_{self._made}"
        if self._made == 1:
            secret = PASSWORD.replace("'", "''")
            self.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{secret}'")
        self.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
        return f"postgresql://{OWNER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        prefix = (
            ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        )
        command = [*prefix, str(self._bin / program), *arguments]
        done = subprocess.run(
            command, cwd=self._folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def hand_over(folder: Path) -> None:
    """Give a folder and what is in it to the account that runs the server, which refuses to run as root."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")


@contextmanager
def run_postgres() -> Iterator[PostgresServer]:
    """Run a server; the test is skipped, with the reason, where none is installed."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'expoflow[site]'")
    found = shutil.which("initdb")
    bin_folder = Path(found).resolve().parent if found else next(iter(_BIN_FOLDERS), None)
    if bin_folder is None:
        pytest.skip("no PostgreSQL server is installed: apt install postgresql")
    # not in pytest's folder, which only its owner may enter
    folder = Path(tempfile.mkdtemp(prefix="expoflow-postgres-"))
    try:
        server = PostgresServer(folder, bin_folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
