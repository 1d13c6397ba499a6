"""Run a PostgreSQL server of one's own, for tests and demonstrations."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

_FOLDERS = (
    os.environ.get("PATH", ""),
    "/usr/local/bin",
    *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin"))),
)
_UNPRIVILEGED = 65534
"""User and group ``nobody``: PostgreSQL refuses to run as root."""
_START_TIMEOUT_S = 60.0
USER = "postgres"


class NoPostgresError(RuntimeError):
    """PostgreSQL's programs are not installed."""


def find_program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs.

    Raises:
        NoPostgresError: it is not installed.
    """
    found = shutil.which(name, path=os.pathsep.join(_FOLDERS))
    if found is None:
        raise NoPostgresError(f"needs PostgreSQL's {name} (Debian package postgresql)")
    return found


class PostgresServer:
    """A server on the loopback interface, which can be killed and started again with the same data."""

    def __init__(self, folder: Path, *, is_durable: bool = False, network: str = "") -> None:
        """Create the server's data in an empty folder; `start` starts it.

        Args:
            network: network of machines, besides this one, that may connect, as ``10.0.0.0/8``.
            is_durable: write every commit to the disk, as in operation; otherwise only a kill of the server
                is survived, not of the machine.

        Raises:
            NoPostgresError: PostgreSQL is not installed.
        """
        self._program = find_program("postgres")
        self.data = folder / "data"
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, _UNPRIVILEGED, _UNPRIVILEGED)
            folder.chmod(0o755)
        self._run(
            [find_program("initdb"), "-D", str(self.data), "-U", USER, "-A", "trust", "-N", "-E", "UTF8"]
        )
        settings = {
            "listen_addresses": "'*'" if network else "'127.0.0.1'",
            "unix_socket_directories": "''",
            "max_connections": "200",
            "fsync": "on" if is_durable else "off",
            "shared_buffers": "'64MB'",
            "logging_collector": "off",
        }
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        if network:
            with (self.data / "pg_hba.conf").open("a") as file:
                file.write(f"host all all {network} trust\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Return whether the server's first process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the number of the running server's first process."""
        assert self._process is not None
        return self._process.pid

    def name_url(
        self, database: str = "postgres", *, host: str = "127.0.0.1", port: int | None = None
    ) -> str:
        """Return the URL of a database, optionally through a proxy at another address."""
        return f"postgresql+psycopg://{USER}@{host}:{port or self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it accepts connections.

        Raises:
            RuntimeError: it ended or did not start in time; the message has its last words.
        """
        with (self.data.parent / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-D", str(self.data), "-p", str(self.port)],
                stdout=log,
                stderr=log,
                cwd="/",
                **_as_unprivileged(),
            )
        ends_s = time.monotonic() + _START_TIMEOUT_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > ends_s:
                raise RuntimeError((self.data.parent / "log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        """Stop the server: at once but in order, or by killing all of its processes."""
        process = self._process
        if process is None:
            return
        self._process = None
        # SIGQUIT ends every process of the server without writing anything, as a crash does
        process.send_signal(signal.SIGQUIT if kill else signal.SIGINT)
        process.wait(_START_TIMEOUT_S)

    def _is_ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(
                host="127.0.0.1", port=self.port, user=USER, dbname="postgres", connect_timeout=2
            ).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", **_as_unprivileged()
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")


def _as_unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": _UNPRIVILEGED, "group": _UNPRIVILEGED, "extra_groups": []}
