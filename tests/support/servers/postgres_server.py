"""A real PostgreSQL server of a test, which an unprivileged account runs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
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

    def start(self, *more: str) -> None:
        options = " ".join((f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off", *more))
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

    def dump(self, database: str) -> str:
        """Return everything that a copy of a database and of the server's users holds, as text."""
        tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'site'"
        names = [str(row[0]) for row in self.execute(tables, database)]
        lines = [
            f"{name}: {row[0]}"
            for name in [*names, "pg_authid"]
            for row in self.execute(f"SELECT t::text FROM {name} AS t", database)
        ]
        return "\n".join(lines)

    def use_tls(self, is_on: bool = True) -> None:
        """Start anew with, or without, TLS and a certificate that nobody signed."""
        self.stop()
        options = ()
        if is_on:
            write_certificate(self.data)
            hand_over(self.data)
            options = ("-c ssl=on",)
        self.start(*options)

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


def write_certificate(folder: Path) -> None:
    """Write a certificate and its key where the server looks for them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "db.example.org")])
    begins = datetime.now(UTC) - timedelta(hours=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    packed = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.key").write_bytes(packed)
    (folder / "server.key").chmod(0o600)


@contextmanager
def run_postgres() -> Iterator[PostgresServer]:
    """Run a server; the test is skipped, with the reason, where none is installed."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'expoflow[site]'")
    if os.name == "nt":
        pytest.skip("the server of the tests is run by an unprivileged account of POSIX")
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
